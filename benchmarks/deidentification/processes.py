"""Runs a command as a process of its own and tells what it took, as the operating system counted it."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

_BYTES_A_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Taken:
    """Seconds from start to exit, seconds of processors (children that were not waited for are not in them), and the
    most memory in bytes that the largest process had at once."""

    seconds: float
    processor_seconds: float
    peak: int


def taken(command: list[str]) -> Taken:
    """What the command took; ends the program with what it said when it fails."""
    with tempfile.TemporaryFile() as said:
        before = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - before
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            text = said.read().decode(errors="replace")
            sys.exit(f"running {' '.join(command[:4])}: exit code {process.returncode}\n{text}")
    return Taken(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _BYTES_A_UNIT)
