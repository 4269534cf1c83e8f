"""Time as the stand-in sees it, in UTC; not for measuring how long something takes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """Wall-clock time in UTC that can be moved forward, so that lags and expiries need no waiting."""

    def __init__(self) -> None:
        self._offset = timedelta(0)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        with self._lock:
            return datetime.now(UTC) + self._offset

    def advance(self, by: timedelta) -> None:
        """Moves the clock forward; raises ValueError for a step backwards."""
        if by < timedelta(0):
            raise ValueError(f"moving the clock by {by}: expected a step forward")
        with self._lock:
            self._offset += by


class ManualClock(Clock):
    """A clock that stands still until it is advanced; for tests."""

    def __init__(self, start: datetime | None = None) -> None:
        super().__init__()
        self._now = start or datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """The moment the clock was set or advanced to."""
        with self._lock:
            return self._now + self._offset


def moment_of(text: str) -> datetime:
    """The moment that a text in ISO 8601 names, in UTC where it names no zone; raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def azure_timestamp(moment: datetime) -> str:
    """`moment` as Resource Manager writes it: seven fraction digits and Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
