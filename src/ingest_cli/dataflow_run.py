"""`ingest dataflow run`: a data flow on local files, without Azure; or the rows after one of its transformations."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ingest_cli.errors import CommandError

if TYPE_CHECKING:
    import duckdb

    from dataflow_execution.errors import DataFlowRunError
    from dataflow_execution.flow_run import FlowDocuments, FlowRun
    from dataflow_execution.local_sinks import StagedSink
    from dataflow_execution.query_engines import QueryEngine
    from dataflow_execution.sources import Reading
    from mapping_dataflow import SourceRequest, SourceSchema

_Computed = TypeVar("_Computed")
_SHOWN_ROWS = 10
_BYTES_A_THREAD = 256 * 1024 * 1024
_MANY_BYTES = 64 * 1024 * 1024
"""Files for which functions in Python are loaded at once (0.1 s): to begin anew would take longer."""
_QUIET_SECONDS = 2.0


class EngineName(Enum):
    """What computes the rows."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@dataclass(frozen=True)
class _Wish:
    """What the command line asks for."""

    flow: Path
    sources: Mapping[str, str]
    sinks: Mapping[str, str]
    engine: EngineName
    master: str
    limit: int | None
    memory: int | None


def add_to(parent: typer.Typer) -> None:
    """Makes `run` a command of the parent."""
    parent.command(name="run")(run)


def run(
    flow: Annotated[Path, typer.Argument(help="The data flow.", metavar="FLOW.json")],
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            metavar="NAME=PATH",
            help="Where the rows of a source are: a file, a folder with all in it, a glob, the folder of a Delta "
            "table, or what stands in for a database: a DuckDB file (.duckdb) or postgresql://USER@HOST/DATABASE. "
            "Takes the place of the dataset's location and of wildcardPaths.",
        ),
    ] = None,
    sink: Annotated[
        list[str] | None,
        typer.Option(
            "--sink",
            metavar="NAME=PATH",
            help="Where a sink writes: a folder, one file (by its extension), a DuckDB file (.duckdb), or "
            "postgresql://USER@HOST/DATABASE. Without it: "
            "the folder NAME in the current one.",
        ),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            "-p",
            metavar="NAME=VALUE",
            help="A parameter: a text as it stands, for other types an expression (5, true(), toDate('2024-01-31')).",
        ),
    ] = None,
    engine: Annotated[EngineName, typer.Option(help="What computes the rows.")] = EngineName.DUCKDB,
    master: Annotated[str, typer.Option(help="Spark's master.")] = "local[*]",
    limit: Annotated[int | None, typer.Option(min=0, help="Read only so many rows of each source.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the SQL of each stage; write nothing.")] = False,
    preview: Annotated[
        str | None,
        typer.Option(metavar="STREAM", help="Show rows after this transformation; compute and write nothing else."),
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows that --preview shows.")] = _SHOWN_ROWS,
    memory_limit: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Memory for the rows (500MB, 2GB); more goes to disk.")
    ] = None,
) -> None:
    """Run a data flow on files of this machine.

    The formats of sources and sinks are those of the datasets beside the flow (../dataset/NAME.json) or of the flow
    itself; a file's extension that says otherwise wins. Sinks with neither write CSV with a header, or JSON. Sinks
    replace files of the same name, and clear their folder only if the flow says truncate. A run that fails writes
    nothing. Files that were read are not moved or deleted, as in Azure's debug mode.
    """
    from ingest_cli.dataflow_inputs import flow_documents, named_paths, size_of

    sources, sinks = named_paths(source or [], "--source"), named_paths(sink or [], "--sink")
    memory = size_of(memory_limit) if memory_limit else None
    wish = _Wish(flow, sources, sinks, engine, master, limit, memory)
    with _told(flow), _prepared(wish, flow_documents(flow, parameter or []), preview) as prepared:
        if preview is not None:
            typer.echo(prepared.computed(lambda: _preview(prepared.run, preview, rows)))
        elif explain:
            typer.echo(prepared.computed(prepared.run.compiled).explain())
        else:
            _publish(prepared.computed(lambda: list(_staged(wish, prepared))))


@dataclass(frozen=True)
class _Prepared:
    connection: duckdb.DuckDBPyConnection
    folder: Path
    engine: QueryEngine
    run: FlowRun

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
def _told(flow: Path) -> Iterator[None]:
    """Errors of compiling and running as errors of the command."""
    from dataflow_execution.errors import DataFlowRunError
    from mapping_dataflow import MappingDataFlowErrors

    try:
        yield
    except DataFlowRunError as error:
        raise CommandError(f"running {flow}", error.cause, error.expected, error.hint) from error
    except MappingDataFlowErrors as errors:
        raise CommandError(f"running {flow}", f"the flow has problems\n{errors}") from errors


