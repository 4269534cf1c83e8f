"""Sinks to what a person names on this machine: a folder, a file, a Delta table, a table of a database's file.

Files are written beside their places and moved there when all of them, of all sinks, are written.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from dataflow_execution.duckdb_functions import check_wanted
from dataflow_execution.errors import DataFlowRunError, cause_of
from dataflow_execution.format_detection import compression_of, is_delta, kind_of
from dataflow_execution.format_properties import format_kind, make_format
from dataflow_execution.formats import DelimitedText, Delta, FileFormat, Json
from dataflow_execution.local_sources import DatasetProperties, table_name
from dataflow_execution.places_of_run import sink_placed_now
from dataflow_execution.postgres_address import PostgresAddress
from dataflow_execution.readers.database_tables import DATABASE_SUFFIXES
from dataflow_execution.readers.plain_files import native_encoding
from dataflow_execution.writers.failed_rows import FILE_NAME, without_failed
from dataflow_execution.writers.file_formats import Rows, kept_rows
from dataflow_execution.writers.file_names import Place, goes_to_several_files, part_name
from dataflow_execution.writers.file_sink import StagedFile, StagedFiles, stage_files
from mapping_dataflow import CompiledSink


@dataclass(frozen=True)
class Published:
    """The number of files that a sink wrote, and of the rows that its table did not take."""

    files: int
    rejected: int = 0


@dataclass(frozen=True)
class StagedSink:
    """A sink whose rows are computed; ``publish`` puts them in their place. It raises DataFlowRunError."""

    stream: str
    place: Path | PostgresAddress
    rows: int
    publish: Callable[[], Published]


def stage_sink(
    connection: duckdb.DuckDBPyConnection,
    sink: CompiledSink,
    rows: Rows,
    place: Path | PostgresAddress,
    dataset: DatasetProperties | None,
    folder: Path,
) -> StagedSink:
    """Computes the rows of a sink and writes them to ``folder``, nothing to its place yet.

    Rows that failed an assertion, when the sink tells them apart, go to the folder ``PLACE-failed-rows``; of a table
    in PostgreSQL to ``STREAM-failed-rows``. Rows that such a table does not take, when the sink keeps them, go to
    ``STREAM-rejected-rows``.

    Raises DataFlowRunError for what cannot be written; duckdb.Error is told as one. FunctionWantedError of a function
    that the engine promised.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        pared = without_failed(connection, sink, rows, folder)
        staged = _staged(connection, sink, pared.rows, place, dataset, folder)
    except duckdb.OutOfMemoryException as error:
        cause = f"at Sink '{sink.stream}': the rows need more memory than they may have"
        raise DataFlowRunError(cause, hint="give more with --memory-limit") from error
    except duckdb.Error as error:
        check_wanted(error)
        raise DataFlowRunError(f"at Sink '{sink.stream}': {cause_of(error)}") from error
    if pared.failed is None:
        return staged
    failed = StagedFiles(0, (StagedFile(pared.failed, FILE_NAME, False),))
    apart = Path(f"{sink.stream}-failed-rows")
    if isinstance(place, Path):
        apart = place.with_name(f"{place.name}-failed-rows")

    def publish() -> Published:
        published = staged.publish()
        return replace(published, files=published.files + _publish(failed, apart, sink, single=True))

    return replace(staged, publish=publish)


def _staged(
    connection: duckdb.DuckDBPyConnection,
    sink: CompiledSink,
    rows: Rows,
    place: Path | PostgresAddress,
    dataset: DatasetProperties | None,
    folder: Path,
) -> StagedSink:
    sink = sink_placed_now(connection, sink)
    if isinstance(place, PostgresAddress):
        return _staged_postgres(connection, sink, rows, place, dataset, folder)
    if place.suffix.lower() in DATABASE_SUFFIXES:
        return _staged_table(connection, sink, rows, place, dataset, folder)
    form = sink_format(sink, place, dataset)
    if isinstance(form, Delta):
        return _staged_delta(connection, sink, rows, place, folder)
    return files_to_publish(sink, place, stage_files(connection, sink, rows, form, named_place(place), folder))


def named_place(place: Path) -> Place:
    """A folder or a file that somebody names, as the place of a sink's files."""
    single = _names_file(place)
    return Place(place.name if single else "", part_name, only=single)


def files_to_publish(sink: CompiledSink, place: Path, staged: StagedFiles) -> StagedSink:
    """A sink whose files are written, and go to a folder or are the one that somebody names."""
    single = _names_file(place)
    target = place.parent if single else place
    return StagedSink(sink.stream, place, staged.rows, lambda: Published(_publish(staged, target, sink, single)))


def is_one_text(sink: CompiledSink, place: Path | PostgresAddress, dataset: DatasetProperties | None) -> bool:
    """True where a sink writes one file of plain text, whose lines are its rows below a title. Raises
    DataFlowRunError."""
    if isinstance(place, PostgresAddress) or place.suffix.lower() in DATABASE_SUFFIXES:
        return False
    form = sink_format(sink, place, dataset)
    plain = isinstance(form, DelimitedText) and form.compression == "none" and native_encoding(form.encoding) == "utf-8"
    settings = sink.settings
    several = goes_to_several_files(settings) or bool(settings.places_of_run)
    return plain and not several and sink.error_column is None


