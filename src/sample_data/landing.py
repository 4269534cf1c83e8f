"""Puts the files that devices and scanners would deliver into a folder, ready to be uploaded to the landing zone."""

import shutil
from pathlib import Path

from sample_data.errors import SampleDataError
from sample_data.images import write_images


def landing_files(sample_folder: Path, destination: Path) -> list[Path]:
    """Writes `telemetry/*.jsonl` and `images/*.dcm` with their sidecars `images/*.json` below the destination.

    Returns the paths of all files, sorted. Raises SampleDataError when the sample folder has no telemetry.
    """
    sources = sorted((sample_folder / "telemetry").glob("*.jsonl"))
    if not sources:
        raise SampleDataError(
            f"collecting landing files: no *.jsonl in {sample_folder / 'telemetry'}",
            expected="the telemetry of a sample",
            hint=f"python -m sample_data telemetry --folder {sample_folder}",
        )
    telemetry = destination / "telemetry"
    telemetry.mkdir(parents=True, exist_ok=True)
    copies = [Path(shutil.copyfile(source, telemetry / source.name)) for source in sources]
    return sorted([*copies, *write_images(destination / "images")])
