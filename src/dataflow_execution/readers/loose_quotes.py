"""Delimited text with quotes that neither end a value nor are escaped, as Spark reads it, for a reader that refuses it.

Doubled quotes are such where the escape character is not the quote itself, which it is not by default. Spark, whose
parser stops at the next delimiter then, keeps the value as it stands, with all its quotes.
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
    if not form.quote or form.escape in ("", form.quote) or not _has_doubled_quotes(file, form, compressed):
        return file
    target.parent.mkdir(parents=True, exist_ok=True)
    escaping = _Escaping(form)
    with _opened(file, compressed) as source, target.open("wb") as out:
        out.writelines(map(escaping.of, source) if form.rows_are_lines else escaping.of_stream(source))
    return target


def _opened(file: Path, compressed: bool) -> BinaryIO:
    return cast(BinaryIO, gzip.open(file)) if compressed else file.open("rb")


def _has_doubled_quotes(file: Path, form: DelimitedText, compressed: bool) -> bool:
    """True where two quotes stand together that are no empty value, and at times where they are one."""
    pair, delimiter = form.quote.encode() * 2, form.column_delimiter.encode()
    around = max(len(delimiter), 1)
    # The search is fast because it begins with the pair itself.
    first = b"(?<!" + re.escape(delimiter + pair) + rb")(?<![\r\n]" + re.escape(pair) + b")"
    inside = re.compile(re.escape(pair) + b"(?:(?!" + re.escape(delimiter) + rb"|[\r\n]|\Z)|" + first + b")")
    with _opened(file, compressed) as stream:
        text, start = stream.read(_BYTES_AT_ONCE), 0
        while text:
            if text.find(pair, start) >= 0 and inside.search(text, start):
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
        return self._field.sub(self._written, text) if self._quote * 2 in text else text

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
