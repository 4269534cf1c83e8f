"""The real engine, its plugin or both killed in the middle of an `up` of 200 artifacts: the next `up` converges.

And what is secret in its surroundings is in nothing that it leaves: state, plan, differences, logs, documents.
"""

import os
import random
from collections.abc import Iterator

import pytest
from artifact_documents import many
from kill_bench import KilledStack, kill_often, killed_stack

CANARY = "Canary0aB3xZ9qL7"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KilledStack]:
    with killed_stack(tmp_path_factory.mktemp("killed") / "stack") as found:
        found.pulumi("config", "set", "--secret", "canary", CANARY)
        yield found


def test_kills_of_the_real_engine_are_recovered_from(stack: KilledStack) -> None:
    """Two; `benchmarks/kills.py` does a hundred."""
    told = list(kill_often(stack, lambda version: many(200, version), 2, 2, random.Random(1)))
    assert len(told) == 2
    _check_canaries(stack)


def _check_canaries(stack: KilledStack) -> None:
    stack.write(many(200, 5))
    plan = stack.folder / "plan.json"
    told = [
        stack.pulumi("stack", "export", "--show-secrets"),
        stack.pulumi("preview", "--diff", "--save-plan", str(plan), "--show-secrets"),
        plan.read_text(encoding="utf-8"),
        (stack.folder / "killed.log").read_text(encoding="utf-8"),
        (stack.azure.state_folder / "requests.jsonl").read_text(encoding="utf-8"),
        repr(stack.live()),
    ]
    client_secret = os.environ["AZURE_CLIENT_SECRET"]
    for number, text in enumerate(told):
        assert client_secret not in text, number
        assert "Bearer eyJ" not in text, number
        assert CANARY not in text, number
