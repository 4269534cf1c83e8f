"""A secret in a document reaches no output, plan or state of the real engine: it is refused before, in both forms."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kill_bench import HOST, KilledStack, killed_stack

CANARY = "Canary0aB3xZ9qL7"
_LAKE = {"accountKey": {"type": "SecureString", "value": CANARY}, "url": "https://x.dfs.core.windows.net"}
_WEB = {
    "name": "Call",
    "type": "WebActivity",
    "typeProperties": {
        "method": "GET",
        "url": f"https://x.blob.core.windows.net/c/f?sv=2022-11-02&sig={CANARY}",
        "headers": {"Authorization": f"Bearer {CANARY}"},
    },
}
DOCUMENTS: dict[str, Any] = {
    "linkedService/secure": {"properties": {"type": "AzureBlobFS", "typeProperties": _LAKE}},
    "linkedService/connection": {
        "properties": {
            "type": "AzureBlobStorage",
            "typeProperties": {"connectionString": f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={CANARY}"},
        }
    },
    "linkedService/password": {
        "properties": {
            "type": "SqlServer",
            "typeProperties": {"connectionString": f"Server=x;User=y;Password={CANARY}"},
        }
    },
    "pipeline/web": {"properties": {"activities": [_WEB]}},
    "pipeline/default": {
        "properties": {
            "activities": [],
            "parameters": {"p": {"type": "SecureString", "defaultValue": CANARY}},
        }
    },
}
PLACES = (
    "linkedService/secure/properties/typeProperties/accountKey",
    "linkedService/connection/properties/typeProperties/connectionString",
    "linkedService/password/properties/typeProperties/connectionString",
    "pipeline/web/properties/activities/0/typeProperties/url",
    "pipeline/web/properties/activities/0/typeProperties/headers/Authorization",
    "pipeline/default/properties/parameters/p/defaultValue",
)
_PROGRAM = """
import json
from pathlib import Path

import pulumi_dataplane as dataplane
from synapse_artifacts.packed import pack

documents = json.loads(Path(__file__).with_name("documents.json").read_text(encoding="utf-8"))
dataplane.WorkspaceArtifacts("artifacts", endpoint=ENDPOINT, documents=FORM(documents))
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KilledStack]:
    """A stack of artifacts alone, with its own local Azure."""
    with killed_stack(tmp_path_factory.mktemp("canaries") / "stack") as found:
        yield found


def said(stack: KilledStack, *arguments: str) -> str:
    """What a command says that must fail."""
    environment = stack.environment()
    pulumi = shutil.which("pulumi", path=environment["PATH"]) or "pulumi"
    command = [pulumi, "--non-interactive", "--color", "never", *arguments]
    answer = subprocess.run(command, cwd=stack.folder, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode != 0, answer.stdout
    return answer.stdout + answer.stderr


@pytest.mark.parametrize("form", ["dict", "pack"])
def test_a_secret_is_refused_before_anything_is_printed_or_recorded(
    stack: KilledStack, tmp_path: Path, form: str
) -> None:
    program = _PROGRAM.replace("ENDPOINT", repr(f"https://{HOST}")).replace("FORM", form)
    (stack.folder / "__main__.py").write_text(program, encoding="utf-8")
    stack.write(DOCUMENTS)
    begin, plan = stack.request_count, tmp_path / "plan.json"
    preview = said(stack, "preview", "--diff", "--save-plan", str(plan), "--show-secrets")
    up = said(stack, "up", "--yes", "--skip-preview", "--diff", "--show-secrets")
    for text in (preview, up):
        assert CANARY not in text
        for place in PLACES:
            assert f"{place}: it holds " in text, text
    assert not plan.exists()
    state = stack.pulumi("stack", "export", "--show-secrets")
    assert CANARY not in state
    assert "WorkspaceArtifacts" not in state
    assert stack.request_count == begin
    recorded = [
        file for folder, _, files in os.walk(stack.folder / "state") for file in (Path(folder) / f for f in files)
    ]
    assert recorded
    assert not any(CANARY in file.read_text(encoding="utf-8", errors="replace") for file in recorded)
