"""Operators keep their meaning in SQL however they are nested: compared with an oracle of our own in Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb
import pytest
from dataflow_bench import SHARED, evaluate
from engines_bench import ENGINES, value
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from spark_bench import spark_tree, spark_values
from sqlglot import exp

from mapping_dataflow import DUCKDB, SPARK, Engine, MappingDataFlowErrors, compile_expression
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.engines.base import fill, parsed
from mapping_dataflow.script.parser import parse_expression

# ---------------------------------------------------------------- values


@dataclass(frozen=True)
class Expected:
    """The text of an expression and the value that the language gives it; None is null."""

    text: str
    value: bool | int | None


NULL_BOOLEAN, NULL_INTEGER = "toBoolean('neither')", "toInteger('none')"


def _not(value: bool | int | None) -> bool | None:
    return None if value is None else not value


def _and(left: bool | int | None, right: bool | int | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: bool | int | None, right: bool | int | None) -> bool | None:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def _truncated_remainder(left: int, right: int) -> int:
    return (abs(left) % abs(right)) * (1 if left >= 0 else -1)


ARITHMETIC: Mapping[str, Callable[[int, int], int | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "%": lambda a, b: _truncated_remainder(a, b) if b else None,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
}
COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
LOGIC = {"&&": _and, "||": _or}


@st.composite
def whole_numbers(draw: st.DrawFn, depth: int) -> Expected:
    """Expressions over whole numbers; operands are long so that nothing overflows."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        number = draw(st.integers(-9, 9) | st.none())
        return Expected(f"toLong({NULL_INTEGER})" if number is None else f"({number}L)", number)
    form = draw(st.sampled_from(["binary", "binary", "binary", "negate", "iif"]))
    if form == "negate":
        inner = draw(whole_numbers(depth - 1))
        return Expected(f"-({inner.text})", None if inner.value is None else -inner.value)
    left, right = draw(whole_numbers(depth - 1)), draw(whole_numbers(depth - 1))
    if form == "iif":
        chosen = draw(booleans(depth - 1))
        value = left.value if chosen.value is True else right.value
        return Expected(f"iif({chosen.text}, {left.text}, {right.text})", value)
    operator = draw(st.sampled_from(sorted(ARITHMETIC)))
    value = None
    if left.value is not None and right.value is not None:
        value = ARITHMETIC[operator](left.value, right.value)
    return Expected(f"({left.text}) {operator} ({right.text})", value)


@st.composite
def booleans(draw: st.DrawFn, depth: int) -> Expected:
    """Expressions of logic and comparison, three-valued."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        value = draw(st.sampled_from([True, False, None]))
        return Expected({True: "true()", False: "false()", None: NULL_BOOLEAN}[value], value)
    form = draw(st.sampled_from(["logic", "logic", "not", "compare", "equal", "isNull", "between", "xor", "in"]))
    if form in ("not", "isNull"):
        inner = draw(booleans(depth - 1))
        if form == "not":
            return Expected(f"!({inner.text})", _not(inner.value))
        return Expected(f"isNull({inner.text})", inner.value is None)
    if form in ("compare", "between", "in"):
        return draw(_of_numbers(depth, form))
    left, right = draw(booleans(depth - 1)), draw(booleans(depth - 1))
    known = left.value is not None and right.value is not None
    if form == "logic":
        operator = draw(st.sampled_from(sorted(LOGIC)))
        return Expected(f"({left.text}) {operator} ({right.text})", LOGIC[operator](left.value, right.value))
    if form == "xor":
        return Expected(f"({left.text}) ^ ({right.text})", left.value is not right.value if known else None)
    operator = draw(st.sampled_from(["==", "!=", "==="]))
    if operator == "===":
        return Expected(f"({left.text}) === ({right.text})", left.value is right.value)
    equal = left.value is right.value
    return Expected(f"({left.text}) {operator} ({right.text})", (equal == (operator == "==")) if known else None)


@st.composite
def _of_numbers(draw: st.DrawFn, depth: int, form: str) -> Expected:
    parts = [draw(whole_numbers(depth - 1)) for _ in range(3)]
    texts = [part.text for part in parts]
    first, second, third = (part.value for part in parts)
    if form == "between":
        low = None if first is None or second is None else first >= second
        high = None if first is None or third is None else first <= third
        return Expected(f"between({', '.join(texts)})", _and(low, high))
    if form == "in":
        unknown = third is None or (third not in (first, second) and None in (first, second))
        found = None if unknown else third in (first, second)
        return Expected(f"in([{texts[0]}, {texts[1]}], {texts[2]})", found)
    operator = draw(st.sampled_from(sorted(COMPARISONS)))
    value = None if first is None or second is None else COMPARISONS[operator](first, second)
    return Expected(f"({texts[0]}) {operator} ({texts[1]})", value)


@settings(max_examples=150, deadline=None)
@given(booleans(depth=4) | whole_numbers(depth=4))
def test_nested_operators_have_the_value_that_an_independent_oracle_gives(expected: Expected) -> None:
    assert evaluate(expected.text) == expected.value


@settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.lists(booleans(depth=3) | whole_numbers(depth=3), min_size=30, max_size=30))
def test_nested_operators_have_that_value_in_spark_as_well(expected: list[Expected]) -> None:
    assert spark_values([one.text for one in expected]) == [one.value for one in expected]


PRECEDENCE: Mapping[str, object] = {
    "!(true && false)": True,
    "!(false || true)": False,
    "false && (true || true)": False,
    "(true || false) && false": False,
    "true || true && false": True,
    "isNull(true || false)": False,
    "(1 == 1) == (2 == 3)": False,
    "!(1 == 2) == true": True,
    "2 * (3 + 4)": 14,
    "10 - (3 - 2)": 9,
    "10 - 3 - 2": 5,
    "-(2 + 3) * 2": -10,
    "7 % 4 * 2": 6,
    "1 | 2 ^ 3 & 1": 3,
    "'a' + 'b' == 'ab'": True,
    "!isNull(null()) || true()": True,
    "1 + 2 * 3 == 7 && !(2 > 3)": True,
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", PRECEDENCE)
def test_precedence_and_parentheses_are_kept(text: str, engine: str) -> None:
    assert value(engine, text, tuple(PRECEDENCE)) == PRECEDENCE[text]


# ---------------------------------------------------------------- the written SQL against its tree

_OPEN = (exp.Binary, exp.Unary, exp.Between, exp.In, exp.Func, exp.Case)
_NO_VALUES = (exp.Paren, exp.Dot, exp.PropertyEQ, exp.Kwarg, exp.If, exp.Lambda, exp.Cast)


def _fully_parenthesised(tree: exp.Expression) -> exp.Expression:
    """The tree with parentheses around every operation, so that its text can be read in one way only."""

    def closed(node: exp.Expression) -> exp.Expression:
        if isinstance(node, _OPEN) and not isinstance(node, _NO_VALUES) and not isinstance(node.parent, exp.Filter):
            return exp.Paren(this=node)
        return node

    return tree.copy().transform(closed)


def _duckdb_meaning(*pieces: str) -> str:
    """DuckDB's own tree of pieces of SQL, without places in the text."""
    sql = f"SELECT {', '.join(pieces)}"
    row = duckdb.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    assert row is not None
    assert row[0].startswith('{"error":false'), (sql, row[0])
    return re.sub(r'"query_location(_length)?":\d+,', "", row[0])


