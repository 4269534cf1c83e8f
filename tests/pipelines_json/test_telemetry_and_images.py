"""What the data flows for device readings and image headers write."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flow_run import KEY

from dataflow_execution.flow_case import DataFlowCase, FlowRows
from sample_data.images import write_images

TELEMETRY = Path(__file__).parents[2] / "samples" / "telemetry"
WINDOW = {
    "runFolder": "_staging/run",
    "windowStart": "2021-07-15 00:00:00",
    "windowEnd": "2021-07-16 00:00:00",
}


Make = Callable[..., DataFlowCase]


def _readings(make: Make, lines: list[dict[str, Any]]) -> FlowRows:
    case = make("pipelines_json/dataflow/flatten_telemetry.json", WINDOW)
    case.source("readings", lines)
    return case.sink("dayFiles")


def test_readings_of_the_window_are_typed_and_filed_by_day(dataflow_case: Make) -> None:
    texts = [file.read_text(encoding="utf-8") for file in TELEMETRY.glob("*.jsonl")]
    rows = _readings(dataflow_case, [json.loads(line) for text in texts for line in text.splitlines()])
    assert len(rows) == 3456 // 3
    assert {row["file"] for row in rows} == {"_staging/run/telemetry/date=2021-07-15.csv"}
    assert all(isinstance(row["time"], datetime.datetime) and isinstance(row["deviceId"], int) for row in rows)
    assert {type(row["temperature"]) for row in rows} == {float, type(None)}


def test_the_first_moment_belongs_to_a_window_and_the_last_does_not(dataflow_case: Make) -> None:
    times = [
        "2021-07-14T23:59:59Z",
        "2021-07-15T00:00:00Z",
        "2021-07-15T23:59:59Z",
        "2021-07-16T00:00:00Z",
        "yesterday",
    ]
    lines = [{"deviceId": 1, "location": "a", "time": time, "temperature": 20.5} for time in times]
    rows = _readings(dataflow_case, lines)
    assert [row["time"].isoformat() for row in rows] == [
        "2021-07-15T00:00:00",
        "2021-07-15T23:59:59",
    ]


def _index(make: Make, folder: Path, reference_year: int = 2026) -> FlowRows:
    """The index of the sidecars in a folder; the tags that the flow does not declare are nothing it could see."""
    case = make("pipelines_json/dataflow/index_images.json", {"pseudonymKey": KEY, "referenceYear": reference_year})
    documents = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
    case.source("sidecars", [{tag: document[tag] for tag in TAGS if tag in document} for document in documents])
    return case.sink("imageIndex")


TAGS = """00080018 00080020 00080060 00080070 00100020 00100040 00101010 00180015 0020000D 00280010 00280011""".split()


def _sidecar(folder: Path, name: str, **tags: Any) -> None:
    header = {
        "00080018": "1.2.3",
        "00080020": "20200305",
        "00101010": "050Y",
        "00100020": "patient-7",
        **tags,
    }
    document = {
        tag: {"vr": "LO", "Value": [value]} if value is not None else {"vr": "LO"} for tag, value in header.items()
    }
    (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")


def test_every_image_of_the_sample_is_in_the_index_and_no_name_or_id(tmp_path: Path, dataflow_case: Make) -> None:
    write_images(tmp_path)
    rows = _index(dataflow_case, tmp_path)
    assert len(rows) == 8
    headers = [json.loads(file.read_text(encoding="utf-8")) for file in tmp_path.glob("*.json")]
    named = {
        _first(header, tag)
        for header in headers
        for tag in ("00100010", "00100020", "00080018", "0020000D", "00080020")
    }
    shown = {str(value) for row in rows for value in row.values() if value is not None}
    assert (named - {None}).isdisjoint(shown)
    assert {row["MODALITY"] for row in rows} >= {"CT", "MR"}
    assert all(row["ROWS"] is None or isinstance(row["ROWS"], int) for row in rows)


def _first(header: dict[str, Any], tag: str) -> str | None:
    values = header.get(tag, {}).get("Value")
    if not values:
        return None
    return str(values[0]["Alphabetic"]) if isinstance(values[0], dict) else str(values[0])


def test_ids_of_images_become_pseudonyms_and_dates_years(tmp_path: Path, dataflow_case: Make) -> None:
    _sidecar(tmp_path, "image")
    (row,) = _index(dataflow_case, tmp_path)
    assert row["IMAGE"] == hashlib.sha256(f"{KEY}:1.2.3".encode()).hexdigest()
    assert row["PATIENT"] == hashlib.sha256(f"{KEY}:patient-7".encode()).hexdigest()
    assert (row["STUDY_YEAR"], row["AGE"]) == (2020, "50")


def test_an_age_that_would_be_over_89_by_now_is_in_the_group(tmp_path: Path, dataflow_case: Make) -> None:
    _sidecar(tmp_path, "edge", **{"00101010": "083Y"})
    _sidecar(tmp_path, "over", **{"00101010": "084Y"})
    _sidecar(tmp_path, "infant", **{"00101010": "003M"})
    _sidecar(tmp_path, "undated", **{"00080020": None})
    assert sorted(str(row["AGE"]) for row in _index(dataflow_case, tmp_path)) == [
        "0",
        "83",
        "90+",
        "None",
    ]


def test_free_text_in_coded_tags_is_emptied(tmp_path: Path, dataflow_case: Make) -> None:
    _sidecar(
        tmp_path,
        "odd",
        **{
            "00100040": "Smith",
            "00080060": "John Smith",
            "00180015": "b. 1945",
            "00080070": "GE 12/3/1999",
        },
    )
    (row,) = _index(dataflow_case, tmp_path)
    assert (row["SEX"], row["MODALITY"], row["BODY_PART"], row["MANUFACTURER"]) == (
        None,
        None,
        None,
        None,
    )
