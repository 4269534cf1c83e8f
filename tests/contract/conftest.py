"""The same tests against local Azure, always, and against Azure where the environment names a subscription."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from contract_bench import AZURE, LOCAL, Place, Target, targets
from loopback_only import loopback_only


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """As for all tests, except where Azure is asked for: then run this folder alone."""
    with contextlib.nullcontext() if AZURE in targets() else loopback_only():
        yield


@pytest.fixture(scope="module", params=targets())
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """Where the tests of a module run, and the environment that leads there."""
    if request.param == LOCAL:
        azure = request.getfixturevalue("shared_azure")
        with azure.acting_as("deployer"):
            yield Target.local(azure)
    else:
        yield Target.azure()


@pytest.fixture(scope="module")
def place(target: Target) -> Iterator[Place]:
    """A resource group for the module."""
    with contextlib.ExitStack() as stack:
        made = Place.made(target)
        stack.callback(made.remove)
        yield made
