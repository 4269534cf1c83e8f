"""Delimited text with quotes that neither end a value nor are escaped, as Spark reads it, for a reader that refuses it.

A quote that more text follows is such (`"2"3`). Doubled quotes are such where the escape character is not the quote
itself, which it is not by default. Spark, whose parser stops at the next delimiter then, keeps the value as it stands,
with all its quotes.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from dataflow_execution.formats import DelimitedText

_BYTES_AT_ONCE = 1 << 22
_LONGEST_VALUE = 1 << 24
"""Bytes; a quote that ends in none of so many begins no quoted value. Readers take no longer line."""


def with_escaped_quotes(file: Path, form: DelimitedText, target: Path, *, compressed: bool = False) -> Path:
    """The file; where doubled quotes stand in its values, one at the target whose values have their quotes escaped.

    The text must be in an encoding whose first 128 characters are those of ASCII. ``compressed``: with gzip, which the
    file at the target is not. Raises OSError, EOFError or zlib.error for what is no such file.
    """
    if not form.quote or form.escape in ("", form.quote) or not _has_loose_quotes(file, form, compressed):
        return file
    target.parent.mkdir(parents=True, exist_ok=True)
    escaping = _Escaping(form)
    with _opened(file, compressed) as source, target.open("wb") as out:
        out.writelines(map(escaping.of, source) if form.rows_are_lines else escaping.of_stream(source))
    return target


def line_of_open_quote(file: Path, form: DelimitedText, *, compressed: bool = False) -> int | None:
    """The line on which a value in quotes begins that has no end, else None. DuckDB loses such a value where values may
    go on over lines. Raises OSError, EOFError or zlib.error for what is no such file.
    """
    quote = form.quote.encode()
    if not quote:
        return None
    with _opened(file, compressed) as stream:
        odd = sum(text.count(quote) for text in iter(lambda: stream.read(_BYTES_AT_ONCE), b"")) % 2
    if not odd:  # all that open are closed, but for quotes within values without quotes, which nothing tells from these
        return None
    with _opened(file, compressed) as stream:
        text = stream.read()
    opened = (found.start() for found in _fields(form).finditer(text) if found["open"] is not None)
    begin = next(opened, None)
    return None if begin is None else text.count(b"\n", 0, begin) + 1


def _fields(form: DelimitedText) -> re.Pattern[bytes]:
    """The values of a text, those that open a quote and never close it by the name ``open``."""
    quote, escape = re.escape(form.quote.encode()), re.escape(form.escape.encode())
    end = b"(?:" + re.escape(form.column_delimiter.encode()) + rb"|\r\n|[\r\n]|\Z)"
    marks = quote if escape in (b"", quote) else quote + escape
    escaped = quote * 2 if escape in (b"", quote) else escape + b"."
    closed = quote + b"(?:" + escaped + b"|[^" + marks + b"])*" + quote + b".*?(?=" + end + b")"
    return re.compile(b"(?:" + closed + b"|(?P<open>" + quote + b".*)|.*?)" + end, re.DOTALL)


def _opened(file: Path, compressed: bool) -> BinaryIO:
    return cast(BinaryIO, gzip.open(file)) if compressed else file.open("rb")


def _has_loose_quotes(file: Path, form: DelimitedText, compressed: bool) -> bool:
    """True where two quotes stand together that are no empty value, and at times where they are one; also where a quote
    stands between other characters."""
    pair, delimiter = form.quote.encode() * 2, form.column_delimiter.encode()
    around = max(len(delimiter), 1)
    # The search is fast because it begins with the pair itself.
    first = b"(?<!" + re.escape(delimiter + pair) + rb")(?<![\r\n]" + re.escape(pair) + b")"
    inside = re.compile(re.escape(pair) + b"(?:(?!" + re.escape(delimiter) + rb"|[\r\n]|\Z)|" + first + b")")
    quote, escape = re.escape(form.quote.encode()), re.escape(form.escape.encode())
    before = (re.escape(delimiter), rb"[\r\n]", rb"\A", escape)
    followed = quote + b"(?!" + quote + b"|" + re.escape(delimiter) + rb"|[\r\n]|\Z)"
    between = re.compile(followed + b"".join(b"(?<!" + one + quote + b")" for one in (*before, quote)))
    with _opened(file, compressed) as stream:
        text, start = stream.read(_BYTES_AT_ONCE), 0
        while text:
            if (text.find(pair, start) >= 0 and inside.search(text, start)) or between.search(text, start):
                return True
            read = stream.read(_BYTES_AT_ONCE)
            # A pair near the end is looked at again with what follows, and with what stands before it.
            text, start = (text[-(2 * around + len(pair)) :] + read if read else b""), around
    return False


class _Escaping:
    """Writes values with loose quotes as quoted values; everything else stays as it is."""

    def __init__(self, form: DelimitedText) -> None:
        self._quote, self._escape = form.quote.encode(), form.escape.encode()
        quote, escape = re.escape(self._quote), re.escape(self._escape)
        delimiter = re.escape(form.column_delimiter.encode())
        end = b"(?:" + delimiter + rb"|\r\n|[\r\n]|\Z)"
        plain = b"[^" + delimiter + rb"\r\n]*" if len(form.column_delimiter.encode()) == 1 else b".*?"
        inner = b"(?:" + escape + b".|[^" + quote + escape + b"])*"
        self._field = re.compile(
            b"(?:" + quote + inner + quote + b"(?=" + end + b")"
            b"|" + quote + b"(?P<inner>" + inner + b")(?P<run>" + quote + b"+)" + quote + b"(?=" + end + b")"
            b"|" + quote + b"(?P<begin>" + inner + b")(?P<loose>" + quote + b".+?)(?=" + end + b")"
            b"|(?P<plain>" + plain + b"))(?P<end>" + end + b")",
            re.DOTALL,
        )

    def of(self, text: bytes) -> bytes:
        """The text with the quotes of such values escaped."""
        return self._field.sub(self._written, text) if self._quote in text else text

    def of_stream(self, source: BinaryIO) -> Iterator[bytes]:
        """The text of a stream, part by part; its values may go on over the ends of lines."""
        kept = b""
        while read := source.read(_BYTES_AT_ONCE):
            text = kept + read
            written, end = self._whole_values(text)
            yield written
            kept = text[end:]
        yield self.of(kept)

    def _whole_values(self, text: bytes) -> tuple[bytes, int]:
        """What is written for the values that no later text changes, and where they end."""
        written: list[bytes] = []
        for found in self._field.finditer(text):
            begins_quoted = (found["plain"] or b"").startswith(self._quote)  # and its end is not in sight
            if found.end() == len(text) or (begins_quoted and len(text) - found.start() < _LONGEST_VALUE):
                return b"".join(written), found.start()
            written.append(self._written(found))
        return b"".join(written), len(text)

    def _written(self, found: re.Match[bytes]) -> bytes:
        escaped_quote = self._escape + self._quote
        if found["run"] is not None:  # the last of the quotes ends the value
            return self._quote + found["inner"] + escaped_quote * len(found["run"]) + self._quote + found["end"]
        if found["loose"] is None:
            return found[0]
        # Escapes before the first loose quote are escapes, behind it they are text.
        rest = found["loose"].replace(self._escape, self._escape * 2).replace(self._quote, escaped_quote)
        return self._quote + escaped_quote + found["begin"] + rest + self._quote + found["end"]
