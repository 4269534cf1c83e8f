"""Cancellation of a run and deadlines of its activities, asked for at every step that may take long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline_runtime.errors import ActivityTimedOut, RunCancelled


class Cancellation:
    """Shared by everything a run does; `narrowed` adds a deadline for one activity."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._event = threading.Event()
        self._deadline: datetime | None = None

    def cancel(self) -> None:
        """Ask the run to end; takes effect at its next check."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether the run was asked to end."""
        return self._event.is_set()

    def narrowed(self, seconds: float) -> Cancellation:
        """The same cancellation with a deadline that many seconds from now, or the present one if it is earlier."""
        child = Cancellation(self._now)
        child._event = self._event
        deadline = self._now() + timedelta(seconds=seconds)
        child._deadline = min(deadline, self._deadline) if self._deadline else deadline
        return child

    def check(self) -> None:
        """Raise RunCancelled or ActivityTimedOut if the work must end here."""
        if self._event.is_set():
            raise RunCancelled("the run was cancelled")
        if self._deadline is not None and self._now() >= self._deadline:
            raise ActivityTimedOut("the activity ran past its timeout")

    def wait(self, seconds: float) -> None:
        """Sleep at most that long in real time, ending at once on cancellation; raises like `check`."""
        self._event.wait(max(seconds, 0.0))
        self.check()
