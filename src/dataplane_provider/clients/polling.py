"""Long-running operations of Synapse: 202 and `Location`, polled to a terminal answer or a deadline.

The rules are those of azure-core's LROBasePolling: 202 goes on (and may name a new Location), 200, 201 and 204 are the
end, with the result as body; anything else is the operation's failure.
"""

from collections.abc import Mapping
from typing import Any

from dataplane_provider.clients.rest import Answer, RestChannel, error_of
from dataplane_provider.clients.waiting import Waiter, growing_pauses
from dataplane_provider.errors import ServiceFailure

DEADLINE_SECONDS = 1200.0
_FAILED = frozenset({"failed", "canceled", "cancelled"})
_ACCEPTED = frozenset({200, 201, 202, 204})


def result_of(channel: RestChannel, first: Answer, doing: str, waiter: Waiter) -> Any:
    """Follow an accepted answer to its end, for some time even after Ctrl-C, and return the final body.

    Raises ServiceFailure with the operation's own code and message, or when the deadline is over.
    """
    answer, location = first, first.headers.get("location")
    if first.status != 202 or not location:
        return _body(first, doing)
    waiter = waiter.finishing()
    deadline = waiter.now() + DEADLINE_SECONDS
    asked: float | None = 0.0  # the first look follows at once
    for pause in growing_pauses():
        seconds = pause if asked is None else asked
        if waiter.now() + seconds > deadline:
            raise ServiceFailure(
                doing,
                0,
                "operation not finished",
                f"still running after {DEADLINE_SECONDS:.0f} s at {location}",
                "look at the workspace; run the same command again, it takes over what was written",
            )
        waiter.pause(seconds, doing)
        answer = channel.send("GET", location, doing=doing, waiter=waiter, accepted=_ACCEPTED)
        if answer.status != 202:
            return _body(answer, doing)
        location = answer.headers.get("location", location)
        asked = answer.retry_after_seconds
    raise AssertionError("growing_pauses never ends")  # pragma: no cover


def _body(answer: Answer, doing: str) -> Any:
    body = answer.body
    if isinstance(body, Mapping) and "properties" not in body:
        status = str(body.get("status") or body.get("state") or "")
        if status.lower() in _FAILED or isinstance(body.get("error"), Mapping):
            code, detail = error_of(body)
            raise ServiceFailure(doing, answer.status, code or f"operation {status}", detail)
    return body
