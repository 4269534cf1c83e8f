"""Delimited text as queries whose columns are all text, as Spark reads it: short rows get nulls, long ones are cut.

DuckDB cuts rows only where it forgives quotes as well, and then reads other values than Spark does. Rows are cut by
columns that nobody takes instead; so there is an end to how long they may be.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataflow_execution.column_spelling import alike, differ_in_more, spelled
from dataflow_execution.errors import DataFlowRunError, not_supported
from dataflow_execution.formats import DelimitedText
from dataflow_execution.readers.line_lengths import SHORT_LINE, has_short_lines
from dataflow_execution.readers.loose_quotes import line_of_open_quote, with_escaped_quotes
from dataflow_execution.readers.plain_files import decoded
from dataflow_execution.readers.source_files import FILE_COLUMN, with_original_files
from dataflow_execution.sql_text import identifier, listed, quoted

_LINE_ENDS = ("", "\n", "\r", "\r\n")
_LONGEST_DELIMITER = 4
"""Bytes; DuckDB takes no longer one."""
_NO_NULL = "\x01null\x01"
"""A null value that no file has."""
NO_COLUMNS = "SELECT NULL::VARCHAR AS empty WHERE FALSE"
"""The query over files without a line: they have no columns, which no query can have."""
_LONGEST_LINE = 16_777_216
"""Bytes."""
_UNUSED = "__beyond"
_SPARE = 8
"""So many values beyond the columns may a row have that shall be cut; each costs some time in every row."""
_BUFFER = 2 * _LONGEST_LINE
"""Bytes that are read at once. DuckDB would take 16 lines of the greatest length: memory that is slow to get anew."""
_BUFFER_OF_SHORT_LINES = 8 * SHORT_LINE
"""Bytes. A thread takes a quarter of a buffer, or the longest line that may come: all of a file of 16 MB, then."""


@dataclass(frozen=True)
class TextReading:
    """How text is taken. ``headerless`` names the columns of files without a header, by their number from 0.

    ``quoted_nulls``: a quoted null value is null too (data flows), else it is the text itself (Copy).
    ``cuts``: values beyond the columns are left out, as Spark does (data flows), else they are an error (Copy).
    ``tells_case``: names that differ in case alone have marks (`column_spelling`), else they are refused (Copy).
    ``buffer``: bytes that are read at once; no line may be longer.
    """

    headerless: Callable[[int], str] = "_col{}_".format
    quoted_nulls: bool = True
    cuts: bool = True
    tells_case: bool = True
    buffer: int = _BUFFER


def delimited_relation(
    files: Sequence[Path],
    form: DelimitedText,
    folder: Path,
    reading: TextReading = TextReading(),
    *,
    file_column: bool = False,
) -> str:
    """A query over files of delimited text; files with other headers are united by name.

    Raises DataFlowRunError for settings that cannot be read.
    """
    _check(form)
    readable, compression, encoding = decoded(list(files), form.compression, form.encoding, folder)
    stored = readable
    if reading.cuts:
        readable = [
            _escaped(file, form, folder / f"quotes{index}" / file.name, compression)
            for index, file in enumerate(stored)
        ]
    groups: dict[tuple[tuple[str, ...], str], list[Path]] = {}
    for file, before in zip(readable, stored, strict=True):
        left = compression if file == before else "none"
        groups.setdefault((_columns(file, form, left, encoding, reading), left), []).append(file)
    names = spelled(name for columns, _ in groups for name in columns)
    if not reading.tells_case and not differ_in_more(names):
        raise alike(names, "a header")
    options = _options(form, encoding, reading.quoted_nulls)
    if file_column:
        options.append(f"filename = {quoted(FILE_COLUMN)}")
    null_value = form.null_value if null_has_marks(form) else ""
    spare = _SPARE if reading.cuts else 0
    selects = [
        _read_csv(
            group,
            [names[name] for name in columns],
            [*options, f"compression = {quoted(left)}", *_sizes(group, form, left, reading.buffer)],
            null_value,
            spare,
        )
        for (columns, left), group in groups.items()
        if columns
    ]
    if not selects:
        return NO_COLUMNS
    query = " UNION ALL BY NAME ".join(selects)
    return with_original_files(query, readable, files) if file_column else query


def null_has_marks(form: DelimitedText) -> bool:
    """True when the null value holds the quote or escape character, which DuckDB does not take: nulls are then found
    and written as values."""
    return any(mark and mark in form.null_value for mark in (form.quote, form.escape))


def _check(form: DelimitedText) -> None:
    if form.row_delimiter not in _LINE_ENDS:
        raise not_supported(f"the row delimiter {form.row_delimiter!r} is not supported", expected="the end of a line")
    if not 1 <= len(form.column_delimiter.encode()) <= _LONGEST_DELIMITER:
        raise not_supported(
            f"the column delimiter {form.column_delimiter!r} is not supported",
            expected=f"1 to {_LONGEST_DELIMITER} bytes",
        )
    for what, text in (("quote", form.quote), ("escape", form.escape)):
        if len(text) > 1:
            raise not_supported(f"the {what} character {text!r} is not supported", expected="one character")


def _escaped(file: Path, form: DelimitedText, target: Path, compression: str) -> Path:
    """Raises DataFlowRunError for a file that cannot be read, and for one whose last value in quotes has no end."""
    try:
        line = None if form.rows_are_lines else line_of_open_quote(file, form, compressed=compression == "gzip")
        if line is not None:
            raise DataFlowRunError(f"{file.name}, line {line}: a value in quotes is not closed")
        return with_escaped_quotes(file, form, target, compressed=compression == "gzip")
    except (OSError, EOFError, zlib.error) as error:
        raise DataFlowRunError(f"{file.name} cannot be read as {compression}: {error}") from error


def _sizes(files: Sequence[Path], form: DelimitedText, compression: str, buffer: int) -> list[str]:
    """How much is read at once, and how much of it may be one line: less of both where all lines are short."""
    longest = _LONGEST_LINE
    if compression == "none" and form.rows_are_lines and all(map(has_short_lines, files)):
        buffer, longest = min(buffer, _BUFFER_OF_SHORT_LINES), SHORT_LINE
    return [f"max_line_size = {min(buffer, longest)}", f"buffer_size = {buffer}"]


def _options(form: DelimitedText, encoding: str, quoted_nulls: bool) -> list[str]:
    options = [
        "auto_detect = false",
        "hive_partitioning = false",
        f"header = {str(form.header).lower()}",
        f"skip = {form.skip_lines}",
        f"delim = {quoted(form.column_delimiter)}",
        f"quote = {quoted(form.quote)}",
        f"nullstr = {quoted(_NO_NULL if null_has_marks(form) else form.null_value)}",
        f"allow_quoted_nulls = {str(quoted_nulls).lower()}",
        "null_padding = true",
        f"encoding = {quoted(encoding)}",
    ]
    if form.quote and form.escape:
        options.append(f"escape = {quoted(form.escape)}")
    if not form.rows_are_lines:
        options.append("parallel = false")
    if form.row_delimiter:
        options.append(f"new_line = {quoted(repr(form.row_delimiter)[1:-1])}")
    return options


def _read_csv(
    files: Sequence[Path], columns: Sequence[str], options: Sequence[str], null_value: str, spare: int
) -> str:
    unused = [f"{_UNUSED}{number}" for number in range(spare)]
    typed = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in (*columns, *unused))
    rest = f" EXCLUDE ({', '.join(map(identifier, unused))})" if unused else ""
    items = f"NULLIF(COLUMNS(*{rest}), {quoted(null_value)})" if null_value else f"*{rest}"
    return f"SELECT {items} FROM read_csv({listed(files)}, columns = {{{typed}}}, {', '.join(options)})"


def _columns(file: Path, form: DelimitedText, compression: str, encoding: str, reading: TextReading) -> tuple[str, ...]:
    """The names of a file's columns: its header, or numbers when there is none."""
    with _text(file, compression, encoding) as stream:
        try:
            first = next(_rows(stream, form), [])
        except (UnicodeError, OSError, EOFError, csv.Error) as error:
            raise DataFlowRunError(f"{file.name} cannot be read as text in {encoding}: {error}") from error
    if not form.header:
        return tuple(map(reading.headerless, range(len(first))))
    return _unique(name if name else f"_c{index}" for index, name in enumerate(first))


def _text(file: Path, compression: str, encoding: str) -> io.TextIOWrapper:
    named = "utf-8-sig" if encoding == "utf-8" else encoding
    if compression == "gzip":
        return io.TextIOWrapper(gzip.open(file), encoding=named, newline="")
    return file.open(encoding=named, newline="")


def _rows(stream: io.TextIOWrapper, form: DelimitedText) -> Iterator[list[str]]:
    for _ in range(form.skip_lines):
        stream.readline()
    lines: Iterator[str] = (line for line in stream if line.strip("\r\n"))
    if len(form.column_delimiter) == 1:
        delimiter = form.column_delimiter
    else:
        delimiter = "\x1f"  # Python's reader takes one character
        lines = (line.replace(form.column_delimiter, delimiter) for line in lines)
    doubled = form.escape in ("", form.quote)
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=form.quote or None,
        quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
        doublequote=doubled,
        escapechar=None if doubled else form.escape,
    )


def _unique(names: Iterator[str]) -> tuple[str, ...]:
    """The names, later ones of equal names with their position, as Spark names them."""
    listed_names = list(names)
    return tuple(f"{name}{index}" if listed_names.count(name) > 1 else name for index, name in enumerate(listed_names))
