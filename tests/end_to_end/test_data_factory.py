"""The whole stack with a factory of Data Factory in place of the workspace: one setting, from nothing to nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from checkout import Checkout, written
from local_stack import ROOT, LocalStack

STACK = "factory"
ARM = "https://management.azure.com"
PROJECT = "azure-ml-ingestion"
PIPELINE = "pipelines_json/pipeline/ingest_images.json"
NOTEBOOK = {"name": "explore", "properties": {"nbformat": 4, "nbformat_minor": 2, "cells": [], "metadata": {}}}
SCRIPT = {"name": "count", "properties": {"content": {"query": "SELECT 1"}, "type": "SqlQuery"}}


@pytest.fixture
def checkout(bare_azure: LocalStack, project: Path) -> Iterator[Checkout]:
    """A copy of the project whose stack has the settings of the local one, but for its target and a trigger."""
    settings = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text(encoding="utf-8"))
    settings["config"] |= {
        f"{PROJECT}:environment": STACK,
        f"{PROJECT}:artifacts": {"target": "datafactory"},
        f"{PROJECT}:triggers": {"started": ["daily_images"]},
    }
    with bare_azure.reachable(), Checkout.make(bare_azure, project, STACK) as found:
        (project / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        yield found


def add(checkout: Checkout, kind: str, document: dict[str, Any]) -> None:
    """A file of the folder of artifacts."""
    file = checkout.project / "pipelines_json" / kind / f"{document['name']}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(document), encoding="utf-8")


def change_in_studio(checkout: Checkout, id: str, **properties: Any) -> None:
    """Publishes an artifact of the factory with some properties changed, as Studio does in live mode."""
    token = checkout.local.credential("deployer").get_token(f"{ARM}/.default").token
    headers, version = {"Authorization": f"Bearer {token}"}, {"api-version": "2018-06-01"}
    found = requests.get(f"{ARM}{id}", params=version, headers=headers, timeout=60).json()
    body = {"properties": {**found["properties"], **properties}}
    answer = requests.put(f"{ARM}{id}", params=version, json=body, headers=headers, timeout=60)
    assert answer.ok, answer.text


def test_what_only_a_workspace_has_is_refused_by_name_before_anything_is_written(checkout: Checkout) -> None:
    add(checkout, "notebook", NOTEBOOK)
    add(checkout, "sqlscript", SCRIPT)
    with checkout.local.recording() as log:
        refused = checkout.pulumi("up", "--yes", "--skip-preview")
    assert refused.code != 0
    for name in ("notebook/explore", "sqlscript/count"):
        kind = name.partition("/")[0]
        assert f"{name}: a factory has no {kind}" in refused.text, refused.text
    assert "Traceback" not in refused.text
    assert written(log) == []


def test_a_factory_is_deployed_watched_changed_and_destroyed(checkout: Checkout) -> None:
    made = checkout.pulumi("up", "--yes", "--skip-preview")
    assert made.code == 0, made.text
    state = json.loads(checkout.pulumi("stack", "export").output)["deployment"]["resources"]
    assert not [each["type"] for each in state if "ynapse" in each["type"]]
    factory = str(next(each["outputs"] for each in state if each["type"] == "pulumi:pulumi:Stack")["artifactHost"])
    assert checkout.ingest("drift").output == "no drift\n"
    unchanged = checkout.preview()
    assert unchanged.code == 0, unchanged.text

    change_in_studio(checkout, f"{factory}/pipelines/ingest_images", description="Changed in Studio")
    drift = checkout.ingest("drift")
    told = ["changed   pipeline/ingest_images.properties.description", "1 differences"]
    assert (drift.code, drift.output.splitlines()) == (2, told), drift.errors
    checkout.edit(PIPELINE, '"timeout": "0.04:00:00"', '"timeout": "0.05:00:00"')
    with checkout.local.recording() as log:
        changed = checkout.pulumi("up", "--refresh", "--yes", "--skip-preview", "--diff")
    assert changed.code == 0, changed.text
    path = 'documents["pipeline/ingest_images"].properties.description'
    assert f"the workspace differs from the state at {path}" in changed.text, changed.text
    assert written(log, factory) == [
        "POST /triggers/daily_images/stop",
        "PUT /pipelines/ingest_images",
        "POST /triggers/daily_images/start",
    ]
    assert checkout.ingest("drift").output == "no drift\n"

    gone = checkout.pulumi("destroy", "--yes", "--skip-preview")
    assert gone.code == 0, gone.text
    status = checkout.local.ingest("local", "status").output
    assert [line for line in status.splitlines() if f"/resourceGroups/rg-ingest-{STACK}" in line] == []
