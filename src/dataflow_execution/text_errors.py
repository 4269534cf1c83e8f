"""What DuckDB says of a row of text that it cannot read, as file, line, cause and row."""

from __future__ import annotations

import re
from pathlib import PurePath

_LINE = re.compile(r"CSV Error on Line: (\d+)")
_FILE = re.compile(r"^ *file = (.*)$", re.MULTILINE)
_ROW = re.compile(r"Original Line:\s*(.*)")
_LONGEST_ROW = 100
"""Characters of a row that are shown."""
_OVER_LINES = "the value in quotes goes on over the end of its line, which multiLineRow: true allows"
_CAUSES = (
    (re.compile(r"Expected Number of Columns: .* Found: "), "the row has too many values"),
    (re.compile(r"unterminated quote"), "a value in quotes is not closed"),
    (re.compile(r"parallel scanner does not support null_padding"), _OVER_LINES),
    (re.compile(r"Maximum line size of (\d+) bytes"), "the row is longer than {} bytes"),
    (re.compile(r"Invalid unicode"), "the row is no text in the encoding that the dataset names"),
)


def is_of_text(message: str) -> bool:
    """True for what DuckDB says of a row of delimited text."""
    return _LINE.search(message) is not None


def told_of_text(message: str) -> str:
    """The file and the line, what is wrong there, and the row. What is not known is left as DuckDB says it."""
    line, file, row = _LINE.search(message), _FILE.search(message), _ROW.search(message)
    place = f"line {line[1]}" if line else "a line"
    cause = next((text.format(*found.groups()) for pattern, text in _CAUSES if (found := pattern.search(message))), "")
    if not cause:
        cause = " ".join(text.strip() for text in message.splitlines()[1:3])
    shown = f": {_short(row[1])}" if row and row[1] else ""
    return f"{PurePath(file[1]).name + ', ' if file else ''}{place}: {cause}{shown}"


def _short(row: str) -> str:
    return row if len(row) <= _LONGEST_ROW else f"{row[:_LONGEST_ROW]}…"
