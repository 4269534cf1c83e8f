"""DICOM files for the landing zone: those that pydicom's package brings along, each with a DICOM-JSON sidecar.

The sidecar is made here, when the sample is made, and not in a pipeline: no Azure activity reads DICOM.
Headers are left as they are, names of patients included; pixels and other bulk data are left out of the sidecar.
"""

import json
import shutil
from pathlib import Path

import pydicom
from pydicom.config import disable_value_validation
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from sample_data.errors import SampleDataError

IMAGE_NAMES = (
    "CT_small",
    "J2K_pixelrep_mismatch",
    "JPEG-lossy",
    "MR_small",
    "examples_jpeg2k",
    "examples_overlay",
    "liver_1frame",
    "waveform_ecg",
)
# Value representations that hold bulk data, and UN, of which nobody knows what it holds
# (https://dicom.nema.org/medical/dicom/current/output/chtml/part05/sect_6.2.html).
_BULK_REPRESENTATIONS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})


def write_images(folder: Path) -> list[Path]:
    """Writes `<name>.dcm` and `<name>.json` for every name in IMAGE_NAMES and returns the files' paths.

    Raises SampleDataError when the installed pydicom lacks one of the files; nothing is downloaded.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in IMAGE_NAMES:
        image, sidecar = folder / f"{name}.dcm", folder / f"{name}.json"
        shutil.copyfile(_bundled_file(f"{name}.dcm"), image)
        sidecar.write_text(describe(image), encoding="utf-8")
        written += [image, sidecar]
    return written


def describe(image: Path) -> str:
    """The header of a DICOM file in the DICOM JSON model without bulk data: one line, ending in a line feed.

    The model: https://dicom.nema.org/medical/dicom/current/output/chtml/part18/chapter_F.html
    """
    with disable_value_validation():
        header = pydicom.dcmread(image, stop_before_pixels=True)
        _remove_bulk_data(header)
        return json.dumps(header.to_json_dict(suppress_invalid_tags=True), sort_keys=True, ensure_ascii=False) + "\n"


def _bundled_file(name: str) -> Path:
    path = get_testdata_file(name, download=False)
    if not isinstance(path, str):
        raise SampleDataError(
            f"writing image {name}: the installed pydicom {pydicom.__version__} has no such test file",
            expected="the test files inside pydicom's package",
            hint="uv sync",
        )
    return Path(path)


def _remove_bulk_data(dataset: Dataset) -> None:
    for element in list(dataset):
        if element.VR == "SQ":
            for item in element.value:
                _remove_bulk_data(item)
        elif element.VR in _BULK_REPRESENTATIONS:
            del dataset[element.tag]
