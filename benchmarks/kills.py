"""Kills the real engine, its plugin or both at random moments of `pulumi up` of 200 artifacts, again and again.

`python benchmarks/kills.py [KILLS] [SEED]` (100, 0). After every ten kills `up` may finish, and it is checked that
nothing is missing, orphaned or there twice, that every trigger runs, and that a preview with refresh is empty.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "benches"))

from artifact_documents import many
from kill_bench import kill_often, killed_stack


def main(kills: int, seed: int) -> None:
    """Kill, recover, check, and tell each kill."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, killed_stack(Path(folder) / "stack") as stack:
        chance = random.Random(seed)  # noqa: S311 (no secret depends on it)
        for told in kill_often(stack, lambda version: many(200, version), kills, 10, chance):
            print(f"{time.monotonic() - begin:6.0f} s  {told}", flush=True)
    print(f"{kills} kills, all converged, {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
