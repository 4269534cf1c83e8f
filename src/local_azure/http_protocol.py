"""HTTP/1.1 with what ASGI cannot say: a service's words in the status line, and names of headers as they were written.

An answer to HEAD has no other words; metadata of blobs keeps the case of its names.
"""

from __future__ import annotations

from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REASON_HEADER = b"x-local-azure-reason"
"""A header of an answer that becomes its reason phrase; it is not sent."""
NAMES_HEADER = b"x-local-azure-names"
"""A header that each request gets: the names of its headers that have capitals, separated by commas."""


class HttpProtocol(H11Protocol):
    """uvicorn's protocol, with REASON_HEADER and NAMES_HEADER."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.conn = _Connection(h11.SERVER)


class _Connection(h11.Connection):
    def next_event(self) -> Any:
        """What arrived, see h11."""
        event = super().next_event()
        return _with_names(event) if isinstance(event, h11.Request) else event

    def send_with_data_passthrough(self, event: h11.Event) -> list[bytes] | None:
        """The bytes of an event, see h11."""
        return super().send_with_data_passthrough(_with_reason(event) if isinstance(event, h11.Response) else event)


def _with_names(request: h11.Request) -> h11.Request:
    headers = [(name, value) for name, value in request.headers.raw_items() if name.lower() != NAMES_HEADER]
    names = b",".join(name for name, _ in headers if name != name.lower())
    return h11.Request(
        method=request.method,
        target=request.target,
        headers=[*headers, (NAMES_HEADER, names)],
        http_version=request.http_version,
    )


def _with_reason(answer: h11.Response) -> h11.Response:
    reason = next((value for name, value in answer.headers if name == REASON_HEADER), answer.reason)
    headers = [(name, value) for name, value in answer.headers.raw_items() if name.lower() != REASON_HEADER]
    return h11.Response(status_code=answer.status_code, headers=headers, reason=reason)
