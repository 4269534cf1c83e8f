"""Failures on demand: the next requests that match answer with a chosen error instead of reaching their service."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace

from local_azure.http import Request, ServiceError


@dataclass(frozen=True)
class Fault:
    """An error for the next `times` requests whose "METHOD https://host/path" matches `pattern` (regex)."""

    pattern: str
    status: int
    code: str
    message: str = "injected by the local stand-in"
    times: int = 1
    retry_after_seconds: int | None = None


class Faults:
    """The failures that are waiting to happen; kept in memory only."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Adds a failure; raises ValueError for a pattern that is no regular expression."""
        try:
            re.compile(fault.pattern)
        except re.error as error:
            raise ValueError(f"adding a fault for {fault.pattern!r}: {error}; expected a regular expression") from error
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forgets every failure that has not happened."""
        with self._lock:
            self._waiting.clear()

    def take(self, request: Request) -> ServiceError | None:
        """The error for this request, used up by one, or None."""
        text = f"{request.method} https://{request.host}{request.path}"
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if re.search(fault.pattern, text):
                    left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._waiting[index : index + 1] = left
                    return _error(fault)
        return None


def _error(fault: Fault) -> ServiceError:
    headers = {} if fault.retry_after_seconds is None else {"retry-after": str(fault.retry_after_seconds)}
    return ServiceError(fault.status, fault.code, fault.message, headers)
