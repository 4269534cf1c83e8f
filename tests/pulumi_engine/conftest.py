"""An empty cache and a PATH on which nothing is found, for every test of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_programs import search_path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's cache folder, which is not there yet; PATH names one empty folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", search_path(tmp_path / "nothing"))
    return tmp_path / "cache" / "azure-ml-ingestion"
