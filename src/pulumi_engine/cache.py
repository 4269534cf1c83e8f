"""Where the obtained engine is kept: one folder per user and version, filled once."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pulumi_engine.versions import EngineVersion


def cache_folder() -> Path:
    """The per-user cache folder of this project (XDG base directory specification)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "azure-ml-ingestion"


def engine_folder(version: EngineVersion) -> Path:
    """The folder that holds `pulumi` and its language host of this version."""
    return cache_folder() / "pulumi" / str(version) / "bin"


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Lets one process at a time fill the folder; others wait until it is done."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
