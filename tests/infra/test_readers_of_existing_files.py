"""A group that is added to `curated_readers` reads the files that were there before; one that is taken out does not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError
from program_bench import settings_of, values_of
from provider_bench import ProviderBench, provider_bench

from infra.lake_layout import CURATED, RAW, Folder, folders
from local_azure.directory import group_id
from local_azure.server import LocalAzure
from local_azure.settings import Settings
from provider_wire.lifecycle import Lifecycle

MEMBER, GROUP = "database-administrator", "sql-administrators"
OTHER_GROUPS = {
    **json.loads(values_of("local")["groups"]),
    "sql_administrators": {"object_id": "5b7d6a54-4f2e-4a65-9c06-0b1f5f1a8e01", "label": "others"},
}
FILES = {"telemetry": "curated/telemetry/2024.csv", "images": "curated/images/a/b.png"}


class Lake:
    """The directories of the layout as a deployment leaves them, and files that the workspace published."""

    def __init__(self, bench: ProviderBench) -> None:
        self._bench = bench
        self._lives: dict[str, Lifecycle] = {}
        for name in (RAW, CURATED):
            bench.lake.made_file_system(name, "deployer")

    def deploy(self, *readable: str) -> None:
        """What `pulumi up` does to the directories, with a group that reads these folders."""
        group = {"object_id": group_id(GROUP), "label": "team", "folders": list(readable)}
        settings = settings_of(curated_readers=[group] if readable else [], groups=OTHER_GROUPS)
        for folder in folders(settings):
            if folder.file_system in (RAW, CURATED):
                life = self._lives.setdefault(folder.name, self._bench.life("Directory", folder.name))
                life.up(self._inputs(folder))

    def _inputs(self, folder: Folder) -> dict[str, object]:
        place = {"account": self._bench.lake.name, "fileSystem": folder.file_system, "path": folder.path}
        return {**place, "acl": folder.acl, "existing": folder.existing}

    def write(self, paths: Sequence[str]) -> None:
        """Files as the workspace's identity makes them: by a role."""
        for path in paths:
            file_system, _, rest = path.partition("/")
            self._bench.lake.file_system(file_system).get_file_client(rest).upload_data(b"x", overwrite=True)

    def publish(self, path: str, to: str) -> None:
        """Rename a staged file into place."""
        self._bench.lake.file_system(CURATED).get_file_client(path).rename_file(f"{CURATED}/{to}")

    def reads(self, path: str) -> bool:
        """Whether the member of the group reads a file."""
        file_system, _, rest = path.partition("/")
        try:
            self._bench.lake.file_system(file_system, MEMBER).get_file_client(rest).download_file().readall()
        except HttpResponseError as error:
            if error.status_code != 403:
                raise
            return False
        return True

    def unchanged(self) -> bool:
        """Whether the lists of all directories are those of the state."""
        return all(life.refresh().value == "same" for life in self._lives.values())


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    azure = LocalAzure(tmp_path / "azure", Settings())
    try:
        yield Lake(provider_bench(azure))
    finally:
        azure.stop()


def test_a_group_reads_old_and_new_files_while_it_is_declared_and_none_before_and_after(lake: Lake) -> None:
    lake.deploy()
    lake.write([*FILES.values(), "raw/images/x.png", "curated/_staging/copy_images/1/c.png"])
    assert not any(map(lake.reads, FILES.values()))
    lake.deploy("images")
    assert {folder: lake.reads(path) for folder, path in FILES.items()} == {"telemetry": False, "images": True}
    assert not lake.reads("raw/images/x.png")
    assert not lake.reads("curated/_staging/copy_images/1/c.png")
    lake.publish("_staging/copy_images/1/c.png", "images/c.png")  # was on its way when the group came
    lake.write(["curated/images/new.png"])
    assert lake.reads("curated/images/c.png") and lake.reads("curated/images/new.png")
    assert lake.unchanged()
    lake.deploy()
    assert not any(map(lake.reads, [*FILES.values(), "curated/images/c.png", "curated/images/new.png"]))
    assert lake.unchanged()
