"""Large arguments that the SQL of a function mentions several times are computed once; no value changes by that."""

from __future__ import annotations

import pytest
from agreement import disagreements, on_duckdb, on_spark, refusals
from dataflow_bench import Table
from engines_bench import RUN_SCRIPT
from random_calls import OPERATORS, calls, columns, scalar_functions
from random_rows import random_table

from mapping_dataflow import DUCKDB, SPARK, Engine, compile_expression
from mapping_dataflow.engines import bindings

CALLS = [call for function in scalar_functions().values() for call in calls(function)]
EXPRESSIONS = list(dict.fromkeys([*CALLS, *OPERATORS]))
REFUSED = refusals(EXPRESSIONS, columns(), DUCKDB)
COMPUTED = [text for text in EXPRESSIONS if text not in REFUSED]
ENGINES = pytest.mark.parametrize("engine", [DUCKDB, SPARK], ids=["duckdb", "spark"])

NESTED = {
    "'text'": """upper({}) lower({}) initCap({}) soundex({}) substringIndex({},'e',1) lpad({},9,'-')
        toString(compare({},'e')) concat('a',upper({}))
        toString(toDate({},'yyyy-MM-dd'),'yyyy-MM-dd') toString(toTimestamp({})) toString(toInteger({}))
        toString(toDouble({})) toString(toDecimal({})) toString(levenshtein({},'text'))""",
    "toInteger('7')": "pMod({},3) toInteger(round({},1)) compare({},1) toInteger(toDecimal({},10,2)) {}/2",
    "toTimestamp('2020-01-31')": "subMonths({},1) addMonths({},1) toUTC({},'PST') toTimestamp(lastDayOfMonth({}))",
    "[1,2]": """slice({},1,2) distinct({}) union({},[3]) intersect({},[1]) sort({},compare(#item1,#item2))
        map({},#item+1)""",
}


@ENGINES
@pytest.mark.parametrize(("innermost", "form"), [(one, form) for one, all in NESTED.items() for form in all.split()])
def test_sql_grows_as_the_calls_that_are_nested(innermost: str, form: str, engine: Engine) -> None:
    def length(depth: int) -> int:
        text = innermost
        for _ in range(depth):
            text = form.format(f"({text})")
        return len(compile_expression(text, engine).sql)

    assert length(12) < 2 * length(8)


def test_values_are_those_of_repeated_arguments_on_both_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    table = random_table(columns(), 60, 1)
    repeated = on_duckdb(COMPUTED, table)
    monkeypatch.setattr(bindings, "_LARGE", 0)
    assert disagreements(table, repeated, on_duckdb(COMPUTED, table)) == []
    assert disagreements(table, repeated, on_spark(COMPUTED, table)) == []


PLACES = {
    "filter": "a filter(upper(initCap(t)) != upper(t) || compare(upper(t), 'B') < 0) ~> r",
    "join": "a, b join(upper(initCap(t)) == upper(initCap(u)), joinType: 'left') ~> r",
    "join of other rows": "a, b join(compare(upper(t), upper(u)) < 0, joinType: 'inner') ~> r",
    "exists": "a, b exists(compare(upper(t), upper(u)) > 0, negate: true) ~> r",
    "lookup": "a, b lookup(upper(lower(t)) == upper(lower(u)), multiple: false, pickup: 'first', asc(m, true)) ~> r",
    "keys": "a aggregate(groupBy(key = upper(initCap(t))), n = sum(n)) ~> r",
    "around aggregates": """a aggregate(groupBy(t),
        r = compare(upper(max(concat(t, t))), upper(t)) + pMod(sum(n), 2)) ~> r""",
    "within aggregates": """a aggregate(r = max(upper(initCap(t))), s = sum(pMod(n, 2)),
        d = countDistinct(upper(t))) ~> r""",
    "window": """a window(over(upper(initCap(t))), asc(pMod(n, 2), true), asc(n, true),
        r = compare(upper(lag(t, 1)), upper(t)), s = upper(upper(max(t))), place = rank()) ~> r""",
    "items": "a derive(r = map([t, upper(t)], upper(initCap(concat(#item, upper(t)))))) ~> r",
    "nested items": """a derive(r = map([t],
        toString(filter([upper(#item)], upper(initCap(#item)) == upper(#item))[1]))) ~> r""",
    "order": "a sort(asc(upper(initCap(t)), true), desc(pMod(n, 3), true)) ~> r",
    "pivot": "a pivot(groupBy(key = upper(initCap(t))), pivotBy(n, [1, 2]), s = sum(pMod(n, 2)), lateral: true) ~> r",
    "split": "a split(upper(initCap(t)) == upper(t), disjoint: false) ~> s@(x, y)\ns@x filter(true()) ~> r",
    "assert": "a assert(expectTrue(upper(initCap(t)) == upper(t), false, 'x', null, upper(t))) ~> r",
}


@pytest.mark.parametrize("engine", RUN_SCRIPT)
@pytest.mark.parametrize("place", PLACES)
def test_arguments_are_bound_wherever_an_expression_stands(
    place: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table({"t": "string", "n": "integer"}, (("a b", 1), ("A b", 2), (None, 3), ("ß", None), ("c", -4)))
    given = {"a": table, "b": Table({"u": "string", "m": "integer"}, table.rows)}
    head = """source(output(t as string, n as integer), allowSchemaDrift: false) ~> a
        source(output(u as string, m as integer), allowSchemaDrift: false) ~> b"""
    script = f"{head}\n{PLACES[place]}\nr sink() ~> out"
    repeated = RUN_SCRIPT["duckdb"](script, given)["out"]
    monkeypatch.setattr(bindings, "_LARGE", 0)
    bound = RUN_SCRIPT[engine](script, given)["out"]
    assert sorted(map(repr, bound.rows)) == sorted(map(repr, repeated.rows))
    assert repeated.rows
