"""Which engine fits: the pinned one or a later one of its major version; every pin names the same."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from pulumi_engine.versions import PINNED, EngineVersion

GO_MODULE = Path(__file__).parents[2] / "tools" / "pulumi_engine" / "go.mod"


@pytest.mark.parametrize("text", ["v3.12.4", "3.12.4", "  v3.12.4\n", "v3.12.4-dev.1+g1234"])
def test_what_the_command_prints_is_read(text: str) -> None:
    assert EngineVersion.parse(text) == EngineVersion(3, 12, 4)


@pytest.mark.parametrize("text", ["", "v3.12", "pulumi 3.12.4", "unknown"])
def test_a_text_without_a_version_is_none(text: str) -> None:
    assert EngineVersion.parse(text) is None


def test_a_version_is_written_without_a_letter_before_it() -> None:
    assert str(EngineVersion(3, 0, 12)) == "3.0.12"


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        (EngineVersion(3, 100, 2), True),
        (EngineVersion(3, 100, 3), True),
        (EngineVersion(3, 101, 0), True),
        (EngineVersion(3, 100, 1), False),
        (EngineVersion(3, 99, 9), False),
        (EngineVersion(4, 0, 0), False),
        (EngineVersion(2, 200, 0), False),
    ],
)
def test_an_engine_fits_from_the_wanted_version_to_the_end_of_its_major_version(
    found: EngineVersion, fits: bool
) -> None:
    assert EngineVersion(3, 100, 2).fits(found) is fits


def test_the_pinned_engine_is_that_of_the_locked_sdk() -> None:
    assert EngineVersion.parse(version("pulumi")) == PINNED


def test_the_pinned_engine_is_the_one_that_is_built() -> None:
    required = re.search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", GO_MODULE.read_text(encoding="utf-8"))
    assert required is not None
    assert EngineVersion.parse(required[1]) == PINNED
