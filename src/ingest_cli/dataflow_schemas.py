"""Columns of sources as people give them: a JSON file with names and types, or a data file that has the columns."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ingest_cli.errors import CommandError
from mapping_dataflow.analysis import datatypes
from mapping_dataflow.errors import MappingDataFlowErrors, ProblemFound
from mapping_dataflow.script.parser import parse_type
from mapping_dataflow.script.printer import print_name

FORMS = "JSON {column: type}, a dataset of Studio, or data that has the columns (.csv with a header, .parquet, .jsonl)"
"""The files that tell the columns of a source."""


def named_schemas(given: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """Schemas (column -> type) by source, from ``SOURCE=FILE`` or a file with those of several. Raises CommandError."""
    schemas: dict[str, Mapping[str, str]] = {}
    for text in given:
        source, equals, path = text.partition("=")
        found = {source: schema_of(Path(path))} if source and equals and path else _of_several(text)
        for name in schemas.keys() & found.keys():
            raise CommandError("reading the command line", f"the schema of {name!r} is given twice")
        schemas.update(found)
    return schemas


def _of_several(text: str) -> Mapping[str, Mapping[str, str]]:
    """``{source: {column: type}}``."""
    doing, expected = "reading the command line", "--schema SOURCE=FILE, or a JSON file {source: {column: type}}"
    path = Path(text)
    if not path.is_file():
        raise CommandError(doing, f"--schema {text} names no source and is no file", expected)
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise CommandError(f"reading the schemas {path}", str(error), expected) from error
    if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
        raise CommandError(f"reading the schemas {path}", "it says of no source which columns it has", expected)
    for source, columns in value.items():
        _check_types(path, source, columns)
    return value


def _check_types(path: Path, source: str, columns: Mapping[str, object]) -> None:
    for column, kind in columns.items():
        if not _is_type(kind):
            raise CommandError(
                f"reading the schemas {path}",
                f"the column {column!r} of {source!r} is {json.dumps(kind)}, which is no type",
                "a type of the language, such as string, long, decimal(10,2) or (a as string, b as double[])",
            )


def schema_of(path: Path) -> Mapping[str, str]:
    """The columns of a file and their types in the language. Raises CommandError."""
    try:
        match path.suffix.lower():
            case ".parquet":
                columns = _of_parquet(path)
            case ".csv":
                with path.open(encoding="utf-8-sig", newline="") as file:
                    columns = dict.fromkeys(next(csv.reader(file), []), "string")
            case ".json" | ".jsonl" | ".ndjson":
                columns = _of_json(path)
            case other:
                raise ValueError(f"files {other or 'without a suffix'} are not read")
    except OSError as error:
        raise CommandError(f"reading the schema {path}", error.strerror or str(error), FORMS) from error
    except ValueError as error:
        raise CommandError(f"reading the schema {path}", str(error), FORMS) from error
    if not columns:
        raise CommandError(f"reading the schema {path}", "it has no columns", FORMS)
    return columns


def _of_parquet(path: Path) -> Mapping[str, str]:
    import pyarrow.parquet

    from dataflow_execution.arrow_types import language_type

    return {field.name: str(language_type(field.type)) for field in pyarrow.parquet.read_schema(path)}


def _of_json(path: Path) -> Mapping[str, str]:
    """A schema (name -> type), a dataset of Studio, or data: a list of objects or an object a line."""
    text = path.read_text(encoding="utf-8-sig")
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = [json.loads(line) for line in text.splitlines() if line.strip()]
    if isinstance(value, dict) and value and all(map(_is_type, value.values())):
        return value
    if isinstance(value, dict) and isinstance(properties := value.get("properties"), dict):
        return _of_dataset(properties)
    rows = value if isinstance(value, list) else [value]
    columns: dict[str, str] = {}
    for row in rows:
        if not isinstance(row, dict):
            raise ValueError("it holds neither names with types nor rows of data")
        for name, item in row.items():
            columns.setdefault(name, _kind(item))
    return columns


_STORE_TYPES: Mapping[str, str] = {
    store: kind
    for kind, stores in {
        "string": "string nvarchar varchar char nchar text ntext utf8 uniqueidentifier guid xml",
        "boolean": "bit boolean bool",
        "byte": "tinyint",
        "short": "smallint int16",
        "integer": "int int32 integer",
        "long": "bigint int64 long",
        "float": "real single",
        "double": "float double",
        "decimal(19,4)": "money",
        "decimal(10,4)": "smallmoney",
        "date": "date",
        "timestamp": "timestamp timestamp_micros timestamp_millis datetime datetime2 smalldatetime datetimeoffset",
        "binary": "binary varbinary byte_array image rowversion",
    }.items()
    for store in stores.split()
}
"""Types of SQL Server, of Parquet and of .NET, as datasets name them, in the language."""
_DECIMALS = ("decimal", "numeric")


def _of_dataset(properties: Mapping[str, object]) -> Mapping[str, str]:
    """The columns of a dataset's ``schema`` (``structure`` of older ones). Raises ValueError."""
    listed = properties.get("schema") or properties.get("structure")
    if not listed or not isinstance(listed, list):
        raise ValueError("the dataset lists no columns in its schema")
    columns: dict[str, str] = {}
    for one in listed:
        if not isinstance(one, dict) or not isinstance(name := one.get("name"), str):
            raise ValueError(f"the dataset's schema has a column without a name: {json.dumps(one)}")
        columns[name] = _of_store(name, one)
    return columns


def _of_store(name: str, column: Mapping[str, object]) -> str:
    written = str(column.get("type", "string"))
    if written.lower() in _DECIMALS:
        return f"decimal({column.get('precision', 18)},{column.get('scale', 0)})"
    kind = _STORE_TYPES.get(written.lower())
    if kind is None:
        raise ValueError(f"the dataset's column {name!r} has the type {written!r}, which is not known here")
    return kind


def _is_type(text: object) -> bool:
    if not isinstance(text, str):
        return False
    try:
        datatypes.from_syntax(parse_type(text))
    except (MappingDataFlowErrors, ProblemFound):
        return False
    return True


def _kind(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "long"
        case float():
            return "double"
        case dict():
            return "(" + ", ".join(f"{print_name(name)} as {_kind(item)}" for name, item in value.items()) + ")"
        case list():
            return (_kind(value[0]) if value else "string") + "[]"
        case _:
            return "string"
