"""A flow over files of this machine in one process: its sources opened, its engine ready, its sinks computed."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ingest_cli.errors import CommandError
from ingest_cli.run_database import RunDatabase, Setting, run_database

if TYPE_CHECKING:
    import duckdb

    from dataflow_execution.flow_run import FlowDocuments, FlowRun
    from dataflow_execution.local_sinks import StagedSink
    from dataflow_execution.postgres_address import PostgresAddress
    from dataflow_execution.query_engines import QueryEngine
    from dataflow_execution.sources import Reading
    from dataflow_execution.writers.file_sink import StagedFiles
    from mapping_dataflow import CompiledSink, SourceRequest, SourceSchema

_Computed = TypeVar("_Computed")
_MIB = 1024 * 1024
_BYTES_A_THREAD = 256 * _MIB
_MANY_BYTES = 64 * _MIB
"""Files for which functions in Python are loaded at once (0.1 s): to begin anew would take longer."""


class EngineName(Enum):
    """What computes the rows."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@dataclass(frozen=True)
class Wish:
    """What the command line asks for, or a part of it."""

    flow: Path
    sources: Mapping[str, str]
    sinks: Mapping[str, str]
    engine: EngineName
    master: str
    limit: int | None
    memory: int | None
    shares: int = 1
    """So many processes compute what the command line asks for, each with one thread; this is one of them."""

    def place(self, sink: str) -> Path | PostgresAddress:
        """Where a sink writes."""
        from dataflow_execution.postgres_address import postgres_address

        named = self.sinks.get(sink, sink)
        return postgres_address(named) or Path(named)


@dataclass(frozen=True)
class PreparedFlow:
    """A flow that can be computed, with its database and its folder for what is temporary."""

    connection: duckdb.DuckDBPyConnection
    folder: Path
    engine: QueryEngine
    run: FlowRun
    open_sources: Callable[[], Mapping[str, SourceSchema]]
    """Takes what lies at the sources' places now for what lay there before; its columns must be the same."""

    def computed(self, compute: Callable[[], _Computed]) -> _Computed:
        """What it computes, from the beginning once more where a row needs a function in Python."""
        from dataflow_execution.duckdb_functions import FunctionWantedError

        try:
            return compute()
        except FunctionWantedError:
            self.connection.rollback()
            self.engine.load_functions()
            self.connection.begin()
            return compute()


@contextmanager
def prepared(
    wish: Wish, documents: FlowDocuments, database: RunDatabase, stream: str | None = None
) -> Iterator[PreparedFlow]:
    """The flow, or what one stream of it needs, with its sources registered in a database that has had none."""
    from dataflow_execution.flow_run import FlowRun
    from dataflow_execution.sources import Reading
    from ingest_cli.dataflow_inputs import check_named

    requests = documents.requests(stream)
    check_named(documents, wish.sources, wish.sinks, requests)
    connection, folder = database.connection, database.folder
    reading = Reading(folder / "read", None if wish.memory is None else _buffer(wish.memory), wish.limit)
    open_sources = partial(_schemas, wish, connection, requests, reading)
    schemas = open_sources()
    promises = wish.shares == 1 and (stream is not None or wish.limit is not None or _size(wish) < _MANY_BYTES)
    with _engine(wish, connection, folder, promises) as engine:
        connection.begin()  # one transaction: clock functions give one time to all sinks
        run = FlowRun(documents, connection, engine, schemas)
        yield PreparedFlow(connection, folder, engine, run, open_sources)


def _buffer(memory: int) -> int:
    """Bytes that are read at once: whole MiB, since DuckDB refuses buffers that are no multiple of 16 bytes."""
    return max(1, min(32, memory // 32 // _MIB)) * _MIB


def opened(wish: Wish) -> AbstractContextManager[RunDatabase]:
    """The database for a run."""
    return run_database(_settings(wish))


def _settings(wish: Wish) -> dict[str, Setting]:
    settings: dict[str, Setting] = {}
    if wish.memory is not None:
        settings["memory_limit"] = f"{wish.memory // wish.shares}B"
        settings["threads"] = max(1, min(os.cpu_count() or 1, wish.memory // _BYTES_A_THREAD))
    if wish.shares > 1:
        settings["threads"] = 1
    return settings


def threads(wish: Wish) -> int:
    """How many threads there are for the rows: DuckDB knows what the machine, or a container, lets it use."""
    import duckdb

    with duckdb.connect(config=_settings(wish)) as connection:
        found = connection.execute("SELECT current_setting('threads')").fetchall()
    return int(found[0][0])


def _schemas(
    wish: Wish, connection: duckdb.DuckDBPyConnection, requests: Sequence[SourceRequest], reading: Reading
) -> dict[str, SourceSchema]:
    from dataflow_execution.local_sources import open_source
    from ingest_cli.dataflow_datasets import dataset_beside

    return {
        request.stream: open_source(
            connection,
            request,
            wish.sources[request.stream],
            dataset_beside(wish.flow, request.dataset),
            f"source {number}",
            reading,
        )
        for number, request in enumerate(requests)
    }


def _size(wish: Wish) -> int:
    from dataflow_execution.local_sources import size_of_files

    return sum(map(size_of_files, wish.sources.values()))


@contextmanager
def _engine(wish: Wish, connection: duckdb.DuckDBPyConnection, folder: Path, promises: bool) -> Iterator[QueryEngine]:
    from dataflow_execution.query_engines import DuckDBEngine

    if wish.engine is EngineName.DUCKDB:
        yield DuckDBEngine(connection, promises=promises, one_thread=_settings(wish).get("threads") == 1)
        return
    try:
        from dataflow_execution.spark_queries import SparkQueries, started_spark
    except ImportError as error:
        raise CommandError("starting Spark", str(error), hint="install the group `spark`") from error
    with started_spark(wish.master) as spark:
        yield SparkQueries(spark, connection, folder)


def staged(wish: Wish, prepared: PreparedFlow) -> Iterator[tuple[StagedSink, float]]:
    """The sinks of a flow, each with the seconds that it took. Raises DataFlowRunError."""
    from dataflow_execution.local_sinks import stage_sink
    from ingest_cli.dataflow_datasets import dataset_beside

    for number, sink in enumerate(prepared.run.compiled().sinks):
        if sink.settings.is_cache:
            continue
        folder = prepared.folder / f"sink-{number}"
        shutil.rmtree(folder, ignore_errors=True)  # of a run that could not go on
        started = time.monotonic()
        rows = prepared.run.rows_of_sink(sink)
        staged = stage_sink(
            prepared.connection,
            sink,
            rows,
            wish.place(sink.stream),
            dataset_beside(wish.flow, sink.dataset),
            folder,
        )
        yield staged, time.monotonic() - started


def written_text(
    wish: Wish, prepared: PreparedFlow, sink: CompiledSink, folder: Path, *, without_rows: bool = False
) -> StagedFiles:
    """The file of a sink that writes one text. Raises DataFlowRunError and duckdb.Error."""
    from dataflow_execution.local_sinks import named_place, sink_format
    from dataflow_execution.writers.file_formats import Rows
    from dataflow_execution.writers.file_sink import stage_files
    from ingest_cli.dataflow_datasets import dataset_beside

    place, rows = Path(str(wish.place(sink.stream))), prepared.run.rows_of_sink(sink)
    form = sink_format(sink, place, dataset_beside(wish.flow, sink.dataset))
    limited = Rows(f"SELECT * FROM ({rows.sql}) LIMIT 0", rows.bindings) if without_rows else rows
    return stage_files(prepared.connection, sink, limited, form, named_place(place), folder)
