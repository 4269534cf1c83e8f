"""Delta tables as sinks: rows are appended, or found by keys and changed or deleted.

https://learn.microsoft.com/azure/data-factory/format-delta#sink-properties
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from dataflow_execution.arrow_types import language_type
from dataflow_execution.errors import DataFlowRunError, not_supported
from dataflow_execution.sql_text import identifier
from dataflow_execution.writers.contract import check_contract
from dataflow_execution.writers.file_formats import Rows, batches
from dataflow_execution.writers.row_actions import (
    DELETE,
    INSERT,
    UPDATE,
    UPSERT,
    RowActions,
    refuse_commands,
    row_actions,
)
from mapping_dataflow import CompiledSink

_KIND = "__kind"
_CHANGES = (UPDATE, UPSERT, DELETE)


def write_delta(connection: duckdb.DuckDBPyConnection, sink: CompiledSink, rows: Rows, folder: Path) -> int:
    """Writes the rows of a sink to the Delta table in a folder, which it makes when there is none; returns how many.

    Rows that are updated, upserted or deleted are merged before the inserted ones are appended; when one of the two
    fails the table goes back to the version that it had. Raises DataFlowRunError.
    """
    refuse_commands(sink)
    actions = row_actions(sink, prunes=True)
    if actions.given_keys:
        raise not_supported(
            f"at Sink '{sink.stream}': a Delta table gives new rows no keys", hint="skipKeyWrites: false"
        )
    settings = sink.settings
    exists = DeltaTable.is_deltatable(str(folder))
    version = DeltaTable(folder).version() if exists else None
    if exists and settings.contract:
        check_contract(sink, _columns(folder))
    names = ", ".join(identifier(column.name) for column in sink.columns)
    try:
        count = 0
        if not actions.inserts_only:
            if settings.truncate or settings.recreate or not exists:
                _write(sink, connection, Rows(f"SELECT {names} FROM ({rows.sql}) LIMIT 0", rows.bindings), folder)
            count += _merge(connection, sink, rows, folder, actions)
        inserted = Rows(f"SELECT {names} FROM ({rows.sql}) WHERE {actions.condition(INSERT)}", rows.bindings)
        fresh = actions.inserts_only and (settings.truncate or settings.recreate or not exists)
        count += _write(sink, connection, inserted, folder, append=not fresh)
        return count
    except (DeltaError, OSError, ValueError, pa.ArrowException) as error:
        if version is not None and DeltaTable(folder).version() != version:
            DeltaTable(folder).restore(version)
        raise DataFlowRunError(f"at Sink '{sink.stream}': the Delta table says: {error}") from error


def _columns(folder: Path) -> dict[str, str]:
    """The columns of a Delta table with the types of the language."""
    exported: Any = DeltaTable(folder).schema().to_arrow()
    return {field.name: str(language_type(field.type)) for field in pa.schema(exported)}


def _write(
    sink: CompiledSink, connection: duckdb.DuckDBPyConnection, rows: Rows, folder: Path, *, append: bool = False
) -> int:
    reader = _Counted(batches(connection, rows))
    settings = sink.settings
    schema_mode: Any = "merge" if append and settings.merge_schema else "overwrite" if settings.recreate else None
    write_deltalake(
        folder,
        reader.stream(),
        mode="append" if append else "overwrite",
        partition_by=list(settings.partition_columns) or None if not append else None,
        schema_mode=None if append and schema_mode == "overwrite" else schema_mode,
    )
    return reader.count


def _merge(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, rows: Rows, folder: Path, actions: RowActions
) -> int:
    names = [column.name for column in sink.columns]
    kind = f"{identifier(str(actions.column))} AS {identifier(_KIND)}"
    columns = ", ".join(map(identifier, names))
    changed = f"SELECT {columns}, {kind} FROM ({rows.sql}) WHERE {actions.condition(*_CHANGES)}"
    reader = _Counted(batches(connection, Rows(changed, rows.bindings)))
    values = {f"`{name}`": f"source.`{name}`" for name in names}
    merger = DeltaTable(folder).merge(
        reader.stream(),
        predicate=" AND ".join(_found(actions)),
        source_alias="source",
        target_alias="target",
        merge_schema=sink.settings.merge_schema,
        streamed_exec=True,
    )
    (
        merger.when_matched_delete(predicate=f"source.{_KIND} = '{DELETE}'")
        .when_matched_update(values, predicate=f"source.{_KIND} IN ('{UPDATE}', '{UPSERT}')")
        .when_not_matched_insert(values, predicate=f"source.{_KIND} = '{UPSERT}'")
        .execute()
    )
    return reader.count


def _found(actions: RowActions) -> list[str]:
    """The conditions by which a row of the table is the one that a row of the sink is about."""
    same = [f"target.`{key}` = source.`{key}`" for key in actions.keys]
    return same + [f"target.`{name}` IN ({', '.join(values)})" for name, values in actions.pruned.items()]


class _Counted:
    """Batches that are counted as they go by; timestamps are Delta's, which are in UTC."""

    def __init__(self, reader: Any) -> None:
        self.count = 0
        self._reader = reader

    def stream(self) -> pa.RecordBatchReader:
        """The batches, once."""
        schema = pa.schema([field.with_type(_in_utc(field.type)) for field in self._reader.schema])
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema))

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for batch in self._reader:
            self.count += batch.num_rows
            yield batch.cast(schema)


def _in_utc(kind: Any) -> pa.DataType:
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", tz="UTC")
    if pa.types.is_list(kind):
        return pa.list_(_in_utc(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_in_utc(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_in_utc(kind.key_type), _in_utc(kind.item_type))
    found: pa.DataType = kind
    return found
