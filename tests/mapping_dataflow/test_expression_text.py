"""Typed expressions as text: parsed and checked again, the text has the same typed expression."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from mapping_dataflow.analysis.columns import Column, Scope, StreamColumns
from mapping_dataflow.analysis.datatypes import (
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    LONG,
    NULL,
    STRING,
    TIMESTAMP,
    Array,
    DataType,
    Map,
    Struct,
)
from mapping_dataflow.analysis.environment import Allowed, Environment
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.expression_text import expression_text, literal_text
from mapping_dataflow.expressions import SecretParameter, TypedExpression, rebuilt
from mapping_dataflow.script.parser import parse_expression

_TYPES: dict[str, DataType] = {
    "i": INTEGER,
    "s": STRING,
    "d": DATE,
    "items": Array(INTEGER),
    "rows": Array(Array(INTEGER)),
    "m": Map(STRING, INTEGER),
    "st": Struct((("x", INTEGER), ("odd name", STRING))),
    "odd name": BOOLEAN,
}
_COLUMNS = tuple(Column(name, kind, name) for name, kind in _TYPES.items())
_ENVIRONMENT = Environment(
    scope=Scope((StreamColumns(("in",), _COLUMNS),)),
    parameters={"p": SecretParameter("p", STRING)},
    allowed=Allowed.AGGREGATES,
)


def _checked(text: str) -> TypedExpression:
    """The typed expression of a text, wherever its parts stand in it."""
    return rebuilt(check(parse_expression(text), _ENVIRONMENT), lambda part: part)


@pytest.mark.parametrize(
    "text",
    [
        "(i + 1) * 2 - i % 3",
        "i - (i - 1)",
        "!({odd name} || i > 5) && -i < 2",
        "-(i + 1)",
        "items[1]",
        "m['key']",
        "st.x",
        "st.{odd name}",
        "[1, 2]",
        "@(a = i, {b c} = s)",
        "map(items, #item + i)",
        "map(rows, map(#item, #item + size(#item_1)))",
        "concat($p, 'it\\'s')",
        "iif(isNull(s), 'x', upper(s))",
        "sha2(256, s)",
        "sum(i)",
        "s <=> 'X'",
        "2L",
    ],
)
def test_the_text_means_the_same(text: str) -> None:
    typed = _checked(text)
    written = expression_text(typed, lambda reference: f"{{{reference.key}}}")
    assert _checked(written) == typed


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, NULL, "null()"),
        (True, BOOLEAN, "true()"),
        (5, INTEGER, "5"),
        (5, LONG, "5L"),
        (1.5, DOUBLE, "1.5"),
        (Decimal("1.50"), DOUBLE, "toDecimal('1.50')"),
        (datetime.date(2020, 1, 2), DATE, "toDate('2020-01-02')"),
        (datetime.datetime.fromisoformat("2020-01-02T03:04:05"), TIMESTAMP, "toTimestamp('2020-01-02 03:04:05')"),
        (b"\x01\xff", BINARY, "unhex('01ff')"),
        ([1, None], Array(INTEGER), "[1, null()]"),
        ({"x": 1, "odd name": "a"}, _TYPES["st"], "@(x = 1, {odd name} = 'a')"),
        ({"k": 1}, _TYPES["m"], "['k' -> 1]"),
    ],
)
def test_constants_are_written_as_the_language_writes_them(value: object, kind: DataType, text: str) -> None:
    assert literal_text(value, kind) == text


def test_a_constant_of_another_kind_is_a_defect() -> None:
    with pytest.raises(TypeError, match="internal-error: no text for a constant of type set"):
        literal_text(set(), STRING)
