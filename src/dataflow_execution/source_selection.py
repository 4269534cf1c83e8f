"""Which files of a place a source means, and what their names tell, wherever the files are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

import duckdb

from dataflow_execution.duckdb_functions import register
from dataflow_execution.errors import DataFlowRunError, cause_of
from mapping_dataflow import DUCKDB, MappingDataFlowErrors, SourceRequest, compiled_value
from mapping_dataflow.errors import ProblemFound

_NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__"
_PARTITION = re.compile(r"([^=/]+)=([^/]*)")


@dataclass(frozen=True)
class ChangeWindow:
    """Files changed from ``after`` and before ``before`` (UTC) are read; None is open."""

    after: datetime | None
    before: datetime | None

    def holds(self, modified: datetime) -> bool:
        """True for a file of that time of change."""
        early = self.after is not None and modified < self.after
        return not early and (self.before is None or modified < self.before)


def change_window(connection: duckdb.DuckDBPyConnection, request: SourceRequest) -> ChangeWindow:
    """The times that a source's modifiedAfter and modifiedBefore give now. Raises DataFlowRunError."""
    return ChangeWindow(_moment(connection, request, "modifiedAfter"), _moment(connection, request, "modifiedBefore"))


def _moment(connection: duckdb.DuckDBPyConnection, request: SourceRequest, name: str) -> datetime | None:
    expression = request.moments.get(name)
    if expression is None:
        return None
    place = f"at Source '{request.stream}': {name}"
    try:
        value = compiled_value(expression, DUCKDB)
        register(connection, value.python_functions)
        row = connection.execute(f"SELECT CAST({value.sql} AS TIMESTAMP)").fetchone()
    except (duckdb.Error, MappingDataFlowErrors, ProblemFound) as error:
        raise DataFlowRunError(f"{place} gives no time: {cause_of(error)}") from error
    if row is None or row[0] is None:
        return None
    found: datetime = row[0]
    return found.replace(tzinfo=UTC)


def is_hidden(path: str) -> bool:
    """True for files that Spark does not read: their name begins with ``_`` or ``.``."""
    return path.rpartition("/")[2].startswith(("_", "."))


def partition_values(path: str, root: str | None) -> Mapping[str, str | None]:
    """The values in the names of a file's folders below ``root`` (``year=2024``); none when there is no root."""
    if root is None:
        return {}
    base = root.strip("/")
    relative = path.strip("/").removeprefix(base).strip("/")
    folders = relative.split("/")[:-1]
    matches = [match for folder in folders if (match := _PARTITION.fullmatch(folder))]
    return {match[1]: None if match[2] == _NULL_FOLDER else unquote(match[2]) for match in matches}
