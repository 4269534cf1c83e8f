"""Every transformation gives the rows that were written by hand: fixture pairs in tests/fixtures/dataflow.

``<case>.dfs`` is a script, ``<case>.md`` holds the tables of its sources and what its sinks must receive.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from dataflow_bench import FIXTURES, Case, Row, read_case, same
from engine_limits import limited
from engines_bench import ENGINES, RUN_SCRIPT

from mapping_dataflow.lowering.registry import CANNOT, TRANSFORMATIONS

CASES = sorted(FIXTURES.glob("*.dfs"))


def _sorted(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=repr)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_sinks_receive_the_expected_rows(path: Path, engine: str) -> None:
    with limited(engine, path.stem):
        _check(read_case(path), engine)


def _check(case: Case, engine: str) -> None:
    found = RUN_SCRIPT[engine](case.script, case.sources, case.parameters)
    assert found.keys() == case.sinks.keys()
    for sink, expected in case.sinks.items():
        assert dict(found[sink].columns) == dict(expected.columns)
        rows, wanted = list(found[sink].rows), list(expected.rows)
        if not expected.ordered:
            rows, wanted = _sorted(rows), _sorted(wanted)
        assert same(rows, wanted) or rows == wanted


def test_every_transformation_has_a_fixture() -> None:
    scripts = " ".join(path.read_text(encoding="utf-8") for path in CASES)
    elsewhere = {"compose", "input", "output", *CANNOT}  # flowlets are in test_flowlets
    assert [verb for verb in TRANSFORMATIONS if f"{verb}(" not in scripts and verb not in elsewhere] == []


def test_every_script_has_its_tables() -> None:
    assert [path.stem for path in CASES] == sorted(path.stem for path in FIXTURES.glob("*.md"))
