"""A sound folder of artifacts, and the same with one thing changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from artifact_checks.check import check_folder
from synapse_artifacts.documents import tokens_of

SOUND = Path(__file__).parents[1] / "fixtures" / "artifacts" / "sound"
Change = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sound folder."""
    return Path(shutil.copytree(SOUND, tmp_path / "artifacts"))


@pytest.fixture
def change(folder: Path) -> Change:
    """Sets a value of an artifact's document, by JSON pointer, or removes it when none is given."""

    def changed(artifact: str, pointer: str, *value: Any) -> Path:
        file = folder / f"{artifact}.json"
        document = json.loads(file.read_text())
        *path, last = tokens_of(pointer)
        holder: Any = document
        for token in path:
            holder = holder[int(token)] if isinstance(holder, list) else holder[token]
        key: Any = int(last) if isinstance(holder, list) else last
        if value:
            holder[key] = value[0]
        else:
            del holder[key]
        file.write_text(json.dumps(document, indent="\t"))
        return folder

    return changed


@pytest.fixture
def found(change: Change) -> Callable[..., list[str]]:
    """`artifact pointer: cause` of every problem after a change."""

    def problems(artifact: str, pointer: str, *value: Any) -> list[str]:
        report = check_folder(change(artifact, pointer, *value))
        assert all(each.line is not None for each in report.problems)
        return [f"{each.subject} {each.pointer}: {each.cause}" for each in report.problems]

    return problems
