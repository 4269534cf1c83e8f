"""Functions of users' libraries are called like the language's own."""

from __future__ import annotations

from typing import Any

import pytest
from dataflow_bench import Table, document_of, run_flow

from mapping_dataflow import MappingDataFlowErrors, SourceSchema, compile_flow

PEOPLE = Table({"name": "string", "n": "integer"}, [(" Ann ", 1), (None, 2)])


def _library(*lines: str) -> dict[str, Any]:
    inner = {"sources": [], "sinks": [], "transformations": [], "scriptLines": list(lines)}
    return {"name": "lib", "properties": {"type": "UDFLibrary", "typeProperties": inner}}


def _values(expression: str, *lines: str) -> list[Any]:
    script = f"source(output(name as string, n as integer)) ~> people\npeople derive(v = {expression}) ~> d\n"
    document = document_of(script + "d sink(mapColumn(v)) ~> out")
    flow = compile_flow(document, {"people": SourceSchema(PEOPLE.columns)}, libraries=[_library(*lines)])
    return [row[0] for row in run_flow(flow, {"people": PEOPLE})["out"].rows]


def test_arguments_are_numbered_and_converted_and_so_is_the_result() -> None:
    assert _values("TrimValue(name)", 'TrimValue(string) as string = trim(coalesce(i1, "none"))') == ["Ann", "none"]
    assert _values("half(n, 4s)", "half(double, double) as string = toString(i1 / i2)") == ["0.25", "0.5"]


def test_a_library_has_several_functions_which_call_each_other_in_any_case() -> None:
    assert _values("QUAD(n)", "twice(integer) as integer = i1 * 2", "quad(integer) as integer = twice(twice(i1))") == [
        4,
        8,
    ]


def test_an_argument_may_be_of_a_class_of_types_and_is_taken_as_it_is() -> None:
    lines = ("digits(number) as integer = length(toString(i1))", "shown(any) as string = toString(i1)")
    assert _values("digits(n) + digits(1.25) + digits(null())", *lines) == [None, None]
    assert _values("shown(digits(n) + digits(1.25)) + shown(true())", *lines) == ["5true", "5true"]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("digits(name)", "argument 1 of digits() is string"),
        ("one()", "one() has 0 arguments"),
        ("one(n)", "in the function one(): the input has no column 'n'"),
        ("loop(n)", "in the function loop(): there is no function 'loop'"),
    ],
)
def test_what_is_wrong_is_told_where_the_function_is_called(expression: str, message: str) -> None:
    lines = ["one(integer) as integer = i1 + n", "loop(integer) as integer = loop(i1)"]
    lines.append("digits(number) as integer = length(toString(i1))")
    with pytest.raises(MappingDataFlowErrors) as raised:
        _values(expression, *lines)
    assert message in str(raised.value)


def test_a_library_that_cannot_be_read_is_named() -> None:
    with pytest.raises(MappingDataFlowErrors, match="reading the functions of library 'lib': unexpected 'is'"):
        _values("n", "one(integer) is integer = i1")
