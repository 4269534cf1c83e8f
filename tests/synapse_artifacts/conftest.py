"""Folders of artifacts made for a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from folder_writing import Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files below a folder and returns it: text as it is, everything else as JSON."""

    def files(content: Mapping[str, Any]) -> Path:
        for name, value in content.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(
                value if isinstance(value, str) else json.dumps(value, indent="\t"),
                encoding="utf-8",
            )
        return tmp_path

    return files
