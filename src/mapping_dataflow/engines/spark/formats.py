"""Java's date patterns in Spark's own terms, where both agree about every text.

The service's documents mean those of SimpleDateFormat, Spark takes those of DateTimeFormatter. What they would read
differently is left to the functions in Python: years of two digits, names, weeks, zones, letters that come twice.
"""

from __future__ import annotations

from mapping_dataflow.engines.java_patterns import date_parts, is_english, letters_of
from mapping_dataflow.errors import Span
from mapping_dataflow.java.dates import Field, Part

_READ = frozenset("MdHhmsa")
_WRITTEN = frozenset("yMdDEHhkKmsSaG")


def reading_pattern(pattern: str, locale: str | None, span: Span) -> str | None:
    """Spark's pattern for reading; None when only Python can. Raises ProblemFound for what is no pattern."""
    parts = date_parts(pattern, span)
    letters = letters_of(parts)
    if not is_english(locale) or ("h" in letters) != ("a" in letters) or len(letters) > len(set(letters)):
        return None
    pieces: list[str] = []
    for place, part in enumerate(parts):
        near = (*parts[max(place - 1, 0) : place], *parts[place + 1 : place + 2])
        piece = _reading(part, alone=not any(isinstance(one, Field) for one in near))
        if piece is None:
            return None
        pieces.append(piece)
    return "".join(pieces)


def _reading(part: Part, *, alone: bool) -> str | None:
    """A field alone takes one digit or two, whatever the number of its letters; next to another one exactly as many."""
    if isinstance(part, str):
        return _quoted(part)
    if not isinstance(part, Field):
        return None
    letter, count = part.letter, part.count
    if letter == "y":
        return ("y" if alone else "yyyy") if count == 4 else None
    if letter == "S":
        return "S" * count if count in (3, 6) else None
    if letter not in _READ or count > 2:
        return None
    return letter if alone or letter == "a" else letter * count


def reading_shape(pattern: str, span: Span) -> str:
    """A regular expression of the texts that Java reads by a pattern that Spark knows: how many digits there may be.

    Spark's own fields of one letter take any number of digits.
    """
    parts = date_parts(pattern, span)
    pieces: list[str] = []
    for place, part in enumerate(parts):
        if not isinstance(part, Field):
            pieces.append("".join(_CHARACTER.format(ord(one)) for one in str(part)))
            continue
        near = (*parts[max(place - 1, 0) : place], *parts[place + 1 : place + 2])
        alone = not any(isinstance(one, Field) for one in near)
        longest = 4 if part.letter == "y" else part.count if part.letter == "S" else 2
        pieces.append(f"[0-9]{{{1 if alone else longest},{longest}}}" if part.letter != "a" else "[A-Za-z]{2}")
    return "^[ \\t]*" + "".join(pieces) + "$"


_CHARACTER = r"\x{{{:x}}}"


def writing_pattern(pattern: str, locale: str | None, span: Span) -> str | None:
    """Spark's pattern for writing; None when only Python can. Raises ProblemFound for what is no pattern."""
    parts = date_parts(pattern, span)
    if not is_english(locale):
        return None
    pieces: list[str] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(_quoted(part))
        elif isinstance(part, Field) and part.letter in _WRITTEN and _is_written_alike(part):
            pieces.append(part.letter * part.count)
        else:
            return None
    return "".join(pieces)


def _is_written_alike(field: Field) -> bool:
    if field.letter == "y":
        return field.count in (2, 4)
    return field.count <= (
        4 if field.letter in "ME" else 3 if field.letter in "DS" else 1 if field.letter in "aG" else 2
    )


def _quoted(text: str) -> str:
    """Text in a pattern of DateTimeFormatter; signs that mean nothing there need no quotes."""
    if not any(one.isalpha() or one in "'[]{}#" for one in text):
        return text
    return "'" + text.replace("'", "''") + "'"
