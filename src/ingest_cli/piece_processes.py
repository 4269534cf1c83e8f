"""Processes that run a flow on pieces of its source."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing import active_children, forkserver, get_context, parent_process
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.util import get_temp_dir
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dataflow_execution.errors import DataFlowRunError
from ingest_cli.errors import CommandError
from ingest_cli.flow_on_files import Wish, opened, prepared, written_text
from pulumi_protocol.process_end import before_leaving

if TYPE_CHECKING:
    from dataflow_execution.flow_run import FlowDocuments
    from dataflow_execution.line_pieces import LinePiece
    from dataflow_execution.writers.file_sink import StagedFiles
    from mapping_dataflow import SourceSchema


@dataclass(frozen=True)
class Work:
    """A piece of a source with the columns and the name of a file that all of them have, and the folder for what its
    rows become."""

    wish: Wish
    documents: FlowDocuments
    stream: str
    columns: Mapping[str, str]
    name: str
    piece: LinePiece
    folder: Path


class PieceProcesses:
    """So many processes, which start with the first piece and end with this one or with the block: in the midst of
    their work where the block fails or is interrupted."""

    def __init__(self, count: int, folder: Path, context: ForkServerContext | SpawnContext) -> None:
        """``folder`` is for what is temporary: whoever ends the processes removes it."""
        self.count, self.folder = count, folder
        self._pool = ProcessPoolExecutor(count, context, _begin, (str(folder),))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            for process in active_children():
                process.kill()
        self._pool.shutdown(cancel_futures=True)

    def written(self, parts: Sequence[Work]) -> Iterator[Sequence[StagedFiles] | None]:
        """The files of all sinks for each piece, in order; None for a piece that cannot be computed.

        Raises CommandError when a process ends.
        """
        try:
            yield from self._pool.map(_written, parts)
        except BrokenProcessPool as error:
            raise CommandError(
                "computing a piece of the rows",
                "a process ended before its time",
                hint="give a limit of memory with --memory-limit, if the machine has too little",
            ) from error


def loading_context() -> ForkServerContext | SpawnContext:
    """How processes start: forked from one that loads once what all need, from now on, while the flow is read here.

    Where the system cannot do that safely, or the name of its socket is too long (TMPDIR), each starts by itself.
    """
    if sys.platform != "linux":
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(["ingest_cli.piece_modules"])
    before_leaving(_remove_listener)
    try:
        forkserver.ensure_running()
    except OSError:
        return get_context("spawn")
    return context


def _remove_listener() -> None:
    shutil.rmtree(get_temp_dir(), ignore_errors=True)


def _begin(folder: str) -> None:
    """What a process does first: it ends with the one that started it, and ends at once: to take all modules down takes
    as long as to load them. It does not search for cycles, of which rows make none."""
    import ingest_cli.piece_modules  # noqa: F401  # where it is not loaded yet

    gc.disable()
    tempfile.tempdir = folder
    atexit.register(os._exit, 0)
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


class _OpenedFlow:
    """A flow over a file that holds one piece of a source after the other."""

    def __init__(self, work: Work) -> None:
        self._text = Path(tempfile.mkdtemp()) / work.name
        work.piece.write(self._text)
        wish = replace(work.wish, sources={work.stream: str(self._text)})
        self._wish = wish
        self._stack = ExitStack()  # left with the process
        database = self._stack.enter_context(opened(wish))
        self._ready = self._stack.enter_context(prepared(wish, work.documents, database))
        self._ready.connection.execute("SET enable_progress_bar = false")  # the one who waits is told elsewhere
        self._check(work, self._ready.run.schemas)
        self._sinks = self._ready.run.compiled().sinks

    def take(self, work: Work) -> None:
        """Goes on with another piece."""
        work.piece.write(self._text)
        self._check(work, self._ready.open_sources())

    def _check(self, work: Work, schemas: Mapping[str, SourceSchema]) -> None:
        """Without a header the first row tells the columns, which may be others in each piece."""
        if list(schemas[work.stream].columns.items()) != list(work.columns.items()):
            raise DataFlowRunError(f"{work.piece.file.name} has rows of several lengths")

    def written(self, folder: Path) -> Sequence[StagedFiles]:
        """The files of all sinks for the piece."""
        return [
            written_text(self._wish, self._ready, sink, folder / f"sink-{number}")
            for number, sink in enumerate(self._sinks)
        ]


_OPENED: list[_OpenedFlow] = []
"""The flow of this process, once it has a piece."""


def _written(work: Work) -> Sequence[StagedFiles] | None:
    """The files of all sinks for a piece; None when it cannot be computed."""
    import duckdb

    try:
        if _OPENED:
            _OPENED[0].take(work)
        else:
            _OPENED.append(_OpenedFlow(work))
        return _OPENED[0].written(work.folder)
    except (duckdb.Error, DataFlowRunError, OSError):
        return None
