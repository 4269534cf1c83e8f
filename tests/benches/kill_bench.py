"""A stack of artifacts alone on the real engine, killed at any moment: `kill -9` for engine, plugin and program."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from running_azure import AzureBench, running_azure

from pulumi_engine.obtain import obtain

ROOT = Path(__file__).resolve().parents[2]
WORKSPACE = "killed-often"
HOST = f"{WORKSPACE}.dev.azuresynapse.net"
_ARM = "https://management.azure.com"
_PROGRAM = """
import json
from pathlib import Path

import pulumi_dataplane as dataplane
from synapse_artifacts.packed import pack

documents = json.loads(Path(__file__).with_name("documents.json").read_text(encoding="utf-8"))
started = sorted(key.split("/")[1] for key in documents if key.startswith("trigger/"))
dataplane.WorkspaceArtifacts("artifacts", endpoint=ENDPOINT, documents=pack(documents), started_triggers=started)
"""
_COLLECTIONS = ("linkedservices", "datasets", "dataflows", "pipelines", "triggers")
VICTIMS = ("pulumi", "pulumi-resource-dataplane", "everything")


@dataclass(frozen=True)
class KilledStack:
    """A project in a folder and the local Azure that it publishes to."""

    azure: AzureBench
    folder: Path

    def write(self, documents: Mapping[str, Any]) -> None:
        """The documents that the program publishes from now on."""
        (self.folder / "documents.json").write_text(json.dumps(documents), encoding="utf-8")

    def pulumi(self, *arguments: str) -> str:
        """Runs plain `pulumi` to its end. Raises AssertionError with what it said."""
        command = ["pulumi", "--non-interactive", "--color", "never", *arguments]
        answer = subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout

    def up_killed(self, number: int, victim: str) -> bool:
        """Runs `up` and kills a victim with the request of that number; False if it ended before."""
        self._unlock()
        begin = self.request_count
        with (self.folder / "killed.log").open("wb") as log:
            engine = subprocess.Popen(
                ["pulumi", "--non-interactive", "up", "--yes", "--skip-preview"],
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            while engine.poll() is None and self.request_count - begin < number:
                time.sleep(0.005)
            if engine.poll() is not None:
                return False
            family = [*psutil.Process(engine.pid).children(recursive=True), psutil.Process(engine.pid)]
            _kill(family, victim, engine.pid)
            engine.wait(timeout=120)
        deadline = time.monotonic() + 30
        while (left := list(filter(None, map(_alive, family)))) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert left == [], f"outlives the engine: {left}"
        return True

    def recover(self) -> None:
        """What somebody does after a kill: take away the lock that the engine left, run again, and forget its note."""
        self._unlock()
        self.pulumi("up", "--yes", "--skip-preview")
        if self._state().get("pending_operations"):
            self.pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates")

    def _unlock(self) -> None:
        if list(self.folder.glob("state/.pulumi/locks/**/*.json")):
            self.pulumi("cancel", "--yes")

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.pulumi("stack", "export"))["deployment"]
        return state

    @property
    def request_count(self) -> int:
        """How many requests have reached the local Azure."""
        with (self.azure.state_folder / "requests.jsonl").open("rb") as log:
            return sum(1 for _ in log)

    def live(self) -> dict[str, dict[str, Any]]:
        """The artifacts of the workspace by collection and name."""
        token = self.azure.credential("deployer").get_token("https://dev.azuresynapse.net/.default").token
        found: dict[str, dict[str, Any]] = {}
        for collection in _COLLECTIONS:
            url = f"https://{HOST}/{collection}?api-version=2020-12-01"
            found[collection] = {}
            while url:
                page = self.azure.call("GET", url, None, {"Authorization": f"Bearer {token}"})
                found[collection] |= {each["name"]: each["properties"] for each in page["value"]}
                url = page.get("nextLink", "")
        return {
            kind: {name: each for name, each in items.items() if "WorkspaceDefault" not in name}
            for kind, items in found.items()
        }

    def check(self, documents: Mapping[str, Any]) -> None:
        """Nothing is missing, orphaned or there twice, every trigger runs, and nobody has anything to do."""
        live = self.live()
        names = sorted(name for items in live.values() for name in items)
        assert names == sorted(key.split("/")[1] for key in documents)
        assert {each["runtimeState"] for each in live["triggers"].values()} == {"Started"}
        state = self._state()
        assert state.get("pending_operations", []) == []
        urns = [each["urn"] for each in state["resources"]]
        assert len([urn for urn in urns if "WorkspaceArtifacts" in urn]) == 1
        assert not any(each.get("delete") for each in state["resources"])
        self.pulumi("preview", "--refresh", "--expect-no-changes")

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(Path(sys.executable).parent), str(obtain()), os.environ["PATH"]])
        return {
            **os.environ,
            "PATH": path,
            "PULUMI_BACKEND_URL": f"{(self.folder / 'state').as_uri()}?metadata=skip",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_STACK": "trial",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }


def _alive(process: psutil.Process) -> str:
    """What a process that runs is; empty for one that is gone, waited for by its parent or not."""
    try:
        return "" if process.status() == psutil.STATUS_ZOMBIE else " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def _kill(family: list[psutil.Process], victim: str, engine: int) -> None:
    """`kill -9`, the engine first where everything goes, so that it cannot save anything."""
    for each in reversed(family):
        is_engine = each.pid == engine
        if victim == "everything" or is_engine == (victim == "pulumi"):
            try:
                each.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue


@contextmanager
def killed_stack(folder: Path) -> Iterator[KilledStack]:
    """A new stack in a folder, its local Azure and an empty workspace."""
    with running_azure() as azure, azure.acting_as("deployer"):
        _make_workspace(azure)
        (folder / "state").mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text(
            "name: trial\nruntime: python\nplugins:\n  providers:\n"
            f"    - name: dataplane\n      path: {ROOT / 'plugins' / 'dataplane'}\n",
            encoding="utf-8",
        )
        program = _PROGRAM.replace("ENDPOINT", repr(f"https://{HOST}"))
        (folder / "__main__.py").write_text(program, encoding="utf-8")
        stack = KilledStack(azure, folder)
        stack.pulumi("stack", "init", "trial")
        yield stack


def kill_often(
    stack: KilledStack,
    versions: Callable[[int], Mapping[str, Any]],
    kills: int,
    each: int,
    chance: random.Random,
) -> Iterator[str]:
    """Kill `up` so often, `each` times from version to version before it may finish; tells each kill."""
    done = version = 0
    while done < kills:
        documents = versions(version)
        stack.write(documents)
        for _ in range(min(each, kills - done)):
            number, victim = chance.randint(1, chance.choice((100, 500))), chance.choice(VICTIMS)
            if not stack.up_killed(number, victim):
                break
            done += 1
            yield f"kill {done}: {victim} with request {number}, version {version}"
        stack.recover()
        stack.check(documents)
        version += 1


def _make_workspace(azure: AzureBench) -> None:
    scope = "https://management.azure.com/.default"
    headers = {
        "Authorization": f"Bearer {azure.credential('deployer').get_token(scope).token}",
        "Content-Type": "application/json",
    }
    group = f"{_ARM}/subscriptions/{azure.endpoints.subscription_id}/resourceGroups/killed"
    workspace = f"{group}/providers/Microsoft.Synapse/workspaces/{WORKSPACE}"
    body = {
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "defaultDataLakeStorage": {"accountUrl": "https://killed.dfs.core.windows.net", "filesystem": "synapse"},
            "azureADOnlyAuthentication": True,
        },
    }
    everybody = {"properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}}
    azure.call("PUT", f"{group}?api-version=2024-03-01", {"location": "westeurope"}, headers)
    azure.call("PUT", f"{workspace}?api-version=2021-06-01", body, headers)
    while azure.call("GET", f"{workspace}?api-version=2021-06-01", None, headers)["properties"][
        "provisioningState"
    ] not in ("Succeeded", "Failed"):
        time.sleep(0.2)
    azure.call("PUT", f"{workspace}/firewallRules/everybody?api-version=2021-06-01", everybody, headers)
