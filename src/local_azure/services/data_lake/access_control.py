"""Reading and changing owner, group, permissions and ACL of files and directories.

https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/update
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from azure_ids.acl import (
    Acl,
    AclError,
    Permissions,
    entries_of,
    merge_acl,
    parse_acl,
    parse_removal,
    remove_from_acl,
    replace_acl,
)
from local_azure.http import Response
from local_azure.services.data_lake import continuation
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.conditions import check_read, check_write
from local_azure.services.data_lake.creation import changed_access, checked_acl
from local_azure.services.data_lake.lease_handlers import check_lease, require_lease
from local_azure.services.data_lake.nodes import Node
from local_azure.services.data_lake.wire import node_headers, path_headers, version_headers

LARGEST_BATCH = 2000
_NOT_ALLOWED = "This request is not authorized to perform this operation using this permission."


def get(call: Call) -> Response:
    """Owner, group, permissions and ACL."""
    call.flag("upn")  # nobody here has a user principal name: object ids are shown either way
    node = _seen(call)
    return Response(200, {**version_headers(node), **path_headers(node), "x-ms-acl": node.acl_text})


def get_status(call: Call) -> Response:
    """System properties: size, times, lease, owner and permissions."""
    call.flag("upn")
    node = _seen(call)
    headers = node_headers(node, call.store.now()) | path_headers(node)
    return Response(200, {**headers, "content-length": str(node.size)})


def check_access(call: Call) -> Response:
    """Whether the caller has the permissions that `fsAction` names (`r-x`); raises ServiceError 403 where not.

    https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/get-properties
    """
    text = call.query("fsAction")
    if not text:
        raise call.failure("MissingRequiredQueryParameter", "QueryParameterName: fsAction")
    try:
        wanted = Permissions.parse(text)
    except AclError as error:
        raise call.failure("InvalidQueryParameterValue", "QueryParameterName: fsAction") from error
    trail = call.open_trail()
    node = call.existing(trail)
    call.require(call.guard.may_access(trail, node, wanted))
    return Response(200, version_headers(node))


def _seen(call: Call) -> Node:
    trail = call.open_trail()
    node = call.existing(trail)
    call.require(call.guard.may_see(trail))
    check_lease(call, node)
    check_read(call, node)
    return node


def set_access_control(call: Call) -> Response:
    """Changes what the headers name: x-ms-owner, x-ms-group, and x-ms-permissions or x-ms-acl."""
    owner, group = call.header("x-ms-owner"), call.header("x-ms-group")
    permissions, acl = call.header("x-ms-permissions"), call.header("x-ms-acl")
    if not (owner or group or permissions or acl):
        raise call.failure("MissingRequiredHeader", "HeaderName: x-ms-acl")
    if permissions and acl:
        raise call.failure("InvalidInput", "x-ms-permissions and x-ms-acl exclude each other.")
    with call.store.transaction():
        trail = call.open_trail()
        node = call.existing(trail)
        call.require(call.guard.may_set_access(trail, node))
        if owner and owner != node.owner:
            call.require(call.guard.is_superuser)
        if group and group != node.group:
            call.require(call.guard.may_give_to_group(group))
        check_write(call, node)
        require_lease(call, node)
        changed = changed_access(call, replace(node, owner=owner or node.owner, group=group or node.group))
        call.store.put(changed)
    return Response(200, {**version_headers(changed), "x-ms-namespace-enabled": "true"})


@dataclass
class _Outcome:
    """What a recursive change did so far."""

    directories: int = 0
    files: int = 0
    failures: list[dict[str, str]] = field(default_factory=list)

    def count(self, node: Node) -> None:
        if node.is_directory:
            self.directories += 1
        else:
            self.files += 1

    def document(self) -> dict[str, Any]:
        return {
            "directoriesSuccessful": self.directories,
            "failedEntries": self.failures,
            "failureCount": len(self.failures),
            "filesSuccessful": self.files,
        }


def set_access_control_recursive(call: Call) -> Response:
    """Sets, modifies or removes ACL entries of an item and of all below it, at most 2000 items a request."""
    change = _change(call)
    after = continuation.decode(call.query("continuation"))
    if after is None:
        raise call.failure("InvalidQueryParameterValue", "QueryParameterName: continuation")
    batch, goes_on = call.count("maxRecords", LARGEST_BATCH), call.flag("forceFlag")
    outcome, token = _Outcome(), ""
    with call.store.transaction():
        trail = call.open_trail()
        target = call.existing(trail)
        call.require(call.guard.may_set_access(trail, target))
        last: tuple[str, ...] = ()
        for number, (path, node) in enumerate(_items(call, target, after)):
            if number == batch:
                token = continuation.encode(last)
                break
            last = path or (".",)
            if call.guard.is_superuser or call.guard.owns(node):
                call.store.put(replace(node, acl_text=checked_acl(call, change(node))))
                outcome.count(node)
                continue
            name = "/".join((*call.names, *path))
            kind = "DIRECTORY" if node.is_directory else "FILE"
            outcome.failures.append({"name": name, "type": kind, "errorMessage": _NOT_ALLOWED})
            if not goes_on:
                break
    headers = {"x-ms-namespace-enabled": "true"} | ({"x-ms-continuation": token} if token else {})
    return Response.json(200, outcome.document(), headers)


def _items(call: Call, target: Node, after: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:
    """The target itself, then all below it; the token "." stands behind the target."""
    below = call.store.walk(target, () if after == (".",) else after) if target.is_directory else iter(())
    return below if after else chain([((), target)], below)


def _change(call: Call) -> Callable[[Node], Acl]:
    """What a recursive request does to one ACL; raises ServiceError 400 for entries that make no sense."""
    mode, text = call.query("mode"), call.header("x-ms-acl")
    if mode not in ("set", "modify", "remove"):
        raise call.failure("InvalidQueryParameterValue", "QueryParameterName: mode")
    if not text:
        raise call.failure("MissingRequiredHeader", "HeaderName: x-ms-acl")
    try:
        if mode == "remove":
            return _removal(call, text)
        given = parse_acl(text)
    except AclError as error:
        raise call.failure("InvaldAccessControlList", str(error)) from error
    checked_acl(call, given)
    combine = replace_acl if mode == "set" else merge_acl

    def change(node: Node) -> Acl:
        fitting = given if node.is_directory else entries_of(given, "access")
        return combine(node.acl, fitting) if fitting else node.acl

    return change


def _removal(call: Call, text: str) -> Callable[[Node], Acl]:
    keys = parse_removal(text)

    def change(node: Node) -> Acl:
        try:
            return remove_from_acl(node.acl, [key for key in keys if node.is_directory or key[0] == "access"])
        except AclError as error:
            raise call.failure("InvaldAccessControlList", str(error)) from error

    return change
