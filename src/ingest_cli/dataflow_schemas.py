"""Columns of sources as people give them: a JSON file with names and types, or a data file that has the columns."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

from ingest_cli.errors import CommandError
from mapping_dataflow.analysis import datatypes
from mapping_dataflow.errors import MappingDataFlowErrors, ProblemFound
from mapping_dataflow.script.parser import parse_type
from mapping_dataflow.script.printer import print_name


def named_schemas(given: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """Schemas (column -> type) by source from paths by source. Raises CommandError."""
    return {source: schema_of(Path(path)) for source, path in given.items()}


def schema_of(path: Path) -> Mapping[str, str]:
    """The columns of a file and their types in the language. Raises CommandError."""
    try:
        match path.suffix.lower():
            case ".parquet":
                return _of_parquet(path)
            case ".csv":
                with path.open(encoding="utf-8-sig", newline="") as file:
                    return dict.fromkeys(next(csv.reader(file), []), "string")
            case _:
                return _of_json(path)
    except (OSError, ValueError) as error:
        raise CommandError(f"reading the schema {path}", str(error)) from error


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
    rows = value if isinstance(value, list) else [value]
    columns: dict[str, str] = {}
    for row in rows:
        if not isinstance(row, dict):
            raise ValueError("it holds neither names with types nor rows of data")
        for name, item in row.items():
            columns.setdefault(name, _kind(item))
    return columns


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
