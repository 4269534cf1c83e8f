"""Makes telemetry of room sensors as JSON lines, one file a location: the same seed gives the same bytes.

Some readings are whole degrees, some have a decimal, some are null (the sensor gave no temperature).
"""

import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

FIRST_DAY = datetime(2021, 7, 14, tzinfo=UTC)
DAYS = 3
SEED = 1
_INTERVAL_SECONDS = 600
_READINGS = DAYS * 86_400 // _INTERVAL_SECONDS
_MISSING_SHARE = 0.02


@dataclass(frozen=True)
class Device:
    """A sensor: its id, the place it hangs in, its mean temperature in °C, whether it reports tenths of °C."""

    device_id: int
    location: str
    mean_celsius: float
    reports_tenths: bool


DEVICES = (
    Device(29482, "Office1", 23.0, False),
    Device(29483, "Office1", 22.4, True),
    Device(29490, "Office2", 21.5, True),
    Device(29491, "Office2", 22.0, False),
    Device(30117, "Laboratory", 19.5, True),
    Device(30118, "Laboratory", 4.2, True),
    Device(31004, "Storage", -18.0, False),
    Device(31005, "Storage", 16.0, False),
)


def write_telemetry(folder: Path, seed: int = SEED) -> list[Path]:
    """Writes one `<location>.jsonl` for each location, lines in order of time, and returns the files' paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for location in sorted({device.location for device in DEVICES}):
        readings = sorted(
            reading for device in DEVICES if device.location == location for reading in _readings(device, seed)
        )
        path = folder / f"{location.lower()}.jsonl"
        path.write_bytes("".join(f"{line}\n" for _, line in readings).encode())
        written.append(path)
    return written


def _readings(device: Device, seed: int) -> Iterator[tuple[str, str]]:
    # Only random() is promised to give the same numbers in every Python release.
    generator = random.Random(seed * 1_000_000 + device.device_id)
    for index in range(_READINGS):
        second = index * _INTERVAL_SECONDS + int(generator.random() * _INTERVAL_SECONDS)
        time = (FIRST_DAY + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")
        daily_wave = 2.0 * math.sin(math.tau * (second / 86_400 - 0.375))
        celsius = device.mean_celsius + daily_wave + generator.random() - 0.5
        is_missing = generator.random() < _MISSING_SHARE
        temperature = None if is_missing else round(celsius, 1) if device.reports_tenths else round(celsius)
        fields = {"deviceId": device.device_id, "location": device.location, "time": time, "temperature": temperature}
        yield time, f"{{ {json.dumps(fields)[1:-1]} }}"
