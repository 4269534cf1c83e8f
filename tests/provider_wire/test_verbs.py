"""The verbs: none may be forgotten, and stopping is felt at once."""

import re
import threading
import time

import pytest

from provider_wire import verbs
from provider_wire.verbs import Cancellation, Cancelled, Change, Provider


def test_a_provider_that_forgets_a_verb_cannot_be_made() -> None:
    class Forgetful(Provider):
        """Has nothing."""

    missing = "cancel, .*check, .*configure, create, delete, diff, .*invoke, read, schema, update"
    with pytest.raises(TypeError, match=f"abstract methods.*{missing}|{missing}"):
        Forgetful()  # type: ignore[abstract]
    names = {name for name in vars(verbs.Provider) if not name.startswith("_")}
    assert names <= Provider.__abstractmethods__


def test_stopping_ends_a_wait_at_once() -> None:
    cancellation = Cancellation()
    assert not cancellation.wait(0)
    threading.Timer(0.05, cancellation.request).start()
    started = time.monotonic()
    assert cancellation.wait(30)
    assert time.monotonic() - started < 5
    with pytest.raises(Cancelled, match=re.escape("publishing pipeline/a: stopped on request")):
        cancellation.raise_if_requested("publishing pipeline/a")


@pytest.mark.parametrize("change", list(Change))
def test_only_the_replace_forms_replace(change: Change) -> None:
    assert change.replaces is change.name.endswith("_REPLACE")
