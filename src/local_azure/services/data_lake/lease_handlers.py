"""Lease requests, and the leases that other requests have to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from local_azure.http import Response
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.conditions import check_write
from local_azure.services.data_lake.leases import ACTIONS, Action, LeaseRefusal, Wish, change, is_held
from local_azure.services.data_lake.nodes import FileSystem, Node
from local_azure.services.data_lake.wire import version_headers

_STATUS: Mapping[str, int] = {"acquire": 201, "break": 202}
_WITH_WRITES: Mapping[str, tuple[Action, ...]] = {
    "acquire": (),
    "auto-renew": ("renew",),
    "release": ("release",),
    "acquire-release": ("release",),
}
"""What becomes of a lease, acquired or shown, that a write names."""
_WITH_FLUSHES = ("release", "acquire-release")
_CONTAINER, _BLOB = "Container", "Blob"


def require_lease(call: Call, item: Node | FileSystem, header: str = "x-ms-lease-id") -> None:
    """Raises ServiceError 412 when a held lease is not shown, or one is shown that is not held."""
    given = call.header(header).lower()
    held = is_held(item.lease, call.store.now())
    if held and not given:
        raise call.failure("LeaseIdMissing")
    _check_given(call, item, given, held)


def check_lease(call: Call, item: Node | FileSystem) -> None:
    """For reads: a lease need not be shown, but one that is shown must fit."""
    _check_given(call, item, call.header("x-ms-lease-id").lower(), is_held(item.lease, call.store.now()))


def _check_given(call: Call, item: Node | FileSystem, given: str, held: bool) -> None:
    kind = _BLOB if isinstance(item, Node) else _CONTAINER
    if given and not held and given == item.lease.get("id"):
        raise call.failure("LeaseLost")
    if given and not held:
        raise call.failure(f"LeaseNotPresentWith{kind}Operation")
    if given and given != item.lease["id"]:
        raise call.failure(f"LeaseIdMismatchWith{kind}Operation")


def lease_file_system(call: Call) -> Response:
    """Acquires, renews, changes, releases or breaks the lease of a filesystem."""
    with call.store.transaction():
        item = call.open_file_system()
        call.require(call.guard.may_manage_containers("write"))
        check_write(call, item)
        lease, headers = _changed(call, item.lease)
        call.store.put_file_system(replace(item, lease=lease))
        return _answer(call, item, headers)


def lease_path(call: Call) -> Response:
    """Acquires, renews, changes, releases or breaks the lease of a file or directory."""
    with call.store.transaction():
        trail = call.open_trail()
        node = call.existing(trail)
        call.require(call.guard.may_write(trail, node))
        check_write(call, node)
        lease, headers = _changed(call, node.lease)
        call.store.put(replace(node, lease=lease))
        return _answer(call, node, headers)


def acquired_lease(call: Call, node: Node) -> dict[str, Any]:
    """The lease of a file or directory that a request makes with the id that it proposes."""
    if not call.header("x-ms-proposed-lease-id"):
        raise call.failure("MissingRequiredHeader", "HeaderName: x-ms-proposed-lease-id")
    wish = Wish("acquire", proposed_id=call.header("x-ms-proposed-lease-id").lower(), duration=_duration(call))
    try:
        return change(node.lease, wish, call.store.now())[0]
    except LeaseRefusal as error:
        raise call.failure(error.code) from error


def lease_after_write(call: Call, node: Node, flushes: bool) -> Mapping[str, Any]:
    """The lease after an append or a flush, by what x-ms-lease-action asks for; the same where it asks for nothing.

    https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/update
    """
    action = call.header("x-ms-lease-action").lower()
    if not action:
        return node.lease
    if action not in _WITH_WRITES or (action in _WITH_FLUSHES and not flushes):
        raise call.failure("InvalidHeaderValue", "HeaderName: x-ms-lease-action")
    lease = acquired_lease(call, node) if action.startswith("acquire") else node.lease
    shown = call.header("x-ms-lease-id") or call.header("x-ms-proposed-lease-id")
    for wished in _WITH_WRITES[action]:
        try:
            lease = change(lease, Wish(wished, shown), call.store.now())[0]
        except LeaseRefusal as error:
            raise call.failure(error.code) from error
    return lease


def _changed(call: Call, lease: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    wish = _wish(call)
    try:
        after, seconds_left = change(lease, wish, call.store.now())
    except LeaseRefusal as error:
        raise call.failure(error.code) from error
    headers = {"x-ms-lease-time": str(seconds_left)} if seconds_left is not None else {}
    if after and wish.action != "break":
        headers["x-ms-lease-id"] = after["id"]
    return after, headers


def _wish(call: Call) -> Wish:
    action = call.header("x-ms-lease-action").lower()
    if action not in ACTIONS:
        raise call.failure("InvalidHeaderValue", "HeaderName: x-ms-lease-action")
    proposed = call.header("x-ms-proposed-lease-id").lower()
    if action == "change" and not proposed:
        raise call.failure("MissingRequiredHeader", "HeaderName: x-ms-proposed-lease-id")
    duration = _duration(call) if action == "acquire" else None
    period = _number(call, "x-ms-lease-break-period", 0, 60)
    return Wish(action, call.header("x-ms-lease-id"), proposed, duration, period)


def _duration(call: Call) -> int | None:
    duration = _number(call, "x-ms-lease-duration", -1, 60)
    if duration is not None and duration != -1 and duration < 15:
        raise call.failure("InvalidHeaderValue", "HeaderName: x-ms-lease-duration")
    return duration


def _number(call: Call, name: str, smallest: int, largest: int) -> int | None:
    text = call.header(name)
    if not text:
        return None
    try:
        value = int(text)
    except ValueError as error:
        raise call.failure("InvalidHeaderValue", f"HeaderName: {name}") from error
    if not smallest <= value <= largest:
        raise call.failure("InvalidHeaderValue", f"HeaderName: {name}")
    return value


def _answer(call: Call, item: Node | FileSystem, headers: Mapping[str, str]) -> Response:
    status = _STATUS.get(call.header("x-ms-lease-action").lower(), 200)
    return Response(status, {**version_headers(item), **headers})
