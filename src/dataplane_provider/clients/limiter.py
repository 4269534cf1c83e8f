"""How many requests a service is sent at once: fewer when it throttles, more again when it does not.

Synapse publishes no limits and they vary (fast-synapse-deploy README); a refusal (429) narrows the window for all.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dataplane_provider.clients.waiting import Waiter

MOST_AT_ONCE = 25
_SUCCESSES_TO_WIDEN = 10


class AdaptiveLimiter:
    """A window of concurrent requests, shared by the threads of one workspace."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        """Start with the widest window."""
        self._most = most
        self._width, self._running, self._successes, self._closed_until = most, 0, 0, float("-inf")
        self._changed = threading.Condition()

    @property
    def width(self) -> int:
        """How many requests may run at once now."""
        return self._width

    @contextmanager
    def slot(self, waiter: Waiter, doing: str) -> Iterator[None]:
        """Hold one place in the window. Raises Cancelled while waiting for it."""
        self._enter(waiter, doing)
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify()

    def _enter(self, waiter: Waiter, doing: str) -> None:
        while True:
            with self._changed:
                closed_for = self._closed_until - waiter.now()
                if closed_for <= 0 and self._running < self._width:
                    self._running += 1
                    return
                if closed_for <= 0:
                    self._changed.wait(0.2)
            waiter.check(doing)
            if closed_for > 0:
                waiter.pause(closed_for, doing)

    def throttled(self, retry_after_seconds: float, waiter: Waiter) -> None:
        """The service refused with 429: a quarter fewer at once, and none at all before its time is over."""
        with self._changed:
            self._width = max(1, self._width * 3 // 4)
            self._successes = 0
            self._closed_until = max(self._closed_until, waiter.now() + retry_after_seconds)

    def succeeded(self) -> None:
        """The service answered: after a row of answers one more at once."""
        with self._changed:
            self._successes += 1
            if self._successes >= _SUCCESSES_TO_WIDEN and self._width < self._most:
                self._successes = 0
                self._width += 1
                self._changed.notify()
