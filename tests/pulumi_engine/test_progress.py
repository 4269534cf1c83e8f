"""A long step says that it goes on, for how long, and how it ended."""

from __future__ import annotations

import re
import time

import pytest

from pulumi_engine.progress import reporting


def test_a_step_says_what_begins_what_to_expect_and_that_it_is_done(capfd: pytest.CaptureFixture[str]) -> None:
    with reporting("building", "about 4 minutes"):
        pass
    shown = capfd.readouterr()
    assert shown.err == "building … (about 4 minutes)\n  done in 0 s\n"
    assert shown.out == ""


def test_a_step_of_unknown_length_promises_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with reporting("downloading"):
        pass
    assert capfd.readouterr().err.splitlines()[0] == "downloading …"


def test_a_long_step_says_again_and_again_for_how_long(capfd: pytest.CaptureFixture[str]) -> None:
    with reporting("building", interval_seconds=0.02):
        time.sleep(0.2)
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) >= 4
    assert all(re.fullmatch(r"  building: \d+ s", line) for line in lines[1:-1])


def test_a_step_that_fails_is_not_called_done(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), reporting("building"):
        raise RuntimeError
    assert capfd.readouterr().err == "building …\n  failed after 0 s\n"
