"""Formats of files that nothing describes: by their extensions and, where those leave something open, by content."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.formats import Avro, DelimitedText, Delta, Excel, FileFormat, Json, Orc, Parquet, Xml

_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bzip2", ".lz4": "lz4", ".deflate": "deflate"}
_BEGINNINGS = {"gzip": b"\x1f\x8b", "bzip2": b"BZh", "zstd": b"\x28\xb5\x2f\xfd", "lz4": b"\x04\x22\x4d\x18"}
"""What files of a compression begin with, where it says so itself."""
_KINDS = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".tab": "delimited",
    ".psv": "delimited",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".avro": "avro",
    ".orc": "orc",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".xml": "xml",
}
_MARKS = ((b"PAR1", "parquet"), (b"Obj\x01", "avro"), (b"ORC", "orc"), (b"<?xml", "xml"))
_DELIMITERS = ",;\t|"
_HEAD = 65_536


def is_delta(path: Path) -> bool:
    """True for the folder of a Delta table."""
    return (path / "_delta_log").is_dir()


def compression_of(file: Path) -> str:
    """The compression that a file's name tells."""
    return _COMPRESSIONS.get(file.suffix.lower(), "none")


def actual_compression(file: Path, declared: str) -> str:
    """The compression of a file by its name; without one there, the declared one, if the file begins like one."""
    named = compression_of(file)
    if named != "none" or declared not in _BEGINNINGS:
        return named if named != "none" else declared
    beginning = _BEGINNINGS[declared]
    with file.open("rb") as stream:
        return declared if stream.read(len(beginning)) == beginning else "none"


def kind_of(file: Path) -> str | None:
    """The format's canonical name by the extension (without that of a compression), or None."""
    name = Path(file.stem) if file.suffix.lower() in _COMPRESSIONS else file
    return _KINDS.get(name.suffix.lower())


def detected(file: Path) -> FileFormat:
    """The format of a file, or of the folder of a Delta table. Raises DataFlowRunError when it stays unknown."""
    if is_delta(file):
        return Delta()
    kind = kind_of(file) or _by_content(file)
    compression = compression_of(file)
    match kind:
        case "parquet":
            return Parquet()
        case "avro":
            return Avro()
        case "orc":
            return Orc()
        case "excel":
            return Excel(header=True, compression=compression)
        case "xml":
            return Xml(compression=compression)
        case "json":
            return Json(document_form(file, compression), compression=compression)
        case _:
            return DelimitedText(
                column_delimiter=_delimiter(file, compression), escape='"', header=True, compression=compression
            )


def document_form(file: Path, compression: str) -> str:
    """The form of the documents of a JSON file."""
    head = _head(file, compression).decode("utf-8-sig", errors="replace").lstrip()
    if head.startswith("["):
        return "arrayOfDocuments"
    first = head.partition("\n")[0].strip()
    if not first:
        return "documentPerLine"
    try:
        json.loads(first)
    except ValueError:
        return "singleDocument" if len(first) < _HEAD // 2 else "documentPerLine"
    return "documentPerLine"


def _by_content(file: Path) -> str:
    head = _head(file, compression_of(file))
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    text = head.decode("utf-8-sig", errors="replace").lstrip()
    if text.startswith(("{", "[")):
        return "json"
    if "\x00" in text:
        raise DataFlowRunError(
            f"the format of {file.name} is unknown", hint="name it in the dataset, or give the file an extension"
        )
    return "delimited"


def _delimiter(file: Path, compression: str) -> str:
    """The delimiter that stands most often in the first line."""
    if file.name.lower().split(".")[1:2] in (["tsv"], ["tab"]):
        return "\t"
    first = _head(file, compression).decode("utf-8-sig", errors="replace").partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _head(file: Path, compression: str) -> bytes:
    try:
        if compression == "gzip":
            with gzip.open(file) as stream:
                return stream.read(_HEAD)
        if compression == "bzip2":
            with bz2.open(file) as stream:
                return stream.read(_HEAD)
        with file.open("rb") as plain:
            return plain.read(_HEAD) if compression == "none" else b""
    except (OSError, EOFError) as error:
        raise DataFlowRunError(f"{file} cannot be read: {error}") from error
