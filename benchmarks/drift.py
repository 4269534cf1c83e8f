"""What `ingest drift` costs beside the pages it reads: the command as a process against the same requests alone.

`python benchmarks/drift.py [N]` publishes N artifacts to a local Azure, writes the state that the engine would have,
and prints the time of the whole command (start of Python and imports included), that of a bare client that asks for the
same pages one after another, and the requests by kind.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent / "publish"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "benches"))

import requests
from stacks import processor_seconds
from synapse_bench import Bench, make_workspace
from workspace import documents

from azure_ids.synapse import ArtifactId
from ingest_cli.project import PROJECT
from local_azure.directory import application_id
from local_azure.server import LocalAzure
from local_azure.services.synapse_workspace.workspace import AUDIENCE
from local_azure.settings import Settings
from synapse_artifacts.packed import pack

STACK = "measured"


def write_state(folder: Path, endpoint: str, published: dict[str, Any]) -> None:
    """The state of a stack with these artifacts in a backend that is a folder."""
    outputs = {"endpoint": endpoint, "documents": pack(published), "startedTriggers": []}
    published_artifacts = {"type": "dataplane:index:WorkspaceArtifacts", "id": endpoint, "custom": True}
    state = {
        "version": 3,
        "checkpoint": {"latest": {"resources": [{**published_artifacts, "inputs": outputs, "outputs": outputs}]}},
    }
    file = folder / ".pulumi" / "stacks" / PROJECT / f"{STACK}.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(state), encoding="utf-8")


def environment(azure: LocalAzure, backend: Path) -> dict[str, str]:
    """What leads the command here."""
    authority = str(azure.ca_file)
    return {
        **os.environ,
        "HTTPS_PROXY": azure.proxy_url,
        "https_proxy": azure.proxy_url,
        "SSL_CERT_FILE": authority,
        "REQUESTS_CA_BUNDLE": authority,
        "AZURE_TENANT_ID": azure.directory.tenant_id,
        "AZURE_CLIENT_ID": application_id("deployer"),
        "AZURE_CLIENT_SECRET": azure.directory.client_secret("deployer"),
        "PULUMI_BACKEND_URL": backend.as_uri(),
    }


def replay(bench: Bench, addresses: list[str]) -> float:
    """Seconds that the same addresses take one after another."""
    session = requests.Session()
    session.trust_env = False
    session.proxies, session.verify = {"https": bench.azure.proxy_url}, str(bench.azure.ca_file)
    session.headers["Authorization"] = f"Bearer {bench.azure.tokens.issue(bench.principal('deployer'), AUDIENCE)}"
    before = time.perf_counter()
    for address in addresses:
        session.get(address, timeout=60).raise_for_status()
    return time.perf_counter() - before


def require(holds: bool, what: str) -> None:
    """Ends the program where what was measured is not what was meant."""
    if not holds:
        sys.exit(f"measuring: not as meant: {what}")


def main(count: int) -> None:
    """Publish, compare, ask for the same pages alone."""
    with tempfile.TemporaryDirectory() as folder:
        azure = LocalAzure(Path(folder) / "azure", Settings(page_size=100))
        azure.start()
        bench = make_workspace(azure)
        published = documents(count)
        for id, document in published.items():
            artifact = ArtifactId.parse(id)
            path = f"/{artifact.kind.collection}/{artifact.name}"
            require(bench.put(path, document["properties"]).status == 200, id)
        write_state(Path(folder) / "backend", bench.endpoint, published)
        log = azure.state.folder / "requests.jsonl"
        begin = log.stat().st_size if log.exists() else 0
        command = [str(Path(sys.executable).parent / "ingest"), "drift", "--stack", STACK]
        before, used = time.perf_counter(), processor_seconds()
        answer = subprocess.run(
            command, env=environment(azure, Path(folder) / "backend"), capture_output=True, text=True, check=False
        )
        taken = time.perf_counter() - before
        used = processor_seconds() - used
        require((answer.returncode, answer.stdout) == (0, "no drift\n"), answer.stderr)
        with log.open(encoding="utf-8") as lines:
            lines.seek(begin)
            asked = [json.loads(line) for line in lines]
        own = [each for each in asked if each["host"] == bench.endpoint.removeprefix("https://")]
        alone = replay(bench, [f"{bench.endpoint}{each['path']}" for each in own])
        azure.stop()
    print(f"{count} artifacts, {len(own)} requests: {dict(Counter(each['path'].split('?')[0] for each in own))}")
    print(f"ingest drift {taken:.2f} s, the same pages alone {alone:.2f} s, beside them {taken - alone:.2f} s")
    print(f"processor time of the command {used:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2507)
