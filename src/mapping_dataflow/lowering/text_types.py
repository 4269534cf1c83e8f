"""How a source takes values that are text: the patterns of its dates and times, and the types of inferred numbers.

These settings are written by the projection tab's *Define default format*; no page says what they mean exactly. Here
the patterns are tried in their order, and no others, on columns that have no pattern of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from mapping_dataflow.analysis.datatypes import DATE, STRING, TIMESTAMP, DataType
from mapping_dataflow.errors import NOWHERE, ProblemFound, Span
from mapping_dataflow.expressions import Call, Convert, TypedExpression
from mapping_dataflow.java.dates import DatePatternError, date_pattern
from mapping_dataflow.lowering.arguments import Arguments

INTEGRAL_TYPES = ("short", "integer", "long")
"""Types that whole numbers may be inferred to have, the narrowest first."""
_FRACTIONAL_TYPES = ("float", "double", "decimal")


@dataclass(frozen=True)
class TextTypes:
    """``dates`` and ``timestamps`` are Java patterns, none for the language's own. Whole numbers are inferred to be
    ``integral`` at least, fractions to be ``fractional``."""

    dates: tuple[str, ...] = ()
    timestamps: tuple[str, ...] = ()
    integral: str = "integer"
    fractional: str = "double"

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
    )


def _patterns(arguments: Arguments, name: str) -> tuple[str, ...]:
    patterns = arguments.texts(name)
    for pattern in patterns:
        try:
            date_pattern(pattern)
        except DatePatternError as error:
            span = arguments.properties[name].span
            raise ProblemFound(f"{name}: {error}", span, expected="a pattern of Java's SimpleDateFormat") from error
    return patterns


def from_text(operand: TypedExpression, kind: DataType, types: TextTypes, span: Span = NOWHERE) -> TypedExpression:
    """A value as a type; a text as the first pattern that fits reads it, null when none does."""
    patterns = types.patterns(kind) if operand.type == STRING else ()
    read = tuple(Convert(operand, kind, pattern, span) for pattern in patterns)
    return (
        Call("coalesce", read, kind, span) if len(read) > 1 else read[0] if read else Convert(operand, kind, None, span)
    )
