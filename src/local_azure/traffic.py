"""How busy a service may be: the time an answer takes at least, and how many requests it takes at once.

Azure publishes no limits of a Synapse workspace; the refusal has the form that Resource Manager gives it
(https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from local_azure.http import ServiceError
from local_azure.settings import Settings

_RETRY_AFTER_SECONDS = "1"


class Traffic:
    """The requests to one service that are being answered."""

    def __init__(self, settings: Settings) -> None:
        self._seconds, self._most = settings.latency_seconds, settings.most_at_once
        self._now, self._lock = 0, threading.Lock()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """While one request is answered. Raises 429 (ServiceError) at once where there are too many."""
        begin = time.monotonic()
        self._enter()
        try:
            yield
        finally:
            time.sleep(max(0.0, begin + self._seconds - time.monotonic()))
            with self._lock:
                self._now -= 1

    def _enter(self) -> None:
        with self._lock:
            if self._most and self._now >= self._most:
                raise ServiceError(
                    429,
                    "TooManyRequests",
                    f"More than {self._most} requests at once; try again after {_RETRY_AFTER_SECONDS} s.",
                    shape="flat",
                    headers={"retry-after": _RETRY_AFTER_SECONDS},
                )
            self._now += 1
