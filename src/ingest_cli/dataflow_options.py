"""Options of `ingest dataflow run` as values. What reads them starts fast: nothing of a flow is loaded."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest_cli.errors import CommandError

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_LEAST_MEMORY = 4_000_000


def named_paths(texts: Sequence[str], option: str) -> dict[str, str]:
    """``NAME=PATH`` texts by name. Raises CommandError for other texts and for names given twice."""
    found: dict[str, str] = {}
    for text in texts:
        name, sign, path = text.partition("=")
        if "://" in name:
            raise CommandError(f"reading {option}", "an address stands where a name should be", expected="NAME=ADDRESS")
        if not (sign and name.strip() and path):
            raise CommandError(f"reading {option}", f"{text!r} names nothing", expected="NAME=PATH")
        if name.strip() in found:
            raise CommandError(f"reading {option}", f"{name.strip()!r} is given twice")
        found[name.strip()] = path
    return found


def size_of(text: str) -> int:
    """A size of memory in bytes. Raises CommandError for what is none, and for less than a database can work with."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise CommandError("reading --memory-limit", f"{text!r} is no size", expected="one such as 500MB or 2GB")
    size = int(float(match[1]) * _UNITS[match[2].upper()])
    if size < _LEAST_MEMORY:
        raise CommandError("reading --memory-limit", f"{text!r} is too little", expected="4MB or more")
    return size
