"""Data types of the data flow language, their text form, and the rules that widen one to another.

Decimal precision follows Spark, on which the service runs; ``null`` is the type of a bare null and fits everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.script import syntax
from mapping_dataflow.script.familiar_words import type_hint
from mapping_dataflow.script.printer import print_name


@dataclass(frozen=True, slots=True)
class Simple:
    """A type without parts."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Decimal:
    """``decimal(precision,scale)``."""

    precision: int
    scale: int

    def __str__(self) -> str:
        return f"decimal({self.precision},{self.scale})"


@dataclass(frozen=True, slots=True)
class Array:
    """``element[]``."""

    element: DataType

    def __str__(self) -> str:
        return f"{self.element}[]"


@dataclass(frozen=True, slots=True)
class Map:
    """``[key,value]``."""

    key: DataType
    value: DataType

    def __str__(self) -> str:
        return f"[{self.key},{self.value}]"


@dataclass(frozen=True, slots=True)
class Struct:
    """``(name as type, …)``; field names are unique."""

    fields: tuple[tuple[str, DataType], ...]

    def field(self, name: str) -> DataType | None:
        """Type of a field, or None when there is none of that name."""
        return dict(self.fields).get(name)

    def __str__(self) -> str:
        return "(" + ", ".join(f"{print_name(name)} as {kind}" for name, kind in self.fields) + ")"


DataType = Simple | Decimal | Array | Map | Struct


@cache
def fields_alike(kind: DataType) -> tuple[str, str] | None:
    """Two fields of one struct in a type whose names differ in case alone; None where there are no such."""
    if isinstance(kind, Array):
        return fields_alike(kind.element)
    if isinstance(kind, Map):
        return fields_alike(kind.value)
    if not isinstance(kind, Struct):
        return None
    known: dict[str, str] = {}
    for name, _ in kind.fields:
        other = known.setdefault(name.lower(), name)
        if other != name:
            return other, name
    return next((found for _, inner in kind.fields if (found := fields_alike(inner))), None)


BOOLEAN = Simple("boolean")
BYTE = Simple("byte")
SHORT = Simple("short")
INTEGER = Simple("integer")
LONG = Simple("long")
FLOAT = Simple("float")
DOUBLE = Simple("double")
STRING = Simple("string")
BINARY = Simple("binary")
DATE = Simple("date")
TIMESTAMP = Simple("timestamp")
NULL = Simple("null")
UNKNOWN = Simple("unknown")
"""Type of an expression that was already reported; silences follow-up errors."""

_SIMPLE = {
    kind.name: kind
    for kind in (BOOLEAN, BYTE, SHORT, INTEGER, LONG, FLOAT, DOUBLE, STRING, BINARY, DATE, TIMESTAMP, NULL)
}
SIMPLE_NAMES = tuple(_SIMPLE)


def from_name(name: str) -> Simple:
    """The type without parts of that name; KeyError when there is none."""
    return _SIMPLE[name]


_INTEGRAL_RANK: dict[DataType, int] = {BYTE: 3, SHORT: 5, INTEGER: 10, LONG: 20}
MAXIMUM_PRECISION = 38


def is_integral(kind: DataType) -> bool:
    """byte, short, integer or long."""
    return kind in _INTEGRAL_RANK


def is_fractional(kind: DataType) -> bool:
    """float, double or decimal."""
    return kind in (FLOAT, DOUBLE) or isinstance(kind, Decimal)


def is_number(kind: DataType) -> bool:
    """Integral or fractional."""
    return is_integral(kind) or is_fractional(kind)


def is_datetime(kind: DataType) -> bool:
    """date or timestamp."""
    return kind in (DATE, TIMESTAMP)


def is_complex(kind: DataType) -> bool:
    """Struct, array or map."""
    return isinstance(kind, Array | Map | Struct)


def holds_map(kind: DataType) -> bool:
    """A map, or an array or struct with one inside."""
    match kind:
        case Array():
            return holds_map(kind.element)
        case Struct():
            return any(holds_map(field) for _, field in kind.fields)
    return isinstance(kind, Map)


def from_syntax(node: syntax.TypeSyntax) -> DataType:
    """The type that a written type means. Raises ProblemFound for a name that is no type."""
    match node:
        case syntax.ArrayType():
            return Array(from_syntax(node.element))
        case syntax.MapType():
            return Map(from_syntax(node.key), from_syntax(node.value))
        case syntax.StructType():
            return _struct(node)
        case syntax.NamedType():
            return _named(node)


