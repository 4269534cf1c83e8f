"""Values written by hand, in tests/fixtures/dataflow/values/values.md; and no scalar function is without one."""

from __future__ import annotations

import re

import pytest
from dataflow_bench import FIXTURES, SHARED, evaluate, same
from engine_limits import limited
from engines_bench import ENGINES, value

from mapping_dataflow import MappingDataFlowErrors, evaluate_constant
from mapping_dataflow.functions import catalogue
from mapping_dataflow.functions.signatures import Kind

_ROW = re.compile(r"^\| `(.+)` \| `(.+)` \|$", re.MULTILINE)
TEXT = (FIXTURES / "values" / "values.md").read_text(encoding="utf-8")
VALUES = _ROW.findall(TEXT)


TEXTS = tuple(dict.fromkeys(text for row in VALUES for text in row))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[text for text, _ in VALUES])
def test_the_value_of(text: str, expected: str, engine: str) -> None:
    with limited(engine, text):
        assert same(value(engine, text, TEXTS), value(engine, expected, TEXTS))


@pytest.mark.parametrize("text", [text for text, _ in VALUES])
def test_what_is_folded_while_compiling_is_the_same(text: str) -> None:
    try:
        folded = evaluate_constant(text)
    except MappingDataFlowErrors as errors:
        assert "it is not a constant" in str(errors)  # noqa: PT017 - the engine's value is the only one then
    else:
        assert same(folded, evaluate(text))


LONG_SUM = "+".join(["1"] * 150)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_long_sum_is_computed(engine: str) -> None:
    assert value(engine, LONG_SUM, (LONG_SUM,)) == 150


def test_every_row_of_the_table_is_read() -> None:
    assert len(VALUES) == sum(line.startswith("| `") for line in TEXT.splitlines())


def test_every_scalar_function_has_a_value() -> None:
    documented = (SHARED / "dataflow" / "examples.tsv").read_text(encoding="utf-8")
    tested = {name.lower() for name in re.findall(r"(\w+)\(", documented + TEXT)}
    scripts = " ".join(path.read_text(encoding="utf-8") for path in FIXTURES.glob("*.dfs"))
    in_flows = {name.lower() for name in re.findall(r"(\w+)\(", scripts)}
    known = catalogue.ALL_NAMES - catalogue.CACHED
    aggregates = {name for name in known if (found := catalogue.find(name)) and found.kind is not Kind.SCALAR}
    internal = {"elementAt", "valueOf", "nullSafeEquals"}  # what indexes and === are called inside
    assert {name for name in known - aggregates - internal if name.lower() not in tested | in_flows} == set()
    assert {name for name in aggregates if name.lower() not in in_flows} == set()
