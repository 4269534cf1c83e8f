"""A large text in pieces: all of its lines, in order, each piece below what stands above the rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_execution import line_pieces
from dataflow_execution.formats import DelimitedText
from dataflow_execution.line_pieces import LinePiece, append_piece, head_of, is_cut_into_pieces, pieces_of
from dataflow_execution.readers.delimited_text import delimited_relation

WITH_HEADER = DelimitedText(header=True)
LINES = st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"").replace(b"\r", b"") + b"\n"))
"""Lines of any bytes, some of them empty."""


@contextmanager
def _file(content: bytes) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        file.write_bytes(content)
        yield file


def _written(piece: LinePiece) -> bytes:
    target = piece.file.with_name("piece.csv")
    piece.write(target)
    return target.read_bytes()


@given(LINES, st.binary(max_size=5).map(lambda end: end.replace(b"\n", b"")), st.integers(1, 5), st.integers(1, 40))
def test_pieces_have_every_line_once_and_all_have_the_header(
    lines: list[bytes], end: bytes, shares: int, most: int
) -> None:
    rows = b"".join(lines) + end
    with _file(b"a,b\n" + rows) as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_pieces, "_MOST_BYTES", most)
        patch.setattr(line_pieces, "_LEAST_BYTES", 1)
        head = head_of(file, WITH_HEADER, 1)
        assert head is not None
        pieces = list(pieces_of([head], shares))
        written = [_written(piece) for piece in pieces]
    assert all(each.startswith(b"a,b\n") for each in written)
    assert b"".join(each.removeprefix(b"a,b\n") for each in written) == rows
    assert all(each.endswith(b"\n") for each in written[:-1])


def test_pieces_get_smaller_towards_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_pieces, "_MOST_BYTES", 100)
    monkeypatch.setattr(line_pieces, "_LEAST_BYTES", 10)
    with _file(b"a\n" + 500 * b"1\n") as file:
        head = head_of(file, WITH_HEADER, 10)
        assert head is not None
        sizes = [piece.end - piece.start for piece in pieces_of([head], 2)]
    assert sum(sizes) == 1000
    assert sizes[:8] == [100, 100, 100, 100, 100, 100, 100, 76]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-2] == 10


HEADINGS = {
    "a header": (b"a,b\n1,2\n", DelimitedText(header=True), b"a,b\n"),
    "no header": (b"1,2\n3,4\n", DelimitedText(), b""),
    "a mark of the order of bytes": (b"\xef\xbb\xbf1,2\n3,4\n", DelimitedText(), b"\xef\xbb\xbf"),
    "lines that are skipped": (
        b"one\r\ntwo\r\na,b\r\n1,2\r\n",
        DelimitedText(header=True, skip_lines=2),
        b"one\r\ntwo\r\na,b\r\n",
    ),
    "skipped lines alone": (b"one\n1,2\n", DelimitedText(skip_lines=1), b"one\n"),
    "empty lines above the header": (b"\n\r\na,b\n1,2\n", DelimitedText(header=True), b"\n\r\na,b\n"),
}


@pytest.mark.parametrize(("content", "form", "heading"), HEADINGS.values(), ids=HEADINGS)
def test_what_stands_above_the_rows_is_in_every_piece(content: bytes, form: DelimitedText, heading: bytes) -> None:
    with _file(content) as file:
        head = head_of(file, form, 1)
        assert head is not None
        assert content[: head.heading] == heading
        assert _written(head) == heading + content.removeprefix(heading).splitlines(keepends=True)[0]


NO_HEADINGS = {
    "a line that ends in a carriage return": b"a,b\r1,2\r3,4\n5,6\n",
    "no line feed": b"a,b",
    "nothing": b"",
}


@pytest.mark.parametrize("content", NO_HEADINGS.values(), ids=NO_HEADINGS)
def test_a_file_whose_header_ends_otherwise_has_no_pieces(content: bytes) -> None:
    with _file(content) as file:
        assert head_of(file, WITH_HEADER, 1) is None


def test_a_file_of_too_long_lines_has_no_pieces_or_larger_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_pieces, "_LONGEST_LINE", 4)
    monkeypatch.setattr(line_pieces, "_MOST_BYTES", 5)
    monkeypatch.setattr(line_pieces, "_LEAST_BYTES", 5)
    with _file(b"a\n" + 20 * b"1" + b"\n2\n3\n") as file:
        assert head_of(file, WITH_HEADER, 1) is None
        head = LinePiece(file, 2, 2, 27)
        assert [(piece.start, piece.end) for piece in pieces_of([head], 1)] == [(2, 23), (23, 27)]


IN_ONE = {
    "compressed": DelimitedText(compression="gzip"),
    "values of several lines": DelimitedText(multi_line=True),
    "carriage returns": DelimitedText(row_delimiter="\r"),
    "two bytes a character": DelimitedText(encoding="utf-16"),
}


@pytest.mark.parametrize("form", IN_ONE.values(), ids=IN_ONE)
def test_text_whose_line_feeds_may_end_no_row_is_not_cut(form: DelimitedText) -> None:
    assert not is_cut_into_pieces(form)
    assert is_cut_into_pieces(DelimitedText(encoding="iso-8859-1", row_delimiter="\r\n"))


def test_a_piece_is_appended_without_its_title_and_removed(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    first.write_bytes(b"a\n1\n")
    second.write_bytes(b"a\n2\n")
    append_piece(first, second, 2)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"1": b"a\n1\n2\n"}


VALUES = st.sampled_from(["", "a", "1", '"a"', '"a,b"', '"a""b"', "é", " ", "null"])
ROWS = st.lists(st.lists(VALUES, max_size=4).map(",".join), min_size=1, max_size=12)
"""Rows of any lengths, empty lines too."""


def _rows(file: Path, form: DelimitedText) -> list[tuple[object, ...]]:
    with duckdb.connect(config={"threads": 1}) as connection:
        return connection.execute(delimited_relation([file], form, file.parent)).fetchall()


HEADERS = st.sampled_from(["a", "a,b"])
ENDS = st.sampled_from(["\n", "\r\n"])
ESCAPES = st.sampled_from(["\\", '"'])


@given(HEADERS, ROWS, ENDS, ESCAPES, st.integers(1, 3), st.integers(1, 12))
def test_pieces_are_read_as_the_whole_is(
    header: str, lines: list[str], end: str, escape: str, shares: int, most: int
) -> None:
    form = DelimitedText(header=True, escape=escape)
    with (
        _file("".join(line + end for line in [header, *lines]).encode()) as file,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(line_pieces, "_MOST_BYTES", most)
        patch.setattr(line_pieces, "_LEAST_BYTES", 1)
        head = head_of(file, form, 1)
        assert head is not None
        found = []
        for piece in pieces_of([head], shares):
            target = file.with_name("piece.csv")
            piece.write(target)
            found += _rows(target, form)
        assert found == _rows(file, form)
