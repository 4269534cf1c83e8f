"""The telemetry generator."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sample_data.telemetry import DEVICES, write_telemetry

LINE = re.compile(
    r'\{ "deviceId": \d{5}, "location": "\w+", "time": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",'
    r' "temperature": (null|-?\d+(\.\d)?) \}'
)


@pytest.fixture
def lines(tmp_path: Path) -> list[str]:
    """All lines of all files."""
    return [line for path in write_telemetry(tmp_path) for line in path.read_text().splitlines()]


@pytest.fixture
def readings(lines: list[str]) -> list[dict[str, Any]]:
    """All lines, parsed."""
    return [json.loads(line) for line in lines]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second, other = (
        {path.name: path.read_bytes() for path in write_telemetry(tmp_path / name, seed)}
        for name, seed in (("first", 7), ("second", 7), ("other", 8))
    )
    assert first == second
    assert first.keys() == other.keys()
    assert all(first[name] != other[name] for name in first)


def test_every_line_looks_as_the_devices_write_it(lines: list[str]) -> None:
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_every_device_reports_on_three_days(readings: list[dict[str, Any]]) -> None:
    days = {(reading["deviceId"], reading["time"][:10]) for reading in readings}
    assert days == {(device.device_id, day) for device in DEVICES for day in ("2021-07-14", "2021-07-15", "2021-07-16")}


def test_readings_are_whole_broken_or_missing(readings: list[dict[str, Any]]) -> None:
    kinds = {type(reading["temperature"]) for reading in readings}
    assert kinds == {int, float, type(None)}


def test_lines_of_a_file_are_in_order_of_time(tmp_path: Path) -> None:
    for path in write_telemetry(tmp_path):
        times = [datetime.fromisoformat(json.loads(line)["time"]) for line in path.read_text().splitlines()]
        assert times == sorted(times)
        assert len(times) > 500
