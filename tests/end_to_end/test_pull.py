"""What Studio changes beside bound fields: told as drift, pulled into the file alone; the preview is empty again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import requests
from local_stack import LocalStack, copy_project

FILE = "pipelines_json/linkedService/data_lake.json"
SCOPE = "https://dev.azuresynapse.net/.default"


def change_in_studio(stack: LocalStack, path: str, key: str, value: Any) -> None:
    """Publishes an artifact with one property changed, as Studio does in live mode."""
    token = stack.credential("deployer").get_token(SCOPE).token
    url, headers = f"{stack.outputs['synapseEndpoint']}/{path}", {"Authorization": f"Bearer {token}"}
    version = {"api-version": "2020-12-01"}
    found = requests.get(url, params=version, headers=headers, timeout=60).json()
    body = {"name": found["name"], "properties": {**found["properties"], key: value}}
    answer = requests.put(url, params=version, json=body, headers=headers, timeout=60)
    assert answer.ok, answer.text
    while answer.status_code == 202:
        time.sleep(0.1)
        answer = requests.get(answer.headers["Location"], headers=headers, timeout=60)


def test_a_change_in_studio_is_pulled_and_bound_fields_stay_bound(stack: LocalStack, project: Path) -> None:
    copy = copy_project(project)
    before = (copy / FILE).read_text(encoding="utf-8")
    environment = stack.shell_environment()
    try:
        change_in_studio(stack, "linkedservices/data_lake", "description", "Changed in Studio")
        drift = stack.ingest("drift", environment=environment)
        assert (drift.code, drift.output.splitlines()) == (
            2,
            ["changed   linkedService/data_lake.properties.description", "1 differences"],
        ), drift.text
        with stack.recording() as log:
            pulled = stack.ingest("pull", "--folder", str(copy / "pipelines_json"), "--force", environment=environment)
        assert (pulled.code, pulled.output) == (0, "change  linkedService/data_lake\n1 files changed\n"), pulled.text
        assert [each for each in log if each["method"] in ("PUT", "PATCH", "DELETE")] == []
        after = (copy / FILE).read_text(encoding="utf-8")
        changed = [new for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
        assert changed == ['\t\t"description": "Changed in Studio",']
        assert "<bound-at-deployment:dataLakeUrl>" in after
        for refreshed in ([], ["--refresh"]):
            preview = stack.pulumi("preview", "--expect-no-changes", "--diff", *refreshed, project=copy)
            assert preview.code == 0, preview.text
    finally:
        restored = stack.pulumi("up", "--yes", "--skip-preview", "--refresh")
        assert restored.code == 0, restored.text
    assert stack.ingest("drift", environment=environment).code == 0
