"""What publishing N artifacts costs beside its bounds: the requests, their latency, the bare engine.

`python benchmarks/publish/compare.py [N …]` publishes N artifacts in the proportions of a real workspace to a local
Azure as slow and strict as a real one (slow_azure.py), with the real engine and a file backend; changes nothing;
changes one, without and with a look for drift. Beside it, in the same run: (a) the bare engine's preview of one idle
resource an artifact, (b) the plan of Microsoft's task, token and PUT and poll of each artifact one after another, (c) a
GET for each artifact. (b) and (c) are measured on 40 artifacts and given for N.
"""

import copy
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import requests
from slow_azure import LATENCY_SECONDS, MOST_AT_ONCE, PAGE_SIZE, POLLS
from stacks import Measured, Stack, idle_stack, published_stack
from workspace import LEVELS, Documents, documents

from azure_ids.synapse import ArtifactId

_SAMPLE = 40


@dataclass(frozen=True)
class Azure:
    """The local Azure of a child process."""

    known: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """What leads clients there."""
        identity = {name: value for name, value in self.known.items() if name.startswith("AZURE_")}
        proxy = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), self.known["proxy"])
        direct = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
        return {**identity, **proxy, **direct, "SSL_CERT_FILE": self.ca, "REQUESTS_CA_BUNDLE": self.ca}

    @property
    def ca(self) -> str:
        """The file of the authority."""
        return self.known["authority"]

    def session(self) -> requests.Session:
        """A bare client."""
        session = requests.Session()
        session.trust_env, session.verify = False, self.ca
        session.proxies = {"https": self.known["proxy"]}
        session.headers["Authorization"] = f"Bearer {self.known['token']}"
        return session

    def requests_since(self, begin: int) -> list[dict[str, Any]]:
        """What the development endpoint was asked since the log had that size."""
        host = self.known["endpoint"].removeprefix("https://")
        with Path(self.known["log"]).open("rb") as stream:
            stream.seek(begin)
            return [each for each in map(json.loads, stream) if each["host"] == host]

    def log_size(self) -> int:
        """The size of the log now."""
        log = Path(self.known["log"])
        return log.stat().st_size if log.exists() else 0


@contextmanager
def local_azure(folder: Path) -> Iterator[Azure]:
    """A local Azure in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("slow_azure.py")), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Azure(json.loads(cast(IO[str], process.stdout).readline()))
        cast(IO[str], process.stdin).close()


@dataclass(frozen=True)
class Step:
    """A measured command and the requests that it sent."""

    name: str
    measured: Measured
    asked: list[dict[str, Any]]

    @property
    def counts(self) -> dict[str, int]:
        """Requests by what they are for."""
        return dict(sorted(Counter(map(_purpose, self.asked)).items()))


def _purpose(request: dict[str, Any]) -> str:
    if request["status"] == 429:
        return "throttled"
    if request["method"] != "GET":
        return {"PUT": "write", "DELETE": "delete", "POST": "action"}[request["method"]]
    path = request["path"].split("?")[0].strip("/")
    return "poll" if "perationResults" in path else "page" if "/" not in path else "read"


def measure(azure: Azure, stack: Stack, name: str, *arguments: str) -> Step:
    """A command of the engine with its requests."""
    begin = azure.log_size()
    measured = stack.run(*arguments)
    return Step(name, measured, azure.requests_since(begin))


def per_artifact(azure: Azure, given: Documents) -> tuple[float, float]:
    """Seconds an artifact of Microsoft's plan (token, PUT, poll; serial) and of a GET each (serial)."""
    sample = list(given.items())[:_SAMPLE]
    version = {"api-version": "2020-12-01"}
    begin = time.perf_counter()
    for key, document in sample:
        session = azure.session()
        time.sleep(LATENCY_SECONDS)  # a token of its own
        answer = session.put(azure.known["endpoint"] + _path(key), params=version, json=document, timeout=60)
        while answer.status_code == 202:
            answer = session.get(answer.headers["location"], timeout=60)
        answer.raise_for_status()
    written = time.perf_counter() - begin
    session, begin = azure.session(), time.perf_counter()
    for key, _ in sample:
        session.get(azure.known["endpoint"] + _path(key), params=version, timeout=60).raise_for_status()
    return written / len(sample), (time.perf_counter() - begin) / len(sample)


def _path(key: str) -> str:
    artifact = ArtifactId.parse(key)
    return f"/{artifact.kind.collection}/{artifact.name}"


def edited(given: Documents, hours: int) -> Documents:
    """With one value of one pipeline changed."""
    changed = copy.deepcopy(given)
    pipeline = next(key for key in sorted(changed) if key.startswith("pipeline/"))
    changed[pipeline]["properties"]["activities"][0]["policy"]["timeout"] = f"0.{hours}:00:00"
    return changed


def main(count: int) -> None:
    """All steps for one size; a report on standard output."""
    given = documents(count)
    with tempfile.TemporaryDirectory() as temporary, local_azure(Path(temporary) / "azure") as azure:
        stack = published_stack(Path(temporary) / "published", azure.environment)
        idle = idle_stack(Path(temporary) / "idle")
        stack.write({"endpoint": azure.known["endpoint"], "documents": given})
        idle.write({"names": [key.replace("/", "-") for key in given]})
        full = measure(azure, stack, "full publish", "up", "--yes", "--skip-preview")
        idle.run("up", "--yes", "--skip-preview")
        bare = idle.run("preview")
        nothing = measure(azure, stack, "no change, with drift check", "preview", "--refresh", "--expect-no-changes")
        stack.write({"endpoint": azure.known["endpoint"], "documents": edited(given, 13)})
        one = measure(azure, stack, "one change", "up", "--yes", "--skip-preview")
        stack.write({"endpoint": azure.known["endpoint"], "documents": edited(given, 14)})
        checked = measure(azure, stack, "one change, with drift check", "up", "--yes", "--skip-preview", "--refresh")
        written, read = per_artifact(azure, given)
        state = (Path(temporary) / "published/state/.pulumi/stacks/measured/measured.json").stat().st_size
    bound = (1 + POLLS) * count * LATENCY_SECONDS / MOST_AT_ONCE + LEVELS * (1 + POLLS) * LATENCY_SECONDS
    print(f"{count} artifacts, {LATENCY_SECONDS * 1000:.0f} ms, pages of {PAGE_SIZE}, {MOST_AT_ONCE} at once")
    print(f"(a) bare engine, preview of {count} idle resources: {bare.wall:.1f} s (processor {bare.processor:.1f} s)")
    for step in (full, nothing, one, checked):
        took = f"{step.measured.wall:.1f} s (processor {step.measured.processor:.1f} s)"
        print(f"{step.name}: {took}, {step.measured.wall / bare.wall:.2f} x (a); requests {step.counts}")
    goal = 1.3 * bound + bare.wall
    print(f"full publish: {full.counts['write'] / count:.2f} writes an artifact; goal {goal:.1f} s")
    print(f"(b) token, PUT and poll one after another: {written * count:.0f} s; (c) a GET each: {read * count:.0f} s")
    print(f"state {state / 1000:.0f} KB")


if __name__ == "__main__":
    for size in [int(each) for each in sys.argv[1:]] or [1339, 2507]:
        main(size)
