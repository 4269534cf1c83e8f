"""Texts of errors: what is wrong, where, underlined; fixture pairs in tests/fixtures/dataflow/errors.

A script is compiled with two more sources, which stand behind it:
``a`` (id, name, amount, day, tags, address, lines) and ``b`` (id, city).
"""

from __future__ import annotations

from typing import Any

import pytest
from dataflow_bench import FIXTURES, document_of, refusal, script_errors

from mapping_dataflow import MappingDataFlowErrors, Position, compile_flow, parse_flow, required_sources, sink_requests

SOURCES = """
source(output(id as integer, name as string, amount as double, day as date, tags as string[],
              address as (street as string, zip as integer), lines as (items as string[])[])) ~> a
source(output(id as integer, city as string)) ~> b
"""
COLUMNS = {
    "a": {
        "id": "integer",
        "name": "string",
        "amount": "double",
        "day": "date",
        "tags": "string[]",
        "address": "(street as string, zip as integer)",
        "lines": "(items as string[])[]",
    },
    "b": {"id": "integer", "city": "string"},
    "b2": {"id": "integer", "city": "string"},
}


def pairs(file: str) -> dict[str, tuple[str, str]]:
    """Title -> (text, message): blocks of ``-- title``, the text, ``=>`` and the message."""
    blocks = ("\n" + (FIXTURES / "errors" / file).read_text(encoding="utf-8")).split("\n-- ")[1:]
    found = {}
    for block in blocks:
        title, _, rest = block.partition("\n")
        text, _, message = rest.partition("\n=>\n")
        found[title] = (text, message.strip("\n"))
    return found


EXPRESSIONS, SCRIPTS = pairs("expressions.txt"), pairs("scripts.txt")


@pytest.mark.parametrize("title", EXPRESSIONS)
def test_an_expression_is_refused(title: str) -> None:
    text, message = EXPRESSIONS[title]
    assert refusal(text) == message


@pytest.mark.parametrize("title", SCRIPTS)
def test_a_script_is_refused(title: str) -> None:
    text, message = SCRIPTS[title]
    assert script_errors(text + "\n" + SOURCES, COLUMNS) == message


def test_all_problems_come_at_once_in_the_order_of_the_script() -> None:
    script = "a filter(missing > 1) ~> f\nf derive(x = id) ~> g\nb derive(y = uper(city), z = nope) ~> h\n"
    with pytest.raises(MappingDataFlowErrors) as caught:
        compile_flow(document_of(script + SOURCES), {})
    assert [error.position for error in caught.value.errors] == [Position(6, 98), Position(7, 50)]
    assert script_errors(script + SOURCES, COLUMNS).count("compiling flow") == 3


@pytest.mark.parametrize(
    "statement",
    [
        "a aggregate(groupBy(id), name = foo(1)) ~> x",
        "a alterRow(insertIf(foo(1))) ~> x",
        "a alterRow(insertIf(name)) ~> x",
        "a assert(expectTrue(foo(1), false, 'x')) ~> x",
        "a cast(output(id as integr)) ~> x",
        "a, b exists(a@id == foo(1), negate: false) ~> x",
        "a, b exists(a@id == b@id, negate: 5) ~> x",
        "a, b exists(a@id == b@id, broadcast: 'everywhere') ~> x",
        "a filter(id) ~> x",
        "a filter(id > 1, id < 3) ~> x",
        "a foldDown(unroll(tags), mapColumn(id, z = missing)) ~> x",
        "a, b join(a@id == foo(1), joinType: 'inner') ~> x",
        "a, b join(a@id == b@id, joinType: 'weird') ~> x",
        "a keyGenerate(output(key as long), startAt: 'a') ~> x",
        "a keyGenerate(output(key as string), startAt: 1L) ~> x",
        "a, b lookup(a@id == b@id, pickup: 'middle') ~> x",
        "a parse(z = foo(1) ? (a as string), format: 'json') ~> x",
        "a select(mapColumn(id, z = missing)) ~> x",
        "a sort(asc(missing, true)) ~> x",
        "a split(foo(1), disjoint: false) ~> s@(x, rest)",
        "a stringify(z = foo(1) ? string, format: 'json') ~> x",
        "a, b union(byName: 5) ~> x",
        "a derive(z = toString(day, 'qqq')) ~> x",
    ],
)
def test_behind_a_failed_statement_the_others_are_found(statement: str) -> None:
    stream = "s@x" if "@(" in statement else "x"
    script = f"{statement}\n{stream} derive(y = bar(2), zone = toUTC(toTimestamp('2024-01-01'), 'Nowhere')) ~> g\n"
    message = script_errors(script + SOURCES, COLUMNS)
    assert message.count("compiling flow") == 3
    assert "there is no function 'bar'" in message
    assert "there is no time zone 'Nowhere'" in message


