"""Where the engine is kept, and that one process at a time fills it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pulumi_engine.cache import cache_folder, engine_folder, exclusive
from pulumi_engine.versions import EngineVersion


def test_the_cache_is_in_the_folder_that_the_user_names(cache: Path) -> None:
    assert cache_folder() == cache


@pytest.mark.parametrize("named", [None, ""])
def test_without_a_named_folder_the_cache_is_in_the_home(
    named: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if named is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", named)
    assert cache_folder() == tmp_path / ".cache" / "azure-ml-ingestion"


def test_every_version_has_its_own_folder(cache: Path) -> None:
    assert engine_folder(EngineVersion(3, 1, 2)) == cache / "pulumi" / "3.1.2" / "bin"
    assert engine_folder(EngineVersion(3, 1, 3)).parent != engine_folder(EngineVersion(3, 1, 2)).parent


def test_others_wait_until_the_folder_is_filled(cache: Path) -> None:
    folder, order, waits = engine_folder(EngineVersion(3, 1, 2)), [], threading.Event()

    def second() -> None:
        waits.set()
        with exclusive(folder):
            order.append("second")

    other = threading.Thread(target=second)
    with exclusive(folder):
        other.start()
        assert waits.wait(5)
        other.join(0.2)
        order.append("first")
    other.join(5)
    assert order == ["first", "second"]


def test_a_failed_filling_lets_others_try(cache: Path) -> None:
    folder = engine_folder(EngineVersion(3, 1, 2))
    with pytest.raises(RuntimeError), exclusive(folder):
        raise RuntimeError
    with exclusive(folder):
        assert not folder.exists()
