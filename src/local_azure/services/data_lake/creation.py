"""Putting a new file or directory in its place, with the directories above it that are missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from azure_ids.acl import (
    MAXIMUM_ENTRIES_PER_SCOPE,
    Acl,
    AclError,
    Mode,
    change_mode,
    entries_of,
    format_acl,
    parse_acl,
    replace_acl,
)
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.access import Guard
from local_azure.services.data_lake.accounts import StorageAccount
from local_azure.services.data_lake.call import Call, split_path
from local_azure.services.data_lake.deleted_blobs import make_way
from local_azure.services.data_lake.inheritance import Wishes, new_access
from local_azure.services.data_lake.nodes import BLOCK_BLOB, Node, Trail
from local_azure.services.data_lake.shared_access_signatures import PARAMETERS
from local_azure.services.data_lake.signed_guard import guard_for
from local_azure.services.data_lake.wire import SOURCE_AUTHORIZATION


def wishes_of(call: Call, is_directory: bool) -> Wishes:
    """What x-ms-permissions, x-ms-umask and x-ms-acl of a create request say; raises ServiceError 400."""
    permissions, acl = call.header("x-ms-permissions"), call.header("x-ms-acl")
    if permissions and acl:
        raise call.failure("InvalidInput", "x-ms-permissions and x-ms-acl exclude each other.")
    return Wishes(
        mode_header(call, "x-ms-permissions") if permissions else None,
        mode_header(call, "x-ms-umask") if call.header("x-ms-umask") else None,
        acl_header(call, is_directory) if acl else None,
    )


def mode_header(call: Call, name: str) -> Mode:
    """A header that is a mode; raises ServiceError 400."""
    try:
        return Mode.parse(call.header(name))
    except AclError as error:
        raise call.failure("InvalidHeaderValue", f"HeaderName: {name}; {error}") from error


def acl_header(call: Call, is_directory: bool) -> Acl:
    """The header x-ms-acl; raises ServiceError 400."""
    try:
        acl = parse_acl(call.header("x-ms-acl"))
    except AclError as error:
        raise call.failure("InvaldAccessControlList", str(error)) from error
    if not is_directory and entries_of(acl, "default"):
        raise call.failure("InvaldAccessControlList", "Only a directory has default entries.")
    return acl


def checked_acl(call: Call, acl: Acl) -> str:
    """The ACL as text; raises ServiceError 400 for one with too many entries."""
    if max(len(entries_of(acl, "access")), len(entries_of(acl, "default"))) > MAXIMUM_ENTRIES_PER_SCOPE:
        detail = f"A scope has more than {MAXIMUM_ENTRIES_PER_SCOPE} entries."
        raise call.failure("InvaldAccessControlList", detail)
    return format_acl(acl)


def changed_access(call: Call, node: Node) -> Node:
    """The node after what x-ms-permissions or x-ms-acl says; raises ServiceError 400."""
    if call.header("x-ms-permissions"):
        mode = mode_header(call, "x-ms-permissions")
        return replace(node, acl_text=checked_acl(call, change_mode(node.acl, mode)), is_sticky=mode.sticky)
    if call.header("x-ms-acl"):
        given = acl_header(call, node.is_directory)
        return replace(node, acl_text=checked_acl(call, replace_acl(node.acl, given)))
    return node


def ownership(call: Call, parent: Node) -> tuple[str, str]:
    """Owner and group of a new item: the caller and the parent's group, unless headers say otherwise."""
    owner, group = call.header("x-ms-owner"), call.header("x-ms-group")
    if owner and owner != call.caller.object_id:
        call.require(call.guard.is_superuser)
    if group and group != parent.group:
        call.require(call.guard.may_give_to_group(group))
    return owner or call.caller.object_id, group or parent.group


def tier_of(call: Call) -> str:
    """The header x-ms-access-tier; Archive, which takes the content offline, is not served, nor Smart, which moves it.

    Raises ServiceError: 400 for what is no tier, 501 for one that is not served.
    """
    tier = call.header("x-ms-access-tier")
    if tier in ("Archive", "Smart"):
        raise errors.refused("blob", f"the access tier {tier} (header x-ms-access-tier)")
    if tier not in ("", "Hot", "Cool", "Cold"):
        raise call.failure("InvalidHeaderValue", "HeaderName: x-ms-access-tier")
    return tier


def place(call: Call, trail: Trail, is_directory: bool, wishes: Wishes, **fields: Any) -> Node:
    """Makes a new node at the end of a trail, in place of a file that is there; belongs into a transaction.

    Raises ServiceError 409 for anything in the way but a file that a file replaces. What is allowed was asked before.
    """
    target = trail.target
    if target is not None and (target.is_directory or is_directory):
        raise call.failure("PathAlreadyExists")
    parent, lease = trail.parents[-1], {}
    make_way(call, target, fields.get("blob_type", BLOCK_BLOB))
    if target is not None:
        name, lease = target.name, dict(target.lease)
    else:
        *above, name = trail.missing
        for each in above:
            parent = _made(call, parent, each, True, Wishes(), call.caller.object_id, parent.group, {})
    owner, group = ownership(call, parent)
    return _made(call, parent, name, is_directory, wishes, owner, group, {"lease": lease, **fields})


def _made(
    call: Call, parent: Node, name: str, is_directory: bool, wishes: Wishes, owner: str, group: str, fields: Any
) -> Node:
    acl, is_sticky = new_access(parent.acl, is_directory, wishes)
    now = call.store.now()
    made = Node(
        call.store.fresh_id(),
        parent.id,
        name,
        is_directory,
        now,
        now,
        call.store.fresh_etag(),
        owner,
        group,
        checked_acl(call, acl),
        is_sticky,
    )
    made = replace(made, **fields, interface="" if is_directory else call.surface)
    call.store.put(made)
    if made.content:
        call.store.content.keep(made.content)
    return made


def guard_of_source(call: Call, account: StorageAccount, query: str, raw_path: str) -> Guard:
    """What a request may do with the path that it copies or renames, by the signature there or else as the caller.

    In the place of a signature there may be a token (SOURCE_AUTHORIZATION).

    Raises ServiceError: 501 for a query that is no signature, 403 for a signature that is not for the path.
    """
    file_system, path = split_path(raw_path)
    caller = call.caller
    if query:
        signature = dict(parse_qsl(query))
        if "sig" not in signature or not signature.keys() <= PARAMETERS:
            raise errors.refused(call.surface, "a source with a query that is no signature")
        caller = call.reader_of(account, signature, raw_path)
    elif call.header(SOURCE_AUTHORIZATION):
        caller = call.reader_of(account, {}, raw_path)
    elif caller.grant is not None and not caller.grant.covers(file_system, call.names_of(path)):
        raise call.failure("AuthorizationPermissionMismatch")
    return guard_for(call.context.role_assignments, account, file_system, caller)
