"""Every value that the function reference documents is computed, or its function is refused by name; never another one.

The rows are those of the reference's examples, see examples.tsv of the shared material.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest
from dataflow_bench import SHARED, evaluate, refusal, same
from engine_limits import limited
from engines_bench import ENGINES, value

from mapping_dataflow import MappingDataFlowErrors, evaluate_constant
from mapping_dataflow.functions import catalogue

BY_THE_RULE = {
    "E018": "'Seattle'",  # indexes count from 1 on every other page
    "E073": "'abc'",  # printed without quotes
    "E082": "toBinary(array(toByte(97), toByte(98), toByte(99)))",  # its signature returns a binary
    "E194": "['ICECREAM']",  # 'cake' is no longer than 4
    "E217": "'bo²s'",  # the letter is damaged in print: this one has no accent
    "E302": "unhex('00000003')",  # 0x11 is not 3; the bytes of Spark's cast
    "E348": "'du!mbo'",  # ltrim and rtrim keep what stands inside
}
"""Rows where the reference contradicts itself; the value that its own rule gives."""


def _rows() -> Iterator[dict[str, str]]:
    with (SHARED / "dataflow" / "examples.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


ROWS = {row["id"]: (row["normalized_expression"] or row["expression"], row["expected"]) for row in _rows()}


EXPECTED = {row: BY_THE_RULE.get(row) or expected for row, (_, expected) in ROWS.items()}
TEXTS = tuple(dict.fromkeys([*(text for text, _ in ROWS.values()), *EXPECTED.values()]))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("row", sorted(ROWS))
def test_a_documented_value_is_computed_or_refused_by_name(row: str, engine: str) -> None:
    with limited(engine, row):
        found = value(engine, ROWS[row][0], TEXTS)
        assert same(found, value(engine, EXPECTED[row], TEXTS))


def _folded() -> list[str]:
    found: list[str] = []
    for text, _ in ROWS.values():
        try:
            evaluate_constant(text)
        except MappingDataFlowErrors:
            continue
        found.append(text)
    return found


@pytest.mark.parametrize("text", _folded())
def test_what_is_folded_while_compiling_is_what_the_engine_computes(text: str) -> None:
    assert same(evaluate_constant(text), evaluate(text))


def test_most_documented_values_are_folded_as_well() -> None:
    assert len(_folded()) > 100


# ---------------------------------------------------------------- names


def _names() -> list[str]:
    with (SHARED / "dataflow" / "functions.tsv").open(encoding="utf-8", newline="") as file:
        return [row["name"] for row in csv.DictReader(file, delimiter="\t")]


@pytest.mark.parametrize("name", _names())
def test_every_function_of_the_reference_is_known(name: str) -> None:
    assert catalogue.find(name) or catalogue.special_name(name) or catalogue.cached_name(name)


def test_names_of_functions_are_matched_in_any_case_of_letters() -> None:
    assert evaluate("PMOD(-20, 8)") == evaluate("pMod(-20, 8)") == 4


def test_an_unknown_function_is_refused_with_the_nearest_names() -> None:
    assert refusal("1 + uper('a')") == (
        "compiling the expression: there is no function 'uper' (line 1, column 5)\n"
        "  1 | 1 + uper('a')\n"
        "    |     ^^^^\n"
        "  hint: did you mean upper()?"
    )


def test_what_is_asked_of_a_cache_sink_is_told_apart_from_what_is_no_function() -> None:
    assert "there is no function 'blake3'" in refusal("blake3(256, 'a')")
    for name in catalogue.CACHED:
        assert f"{name}() does not say which cache sink it asks" in refusal(f"{name.upper()}(256, 'a')")
