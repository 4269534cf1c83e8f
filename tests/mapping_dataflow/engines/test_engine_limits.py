"""The table of what engines do not do names cases that exist."""

from __future__ import annotations

from dataflow_bench import FIXTURES, SHARED
from engine_limits import LIMITS, Why, limited_cases

from mapping_dataflow import DUCKDB, SPARK


def test_every_limit_is_about_a_case_that_is_tested() -> None:
    values = (FIXTURES / "values" / "values.md").read_text(encoding="utf-8")
    examples = (SHARED / "dataflow" / "examples.tsv").read_text(encoding="utf-8").splitlines()
    rows = {line.split("\t")[0] for line in examples}
    fixtures = {path.stem for path in FIXTURES.glob("*.dfs")}
    unknown = [case for case in limited_cases() if case not in rows | fixtures and f"| `{case}` |" not in values]
    assert unknown == []


def test_a_limit_says_what_the_failure_says() -> None:
    assert [limit.case for limit in LIMITS if len(limit.reason) < 10] == []


def test_everything_that_an_engine_cannot_do_has_a_case() -> None:
    shown = {limit.reason for limit in LIMITS if limit.why is Why.ENGINE_CANNOT}
    for engine in (DUCKDB, SPARK):
        assert [what for what in engine.cannot if not any(what in reason for reason in shown)] == []
