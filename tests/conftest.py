"""For every test: nothing connects beyond this machine, and no name but its own is resolved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loopback_only import loopback_only


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    with loopback_only():
        yield
