"""Rows as a table of text, as wide as they are: for terminals and for what reads them by lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

_WIDEST = 60


def row_table(columns: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, Any]]) -> str:
    """A Markdown table with the names and types of the columns; null is written as null, long values are cut."""
    titles = [f"{name} as {kind}" if len(kind) <= _WIDEST else f"{name} as {kind[:_WIDEST]}…" for name, kind in columns]
    cells = [[_cell(row[name]) for name, _ in columns] for row in rows]
    widths = [max(len(title), 3, *(len(row[index]) for row in cells)) for index, title in enumerate(titles)]
    lines = [_line(titles, widths), _line(["-" * width for width in widths], widths)]
    return "\n".join([*lines, *(_line(row, widths) for row in cells)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=_text, ensure_ascii=False)
    if isinstance(value, date | Decimal | bytes):
        text = _text(value)
    text = text.replace("|", "\\|").replace("\n", "\\n")
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
