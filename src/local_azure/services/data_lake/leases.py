"""Leases on files, directories and filesystems: the states of a lease, and what a write has to show.

https://learn.microsoft.com/rest/api/storageservices/lease-blob
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["acquire", "renew", "change", "release", "break"]
ACTIONS: tuple[Action, ...] = ("acquire", "renew", "change", "release", "break")
_INFINITE = -1


class LeaseRefusal(Exception):
    """A lease operation that the state of the lease does not allow; `code` is the service's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Wish:
    """What a lease request asks for; durations in seconds, -1 is without end, None is not given."""

    action: Action
    lease_id: str = ""
    proposed_id: str = ""
    duration: int | None = None
    break_period: int | None = None


def state_of(lease: Mapping[str, Any], now: int) -> str:
    """available, leased, expired, breaking or broken; `now` in microseconds since 1970."""
    if not lease:
        return "available"
    if "breaks" in lease:
        return "breaking" if now < lease["breaks"] else "broken"
    if lease["duration"] != _INFINITE and now >= lease["expires"]:
        return "expired"
    return "leased"


def is_held(lease: Mapping[str, Any], now: int) -> bool:
    """Whether a write has to show the lease's id."""
    return state_of(lease, now) in ("leased", "breaking")


def lease_headers(lease: Mapping[str, Any], now: int) -> dict[str, str]:
    """Status, state and kind of duration as headers."""
    state = state_of(lease, now)
    headers = {"x-ms-lease-status": "locked" if is_held(lease, now) else "unlocked", "x-ms-lease-state": state}
    if state == "leased":
        headers["x-ms-lease-duration"] = "infinite" if lease["duration"] == _INFINITE else "fixed"
    return headers


def change(lease: Mapping[str, Any], wish: Wish, now: int) -> tuple[dict[str, Any], int | None]:
    """The lease after a request; with it the seconds until it is broken, for a break. Raises LeaseRefusal."""
    if wish.action == "acquire":
        return _acquired(lease, wish, now), None
    if not lease:
        raise LeaseRefusal("LeaseNotPresentWithLeaseOperation")
    if wish.action == "break":
        return _broken(lease, wish, now)
    is_done_already = wish.action == "change" and wish.proposed_id == lease["id"]
    if wish.lease_id.lower() != lease["id"] and not is_done_already:
        raise LeaseRefusal("LeaseIdMismatchWithLeaseOperation")
    if wish.action == "release":
        return {}, None
    state = state_of(lease, now)
    if wish.action == "change":
        if state != "leased":
            raise LeaseRefusal("LeaseIsBreakingAndCannotBeChanged")
        return {**lease, "id": wish.proposed_id}, None
    if state in ("breaking", "broken"):
        raise LeaseRefusal("LeaseIsBrokenAndCannotBeRenewed")
    return _timed(str(lease["id"]), int(lease["duration"]), now), None


def _acquired(lease: Mapping[str, Any], wish: Wish, now: int) -> dict[str, Any]:
    state = state_of(lease, now)
    is_same = bool(lease) and wish.proposed_id == lease["id"]
    if state == "leased" and not is_same:
        raise LeaseRefusal("LeaseAlreadyPresent")
    if state == "breaking":
        raise LeaseRefusal("LeaseIsBreakingAndCannotBeAcquired" if is_same else "LeaseAlreadyPresent")
    return _timed(wish.proposed_id or str(uuid.uuid4()), wish.duration or _INFINITE, now)


def _timed(lease_id: str, duration: int, now: int) -> dict[str, Any]:
    return {"id": lease_id, "duration": duration, "expires": now + duration * 1_000_000}


def _broken(lease: Mapping[str, Any], wish: Wish, now: int) -> tuple[dict[str, Any], int]:
    state = state_of(lease, now)
    if state == "broken" or state == "expired":
        return {**lease, "breaks": now}, 0
    left = 0 if lease["duration"] == _INFINITE else max(0, -(-(lease["expires"] - now) // 1_000_000))
    if state == "breaking":
        left = -(-(lease["breaks"] - now) // 1_000_000)
    period = left if wish.break_period is None else wish.break_period
    if lease["duration"] != _INFINITE or state == "breaking":
        period = min(period, left)
    return {**lease, "breaks": now + period * 1_000_000}, period
