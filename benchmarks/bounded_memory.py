"""Peak memory of a flow whose input is several times what DuckDB may use, beside the same flow without a limit.

`python benchmarks/bounded_memory.py [MILLIONS] [--times 4] [--json]` makes that many million observations of the
committed sample, as text or as a JSON document a line, and runs the de-identification flow on them with a memory limit
of a fourth of the file, and without one. The peak is that of the largest process as a whole: Python, the compiler and
what DuckDB does not count are in it.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "deidentification"))

import duckdb
from compare import flow_command, make_observations
from processes import taken

MEGABYTE = 1_000_000


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("millions", type=int, nargs="?", default=10)
    parser.add_argument("--times", type=int, default=4, help="how many times the limit the input is")
    parser.add_argument("--json", action="store_true", help="a JSON document a line")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        observations, curated = (
            Path(name) / f"observations.{'json' if arguments.json else 'csv'}",
            Path(name) / "curated",
        )
        # In a process of its own: a new process begins with the peak of the one that starts it.
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            make = _make_documents if arguments.json else make_observations
            rows = apart.submit(make, arguments.millions, observations).result()
        size = observations.stat().st_size // MEGABYTE
        limit = size // arguments.times
        command = flow_command(observations, curated)
        limited, free = taken([*command, "--memory-limit", f"{limit}MB"]), taken(command)
    print(f"{rows:,} observations, {size:,} MB")
    print("\n| memory limit | peak of the process | seconds |\n|---|---|---|")
    print(f"| {limit:,} MB | {limited.peak // MEGABYTE:,} MB | {limited.seconds:.1f} |")
    print(f"| none | {free.peak // MEGABYTE:,} MB | {free.seconds:.1f} |")


def _make_documents(millions: int, target: Path) -> int:
    text = target.with_suffix(".csv")
    rows = make_observations(millions, text)
    with duckdb.connect() as connection:
        query = f"SELECT * FROM read_csv('{text}', header = true, all_varchar = true)"
        connection.execute(f"COPY ({query}) TO '{target}' (FORMAT json)")
    return rows


if __name__ == "__main__":
    main()
