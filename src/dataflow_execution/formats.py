"""Formats of files as datasets and statements describe them: one record a format, defaults as the service has them.

Datasets of delimited text: https://learn.microsoft.com/azure/data-factory/format-delimited-text; the other formats have
pages of their own beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class DelimitedText:
    """Delimited text. An empty ``quote`` means that nothing is quoted; an empty ``row_delimiter`` any line end."""

    column_delimiter: str = ","
    row_delimiter: str = ""
    quote: str = '"'
    escape: str = "\\"
    null_value: str = ""
    header: bool = False
    encoding: str = "utf-8"
    compression: str = "none"
    skip_lines: int = 0
    multi_line: bool = False

    @property
    def rows_are_lines(self) -> bool:
        """False where a line feed may be part of a value, or does not end a row."""
        return not self.multi_line and self.row_delimiter != "\r"


@dataclass(frozen=True)
class Json:
    """JSON. ``form`` is documentPerLine, arrayOfDocuments, singleDocument, or empty when the file shall tell.

    ``deviations`` are those of `lenient_json` that a reader takes.
    """

    form: str = ""
    encoding: str = "utf-8"
    compression: str = "none"
    deviations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parquet:
    """Parquet; ``compression`` is for writing."""

    compression: str = "snappy"


@dataclass(frozen=True)
class Avro:
    """Avro; ``compression`` is for writing."""

    compression: str = "none"


@dataclass(frozen=True)
class Orc:
    """ORC; ``compression`` is for writing."""

    compression: str = "snappy"


@dataclass(frozen=True)
class Delta:
    """A Delta table; ``version`` and ``timestamp`` choose an earlier state for reading."""

    version: int | None = None
    timestamp: str | None = None


@dataclass(frozen=True)
class Excel:
    """A sheet of a workbook: by name, else by number from 0; ``range`` is a part of it (``A3:H5``, ``A3``)."""

    sheet: str | None = None
    sheet_index: int = 0
    range: str = ""
    header: bool = False
    null_value: str = ""
    compression: str = "none"


@dataclass(frozen=True)
class Xml:
    """XML: one document a file, one row a document; attributes get ``attribute_prefix`` before their names.

    ``namespace_prefixes`` say, by URI, what names in a namespace begin with instead of the URI."""

    attribute_prefix: str = "@"
    text_name: str = "_value_"
    encoding: str = "utf-8"
    compression: str = "none"
    namespaces: bool = True
    namespace_prefixes: Mapping[str, str] = field(default_factory=dict)


FileFormat = DelimitedText | Json | Parquet | Avro | Orc | Delta | Excel | Xml

_ENDINGS: Mapping[type[FileFormat], str] = {
    DelimitedText: ".csv",
    Json: ".json",
    Parquet: ".parquet",
    Avro: ".avro",
    Orc: ".orc",
}
_WHOLE = {"gzip": ".gz", "zstd": ".zst"}
_PARTS = {"gzip": ".gz", "brotli": ".br", "lz4_raw": ".lz4raw"}
_UNCOMPRESSED = ("", "none", "uncompressed")


CompressedAsWhole = DelimitedText | Json | Excel | Xml
"""Formats whose files are compressed from outside, by a codec that their names may tell."""


def extension_of(form: FileFormat) -> str:
    """How Spark's files of a format end: texts are compressed as a whole, of columnar files parts are.

    Empty for formats that are not written as files.
    """
    ending = _ENDINGS.get(type(form), "")
    match form:
        case DelimitedText(compression=codec) | Json(compression=codec) if codec not in _UNCOMPRESSED:
            return ending + _WHOLE.get(codec, f".{codec}")
        case Parquet(compression=codec) | Orc(compression=codec) if codec not in _UNCOMPRESSED:
            return _PARTS.get(codec, f".{codec}") + ending
        case _:
            return ending


def name_of(form: FileFormat) -> str:
    """The format's name for people."""
    return type(form).__name__
