"""`python benchmarks/publish/slow_azure.py FOLDER`: a local Azure as slow and as strict as a real one.

150 ms for an answer, pages of 100, an operation that is polled, 429 above 25 requests at once. Prints what a client
needs to know as one line of JSON and runs until its standard input ends.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "benches"))

from synapse_bench import make_workspace

from local_azure.directory import application_id
from local_azure.server import LocalAzure
from local_azure.services.synapse_workspace.workspace import AUDIENCE
from local_azure.settings import Settings

LATENCY_SECONDS, MOST_AT_ONCE, PAGE_SIZE, POLLS = 0.15, 25, 100, 2


def main(folder: Path) -> None:
    """Serve until nobody listens any more."""
    azure = LocalAzure(
        folder,
        Settings(
            latency_seconds=LATENCY_SECONDS,
            most_at_once=MOST_AT_ONCE,
            page_size=PAGE_SIZE,
            lro_polls=POLLS - 1,
            worker_threads=64,
        ),
    )
    azure.start()
    workspace = make_workspace(azure)
    known = {
        "endpoint": workspace.endpoint,
        "proxy": azure.proxy_url,
        "authority": str(azure.ca_file),
        "log": str(azure.state.folder / "requests.jsonl"),
        "token": azure.tokens.issue(workspace.principal("deployer"), AUDIENCE),
        "AZURE_TENANT_ID": azure.directory.tenant_id,
        "AZURE_CLIENT_ID": application_id("deployer"),
        "AZURE_CLIENT_SECRET": azure.directory.client_secret("deployer"),
    }
    print(json.dumps(known), flush=True)
    sys.stdin.read()
    azure.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
