"""Which files of a place a source means, and what their names tell, wherever the files are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

import duckdb

from dataflow_execution.values_of_run import value_now
from mapping_dataflow import SourceRequest

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
    failure = f"at Source '{request.stream}': {name} gives no time"
    found: datetime | None = value_now(connection, expression, failure, lambda sql: f"CAST({sql} AS TIMESTAMP)")
    return None if found is None else found.replace(tzinfo=UTC)


def partition_values(path: str, root: str | None) -> Mapping[str, str | None]:
    """The values in the names of a file's folders below ``root`` (``year=2024``); none when there is no root."""
    if root is None:
        return {}
    base = root.strip("/")
    relative = path.strip("/").removeprefix(base).strip("/")
    folders = relative.split("/")[:-1]
    matches = [match for folder in folders if (match := _PARTITION.fullmatch(folder))]
    return {match[1]: None if match[2] == _NULL_FOLDER else unquote(match[2]) for match in matches}
