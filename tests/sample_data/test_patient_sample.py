"""Sorting, trimming and compressing Synthea's CSV export."""

import csv
import gzip
from pathlib import Path

import pytest

from sample_data.errors import SampleDataError
from sample_data.patient_sample import read_rows, table_file, write_sample
from sample_data.source_schema import OBSERVATIONS, PATIENTS, TABLES, SourceTable


def observation(patient: str, day: int, value: str) -> list[str]:
    """A row of observations.csv; one of the fields holds a comma, a quote and a letter beyond ASCII."""
    return [f"2020-01-{day:02}T00:00:00Z", patient, "", "exam", "8302-2", 'Größe, "Body"', value, "cm", "numeric"]


def write_export(folder: Path, observations: list[list[str]]) -> Path:
    """An export with no row but the observations."""
    folder.mkdir()
    for table in TABLES:
        with (folder / f"{table.name}.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(table.header)
            writer.writerows(observations if table is OBSERVATIONS else [])
    return folder


def texts(sample: Path, table: SourceTable) -> bytes:
    """The uncompressed bytes of a sample file."""
    return gzip.decompress(table_file(sample, table).read_bytes())


def test_the_newest_observations_of_each_patient_are_kept_in_order(tmp_path: Path) -> None:
    rows = [observation(patient, day, str(day)) for day in (3, 1, 2) for patient in ("b", "a")]
    counts = write_sample(write_export(tmp_path / "csv", rows), tmp_path, observations_per_patient=2)
    assert counts == {"patients": 0, "encounters": 0, "conditions": 0, "observations": 4}
    expected = [observation(patient, day, str(day)) for patient in ("a", "b") for day in (2, 3)]
    assert list(read_rows(tmp_path, OBSERVATIONS)) == expected


def test_the_order_of_the_export_does_not_matter(tmp_path: Path) -> None:
    rows = [observation("a", 1 + index % 3, str(index)) for index in range(50)]
    for name, export in (("one", rows), ("two", rows[::-1])):
        write_sample(write_export(tmp_path / f"csv-{name}", export), tmp_path / name, observations_per_patient=20)
    assert texts(tmp_path / "one", OBSERVATIONS) == texts(tmp_path / "two", OBSERVATIONS)
    assert table_file(tmp_path / "one", PATIENTS).read_bytes() == table_file(tmp_path / "two", PATIENTS).read_bytes()


def test_a_missing_export_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    export = write_export(tmp_path / "csv", [])
    (export / "encounters.csv").unlink()
    with pytest.raises(
        SampleDataError, match=r"table encounters: there is no file .*\nexpected .*\nhint: make patients"
    ):
        write_sample(export, tmp_path)
    assert not (tmp_path / "patients").exists()


def test_an_export_of_another_version_is_refused(tmp_path: Path) -> None:
    export = write_export(tmp_path / "csv", [])
    (export / "patients.csv").write_text("Id,NAME\n")
    with pytest.raises(
        SampleDataError, match=r"table patients: patients\.csv has the header Id,NAME\nexpected Id,BIRTH"
    ):
        write_sample(export, tmp_path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    export = write_export(tmp_path / "csv", [])
    (export / "patients.csv").write_text("")
    with pytest.raises(SampleDataError, match=r"patients\.csv has the header \nexpected Id,"):
        write_sample(export, tmp_path)
