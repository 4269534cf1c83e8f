"""Queries over records of runs: pages, and what a window of time is about."""

from __future__ import annotations

from local_azure.services.synapse_workspace.run_queries import ACTIVITY_RUNS, PIPELINE_RUNS, answer


def test_runs_come_in_pages_of_a_hundred() -> None:
    records = [{"runId": number, "runStart": "2026-01-01T00:00:00Z", "lastUpdated": None} for number in range(150)]
    window = {"lastUpdatedAfter": "0001-01-01T00:00:00Z", "lastUpdatedBefore": "2100-01-01T00:00:00Z"}
    first = answer(records, window, PIPELINE_RUNS)
    second = answer(records, {**window, "continuationToken": first["continuationToken"]}, PIPELINE_RUNS)
    assert [each["runId"] for each in first["value"] + second["value"]] == list(range(150))
    assert "continuationToken" not in second


def test_an_activity_belongs_to_a_window_by_its_end() -> None:
    run = {"activityRunStart": "2026-01-01T00:00:00Z", "activityRunEnd": "2026-01-03T00:00:00Z"}
    window = {"lastUpdatedAfter": "2026-01-02T00:00:00Z", "lastUpdatedBefore": "2026-01-04T00:00:00Z"}
    assert answer([run], window, ACTIVITY_RUNS) == {"value": [run]}
    assert answer([{**run, "activityRunEnd": None}], window, ACTIVITY_RUNS) == {"value": []}
