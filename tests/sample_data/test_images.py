"""DICOM files and the sidecars that stand for them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.config import disable_value_validation

from sample_data import images
from sample_data.errors import SampleDataError
from sample_data.images import IMAGE_NAMES, write_images

BULK = {"OB", "OD", "OF", "OL", "OV", "OW", "UN"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all images and sidecars."""
    path = tmp_path_factory.mktemp("images")
    write_images(path)
    return path


def representations(header: dict[str, Any]) -> Iterator[str]:
    """The value representation of every element, nested ones too."""
    for element in header.values():
        yield element["vr"]
        if element["vr"] == "SQ":
            for item in element.get("Value", []):
                yield from representations(item)


def test_every_image_has_a_sidecar_beside_it(folder: Path) -> None:
    expected = {f"{name}.{ending}" for name in IMAGE_NAMES for ending in ("dcm", "json")}
    assert {path.name for path in folder.iterdir()} == expected


def test_images_are_small_and_unchanged(folder: Path) -> None:
    for path in folder.glob("*.dcm"):
        assert path.stat().st_size < 500_000
        assert path.read_bytes() == images._bundled_file(path.name).read_bytes()


@pytest.mark.parametrize("name", IMAGE_NAMES)
def test_a_sidecar_says_what_the_header_says_without_bulk_data(folder: Path, name: str) -> None:
    text = (folder / f"{name}.json").read_text(encoding="utf-8")
    assert text.count("\n") == 1
    header = json.loads(text)
    assert not BULK & set(representations(header))
    with disable_value_validation():
        image = pydicom.dcmread(folder / f"{name}.dcm")
        sidecar = pydicom.Dataset.from_json(header)
        for keyword in ("PatientID", "PatientName", "StudyDate", "Modality", "StudyInstanceUID", "SOPInstanceUID"):
            assert sidecar.get(keyword) == image.get(keyword)


def test_some_sidecars_name_patients(folder: Path) -> None:
    names = [json.loads(path.read_text())["00100010"].get("Value") for path in folder.glob("*.json")]
    assert [{"Alphabetic": "CompressedSamples^CT1"}] in names


def test_a_file_that_pydicom_lacks_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(images, "IMAGE_NAMES", ("no_such_image",))
    with pytest.raises(
        SampleDataError, match=r"writing image no_such_image\.dcm: the installed pydicom .* has no such test file"
    ):
        write_images(tmp_path)