def sink_format(sink: CompiledSink, place: Path, dataset: DatasetProperties | None) -> FileFormat:
    """The format that the file's name says, else the dataset or the statement; with none of them CSV with a header, or
    JSON when a column fits into no text. Rows that are to be found are a table's: without a format a Delta table's.
    Raises DataFlowRunError."""
    named = kind_of(place) if _names_file(place) else None
    declared = format_kind(dataset.type if dataset else sink.settings.format or "")
    properties: Mapping[str, object] = {**(dataset.settings if dataset else {}), **sink.settings.properties}
    finds_rows = sink.action_column is not None and set(sink.settings.row_policies) != {"insert"}
    if named is None and (is_delta(place) or (declared is None and finds_rows)):
        return Delta()
    if declared is not None and named in (None, declared):
        form = make_format(declared, properties)
    else:
        simple = named or ("json" if any(column.is_complex for column in sink.data_columns) else "delimited")
        form = make_format(simple, {"columnNamesAsHeader": True, "escapeChar": '"'})
        if isinstance(form, DelimitedText | Json):
            form = replace(form, compression=compression_of(place))
    if isinstance(form, Json):
        form = replace(form, form=form.form or "documentPerLine")
    return form


def _names_file(place: Path) -> bool:
    return kind_of(place) is not None and not place.is_dir()


def _publish(staged: StagedFiles, folder: Path, sink: CompiledSink, single: bool) -> int:
    """Moves the files to their places; how many they are. Raises DataFlowRunError."""
    try:
        return _moved(staged, folder, sink, single)
    except OSError as error:
        place = error.filename2 or error.filename or folder
        cause = f"at Sink '{sink.stream}': {place} cannot be written: {error.strerror or error}"
        raise DataFlowRunError(cause, expected="a folder or a file that may be written") from error


def _moved(staged: StagedFiles, folder: Path, sink: CompiledSink, single: bool) -> int:
    if sink.settings.truncate and folder.is_dir() and not single:
        for entry in folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    made, written = list[Path](), list[Path]()
    for file in staged.files:
        target = folder / file.target
        if not target.resolve().is_relative_to(folder.resolve()):
            raise DataFlowRunError(f"at Sink '{sink.stream}': the file {file.target} is outside {folder}")
        made += [one for one in (target.parent, *target.parent.parents) if not one.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.partial")
        shutil.move(file.path, beside)
        beside.replace(target)
        written.append(target)
    if sink.settings.umask is not None:
        _restrict(written, _FILE_MODE & ~sink.settings.umask)
        _restrict(made, _FOLDER_MODE & ~sink.settings.umask)
    return len(staged.files)


_FILE_MODE, _FOLDER_MODE = 0o666, 0o777
"""What new files and folders may be, less the umask: as in the lake."""


def _restrict(places: Sequence[Path], mode: int) -> None:
    for place in places:
        place.chmod(mode)


def _staged_delta(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, rows: Rows, place: Path, folder: Path
) -> StagedSink:
    from dataflow_execution.writers.delta_sink import write_delta
    from dataflow_execution.writers.row_actions import refuse_commands, row_actions

    refuse_commands(sink)
    row_actions(sink, prunes=True)
    kept, count = kept_rows(connection, rows, folder)

    def publish() -> Published:
        place.mkdir(parents=True, exist_ok=True)
        write_delta(connection, sink, kept, place)
        return Published(len(list(place.glob("**/*.parquet"))))

    return StagedSink(sink.stream, place, count, publish)


def _staged_table(
    connection: duckdb.DuckDBPyConnection,
    sink: CompiledSink,
    rows: Rows,
    place: Path,
    dataset: DatasetProperties | None,
    folder: Path,
) -> StagedSink:
    from dataflow_execution.writers.row_actions import refuse_commands, row_actions
    from dataflow_execution.writers.table_sink import write_table

    refuse_commands(sink)
    row_actions(sink)
    kept, count = kept_rows(connection, rows, folder)
    name = table_name(dataset, sink.settings.properties, sink.stream)

    def publish() -> Published:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_table(connection, sink, kept, place, name)
        return Published(1)

    return StagedSink(sink.stream, place, count, publish)


def _staged_postgres(
    connection: duckdb.DuckDBPyConnection,
    sink: CompiledSink,
    rows: Rows,
    address: PostgresAddress,
    dataset: DatasetProperties | None,
    folder: Path,
) -> StagedSink:
    from dataflow_execution.postgres_tables import speaks_postgres
    from dataflow_execution.writers.postgres_sink import check_columns, write_postgres
    from dataflow_execution.writers.rejected_rows import rows_were_rejected, write_rejected
    from dataflow_execution.writers.row_actions import row_actions

    row_actions(sink)
    check_columns(sink)
    kept, count = kept_rows(connection, rows, folder)
    name = table_name(dataset, sink.settings.properties, sink.stream)
    folds = not speaks_postgres(dataset.type if dataset else None)

    def publish() -> Published:
        rejected = write_postgres(connection, sink, kept, address, name, folds=folds)
        settings = sink.settings.rejected
        files = 1
        if rejected and settings is not None and settings.kept:
            write_rejected(connection, sink, kept, rejected, folder / "rejected.csv")
            apart = StagedFiles(0, (StagedFile(folder / "rejected.csv", FILE_NAME, False),))
            files += _publish(apart, Path(f"{sink.stream}-rejected-rows"), sink, single=True)
        if rejected and settings is not None and not settings.succeeds:
            raise rows_were_rejected(sink, rejected, count)
        return Published(files, len(rejected))

    return StagedSink(sink.stream, address, count, publish)
