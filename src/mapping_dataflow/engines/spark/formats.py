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
    pieces = [_reading(parts, place) for place in range(len(parts))]
    return None if None in pieces else "".join(piece for piece in pieces if piece is not None)


def _is_field(parts: tuple[Part, ...], place: int) -> bool:
    return 0 <= place < len(parts) and isinstance(parts[place], Field)


def _reading(parts: tuple[Part, ...], place: int) -> str | None:
    """A field alone takes one digit or two, whatever the number of its letters; next to another one exactly as many."""
    part = parts[place]
    if isinstance(part, str):  # Spark takes patterns for reading apart at their quotes
        return None if "'" in part else _quoted(part)
    if not isinstance(part, Field):
        return None
    letter, count = part.letter, part.count
    follows, goes_on = _is_field(parts, place - 1), _is_field(parts, place + 1)
    alone = not follows and not goes_on
    if letter == "y":
        return ("y" if alone else "yyyy") if count == 4 else None
    if letter == "S":  # next to another number Spark finds no end of that one
        return "S" * count if alone and count in (3, 6) else None
    if letter not in _READ or count > 2 or (count == 1 and letter != "a" and not alone):
        return None
    return letter if alone or letter == "a" else letter * count


def reading_shape(pattern: str, span: Span) -> str:
    """A regular expression of the texts that Java reads by a pattern that Spark knows: how many digits there may be,
    and blanks before each field. Its groups are the text without those blanks.

    Spark's own fields of one letter take any number of digits.
    """
    parts = date_parts(pattern, span)
    return "^" + "".join(_with_blanks(parts, place) for place in range(len(parts))) + "$"


def without_blanks(pattern: str, span: Span) -> str:
    """What replaces a text of the shape: the text without the blanks before its fields."""
    return "".join(f"${number}" for number in range(1, len(date_parts(pattern, span)) + 1))


def reading_paddings(pattern: str, span: Span) -> list[tuple[str, str]]:
    """What replaces texts whose last number of several that stand together has fewer digits than letters, which Java
    reads and Spark does not: a regular expression each, and its replacement, which has as many digits."""
    parts = date_parts(pattern, span)
    found: list[tuple[str, str]] = []
    for place, part in enumerate(parts):
        if isinstance(part, Field) and part.letter != "a" and _is_field(parts, place - 1):
            before = "".join(_shape(parts, one) for one in range(place))
            behind = "".join(_shape(parts, one) for one in range(place + 1, len(parts)))
            for digits in range(1, 1 if _is_field(parts, place + 1) else part.count):
                zeros = "0" * (part.count - digits)
                found.append((f"^({before})([0-9]{{{digits}}})({behind})$", f"$1{zeros}$2$3"))
    return found


def _with_blanks(parts: tuple[Part, ...], place: int) -> str:
    return ("[ \\t]*" if isinstance(parts[place], Field) else "") + f"({_shape(parts, place)})"


def _shape(parts: tuple[Part, ...], place: int) -> str:
    part = parts[place]
    if not isinstance(part, Field):
        return "".join(_CHARACTER.format(ord(one)) for one in str(part))
    if part.letter == "a":
        return "[A-Za-z]{2}"
    longest = 4 if part.letter == "y" else part.count if part.letter == "S" else 2
    return f"[0-9]{{{longest if _is_field(parts, place + 1) else 1},{longest}}}"


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
    rest = text.lstrip("'")  # two of them are one, unless they begin what is quoted
    return "''" * (len(text) - len(rest)) + ("'" + rest.replace("'", "''") + "'" if rest else "")
