"""What the lake itself says about files: which were written, how many rows they have, and whom its ACLs let read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lake_bench import OWNER, Bench, group

from ingest_cli.lake_report import LakeReport, WrittenFile, by_folder

ENGINEERS, SCIENTISTS = group("data-engineers"), group("data-scientists")
LONG_AGO, LATER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def report(lake: Bench) -> LakeReport:
    return LakeReport(f"https://{lake.name}.dfs.core.windows.net", lake.credential(OWNER))


def write(lake: Bench, path: str, content: str, file_system: str = "curated") -> None:
    client = lake.file_system(file_system)
    if not client.exists():
        client.create_file_system()
    client.get_file_client(path).upload_data(content.encode(), overwrite=True)


def allow(lake: Bench, path: str, *entries: str, mask: str = "rwx") -> None:
    acl = ",".join(["user::rwx", "group::r-x", "other::---", f"mask::{mask}", *entries])
    client = lake.file_system("curated")
    found = client.get_directory_client(path) if path.endswith("/") else client.get_file_client(path)
    found.set_access_control(acl=acl)


def written(file_system: str, path: str, rows: int | None = None) -> WrittenFile:
    return WrittenFile(file_system, path, 1, LONG_AGO, rows)


def test_rows_are_those_of_csv_files_without_the_header(lake: Bench) -> None:
    write(lake, "patients/b.csv", 'Id,TEXT\n1,"two\nlines"\n2,x\n')
    write(lake, "patients/a.csv", "Id,TEXT\n")
    lake.file_system("curated").get_file_client("patients/empty.csv").create_file()
    write(lake, "images/a.dcm", "no text")
    found = report(lake).files("curated", LONG_AGO, LATER)
    assert [(each.path, each.rows, each.size) for each in found] == [
        ("images/a.dcm", None, 7),
        ("patients/a.csv", 0, 8),
        ("patients/b.csv", 2, 26),
        ("patients/empty.csv", 0, 0),
    ]
    assert [each.folder for each in found] == ["curated/images", *["curated/patients"] * 3]


def test_staged_files_and_folders_are_not_published(lake: Bench) -> None:
    write(lake, "_staging/run/patients/a.csv", "Id\n1\n")
    write(lake, "patients/_staging.csv", "Id\n1\n")
    assert [each.path for each in report(lake).files("curated", LONG_AGO, LATER)] == ["patients/_staging.csv"]


def test_only_files_of_the_time_are_found(lake: Bench) -> None:
    write(lake, "a.csv", "Id\n")
    [file] = report(lake).files("curated", LONG_AGO, LATER)
    assert abs(file.modified - lake.azure.clock.now()) < timedelta(minutes=1)
    moment, second = file.modified, timedelta(seconds=1)
    assert report(lake).files("curated", moment, moment) == [file]
    assert report(lake).files("curated", moment + second, LATER) == []
    assert report(lake).files("curated", LONG_AGO, moment - second) == []


@pytest.mark.parametrize(
    ("root", "folder", "file", "mask", "expected"),
    [
        ("--x", "r-x", "r--", "rwx", {SCIENTISTS}),
        ("--x", "--x", "r--", "rwx", {SCIENTISTS}),
        ("---", "r-x", "r--", "rwx", set()),
        ("r--", "r-x", "r--", "rwx", set()),
        ("--x", "r--", "r--", "rwx", set()),
        ("--x", "r-x", "--x", "rwx", set()),
        ("--x", "r-x", "rwx", "--x", set()),
        ("--x", "r-x", "rwx", "r--", {SCIENTISTS}),
    ],
    ids=[
        "read and enter",
        "a folder need not be listed",
        "the root cannot be entered",
        "the root can be listed only",
        "the folder cannot be entered",
        "the file cannot be read",
        "the mask takes it away",
        "the mask leaves it",
    ],
)
def test_a_reader_may_enter_every_folder_above_and_read_the_file(
    lake: Bench, root: str, folder: str, file: str, mask: str, expected: set[str]
) -> None:
    write(lake, "patients/a.csv", "Id\n")
    allow(lake, "/", f"group:{SCIENTISTS}:{root}")
    allow(lake, "patients/", f"group:{SCIENTISTS}:{folder}")
    allow(lake, "patients/a.csv", f"group:{SCIENTISTS}:{file}", mask=mask)
    [found] = report(lake).files("curated", LONG_AGO, LATER)
    assert report(lake).readers(found) == expected


def test_readers_are_groups_and_people_and_never_by_a_default_entry(lake: Bench) -> None:
    person = lake.object_id("auditor")
    write(lake, "a.csv", "Id\n")
    allow(lake, "/", f"group:{ENGINEERS}:--x", f"user:{person}:--x", f"group:{SCIENTISTS}:---", "default:user::rwx")
    allow(lake, "a.csv", f"group:{ENGINEERS}:r--", f"user:{person}:r--", f"group:{SCIENTISTS}:r--")
    [found] = report(lake).files("curated", LONG_AGO, LATER)
    assert report(lake).readers(found) == {ENGINEERS, person}


def test_files_are_grouped_by_folder_in_the_order_of_the_first() -> None:
    files = [
        written("raw", "b/1.csv"),
        written("curated", "a/1.csv"),
        written("raw", "b/2.csv"),
        written("raw", "x.csv"),
    ]
    found = by_folder(files)
    assert list(found) == ["raw/b", "curated/a", "raw"]
    assert found["raw/b"] == [files[0], files[2]]