def test_a_column_that_could_not_be_computed_is_no_further_problem() -> None:
    script = "a derive(x = foo(1)) ~> f\nf filter(x > 1) ~> g\ng derive(y = left(x, 2) + x) ~> h\n"
    assert script_errors(script + SOURCES, COLUMNS).count("compiling flow") == 1


def test_all_problems_of_one_statement_come_at_once() -> None:
    script = (
        "a, b lookup(a@id == b@nothing, pickup: 'middle', multiple: 5, speed: 1) ~> f\n"
        "a assert(expectTrue(id, false, 'x'), expectMore(id), expectUnique(none, false, 'y')) ~> g\n"
        "a alterRow(insertIf(name), removeIf(true())) ~> h\n"
        "a derive(x = toString(day, 'qqq'), y = toDate(name, 'bbb')) ~> i\n"
    )
    assert script_errors(script + SOURCES, COLUMNS).count("compiling flow") == 4 + 3 + 2 + 2


def test_the_underline_stands_below_its_text_behind_tabs() -> None:
    message = script_errors("a\tfilter(\n\t\tmissing > 1) ~> f" + SOURCES, COLUMNS)
    assert message.splitlines()[1:3] == ["  2 | \t\tmissing > 1) ~> f", "    | \t\t^^^^^^^"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"name": "x"}, "reading flow 'x': the document has no 'properties'"),
        (
            {"properties": {"type": "WranglingDataFlow"}},
            "reading flow '(without name)': the document's type is 'WranglingDataFlow'\n"
            "  expected MappingDataFlow or Flowlet",
        ),
        (
            {"name": "x", "properties": {"type": "MappingDataFlow"}},
            "reading flow 'x': the document has no 'typeProperties'",
        ),
        (
            {"name": "x", "properties": {"type": "Flowlet", "typeProperties": {"scriptLines": [1]}}},
            "reading flow 'x': the document has no script\n  expected 'script' (text) or 'scriptLines' (list of texts)",
        ),
        (
            {"name": "x", "properties": {"type": "Flowlet", "typeProperties": {"script": "s", "sinks": {}}}},
            "parsing flow 'x': the text ends too early (line 1, column 1)\n  1 | s\n    | ^\n"
            "  expected the name of a transformation and '('",
        ),
        (
            {"name": "x", "properties": {"type": "Flowlet", "typeProperties": {"script": " ", "sinks": {}}}},
            "reading flow 'x': 'sinks' is no list",
        ),
        (
            {"name": "x", "properties": {"type": "Flowlet", "typeProperties": {"script": " ", "sources": [{}]}}},
            "reading flow 'x': an entry of 'sources' has no name",
        ),
    ],
)
def test_a_document_is_refused(document: dict[str, Any], message: str) -> None:
    with pytest.raises(MappingDataFlowErrors) as caught:
        parse_flow(document)
    assert str(caught.value) == message


def test_problems_of_sources_and_sinks_are_found_before_the_data_is_known() -> None:
    script = (
        "source(output(x as strng), wildcardPaths: [(missing)], format: 'delimted') ~> s\n"
        "s sink(umask: 5 > 3, limit: 3, format: 'parqet') ~> out"
    )
    with pytest.raises(MappingDataFlowErrors) as sources:
        required_sources(document_of(script))
    assert [error.cause for error in sources.value.errors] == [
        "'strng' is no data type",
        "the input has no column 'missing'",
        "'delimted' is no format",
    ]
    with pytest.raises(MappingDataFlowErrors) as sinks:
        sink_requests(document_of(script))
    assert [error.cause for error in sinks.value.errors] == [
        "the property 'umask' is no string",
        "sink does not support the property 'limit'",
        "'parqet' is no format",
    ]


@pytest.mark.parametrize(
    "text",
    ["(" * 600 + "1" + ")" * 600, "-" * 600 + "1", "+".join(["1"] * 600), "abs(" * 600 + "1" + ")" * 600, "[" * 600],
    ids=["brackets", "signs", "sum", "calls", "arrays"],
)
def test_what_is_nested_too_deeply_is_refused_with_its_place(text: str) -> None:
    assert "the script is nested too deeply here (line 1, column " in refusal(text)
    assert max(map(len, refusal(text).splitlines())) < 300


def test_a_type_that_is_nested_too_deeply_is_refused() -> None:
    script = "source(output(p as string" + "[]" * 600 + ")) ~> a\na sink() ~> b"
    with pytest.raises(MappingDataFlowErrors, match="nested too deeply here"):
        parse_flow(document_of(script))


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    assert "the number does not fit into a long (line 1, column 1)" in refusal("9" * 5000)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(MappingDataFlowErrors, match=r"half of a surrogate pair is no character \(line 1, column 9\)"):
        parse_flow(document_of("source('\ud800') ~> a"))