def _spark_meaning(*pieces: str) -> str:
    """Spark's own tree of pieces of SQL."""
    return spark_tree(f"SELECT {', '.join(pieces)}")


ENGINE: Mapping[str, Engine] = {"duckdb": DUCKDB, "spark": SPARK}
MEANING: Mapping[str, Callable[..., str]] = {"duckdb": _duckdb_meaning, "spark": _spark_meaning}


def _documented() -> list[str]:
    lines = (SHARED / "dataflow" / "examples.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [cells[7] or cells[2] for cells in (line.split("\t") for line in lines)]


def _typed(text: str, engine: Engine) -> exp.Expression:
    return engine.expression(check(parse_expression(text), Environment()))


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_reads_every_documented_expression_as_the_tree_that_was_built(engine: str) -> None:
    compiler, meaning = ENGINE[engine], MEANING[engine]
    compared = 0
    for text in _documented():
        try:
            compile_expression(text, compiler)
        except MappingDataFlowErrors:
            continue
        # The expression stands inside operators that bind tighter and looser than anything in it.
        for nested in (text, f"!isNull({text}) && false()", f"isNull([{text}][1]) || true()"):
            tree = _typed(nested, compiler)
            assert meaning(compiler.sql(tree)) == meaning(compiler.sql(_fully_parenthesised(tree))), nested
            compared += 1
    assert compared > 600


ARGUMENTS = [
    "a AND b",
    "a OR b",
    "NOT a",
    "-a",
    "a + b",
    "a * b",
    "a || b",
    "a = b",
    "a <> b",
    "a IS NULL",
    "a IS NOT DISTINCT FROM b",
    "a LIKE b",
    "a BETWEEN b AND c",
    "a IN (1, 2)",
    "a & b",
    "CASE WHEN a THEN b END",
    "count(*) FILTER (WHERE a)",
]
TEMPLATES = [
    (engine, name, entry)
    for engine, compiler in ENGINE.items()
    for name, entry in sorted(compiler.capabilities.functions.items())
    if isinstance(entry, str)
]


@pytest.mark.parametrize(("engine", "name", "template"), TEMPLATES, ids=[f"{one[1]}-{one[0]}" for one in TEMPLATES])
def test_a_template_keeps_arguments_of_every_operator_together(engine: str, name: str, template: str) -> None:
    dialect, meaning = ENGINE[engine].dialect, MEANING[engine]
    open_parts = [[parsed(argument, dialect)] * 4 for argument in ARGUMENTS]
    closed_parts = [[exp.Paren(this=part.copy()) for part in parts] for parts in open_parts]
    written, certain = (
        meaning(*(ENGINE[engine].sql(fill(template, parts, dialect)) for parts in variants))
        for variants in (open_parts, closed_parts)
    )
    assert written == certain


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("outer", ARGUMENTS)
def test_operators_around_a_template_leave_it_together(outer: str, engine: str) -> None:
    dialect, meaning = ENGINE[engine].dialect, MEANING[engine]
    around = outer.replace("a", "_1", 1)
    columns = [exp.column(name) for name in "xyzw"]
    inner = [fill(template, columns, dialect) for owner, _, template in TEMPLATES if owner == engine]
    written, certain = (
        meaning(*(ENGINE[engine].sql(fill(around, [one], dialect)) for one in variants))
        for variants in (inner, [exp.Paren(this=one.copy()) for one in inner])
    )
    assert written == certain
