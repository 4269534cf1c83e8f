"""Runs a command as a process of its own and tells what it took, as the operating system counted it."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

_BYTES_A_UNIT = 1 if sys.platform == "darwin" else 1024
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Taken:
    """Seconds from start to exit; seconds of processors, and the most memory in bytes that the largest process had at
    once, of the process and (on Linux) of all that it started."""

    seconds: float
    processor_seconds: float
    peak: int


def taken(command: list[str]) -> Taken:
    """What the command took; ends the program with what it said when it fails."""
    _adopt_orphans()
    with tempfile.TemporaryFile() as said:
        before = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, process_group=0)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        seconds = time.perf_counter() - before
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            text = said.read().decode(errors="replace")
            sys.exit(f"running {' '.join(command[:4])}: exit code {process.returncode}\n{text}")
    usages = [usage, *_of_orphans(process.pid)]
    processors = sum(each.ru_utime + each.ru_stime for each in usages)
    return Taken(seconds, processors, max(each.ru_maxrss for each in usages) * _BYTES_A_UNIT)


def _of_orphans(group: int) -> Iterator[resource.struct_rusage]:
    with suppress(ChildProcessError):
        while True:
            yield os.wait4(-group, 0)[2]


def _adopt_orphans() -> None:
    """Processes whose parent has ended become children of this one, so that they are counted when they end."""
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "adopting processes")
