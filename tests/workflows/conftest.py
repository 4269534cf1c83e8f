"""A GitHub of its own for each test, and no proxy between."""

from collections.abc import Iterator

import pytest
from fake_github import REPOSITORY, TOKEN, FakeGitHub, serving


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """A repository on 127.0.0.1, and the variables of a workflow's step that lead there."""
    with serving() as fake:
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setenv("GITHUB_API_URL", fake.address)
        monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        yield fake
