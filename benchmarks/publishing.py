"""What the provider costs beside the requests it sends: publishing N pipelines against replaying the same requests.

`python benchmarks/publishing.py [N]` prints both times and their ratio, from one run on one stand-in in this process,
so that machine and service cancel out; then what a run that changes nothing costs an artifact.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "benches"))

from provider_bench import Call, ProviderBench, provider_bench

from local_azure.server import LocalAzure


def documents(count: int) -> dict[str, Any]:
    """Pipelines of about 1 KB each; every tenth is called by the nine after it."""
    return {f"pipeline/p{number:05}": _pipeline(number) for number in range(count)}


def _pipeline(number: int) -> dict[str, Any]:
    called = number - number % 10
    rest: dict[str, Any] = {"name": "Rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
    activities = [{**rest, "name": f"Rest {index}", "description": "x" * 100} for index in range(4)]
    if number != called:
        reference = {"referenceName": f"p{called:05}", "type": "PipelineReference"}
        activities.append({"name": "Call", "type": "ExecutePipeline", "typeProperties": {"pipeline": reference}})
    return {"name": f"p{number:05}", "properties": {"activities": activities}}


def seconds(act: Callable[[], object]) -> float:
    """How long it takes."""
    before = time.perf_counter()
    act()
    return time.perf_counter() - before


def replay(bench: ProviderBench, calls: list[Call]) -> None:
    """The same requests one after another, without a client; operations are new, so each is polled at its own place."""
    for call in calls:
        if call.method == "PUT":
            answer = bench.workspace.call("PUT", call.path, call.body)
            bench.workspace.poll(answer)
        elif not call.path.startswith("/operationResults"):
            bench.workspace.call(call.method, call.path)


def main(count: int) -> None:
    """Publish, replay in another workspace, then change nothing."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        bench, bare = (provider_bench(LocalAzure(Path(folder) / "azure")) for folder in (first, second))
        life = bench.life("WorkspaceArtifacts")
        inputs = {"endpoint": bench.workspace.endpoint, "documents": documents(count)}
        published = seconds(lambda: life.up(inputs))
        calls = list(bench.wire.calls)
        replayed = seconds(lambda: replay(bare, calls))
        unchanged = seconds(lambda: life.preview(inputs))
        refreshed = seconds(life.refresh)
        bench.azure.stop()
        bare.azure.stop()
    size = len(json.dumps(inputs))
    print(f"{count} pipelines, {size / count:.0f} bytes each, {len(calls)} requests")
    print(f"publishing {published:.2f} s, the same requests alone {replayed:.2f} s, ratio {published / replayed:.2f}")
    print(
        f"unchanged: preview {unchanged / count * 1000:.2f} ms, refresh {refreshed / count * 1000:.2f} ms an artifact"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
