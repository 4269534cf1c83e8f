"""Every flow of the real workspaces runs on random rows, or what is refused is named with its place."""

from __future__ import annotations

from functools import cache

import pytest
from corpus_flows import FLOWLETS, FLOWS, LIBRARIES
from flow_trials import Trial, try_flow

ENGINE_CANNOT = {
    "Azure+Azure-DataFactory@arm/dataflow/DCSForAzure_SQL_Dataflow.json": "call",
    "Azure+Azure-DataFactory@arm/dataflow/PII detection and masking.json": "call",
}
"""Flows with a transformation that no local engine has."""


@cache
def _trial(name: str) -> Trial:
    return try_flow(FLOWS[name], FLOWLETS, LIBRARIES)


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_a_real_flow_runs_or_every_refusal_has_its_place(name: str) -> None:
    assert [error for error in _trial(name).errors if error.span.end <= error.span.start] == []


@pytest.mark.parametrize("name", sorted(ENGINE_CANNOT))
def test_what_no_engine_can_do_is_named(name: str) -> None:
    causes = [error.cause for error in _trial(name).errors]
    assert any(f"the transformation {ENGINE_CANNOT[name]!r} cannot run locally" in cause for cause in causes)


def test_all_others_whose_sources_declare_their_columns_run() -> None:
    known = {name: trial for name in FLOWS if (trial := _trial(name)).known_schema}
    assert {name for name, trial in known.items() if trial.errors} <= ENGINE_CANNOT.keys()
    assert len(ENGINE_CANNOT) <= 0.05 * len(FLOWS)
