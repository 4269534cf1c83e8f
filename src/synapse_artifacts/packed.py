"""All documents of a workspace as one short text, for whoever carries, compares and stores property maps by the piece.

A deployment engine takes milliseconds for each value of a nested map; a thousand artifacts have a hundred thousand.
The text is `zlib;base64,` and the compressed JSON object of the documents by artifact id, each on a line of its own:
whoever unpacks two texts reads anew only the lines that differ, which are few. Earlier versions wrote a single line.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

MOST_IN_SIGHT = 100
"""So many documents are carried as a map, which the engine shows, more as one text.

docs/decisions/0001-one-resource-for-all-artifacts.md
"""
_FORM = "zlib;base64,"
_BEGIN, _BETWEEN, _END = "{\n", ",\n", "\n}"  # JSON text holds no other line ends: those of values are escaped
_ENCODER, _DECODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")), json.JSONDecoder()
_MOST_BYTES = 512 * 1024 * 1024


class PackedError(ValueError):
    """A text that is not what `pack` makes; the message says why."""


def pack(documents: Mapping[str, Any]) -> str:
    """The documents by artifact id as one text; their own keys stay in order, the ids are sorted."""
    lines = (f"{_ENCODER.encode(key)}:{_ENCODER.encode(document)}" for key, document in sorted(documents.items()))
    text = _BEGIN + _BETWEEN.join(lines) + _END
    return _FORM + base64.b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"))).decode("ascii")


def documents_of(value: Any) -> Mapping[str, Any]:
    """The documents by artifact id, given as they are, packed, or not at all. Raises PackedError."""
    return unpack(value) if isinstance(value, str) else value or {}


@lru_cache(maxsize=8)
def unpack(text: str) -> Mapping[str, Any]:
    """The documents of a packed text; shared between callers, so nobody may change them. Raises PackedError.

    A document that the text before had in the same words is the same object: whoever compares two texts sees at once
    what did not change, which is nearly all.
    """
    if not text.startswith(_FORM):
        raise PackedError(f"it does not begin with '{_FORM}'")
    try:
        content = _inflated(base64.b64decode(text[len(_FORM) :], validate=True))
        return _documents_in(content.decode("utf-8", "surrogatepass"))
    except (ValueError, zlib.error) as error:
        raise PackedError(f"it cannot be unpacked: {error}") from error


def _documents_in(text: str) -> Mapping[str, Any]:
    """Raises ValueError, of which PackedError is one."""
    if text.startswith(_BEGIN) and text.endswith(_END):
        lines = text[len(_BEGIN) : -len(_END)].split(_BETWEEN)
        return dict(_document_of(line) for line in lines if line)
    documents = json.loads(text)
    if not isinstance(documents, dict):
        raise PackedError("it holds no object of documents by artifact id")
    return documents


_before: dict[str, tuple[str, Any]] = {}
"""The newest document of each artifact with its line."""


def _document_of(line: str) -> tuple[str, Any]:
    key, end = _DECODER.raw_decode(line)
    if not isinstance(key, str) or line[end : end + 1] != ":":
        raise PackedError(f"a line begins with no artifact id: {line[:40]}")
    known, document = _before.get(key, ("", None))
    if known != line:
        document = json.loads(line[end + 1 :])
        _before[key] = line, document
    return key, document


def _inflated(compressed: bytes) -> bytes:
    """Bounded, so that a small text cannot fill the memory."""
    inflater = zlib.decompressobj()
    content = inflater.decompress(compressed, _MOST_BYTES)
    if inflater.unconsumed_tail:
        raise PackedError(f"it unpacks to more than {_MOST_BYTES} bytes")
    if not inflater.eof:
        raise PackedError("it is cut off")
    return content