def _struct(node: syntax.StructType) -> Struct | Simple:
    seen: set[str] = set()
    for field in node.fields:
        if field.name in seen:
            raise ProblemFound(f"the struct has two fields named {field.name!r}", field.span)
        seen.add(field.name)
    # Projections of broken documents have fields without a name: nothing can be read from them.
    fields = tuple((field.name, from_syntax(field.type)) for field in node.fields if field.name)
    return Struct(fields) if fields else STRING


def _named(node: syntax.NamedType) -> DataType:
    if node.name == "decimal":
        precision, scale = (*node.arguments, 0)[:2] if node.arguments else (10, 0)
        if len(node.arguments) > 2 or not 1 <= precision <= MAXIMUM_PRECISION or scale > precision:
            raise ProblemFound(
                "the decimal has no legal precision and scale",
                node.span,
                expected="decimal(precision,scale), 1 <= precision <= 38",
            )
        return Decimal(precision, scale)
    kind = _SIMPLE.get(node.name)
    if kind is None or node.arguments:
        raise ProblemFound(
            f"{node.name!r} is no data type",
            node.span,
            expected="one of " + ", ".join((*SIMPLE_NAMES[:-1], "decimal")),
            hint=type_hint(node.name),
        )
    return kind


def decimal_of(kind: DataType) -> Decimal:
    """The smallest decimal that holds every value of an integral or decimal type."""
    return kind if isinstance(kind, Decimal) else Decimal(_INTEGRAL_RANK.get(kind, 10), 0)


def bounded_decimal(precision: int, scale: int) -> Decimal:
    """Spark's cut of a result type to 38 digits: integral digits first, at least 6 fractional ones kept."""
    if precision <= MAXIMUM_PRECISION:
        return Decimal(max(precision, 1), scale)
    integral = precision - scale
    return Decimal(MAXIMUM_PRECISION, max(MAXIMUM_PRECISION - integral, min(scale, 6)))


def aggregated_decimal(precision: int, scale: int) -> Decimal:
    """Spark's type of sums and means: at most 38 digits, and the fractional ones are kept."""
    return Decimal(min(precision, MAXIMUM_PRECISION), min(scale, MAXIMUM_PRECISION))


def settled(kind: DataType) -> DataType:
    """The type that a column has: what is null alone is text, as the items of ``array()`` are documented to be."""
    match kind:
        case Array():
            return Array(settled(kind.element))
        case Map():
            return Map(settled(kind.key), settled(kind.value))
        case Struct():
            return Struct(tuple((name, settled(inner)) for name, inner in kind.fields))
    return STRING if kind == NULL else kind


def common_type(kinds: Iterable[DataType]) -> DataType | None:
    """The type that all can be widened to without a conversion function, or None."""
    result: DataType = NULL
    for kind in kinds:
        wider = _wider(result, kind)
        if wider is None:
            return None
        result = wider
    return result


def _wider(left: DataType, right: DataType) -> DataType | None:
    if left == right or right == NULL:
        return left
    if left == NULL or UNKNOWN in (left, right):
        return right if left == NULL else UNKNOWN
    if is_number(left) and is_number(right):
        return wider_number(left, right)
    if is_datetime(left) and is_datetime(right):
        return TIMESTAMP
    if isinstance(left, Array) and isinstance(right, Array):
        element = _wider(left.element, right.element)
        return None if element is None else Array(element)
    if isinstance(left, Map) and isinstance(right, Map):
        key, value = _wider(left.key, right.key), _wider(left.value, right.value)
        return None if key is None or value is None else Map(key, value)
    if isinstance(left, Struct) and isinstance(right, Struct):
        return _wider_struct(left, right)
    return None


def _wider_struct(left: Struct, right: Struct) -> Struct | None:
    if [name for name, _ in left.fields] != [name for name, _ in right.fields]:
        return None
    fields: list[tuple[str, DataType]] = []
    for (name, one), (_, other) in zip(left.fields, right.fields, strict=True):
        wider = _wider(one, other)
        if wider is None:
            return None
        fields.append((name, wider))
    return Struct(tuple(fields))


def wider_number(left: DataType, right: DataType) -> DataType:
    """The wider of two number types; a decimal and a float or double make a double."""
    if isinstance(left, Simple) and isinstance(right, Simple):
        order = (BYTE, SHORT, INTEGER, LONG, FLOAT, DOUBLE)
        return order[max(order.index(left), order.index(right))]
    if left in (FLOAT, DOUBLE) or right in (FLOAT, DOUBLE):
        return DOUBLE
    one, other = decimal_of(left), decimal_of(right)
    scale = max(one.scale, other.scale)
    return bounded_decimal(max(one.precision - one.scale, other.precision - other.scale) + scale, scale)
