"""`ingest dataflow run`: a data flow on local files, without Azure; or the rows after one of its transformations."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest_cli.errors import CommandError
from ingest_cli.flow_on_files import EngineName, Wish, opened, prepared, staged

if TYPE_CHECKING:
    from dataflow_execution.errors import DataFlowRunError
    from dataflow_execution.flow_run import FlowDocuments, FlowRun
    from dataflow_execution.local_sinks import StagedSink

_THIS_MACHINE = "local[*]"
Master = Annotated[
    str,
    typer.Option(
        help="Spark's master: local[*], or that of a cluster (spark://HOST:PORT, yarn, k8s://URL). Its nodes share the "
        "temporary folder (TMPDIR) with this machine, and have this project in their Python."
    ),
]
_SHOWN_ROWS = 10
_QUIET_SECONDS = 2.0


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
    master: Master = _THIS_MACHINE,
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

    Text of 256 MiB or more whose rows are made one by one is computed in pieces, by a process for each processor;
    the result is the same. They lie in the temporary folder (TMPDIR) until then.
    """
    from ingest_cli.dataflow_options import named_paths, size_of

    _check_options(engine, master, preview, explain)
    sources, sinks = named_paths(source or [], "--source"), named_paths(sink or [], "--sink")
    memory = size_of(memory_limit) if memory_limit else None
    wish = Wish(flow, sources, sinks, engine, master, limit, memory)
    if preview is None and not explain:
        _write(wish, parameter or [])
        return
    with opened(wish) as database:
        from ingest_cli.dataflow_inputs import flow_documents

        documents = flow_documents(flow, parameter or [])
        with _told(flow), _progress(documents, flow), prepared(wish, documents, database, preview) as ready:
            if preview is not None:
                typer.echo(ready.computed(lambda: _preview(ready.run, preview, rows)))
            else:
                typer.echo(ready.computed(ready.run.compiled).explain())


def _check_options(engine: EngineName, master: str, preview: str | None, explain: bool) -> None:
    if preview is not None and explain:
        raise CommandError("reading the command line", "--preview shows rows and --explain SQL", expected="one of them")
    if engine is not EngineName.SPARK and master != _THIS_MACHINE:
        raise CommandError("reading the command line", "--master is for Spark alone", hint="give --engine spark")


def _write(wish: Wish, parameters: Sequence[str]) -> None:
    """Computes and publishes all sinks."""
    from ingest_cli.flow_in_pieces import processes_for, staged_in_pieces

    with processes_for(wish) as pool, opened(wish) as database:  # both load what they need while a flow is loaded here
        from ingest_cli.dataflow_inputs import flow_documents

        documents = flow_documents(wish.flow, parameters)
        with _told(wish.flow), _progress(documents, wish.flow):
            sinks = None if pool is None else staged_in_pieces(wish, documents, pool)
            if sinks is not None:
                _publish(sinks)
                return
            with prepared(wish, documents, database) as ready:
                _publish(ready.computed(lambda: list(staged(wish, ready))))


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
def _progress(documents: FlowDocuments, flow: Path) -> Iterator[None]:
    """A line on a terminal that tells the time, once a run takes longer than a moment."""
    import sys
    import threading

    if not sys.stderr.isatty():
        yield
        return
    text = f"running {documents.flow.get('name', flow.stem)}"
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


def _publish(sinks: Sequence[tuple[StagedSink, float]]) -> None:
    """All sinks are computed before the first is published; then each is by itself, in the order of saveOrder."""
    from dataflow_execution.errors import DataFlowRunError

    for number, (sink, seconds) in enumerate(sinks):
        started = time.monotonic()
        try:
            published = sink.publish()
        except DataFlowRunError as error:
            raise _with_published(error, [each.stream for each, _ in sinks[:number]]) from error
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
