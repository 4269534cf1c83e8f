"""Formats from their properties: as a dataset has them, and as the statement of an inline source or sink has them.

A property of the statement wins over the dataset's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dataflow_execution.errors import WRONG_TYPE, DataFlowRunError, not_supported
from dataflow_execution.formats import Avro, DelimitedText, Delta, Excel, FileFormat, Json, Orc, Parquet, Xml
from lenient_json import DEVIATIONS

Properties = Mapping[str, object]

_QUOTE_MISSPELT = "qutoChar"
"""How Studio wrote ``quoteChar`` into the inline datasets of older flows."""
_DATASET_TYPES = {
    "delimitedtext": "delimited",
    "json": "json",
    "parquet": "parquet",
    "avro": "avro",
    "orc": "orc",
    "excel": "excel",
    "xml": "xml",
    "delta": "delta",
}
_ESCAPED = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\r\\n": "\r\n", "\\\\": "\\"}
SQL_TYPES = frozenset(
    """azuresqltable azuresqldwtable azuresqlmitable sqlservertable azurepostgresqltable postgresqltable mysqltable
    azuremysqltable snowflaketable snowflakev2table relationaltable""".split()
)
"""Datasets of tables, in lower case: they have no format of files."""


def format_kind(name: str) -> str | None:
    """The canonical name of a dataset's type or of an inline format; None for tables, queries and services."""
    lowered = name.lower()
    return _DATASET_TYPES.get(lowered, lowered if lowered in _MAKERS else None)


def make_format(kind: str, properties: Properties) -> FileFormat:
    """The format; ``properties`` may be those of a dataset with those of the statement over them.

    Raises DataFlowRunError for a format that is not known or a setting that makes no sense.
    """
    known = format_kind(kind)
    if known is None:
        raise DataFlowRunError(
            f"{kind!r} is no format of files", expected="one of " + ", ".join(sorted(_MAKERS)), code=WRONG_TYPE
        )
    return _MAKERS[known](properties)


def _first(properties: Properties, *names: str) -> object:
    return next((properties[name] for name in names if properties.get(name) is not None), None)


def _text(properties: Properties, default: str, *names: str) -> str:
    """A text with its escapes (``\\\\t``) as the characters that they mean."""
    value = _first(properties, *names)
    return default if value is None else _ESCAPED.get(str(value), str(value))


def _flag(properties: Properties, *names: str) -> bool:
    value = _first(properties, *names)
    return value if isinstance(value, bool) else str(value or "").lower() == "true"


def _whole(properties: Properties, name: str) -> int:
    value = _first(properties, name)
    try:
        return int(str(value or 0))
    except ValueError:
        raise DataFlowRunError(f"{name} is {value!r}", expected="a whole number") from None


def _compression(properties: Properties, default: str = "none") -> str:
    nested = properties.get("compression")
    given = _first(properties, "compressionCodec", "compressionType")
    if given is None and isinstance(nested, Mapping):
        given = nested.get("type")
    return str(given or default).lower()


def _encoding(properties: Properties) -> str:
    return str(_first(properties, "encoding", "encodingName") or "utf-8")


def _delimited(properties: Properties) -> FileFormat:
    return DelimitedText(
        column_delimiter=_text(properties, ",", "columnDelimiter") or ",",
        row_delimiter=_text(properties, "", "rowDelimiter"),
        quote=_text(properties, '"', "quoteChar", _QUOTE_MISSPELT),
        escape=_text(properties, "\\", "escapeChar"),
        null_value=_text(properties, "", "nullValue"),
        header=_flag(properties, "columnNamesAsHeader", "firstRowAsHeader"),
        encoding=_encoding(properties),
        compression=_compression(properties),
        skip_lines=_whole(properties, "skipLines"),
        multi_line=_flag(properties, "multiLineRow"),
    )


def _json(properties: Properties) -> FileFormat:
    deviations = tuple(name for name in DEVIATIONS if _flag(properties, name))
    form = _text(properties, "", "documentForm")
    if _flag(properties, "singleDocument"):
        form = "singleDocument"
    return Json(form, _encoding(properties), _compression(properties), deviations)


def _excel(properties: Properties) -> FileFormat:
    sheet = _first(properties, "sheetName")
    return Excel(
        sheet=None if sheet is None else str(sheet),
        sheet_index=_whole(properties, "sheetIndex"),
        range=_text(properties, "", "range"),
        header=_flag(properties, "columnNamesAsHeader", "firstRowAsHeader"),
        null_value=_text(properties, "", "nullValue"),
        compression=_compression(properties),
    )


def _xml(properties: Properties) -> FileFormat:
    validation = _text(properties, "none", "validationMode")
    if validation != "none":
        raise not_supported(f"the validationMode {validation!r} of XML is not supported", expected="'none'")
    names = _first(properties, "namespaces")
    return Xml(
        attribute_prefix=_text(properties, "@", "attributePrefix"),
        text_name=_text(properties, "_value_", "valuePropertyName"),
        encoding=_encoding(properties),
        compression=_compression(properties),
        namespaces=names is None or _flag(properties, "namespaces"),
        namespace_prefixes=_prefixes(properties),
    )


def _prefixes(properties: Properties) -> Mapping[str, str]:
    given = _first(properties, "namespacePrefixes")
    if given is not None and not isinstance(given, Mapping):
        raise DataFlowRunError(
            f"the namespacePrefixes {given!r} are no map", expected="['URI' -> 'prefix']", code=WRONG_TYPE
        )
    return {str(uri): str(prefix) for uri, prefix in (given or {}).items()}


def _delta(properties: Properties) -> FileFormat:
    version = _first(properties, "versionAsOf")
    moment = _first(properties, "timestampAsOf")
    return Delta(
        version=None if version is None else _whole(properties, "versionAsOf"),
        timestamp=None if moment is None else str(moment),
    )


_MAKERS: Mapping[str, Callable[[Properties], FileFormat]] = {
    "delimited": _delimited,
    "json": _json,
    "parquet": lambda properties: Parquet(_compression(properties, "snappy")),
    "avro": lambda properties: Avro(_compression(properties)),
    "orc": lambda properties: Orc(_compression(properties, "snappy")),
    "excel": _excel,
    "xml": _xml,
    "delta": _delta,
}
