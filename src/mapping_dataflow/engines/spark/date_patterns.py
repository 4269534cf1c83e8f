"""Java's date patterns as Spark takes them.

The service's documents mean those of SimpleDateFormat, Spark reads those of DateTimeFormatter. They differ in parsing:
SimpleDateFormat reads ``MM`` and ``M`` alike unless digits follow at once.
"""

from __future__ import annotations

import re

from mapping_dataflow.errors import ProblemFound, Span

_PIECES = re.compile(r"'(?:[^']|'')*'|(([A-Za-z])\2*)|[^A-Za-z']+|'")
_NUMBERS = frozenset("MdHhmsDkK")
_PRINTED = frozenset("GyMdDEaHkKhmsSzZXLuFwWY")
_PARSED = frozenset("GyMdDaHkKhmsSzZXL")


def parsing_pattern(pattern: str, span: Span) -> str:
    """The pattern for reading. Raises ProblemFound for letters that Spark cannot read."""
    pieces = _pieces(pattern, span, _PARSED)
    written: list[str] = []
    for place, piece in enumerate(pieces):
        neighbours = pieces[place - 1 : place] + pieces[place + 1 : place + 2]
        alone = not any(_is_number(one) for one in neighbours)
        written.append(piece[0] if len(piece) == 2 and piece[0] in _NUMBERS and alone else piece)
    return "".join(written)


def printing_pattern(pattern: str, span: Span) -> str:
    """The pattern for printing. Raises ProblemFound for letters that Spark cannot print."""
    return "".join(_pieces(pattern, span, _PRINTED))


def _is_number(piece: str) -> bool:
    return piece[0] in "yS" or (piece[0] in _NUMBERS and not (piece[0] == "M" and len(piece) > 2))


def _pieces(pattern: str, span: Span, letters: frozenset[str]) -> list[str]:
    found = [piece.group() for piece in _PIECES.finditer(pattern)]
    for piece in found:
        if piece == "'":
            raise ProblemFound(f"the date pattern {pattern!r} has a quote without an end", span)
        if piece[0].isalpha() and piece[0] not in letters:
            raise ProblemFound(f"Spark has no equivalent for {piece!r} in the date pattern {pattern!r}", span)
    return found
