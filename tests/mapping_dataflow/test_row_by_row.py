"""Which sinks take their rows one by one from one source, so that pieces of it give pieces of them."""

import pytest
from dataflow_bench import compile_script

SCHEMA = {"id": "integer", "name": "string", "tags": "string[]"}
SCRIPT = """source(output(id as integer, name as string, tags as string[])) ~> people
source(output(id as integer, name as string, tags as string[])) ~> others
{statements} ~> made
made sink() ~> out"""
EQUAL = "people@id == others@id"
FIRST = "pairs select(mapColumn(id = people@id))"
ONE_BY_ONE = {
    "the source itself": "people select(mapColumn(id, name))",
    "an expression": "people derive(name = upper(name), size = size(tags), digest = sha2(256, name))",
    "a condition": "people filter(id > 5 && !isNull(name))",
    "an output of a split": "people split(id > 5, disjoint: false) ~> parts@(a, b)\nparts@a select(mapColumn(id))",
    "a conversion": "people cast(output(id as string), errors: true)",
    "items of lists": "people foldDown(unroll(tags), mapColumn(id, tag = tags))",
    "an assertion": "people assert(expectTrue(id > 0, false, 'positive', null, 'an id is positive'), abort: true)",
    "rows that are changed": "people alterRow(insertIf(id > 5))",
    "several": "people filter(id > 5) ~> big\nbig derive(a = id + 1) ~> more\nmore select(mapColumn(a, name))",
}
TOGETHER = {
    "groups": "people aggregate(groupBy(name), most = max(id))",
    "windows": "people window(over(name), asc(id, true), before = lag(id))",
    "ranks": "people rank(asc(id, true), output(place as long)) ~> ranked\nranked select(mapColumn(id))",
    "an order": "people sort(asc(id, true))",
    "running numbers": "people keyGenerate(output(number as long), startAt: 1L)",
    "a join": f"people, others join({EQUAL}, joinType: 'inner', broadcast: 'auto') ~> pairs\n{FIRST}",
    "a lookup": f"people, others lookup({EQUAL}, multiple: false, pickup: 'any', broadcast: 'auto') ~> pairs\n{FIRST}",
    "an existence": f"people, others exists({EQUAL}, negate: false, broadcast: 'auto')",
    "a union": "people, others union(byName: true)",
    "the time": "people derive(at = currentTimestamp())",
    "the day, deep inside": "people derive(at = iif(id > 5, toString(addDays(currentDate(), 1)), name))",
    "the time in a condition": "people filter(currentUTC() > toTimestamp('2024-01-01 00:00:00'))",
    "random numbers": "people derive(number = random(5))",
    "names by chance": "people derive(key = uuid())",
    "before what stands alone": "people aggregate(groupBy(name), most = max(id)) ~> groups\ngroups filter(most > 5)",
}


def _row_by_row(statements: str) -> str | None:
    schemas = dict.fromkeys(("people", "others"), SCHEMA)
    (sink,) = compile_script(SCRIPT.replace("{statements}", statements), schemas).sinks
    return sink.row_by_row


@pytest.mark.parametrize("statements", ONE_BY_ONE.values(), ids=ONE_BY_ONE)
def test_rows_that_are_made_one_by_one_name_their_source(statements: str) -> None:
    assert _row_by_row(statements) == "people"


@pytest.mark.parametrize("statements", TOGETHER.values(), ids=TOGETHER)
def test_rows_that_meet_others_or_the_run_name_none(statements: str) -> None:
    assert _row_by_row(statements) is None
