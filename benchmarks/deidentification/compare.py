"""The compiled flow against SQL written by hand, pandas and PySpark: equal output, times as ratios from one run.

`python benchmarks/deidentification/compare.py [MILLIONS] [--rounds N] [--without pandas,pyspark]` makes that many
observations of the committed sample in a temporary folder, runs each contender as a process of its own, in turn, and
prints the median seconds of each, of the clock and of processors, and their ratios to the flow. 0 is the sample itself.
All start from bytecode, as on a machine where they ran before. Needs the dependency groups `spark` and `benchmarks`,
and for 10 million rows 6 GB of disk.
"""

import argparse
import compileall
import gzip
import importlib.util
import itertools
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from processes import Taken, taken

FOLDER = Path(__file__).resolve().parent
SAMPLE = FOLDER.parents[1] / "samples" / "patients" / "observations.csv.gz"
KEY = "0123456789abcdef0123456789abcdef"
INGEST = Path(sys.executable).with_name("ingest")


@dataclass(frozen=True)
class Contender:
    """A way to do the work: its command, and where its result is then (a file, or a folder of files)."""

    name: str
    command: Callable[[Path, Path], list[str]]
    runs: list[Taken] = field(default_factory=list)

    def run(self, observations: Path, folder: Path) -> None:
        """Runs it into an empty folder."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.runs.append(taken(self.command(observations, folder)))

    def medians(self) -> tuple[float, float]:
        """Seconds of the clock and of processors."""
        return (
            statistics.median(run.seconds for run in self.runs),
            statistics.median(run.processor_seconds for run in self.runs),
        )


def flow_command(observations: Path, folder: Path) -> list[str]:
    """`ingest dataflow run`, as a user calls it."""
    flow = str(FOLDER / "deidentify_observations.json")
    ends = ["--source", f"observations={observations}", "--sink", f"curated={folder}"]
    return [str(INGEST), "dataflow", "run", flow, *ends, "--parameter", f"pseudonymKey={KEY}"]


def handwritten_command(observations: Path, folder: Path) -> list[str]:
    """DuckDB on the statement that was written by hand."""
    sql = (FOLDER / "handwritten.sql").read_text(encoding="utf-8")
    for name, value in (
        ("observations", observations),
        ("curated", folder / "observations.csv"),
        ("pseudonymKey", KEY),
    ):
        sql = sql.replace(f"${name}", f"'{value}'")
    return [sys.executable, "-c", f"import duckdb\nduckdb.connect().execute({sql!r})"]


def script_command(name: str, target: str) -> Callable[[Path, Path], list[str]]:
    """A script of this folder."""
    return lambda observations, folder: [
        sys.executable,
        str(FOLDER / name),
        str(observations),
        str(folder / target),
        KEY,
    ]


PACKAGES = (
    "dataflow_execution ingest_cli mapping_dataflow duckdb sqlglot typer numpy pandas dateutil pyspark py4j".split()
)
"""What the contenders import. Python may be told to keep no bytecode (PYTHONDONTWRITEBYTECODE)."""
CONTENDERS = {
    "flow": flow_command,
    "handwritten": handwritten_command,
    "pandas": script_command("with_pandas.py", "observations.csv"),
    "pyspark": script_command("with_pyspark.py", "spark"),
}


def keep_bytecode() -> None:
    """Compiles what the contenders import, once."""
    for name in PACKAGES:
        found = importlib.util.find_spec(name)
        for folder in (found and found.submodule_search_locations) or ():
            compileall.compile_dir(folder, quiet=2)


def make_observations(millions: int, target: Path) -> int:
    """Writes the sample as often as that takes, each time with other people and encounters; returns the rows."""
    with gzip.open(SAMPLE, "rb") as source, target.open("wb") as plain:
        shutil.copyfileobj(source, plain)
    read = f"read_csv('{target}', header = true, all_varchar = true)"
    with duckdb.connect() as connection:
        counted = connection.execute(f"SELECT count(*) FROM {read}").fetchone()
        rows = int(counted[0]) if counted else 0
        times = -(-millions * 1_000_000 // rows)
        if times > 1:
            made = target.with_suffix(".many")
            other = "left({0}, 24) || lpad(to_hex(copy), 12, '0') AS {0}"
            replaced = ", ".join(other.format(name) for name in ("PATIENT", "ENCOUNTER"))
            many = f"SELECT * EXCLUDE copy REPLACE ({replaced}) FROM {read}, range({times}) AS copies(copy)"
            connection.execute(f"COPY ({many}) TO '{made}' (FORMAT csv, HEADER)")
            made.replace(target)
            rows *= times
    return rows


def fingerprint(folder: Path) -> tuple[int, str]:
    """Rows of a result and a digest of them that knows no order."""
    with duckdb.connect() as connection:
        names = "PATIENT, ENCOUNTER, YEAR, CATEGORY, CODE, DESCRIPTION, VALUE, UNITS, TYPE"
        read = f"read_csv('{folder}/**/*.csv', header = true, all_varchar = true)"
        query = f"SELECT count(*), CAST(sum(CAST(hash({names}) AS HUGEINT)) AS VARCHAR) FROM {read}"
        found = connection.execute(query).fetchone()
    return (int(found[0]), str(found[1])) if found else (0, "")


def compare(contenders: list[Contender], observations: Path, folder: Path, rounds: int) -> None:
    """Runs all in turn; ends the program where one gives other rows than the first."""
    found: dict[str, tuple[int, str]] = {}
    for turn, each in itertools.product(range(rounds), contenders):
        each.run(observations, folder / each.name)
        print(f"  round {turn + 1}: {each.name:<12} {each.runs[-1].seconds:8.2f} s", flush=True)
        found[each.name] = found.get(each.name) or fingerprint(folder / each.name)
        shutil.rmtree(folder / each.name)
        if len(set(found.values())) > 1:
            sys.exit(f"comparing the results: they are not the same rows: {found}")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("millions", type=int, nargs="?", default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without", default="", help="contenders to leave out, with commas between")
    arguments = parser.parse_args()
    left_out = set(filter(None, arguments.without.split(",")))
    contenders = [Contender(name, command) for name, command in CONTENDERS.items() if name not in left_out]
    keep_bytecode()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = make_observations(arguments.millions, folder / "observations.csv")
        print(f"{rows:,} observations, {(folder / 'observations.csv').stat().st_size / 1e6:,.0f} MB")
        compare(contenders, folder / "observations.csv", folder, arguments.rounds)
    own, own_processors = contenders[0].medians()
    print("\n| | seconds | × the flow | processor seconds | × the flow |\n|---|---|---|---|---|")
    for each in contenders:
        seconds, processors = each.medians()
        ratios = (f"{seconds / own:.2f}", f"{processors:.2f} | {processors / own_processors:.2f}")
        print(f"| {each.name} | {seconds:.2f} | {' | '.join(ratios)} |")


if __name__ == "__main__":
    main()
