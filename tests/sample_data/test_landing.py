"""The folder that is uploaded to the landing zone."""

from pathlib import Path

import pytest

from sample_data.errors import SampleDataError
from sample_data.images import IMAGE_NAMES
from sample_data.landing import landing_files


def test_telemetry_and_images_are_written_and_named(samples: Path, tmp_path: Path) -> None:
    written = landing_files(samples, tmp_path)
    assert written == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    by_folder = {name: [path for path in written if path.parent == tmp_path / name] for name in ("telemetry", "images")}
    assert [path.name for path in by_folder["telemetry"]] == [
        "laboratory.jsonl",
        "office1.jsonl",
        "office2.jsonl",
        "storage.jsonl",
    ]
    assert len(by_folder["images"]) == 2 * len(IMAGE_NAMES)


def test_writing_twice_gives_the_same_bytes(samples: Path, tmp_path: Path) -> None:
    first, second = (
        [path.read_bytes() for path in landing_files(samples, tmp_path / name)] for name in ("first", "second")
    )
    assert first == second


def test_a_sample_folder_without_telemetry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        SampleDataError, match=r"collecting landing files: no \*\.jsonl in .*\nexpected .*\nhint: python"
    ):
        landing_files(tmp_path, tmp_path / "out")
