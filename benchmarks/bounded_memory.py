"""Peak memory of a flow whose input is several times what DuckDB may use, beside the same flow without a limit.

`python benchmarks/bounded_memory.py [MILLIONS] [--times 4]` makes that many million observations of the committed
sample and runs the de-identification flow on them with a memory limit of a fourth of the file, and without one. The
peak is that of the whole process: Python, the compiler and what DuckDB does not count are in it.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "deidentification"))

from compare import flow_command, make_observations
from processes import taken

MEGABYTE = 1_000_000


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("millions", type=int, nargs="?", default=10)
    parser.add_argument("--times", type=int, default=4, help="how many times the limit the input is")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        observations, curated = Path(name) / "observations.csv", Path(name) / "curated"
        # In a process of its own: a new process begins with the peak of the one that starts it.
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            rows = apart.submit(make_observations, arguments.millions, observations).result()
        size = observations.stat().st_size // MEGABYTE
        limit = size // arguments.times
        command = flow_command(observations, curated)
        limited = taken([*command, "--memory-limit", f"{limit}MB"]).peak // MEGABYTE
        free = taken(command).peak // MEGABYTE
    print(f"{rows:,} observations, {size:,} MB")
    print("\n| memory limit | peak of the process |\n|---|---|")
    print(f"| {limit:,} MB | {limited:,} MB |\n| none | {free:,} MB |")


if __name__ == "__main__":
    main()
