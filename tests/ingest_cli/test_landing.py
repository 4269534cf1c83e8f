"""The landing zone gets what is not there yet, and only that."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from lake_bench import OWNER, Bench

from ingest_cli import landing
from ingest_cli.errors import CommandError
from ingest_cli.project import SAMPLE_FOLDER
from sample_data.landing import landing_files


def upload(lake: Bench, samples: Path = SAMPLE_FOLDER) -> int:
    outputs = {"dataLakeEndpoint": f"https://{lake.name}.dfs.core.windows.net"}
    return landing.upload(outputs, lake.credential(OWNER), samples)


def contents(lake: Bench) -> dict[str, bytes]:
    client = lake.file_system("landing")
    paths = [path.name for path in client.get_paths() if not path.is_directory]
    return {path: bytes(client.get_file_client(path).download_file().readall()) for path in paths}


def test_all_sample_files_are_uploaded_once_and_again_where_they_differ(lake: Bench, tmp_path: Path) -> None:
    landing_zone = lake.made_file_system("landing")
    expected = {str(path.relative_to(tmp_path)): path.read_bytes() for path in landing_files(SAMPLE_FOLDER, tmp_path)}
    assert upload(lake) == len(expected)
    assert contents(lake) == expected
    assert upload(lake) == 0
    other, gone, *_ = sorted(expected)
    digest = bytearray(hashlib.md5(expected[other], usedforsecurity=False).digest())
    assert landing_zone.get_file_client(other).get_file_properties().content_settings.content_md5 == digest
    landing_zone.get_file_client(other).upload_data(b"other", overwrite=True)
    landing_zone.get_file_client(gone).delete_file()
    assert upload(lake) == 2
    assert contents(lake) == expected


def test_samples_without_telemetry_are_refused(lake: Bench, tmp_path: Path) -> None:
    lake.made_file_system("landing")
    refused = r"^filling the landing zone: collecting landing files: no \*\.jsonl in .*\nexpected .*\nhint: python -m "
    with pytest.raises(CommandError, match=refused):
        upload(lake, tmp_path)
    assert contents(lake) == {}
