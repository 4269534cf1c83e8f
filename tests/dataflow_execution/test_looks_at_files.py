"""What is looked up in large files costs no memory: the peak of a process is what a limit of memory is judged by."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dataflow_execution.file_search import file_holds

MEGABYTE = 1 << 20
LOOKS = {
    "from dataflow_execution.readers.line_lengths import has_short_lines": "has_short_lines(path)",
    "from dataflow_execution.file_search import file_holds": "not file_holds(path, [b'absent'])",
}


@pytest.mark.parametrize("imported", LOOKS)
def test_a_look_at_a_large_file_takes_no_memory(tmp_path: Path, imported: str) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(b"1,Ann\n" * (64 * MEGABYTE // 6))
    program = f"""
import resource, sys
from pathlib import Path
{imported}

def peak():
    # Linux lets a process begin with getrusage's peak of the one that starts it; macOS does not, and tells bytes.
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return int(status.read_text().partition("VmHWM:")[2].split()[0])

path, before = Path(sys.argv[1]), peak()
assert {LOOKS[imported]}
print((peak() - before) >> 10)
"""
    grown = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True)
    assert int(grown.stdout) < 8


@pytest.mark.parametrize("place", [0, MEGABYTE - 2, MEGABYTE, 2 * MEGABYTE - 3])
def test_a_word_is_found_wherever_it_stands(tmp_path: Path, place: int) -> None:
    file = tmp_path / "flow.json"
    file.write_bytes(b" " * place + b'"Flowlet"' + b" " * MEGABYTE)
    assert file_holds(file, [b"absent", b'"Flowlet"'])
    assert not file_holds(file, [b"absent", b"Flowlets"])
    assert not file_holds(file, [])
