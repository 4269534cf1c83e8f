"""What the lake's records cost, and what they say when nobody looks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lake_bench import Bench

from local_azure.services.data_lake.store import LakeStore


def test_a_directory_is_found_not_to_be_empty_by_one_of_its_children(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, store = bench.made_file_system(), LakeStore(bench.azure.state, bench.azure.clock)
    for number in range(5):
        data.create_file(f"dir/{number}")
    found = store.file_system(bench.name, "data")
    assert found is not None
    directory = store.trail(found, ["dir"]).nodes[-1]
    read: list[object] = []
    execute = bench.azure.state.execute

    def counted(statement: str, parameters: tuple[object, ...] = ()) -> tuple[list[tuple[Any, ...]], int]:
        rows, changed = execute(statement, parameters)
        read.extend(rows)
        return rows, changed

    monkeypatch.setattr(bench.azure.state, "execute", counted)
    assert not store.is_empty(directory)
    assert len(read) == 1


def test_a_directory_in_which_everything_has_ended_is_empty(bench: Bench) -> None:
    data, store = bench.made_file_system(), LakeStore(bench.azure.state, bench.azure.clock)
    for number in range(3):
        data.create_file(f"dir/{number}")
    found = store.file_system(bench.name, "data")
    assert found is not None
    directory = store.trail(found, ["dir"]).nodes[-1]
    for child in list(store.children(directory.id)):
        store.put(replace(child, expires=1))
    assert store.is_empty(directory)
    assert not store.is_empty(store.trail(found, []).nodes[-1])
