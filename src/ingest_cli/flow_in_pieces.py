"""A flow whose rows are made one by one, over large texts: in pieces, which several processes compute.

Each piece is a run of the flow on a file of its own. A process has its own lock of Python, and one thread, which keeps
no rows for the sake of their order.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ingest_cli.flow_on_files import EngineName, PreparedFlow, Wish, opened, prepared, threads, written_text

if TYPE_CHECKING:
    from dataflow_execution.flow_run import FlowDocuments
    from dataflow_execution.line_pieces import LinePiece
    from dataflow_execution.local_sinks import StagedSink
    from dataflow_execution.writers.file_sink import StagedFiles
    from ingest_cli.piece_processes import PieceProcesses
    from mapping_dataflow import CompiledSink, SourceRequest

LARGE = 256 * 1024 * 1024
"""Bytes of a source for which it pays to start processes: each takes half a second."""
_BYTES_A_FILE = LARGE // 16
"""Bytes that files must have on an average: a piece takes 0.05 s more than its rows."""
_BYTES_A_PROCESS = LARGE // 4
_HEAD_BYTES = 64 * 1024


@contextmanager
def processes_for(wish: Wish) -> Iterator[PieceProcesses | None]:
    """The processes for a run whose only source is large, of text by its names, for which modules are loaded before
    anything else; None for other runs."""
    fits = wish.engine is EngineName.DUCKDB and wish.limit is None and len(wish.sources) == 1
    files = _texts(*wish.sources.values()) if fits else ()
    size = sum(file.stat().st_size for file in files)
    if size < max(LARGE, len(files) * _BYTES_A_FILE):
        yield None
        return
    from ingest_cli.piece_processes import PieceProcesses, loading_context

    context = loading_context()
    processes = min(threads(wish), size // _BYTES_A_PROCESS)
    if processes == 1:
        yield None
        return
    with (
        tempfile.TemporaryDirectory(prefix="ingest-dataflow-") as name,
        PieceProcesses(processes, Path(name), context) as pool,
    ):
        yield pool


def _texts(place: str) -> Sequence[Path]:
    """The files of a source in the order of its rows; none where one is something else than text by its name."""
    from dataflow_execution.format_detection import is_delta
    from dataflow_execution.named_files import found_files, is_hidden

    if "://" in place or is_delta(Path(place)):
        return ()
    files = [file for _, file in sorted((name, file) for file, name in found_files(place) if not is_hidden(name))]
    return files if all(map(_may_be_text, files)) else ()


def _may_be_text(file: Path) -> bool:
    from dataflow_execution.format_detection import compression_of, kind_of
    from dataflow_execution.readers.database_tables import DATABASE_SUFFIXES

    is_other = kind_of(file) not in (None, "delimited") or file.suffix.lower() in DATABASE_SUFFIXES
    return not is_other and compression_of(file) == "none"


def staged_in_pieces(
    wish: Wish, documents: FlowDocuments, pool: PieceProcesses
) -> Sequence[tuple[StagedSink, float]] | None:
    """The sinks of a flow with the seconds that they took, computed in pieces. The processes are ended.

    None where the flow, its source or its sinks are not made for it, and where a piece cannot be computed: a run as a
    whole tells why, with the lines of the whole file. Raises CommandError when a process ends.
    """
    with pool:
        request = _request(wish, documents)
        heads = () if request is None else _heads(wish, request)
        return _staged(wish, documents, request.stream, heads, pool) if request is not None and heads else None


def _request(wish: Wish, documents: FlowDocuments) -> SourceRequest | None:
    """The only source of a flow, where all of its files are read, as they are, and their names tell nothing."""
    requests = documents.requests()
    if [request.stream for request in requests] != list(wish.sources):
        return None
    request = requests[0]
    asks = any(request.settings.get(name) for name in ("limit", "inferDriftedColumnTypes", "fileList"))
    names = request.file_name_column or request.partition_root_path is not None
    return None if asks or names or request.moments or request.places_of_run else request


def _heads(wish: Wish, request: SourceRequest) -> Sequence[LinePiece]:
    """The first lines of each file of the source, which tell its columns; none where one is not cut into pieces."""
    from dataflow_execution.formats import DelimitedText
    from dataflow_execution.line_pieces import head_of, is_cut_into_pieces
    from dataflow_execution.local_sources import source_format
    from ingest_cli.dataflow_datasets import dataset_beside

    files = _texts(wish.sources[request.stream])
    form = source_format(files[0], request, dataset_beside(wish.flow, request.dataset))
    if not isinstance(form, DelimitedText) or not is_cut_into_pieces(form):
        return ()
    heads = [head_of(file, form, _HEAD_BYTES) for file in files]
    found = [head for head in heads if head is not None]
    return found if len(found) == len(files) else ()


def _staged(
    wish: Wish, documents: FlowDocuments, stream: str, heads: Sequence[LinePiece], pool: PieceProcesses
) -> Sequence[tuple[StagedSink, float]] | None:
    import duckdb

    from dataflow_execution.errors import DataFlowRunError
    from dataflow_execution.line_pieces import pieces_of
    from ingest_cli.piece_processes import Work

    started, folder = time.monotonic(), pool.folder
    first = folder / heads[0].file.name
    try:
        heads[0].write(first)
        of_head = replace(wish, sources={stream: str(first)})
        with opened(of_head) as database, prepared(of_head, documents, database) as ready:
            sinks, columns = _sinks(wish, ready), ready.run.schemas[stream].columns
            texts = [_JoinedText(wish, ready, sink, folder / f"sink-{number}") for number, sink in enumerate(sinks)]
        if not sinks:
            return None
        pieces = enumerate(pieces_of(heads, pool.count))
        share = replace(wish, shares=pool.count)
        parts = [
            Work(share, documents, stream, columns, first.name, piece, folder / str(number)) for number, piece in pieces
        ]
        for written in pool.written(parts):
            if written is None:
                return None
            for text, staged in zip(texts, written, strict=True):
                text.append(staged)
    except (duckdb.Error, DataFlowRunError, OSError):
        return None
    seconds = time.monotonic() - started
    return [(text.to_publish(), seconds) for text in texts]


def _sinks(wish: Wish, ready: PreparedFlow) -> Sequence[CompiledSink]:
    """The sinks of a flow where each is a text whose rows are made one by one and no value has to be computed first;
    none otherwise."""
    from dataflow_execution.local_sinks import is_one_text
    from ingest_cli.dataflow_datasets import dataset_beside

    compiled = ready.run.compiled_at_once()
    if compiled is None or any(sink.row_by_row is None or sink.settings.is_cache for sink in compiled.sinks):
        return ()
    are_texts = (
        is_one_text(sink, wish.place(sink.stream), dataset_beside(wish.flow, sink.dataset)) for sink in compiled.sinks
    )
    return compiled.sinks if all(are_texts) else ()


class _JoinedText:
    """The file of a sink, made of those of all pieces."""

    def __init__(self, wish: Wish, ready: PreparedFlow, sink: CompiledSink, file: Path) -> None:
        """Writes what stands above the rows, with which the file of each piece begins."""
        self._sink, self._place = sink, Path(str(wish.place(sink.stream)))
        titled = written_text(wish, ready, sink, file.with_name(f"{file.name}-title"), without_rows=True)
        (self._file,) = (replace(each, path=file) for each in titled.files)
        self._title = sum(each.path.stat().st_size for each in titled.files)
        self._rows = 0

    def append(self, staged: StagedFiles) -> None:
        """Takes the rows of the next piece; its file is removed."""
        from dataflow_execution.line_pieces import append_piece

        for written in staged.files:
            if self._file.path.exists():
                append_piece(self._file.path, written.path, self._title)
            else:
                written.path.replace(self._file.path)
        self._rows += staged.rows

    def to_publish(self) -> StagedSink:
        """The sink with its file."""
        from dataflow_execution.local_sinks import files_to_publish
        from dataflow_execution.writers.file_sink import StagedFiles

        return files_to_publish(self._sink, self._place, StagedFiles(self._rows, (self._file,)))