@contextmanager
def _prepared(wish: _Wish, documents: FlowDocuments, stream: str | None) -> Iterator[_Prepared]:
    """The flow with its sources registered; everything temporary is removed afterwards."""
    import duckdb

    from dataflow_execution.flow_run import FlowRun
    from dataflow_execution.sources import Reading
    from ingest_cli.dataflow_inputs import check_named

    requests = documents.requests(stream)
    check_named(documents, wish.sources, wish.sinks, requests)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ingest-dataflow-")))
        connection = stack.enter_context(duckdb.connect(str(folder / "rows.duckdb"), config=_settings(wish, folder)))
        connection.execute("SET TimeZone = 'UTC'")
        buffer = None if wish.memory is None else max(1 << 20, min(1 << 25, wish.memory // 32))
        reading = Reading(folder / "read", buffer, wish.limit)
        stack.enter_context(_progress(f"running {documents.flow.get('name', wish.flow.stem)}"))
        schemas = _schemas(wish, connection, requests, reading)
        promises = stream is not None or wish.limit is not None or _size(wish) < _MANY_BYTES
        engine = stack.enter_context(_engine(wish, connection, folder, promises))
        connection.begin()  # one transaction: clock functions give one time to all sinks
        yield _Prepared(connection, folder, engine, FlowRun(documents, connection, engine, schemas))


def _settings(wish: _Wish, folder: Path) -> dict[str, str | bool | int | float | list[str]]:
    import os

    settings: dict[str, str | bool | int | float | list[str]] = {"temp_directory": str(folder / "spill")}
    if wish.memory is not None:
        settings["memory_limit"] = f"{wish.memory}B"
        settings["threads"] = max(1, min(os.cpu_count() or 1, wish.memory // _BYTES_A_THREAD))
    return settings


def _schemas(
    wish: _Wish, connection: duckdb.DuckDBPyConnection, requests: Sequence[SourceRequest], reading: Reading
) -> dict[str, SourceSchema]:
    from dataflow_execution.local_sources import open_source
    from ingest_cli.dataflow_datasets import dataset_beside

    return {
        request.stream: open_source(
            connection,
            request,
            wish.sources[request.stream],
            dataset_beside(wish.flow, request.dataset),
            f"source_{number}",
            reading,
        )
        for number, request in enumerate(requests)
    }


def _size(wish: _Wish) -> int:
    from dataflow_execution.local_sources import size_of_files

    return sum(map(size_of_files, wish.sources.values()))


@contextmanager
def _engine(wish: _Wish, connection: duckdb.DuckDBPyConnection, folder: Path, promises: bool) -> Iterator[QueryEngine]:
    from dataflow_execution.query_engines import DuckDBEngine

    if wish.engine is EngineName.DUCKDB:
        yield DuckDBEngine(connection, promises=promises)
        return
    try:
        from dataflow_execution.spark_queries import SparkQueries, started_spark
    except ImportError as error:
        raise CommandError("starting Spark", str(error), hint="install the group `spark`") from error
    with started_spark(wish.master) as spark:
        yield SparkQueries(spark, connection, folder)


@contextmanager
def _progress(text: str) -> Iterator[None]:
    """A line on a terminal that tells the time, once a run takes longer than a moment."""
    import sys
    import threading

    if not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()

    def show() -> None:
        if ended.wait(_QUIET_SECONDS):
            return
        from rich.console import Console

        started = time.monotonic() - _QUIET_SECONDS
        with Console(stderr=True).status(text) as status:
            while not ended.wait(0.5):
                status.update(f"{text}: {time.monotonic() - started:.0f} s")

    watcher = threading.Thread(target=show, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _preview(run: FlowRun, stream: str, count: int) -> str:
    from dataflow_execution.row_table import row_table

    compiled = run.stream(stream)
    found = run.fetched(compiled, count)
    return row_table([(column.name, column.type) for column in compiled.columns], found)


def _publish(staged: Sequence[tuple[StagedSink, float]]) -> None:
    """All sinks are computed before the first is published; then each is by itself, in the order of saveOrder."""
    from dataflow_execution.errors import DataFlowRunError

    for number, (sink, seconds) in enumerate(staged):
        started = time.monotonic()
        try:
            published = sink.publish()
        except DataFlowRunError as error:
            raise _with_published(error, [each.stream for each, _ in staged[:number]]) from error
        taken = seconds + time.monotonic() - started
        noun = "file" if published.files == 1 else "files"
        written = f"{sink.rows - published.rejected:,} rows in {published.files:,} {noun}"
        without = f", {published.rejected:,} rejected" if published.rejected else ""
        typer.echo(f"{sink.stream}: {written}{without}, {taken:.1f} s -> {sink.place}")


def _with_published(error: DataFlowRunError, streams: Sequence[str]) -> DataFlowRunError:
    """The error of a sink that cannot be published, with those that are."""
    from dataflow_execution.errors import DataFlowRunError

    if not streams:
        return error
    cause = f"{error.cause}; published before it: {', '.join(streams)}"
    return DataFlowRunError(cause, expected=error.expected, hint=error.hint, code=error.code)


def _staged(wish: _Wish, prepared: _Prepared) -> Iterator[tuple[StagedSink, float]]:
    from dataflow_execution.local_sinks import stage_sink
    from dataflow_execution.postgres_address import postgres_address
    from ingest_cli.dataflow_datasets import dataset_beside

    for number, sink in enumerate(prepared.run.compiled().sinks):
        if sink.settings.is_cache:
            continue
        folder = prepared.folder / f"sink-{number}"
        shutil.rmtree(folder, ignore_errors=True)  # of a run that could not go on
        started = time.monotonic()
        rows = prepared.run.rows_of_sink(sink)
        place = wish.sinks.get(sink.stream, sink.stream)
        staged = stage_sink(
            prepared.connection,
            sink,
            rows,
            postgres_address(place) or Path(place),
            dataset_beside(wish.flow, sink.dataset),
            folder,
        )
        yield staged, time.monotonic() - started
