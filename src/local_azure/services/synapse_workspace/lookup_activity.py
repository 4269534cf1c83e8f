"""The Lookup activity: at most 5,000 rows of a query or of files, as JSON.

https://learn.microsoft.com/azure/data-factory/control-flow-lookup-activity
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb

from dataflow_execution.formats import Json
from dataflow_execution.readers.columnar_files import parquet_relation
from dataflow_execution.writers.file_formats import Rows, write_file
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.file_selection import select_files
from pipeline_runtime.errors import ActivityFailure

_MOST_ROWS = 5_000
_MOST_BYTES = 4 * 1024 * 1024


def look_up(work: Work) -> Mapping[str, Any]:
    """Execute one Lookup; `firstRow`, or `count` and `value`."""
    source, dataset = dict(work.call.properties["source"]), work.datasets.resolve(work.call.properties["dataset"])
    if source["type"] == "AzureSqlSource":
        query = parquet_relation([work.query_sql(dataset, source, work.folder / "source.parquet")])
    else:
        selected = select_files(work.lake, dataset.files, source.get("storeSettings") or {})
        query = work.relation(dataset, [work.download(each, index) for index, each in enumerate(selected)])
    first_only = work.call.properties.get("firstRowOnly") is not False
    rows = _rows(work, query, 1 if first_only else _MOST_ROWS)
    if first_only:
        shown: dict[str, Any] = {"firstRow": rows[0]} if rows else {}
    else:
        shown = {"count": len(rows), "value": rows}
    if len(json.dumps(shown)) > _MOST_BYTES:
        raise ActivityFailure("2100", "The output of Lookup exceeds the maximum size of 4194304 bytes.")
    return {**shown, "effectiveIntegrationRuntime": "AutoResolveIntegrationRuntime (Local)"}


def _rows(work: Work, query: str, most: int) -> list[Any]:
    target = work.folder / "rows.json"
    with duckdb.connect() as connection:
        columns = connection.execute(f"DESCRIBE {query}").fetchall()
        pieces = [_json_value(str(name), str(kind)) for name, kind, *_ in columns]
        rows_of_query = Rows(f"SELECT {', '.join(pieces)} FROM ({query}) LIMIT {most}")
        write_file(connection, rows_of_query, target, Json("arrayOfDocuments"))
    rows = json.loads(target.read_text(encoding="utf-8") or "[]")
    return rows if isinstance(rows, list) else []


def _json_value(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return f"strftime(CAST({column} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%SZ') AS {column}"
    return column
