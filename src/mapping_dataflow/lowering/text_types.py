"""How values are texts: the patterns of dates and times and the words of booleans, as a source reads them and a sink
writes them, and the types of numbers that a source infers.

These settings are written by the projection tab's *Define default format*; no page says what they mean exactly. Here
the patterns are tried in their order, and no others, on columns that have no pattern of their own. Of the two words
the first is true and the second false; other texts are neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mapping_dataflow.analysis.datatypes import BOOLEAN, DATE, STRING, TIMESTAMP, DataType
from mapping_dataflow.errors import NOWHERE, ProblemFound, Span
from mapping_dataflow.expressions import Call, Convert, Literal, TypedExpression
from mapping_dataflow.java.dates import DatePatternError, date_pattern
from mapping_dataflow.lowering.arguments import Arguments

INTEGRAL_TYPES = ("short", "integer", "long")
"""Types that whole numbers may be inferred to have, the narrowest first."""
_FRACTIONAL_TYPES = ("float", "double", "decimal")


@dataclass(frozen=True)
class TextTypes:
    """``dates`` and ``timestamps`` are Java patterns, none for the language's own; ``booleans`` are the words for true
    and false, none for the language's. Whole numbers are inferred to be ``integral`` at least, fractions to be
    ``fractional``."""

    dates: tuple[str, ...] = ()
    timestamps: tuple[str, ...] = ()
    integral: str = "integer"
    fractional: str = "double"
    booleans: tuple[str, ...] = ()

    def patterns(self, kind: DataType) -> tuple[str, ...]:
        """The patterns of a type; none for types that are no dates."""
        return self.dates if kind == DATE else self.timestamps if kind == TIMESTAMP else ()


def text_types(arguments: Arguments) -> TextTypes:
    """The settings of a source. Raises ProblemFound for what is no pattern and no such type."""
    return TextTypes(
        _patterns(arguments, "dateFormats"),
        _patterns(arguments, "timestampFormats"),
        arguments.choice("preferredIntegralType", {kind: kind for kind in INTEGRAL_TYPES}, "integer"),
        arguments.choice("preferredFractionalType", {kind: kind for kind in _FRACTIONAL_TYPES}, "double"),
        boolean_words(arguments),
    )


def boolean_words(arguments: Arguments) -> tuple[str, ...]:
    """The words of ``booleanFormat``. Raises ProblemFound when they are not two different ones."""
    words = arguments.texts("booleanFormat")
    if words and (len(words) != 2 or words[0] == words[1]):
        span = arguments.properties["booleanFormat"].span
        raise ProblemFound(
            "booleanFormat has no word for true and another for false", span, expected="['true', 'false']"
        )
    return words


def written_pattern(arguments: Arguments, name: str) -> str | None:
    """The pattern by which a sink writes dates or timestamps as text. Raises ProblemFound for what is none."""
    return _checked([text], name, arguments)[0] if (text := arguments.text(name)) else None


def _patterns(arguments: Arguments, name: str) -> tuple[str, ...]:
    return tuple(_checked(arguments.texts(name), name, arguments))


def _checked(patterns: Sequence[str], name: str, arguments: Arguments) -> Sequence[str]:
    for pattern in patterns:
        try:
            date_pattern(pattern)
        except DatePatternError as error:
            span = arguments.properties[name].span
            raise ProblemFound(f"{name}: {error}", span, expected="a pattern of Java's SimpleDateFormat") from error
    return patterns


def from_text(operand: TypedExpression, kind: DataType, types: TextTypes, span: Span = NOWHERE) -> TypedExpression:
    """A value as a type; a text as the first pattern that fits reads it, null when none does."""
    if operand.type == STRING and kind == BOOLEAN and types.booleans:
        parts = [
            part
            for word, value in zip(types.booleans, (True, False), strict=True)
            for part in (Call("equals", (operand, Literal(word, STRING)), BOOLEAN), Literal(value, BOOLEAN))
        ]
        return Call("case", (*parts, Literal(None, BOOLEAN)), BOOLEAN, span)
    patterns = types.patterns(kind) if operand.type == STRING else ()
    read = tuple(Convert(operand, kind, pattern, span) for pattern in patterns)
    return (
        Call("coalesce", read, kind, span) if len(read) > 1 else read[0] if read else Convert(operand, kind, None, span)
    )
