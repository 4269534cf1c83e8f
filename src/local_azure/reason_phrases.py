"""HTTP/1.1 with the words of a service in its status line, which ASGI cannot say: an answer to HEAD has no others."""

from __future__ import annotations

from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REASON_HEADER = b"x-local-azure-reason"
"""A header of an answer that becomes its reason phrase; it is not sent."""


class ReasonPhrases(H11Protocol):
    """uvicorn's protocol; an answer may bring its reason phrase along."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.conn = _Connection(h11.SERVER)


class _Connection(h11.Connection):
    def send_with_data_passthrough(self, event: h11.Event) -> list[bytes] | None:
        """The bytes of an event, see h11."""
        return super().send_with_data_passthrough(_with_reason(event) if isinstance(event, h11.Response) else event)


def _with_reason(answer: h11.Response) -> h11.Response:
    reason = next((value for name, value in answer.headers if name == REASON_HEADER), answer.reason)
    headers = [(name, value) for name, value in answer.headers if name != REASON_HEADER]
    return h11.Response(status_code=answer.status_code, headers=headers, reason=reason)
