"""Starts the stand-in as a process of its own, says whether it runs, and stops it; what `ingest local` is made of.

The lock of the state folder decides who runs: a process that was killed holds none, whatever files it left.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local_azure.files import CREDENTIALS_FILE, ENDPOINTS_FILE, LOCK_FILE, LOG_FILE

START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 30.0
_PAUSE_SECONDS = 0.02
_LINES_OF_LOG = 20

_started: dict[int, subprocess.Popen[bytes]] = {}
"""Living children of this process; `_reap` takes out those that ended, so that none stays as a zombie."""


class LifecycleError(Exception):
    """The stand-in could not be started, reached or stopped; the message says why."""


@dataclass(frozen=True)
class RunningAzure:
    """How to reach a running stand-in; the content of `endpoints.json`."""

    pid: int
    proxy: str
    """URL for HTTPS_PROXY."""
    ca_file: str
    """Certificate that clients must trust."""
    provider_ports: Mapping[str, int]
    """Port of the azure-native plugin's stand-in for each identity that can sign in."""
    tenant_id: str
    subscription_id: str
    identities: Mapping[str, Mapping[str, str | None]]
    """client_id and object_id of everyone in the directory, by name."""

    def proxy_from(self, source_ip: str) -> str:
        """Proxy URL whose callers appear to come from an address; the password pleases clients that need one."""
        return self.proxy.replace("//", f"//{source_ip}:any@", 1)


def find(state_folder: Path) -> RunningAzure | None:
    """The stand-in that runs on a folder; None when none does, or when it is not ready yet."""
    try:
        endpoints = json.loads((state_folder / ENDPOINTS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None  # without a look at the lock: looking takes it for a moment, and one that starts wants it
    return None if _holder(state_folder) is None else RunningAzure(**endpoints)


def start(
    state_folder: Path, options: Sequence[str] = (), *, timeout_seconds: float = START_TIMEOUT_SECONDS
) -> RunningAzure:
    """Starts a stand-in that outlives this process and returns once it is ready; one that runs already is kept.

    `options` are those of `python -m local_azure`. Raises LifecycleError with the end of its log if it does not start.
    """
    _reap()
    running = find(state_folder)
    if running is not None:
        return running
    state_folder.mkdir(parents=True, exist_ok=True)
    if _holder(state_folder) is None:
        (state_folder / ENDPOINTS_FILE).unlink(missing_ok=True)  # of a process that was killed
    command = [sys.executable, "-m", "local_azure", "--state-folder", str(state_folder), *options]
    with (state_folder / LOG_FILE).open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    _started[process.pid] = process
    return _wait_until_ready(state_folder, process, timeout_seconds)


def stop(state_folder: Path, *, timeout_seconds: float = STOP_TIMEOUT_SECONDS) -> bool:
    """Ends the stand-in of a folder and waits until it is gone; False when none ran. The state stays.

    Raises LifecycleError when it does not end in time.
    """
    _reap()
    pid = _holder(state_folder)
    if pid is None:
        (state_folder / ENDPOINTS_FILE).unlink(missing_ok=True)  # of a process that was killed
        for each in list(_started):
            _is_gone(each)  # forgets children that have ended
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout_seconds
    while not _is_gone(pid):
        if time.monotonic() > deadline:
            raise LifecycleError(
                f"stopping local Azure on {state_folder}: process {pid} still runs after {timeout_seconds:g} s; "
                f"hint: kill -9 {pid}, the state stays whole"
            )
        time.sleep(_PAUSE_SECONDS)
    return True


def credentials(state_folder: Path, identity: str) -> Mapping[str, str]:
    """tenant_id, client_id and client_secret of an identity; raises LifecycleError for a name that has none."""
    doing = f"reading the credentials of {identity}"
    try:
        known = json.loads((state_folder / CREDENTIALS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LifecycleError(
            f"{doing}: no {CREDENTIALS_FILE} in {state_folder}; hint: start local Azure there"
        ) from error
    if identity not in known:
        names = ", ".join(sorted(known))
        raise LifecycleError(f"{doing}: no such identity in the local directory; expected one of {names}")
    found: Mapping[str, str] = known[identity]
    return found


def _wait_until_ready(state_folder: Path, process: subprocess.Popen[bytes], timeout_seconds: float) -> RunningAzure:
    doing = f"starting local Azure on {state_folder}"
    deadline = time.monotonic() + timeout_seconds
    while True:
        running = find(state_folder)
        if running is not None and running.pid == process.pid:
            return running
        if process.poll() is not None:
            del _started[process.pid]
            raise LifecycleError(f"{doing}: it ended with code {process.returncode}: {_end_of_log(state_folder)}")
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
            del _started[process.pid]
            raise LifecycleError(f"{doing}: not ready after {timeout_seconds:g} s: {_end_of_log(state_folder)}")
        time.sleep(_PAUSE_SECONDS)


def _end_of_log(state_folder: Path) -> str:
    lines = (state_folder / LOG_FILE).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return "\n".join(lines[-_LINES_OF_LOG:]) or "it wrote nothing"


def _holder(state_folder: Path) -> int | None:
    """The process that holds the lock of a folder, or None."""
    with contextlib.suppress(FileNotFoundError), (state_folder / LOCK_FILE).open(encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = stream.read().strip()
            return int(text) if text.isdecimal() else None
    return None


def _reap() -> None:
    for pid, child in list(_started.items()):
        if child.poll() is not None:
            del _started[pid]


def _is_gone(pid: int) -> bool:
    _reap()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
