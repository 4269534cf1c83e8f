"""The real engine, its plugin or both killed in the middle of an `up` of 200 artifacts: the next `up` converges."""

import random
from pathlib import Path

from artifact_documents import many
from kill_bench import kill_often, killed_stack


def test_kills_of_the_real_engine_are_recovered_from(tmp_path: Path) -> None:
    """A handful; `benchmarks/kills.py` does a hundred."""
    with killed_stack(tmp_path / "stack") as stack:
        told = list(kill_often(stack, lambda version: many(200, version), 4, 2, random.Random(1)))
    assert len(told) == 4
