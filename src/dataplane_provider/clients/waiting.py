"""Waiting on a service: pauses that Ctrl-C ends at once, and patience with roles that do not work yet.

Role assignments take up to 30 minutes to work, firewall rules of a workspace about a minute:
https://learn.microsoft.com/azure/role-based-access-control/troubleshooting, Azure/azure-rest-api-specs#21516.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from dataplane_provider.errors import NotPropagated, ServiceFailure, message
from provider_wire.verbs import Cancelled, Session, Severity

ACCESS = "access to take effect"
NAME = "its name to be known here"
LONGEST_PAUSE_SECONDS = 15.0
GRACE_SECONDS = 60.0
"""How long what the service has accepted may take to end after Ctrl-C: the state is to hold what is there."""
_REPORT_EVERY_SECONDS = 60.0
_SHORTEST_PAUSE_SECONDS = 0.001
"""Less is no time left: what remains of a deadline after many pauses may be a rounding error."""
Result = TypeVar("Result")


class _ReportGate:
    """Lets one report a minute through, however many threads wait."""

    def __init__(self) -> None:
        self._lock, self._next = threading.Lock(), float("-inf")

    def opens(self, now: float) -> bool:
        """Whether it is time for a report; if so, not again for a minute."""
        with self._lock:
            if now < self._next:
                return False
            self._next = now + _REPORT_EVERY_SECONDS
            return True


class _Grace:
    """Seconds that may be waited although the user asked to stop."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._left = seconds

    @property
    def is_over(self) -> bool:
        """Whether nothing more may be waited."""
        return self._left < _SHORTEST_PAUSE_SECONDS

    def spend(self, seconds: float) -> float:
        """As many of these seconds as may still be waited."""
        spent = min(seconds, self._left)
        self._left -= max(spent, _SHORTEST_PAUSE_SECONDS)
        return spent


@dataclass(frozen=True)
class Waiter:
    """Time as one verb sees it. `now` is a monotonic clock in seconds."""

    session: Session
    now: Callable[[], float] = time.monotonic
    _gate: _ReportGate = field(default_factory=_ReportGate)
    _grace: _Grace = field(default_factory=_Grace)

    def finishing(self) -> "Waiter":
        """The same for one operation that is under way: the wish to stop is heard after GRACE_SECONDS."""
        return replace(self, _grace=_Grace(GRACE_SECONDS))

    def report(self, text: str) -> None:
        """Print a line beside the resource, unless one was printed within the last minute."""
        if self._gate.opens(self.now()):
            self.session.log(Severity.INFO, text)

    def pause(self, seconds: float, doing: str) -> None:
        """Wait. Raises Cancelled at once when the user asks to stop and nothing has to end before."""
        wish, wanted = self.session.cancellation, max(seconds, 0.0)
        if wish.wait(wanted):
            if self._grace.is_over:
                raise Cancelled(message(doing, "stopped on request"))
            wish.rest(self._grace.spend(wanted))

    def check(self, doing: str) -> None:
        """Raise Cancelled if the user asked to stop and nothing has to end before."""
        if self._grace.is_over:
            self.session.cancellation.raise_if_requested(doing)


def growing_pauses(first: float = 1.0, longest: float = LONGEST_PAUSE_SECONDS) -> Iterator[float]:
    """1, 2, 4, 8, 15, 15 … seconds, each a little shortened at random so that many waiters do not knock together."""
    pause = first
    while True:
        yield pause * random.uniform(0.8, 1.0)  # noqa: S311 (no secret depends on it)
        pause = min(pause * 2, longest)


def until_permitted(
    operation: Callable[[], Result],
    is_lag: Callable[[ServiceFailure], str],
    waiter: Waiter,
    patience_seconds: float,
) -> Result:
    """Run `operation`; while it is refused for a reason that time cures, wait and try again.

    `is_lag` names what is waited for, as "access to take effect", or returns "" if waiting cannot help.

    Tells the engine what is waited for. Raises NotPropagated after `patience_seconds`, any other failure at once.
    """
    started = waiter.now()
    for pause in growing_pauses():
        try:
            return operation()
        except ServiceFailure as failure:
            reason = is_lag(failure)
            if not reason:
                raise
            waited = waiter.now() - started
            left = patience_seconds - waited
            if left < _SHORTEST_PAUSE_SECONDS:
                raise _out_of_patience(failure, reason, patience_seconds) from failure
            told = f"is refused with {failure.status} {failure.code}" if failure.status else f"fails: {failure.code}"
            text = f"waiting for {reason}: {failure.doing} {told}"
            waiter.report(f"{text}; tried again for up to {left:.0f} s")
            waiter.session.status(f"{text}; {waited:.0f} of {patience_seconds:.0f} s")
            waiter.pause(min(pause, left), failure.doing)
    raise AssertionError("growing_pauses never ends")  # pragma: no cover


def _out_of_patience(failure: ServiceFailure, reason: str, patience_seconds: float) -> NotPropagated:
    if reason == NAME:
        hint = (
            f"unknown for {patience_seconds:.0f} s: check the name, and that the name server of this machine knows it "
            "(with private endpoints: that the private DNS zones are linked to this machine's network)"
        )
    else:
        hint = (
            f"refused for {patience_seconds:.0f} s: check that the role is assigned to this identity and that the "
            "network rules let this machine in; if both were changed just now, raise propagationTimeoutSeconds"
        )
    return NotPropagated(failure.doing, failure.status, failure.code, failure.detail, hint)
