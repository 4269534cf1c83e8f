"""What it costs that existing paths follow a changed list: requests grow with batches of 2,000 paths, not with paths.

`python benchmarks/existing_paths.py [N …]` fills a directory of a local Azure in this process with N files in
directories of 100, adds a reader, takes it away again, and adds it to the directories alone (path by path), and prints
the requests and seconds of each. A request that fails now and then is not part of it: the tests do that.
"""

import math
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "benches"))

from provider_bench import ProviderBench, provider_bench

from local_azure.server import LocalAzure
from local_azure.services.data_lake.access_control import LARGEST_BATCH
from local_azure.settings import Settings

READERS = "aaaaaaaa-0000-4000-8000-000000000001"
FILES_OF_A_DIRECTORY = 100


def inputs(bench: ProviderBench, *acl: str, existing: str) -> dict[str, object]:
    """The directory with further entries."""
    place: dict[str, object] = {"account": bench.lake.name, "fileSystem": "data", "path": "curated"}
    return {**place, "acl": ["default:user::rwx", *acl], "existing": existing}


def measured(bench: ProviderBench, act: Callable[[], object]) -> tuple[int, float]:
    """Requests and seconds of something."""
    bench.wire.calls.clear()
    before = time.perf_counter()
    act()
    return len(bench.wire.calls), time.perf_counter() - before


def measure(files: int) -> None:
    """One line for a number of files. Ends the program where requests are not as promised."""
    directories = math.ceil(files / FILES_OF_A_DIRECTORY)
    with tempfile.TemporaryDirectory() as folder:
        azure = LocalAzure(Path(folder), Settings())
        bench = provider_bench(azure)
        data = bench.lake.made_file_system("data", "deployer")
        life = bench.life("Directory")
        life.up(inputs(bench, existing="all"))
        for number in range(files):
            data.get_file_client(f"curated/{number // FILES_OF_A_DIRECTORY}/{number}.csv").create_file()
        readers = (f"group:{READERS}:r-x", f"default:group:{READERS}:r-x")
        added = measured(bench, lambda: life.up(inputs(bench, *readers, existing="all")))
        taken = measured(bench, lambda: life.up(inputs(bench, existing="all")))
        life.up(inputs(bench, existing="none"))
        alone = measured(bench, lambda: life.up(inputs(bench, *readers, existing="directories")))
        azure.stop()
    own_list = 2  # read and set
    batches = math.ceil((1 + directories + files) / LARGEST_BATCH)
    if (added[0], taken[0]) != (own_list + batches, own_list + batches):
        sys.exit(f"measuring: {added[0]} and {taken[0]} requests, expected {own_list + batches}")
    shown = [
        f"{name} {each[0]} requests in {each[1]:.2f} s" for name, each in (("added", added), ("taken away", taken))
    ]
    print(f"{files} files in {directories} directories: {', '.join(shown)}; directories alone {alone[0]} requests")


def main() -> None:
    """Measure each number of files given."""
    for each in sys.argv[1:] or ["1000", "10000"]:
        measure(int(each))


if __name__ == "__main__":
    main()
