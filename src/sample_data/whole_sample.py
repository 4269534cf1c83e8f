"""A sample folder is made beside its place and put there when it is whole: nobody reads half a sample."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTS = ("telemetry", "patients")
"""In the order in which they are put into place: a folder that has the last one is a sample."""


@contextmanager
def whole_sample(folder: Path) -> Iterator[Path]:
    """Gives an empty folder to make all parts in; they replace those of `folder` at the end, if nothing was raised.

    Other files of `folder` stay. What raises leaves `folder` as it was.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the folder, so that the parts are renamed and not copied.
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as name:
        made, replaced = Path(name, "made"), Path(name, "replaced")
        made.mkdir()
        yield made
        folder.mkdir(exist_ok=True)
        replaced.mkdir()
        for part in PARTS:
            if (folder / part).exists():
                (folder / part).rename(replaced / part)
            (made / part).rename(folder / part)


def is_sample(folder: Path) -> bool:
    """Whether a sample was put into a folder; one where its making failed is none."""
    return (folder / PARTS[-1]).is_dir()
