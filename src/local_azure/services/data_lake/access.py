"""Who may do what: roles first, then access-control lists, evaluated as the service documents it.

https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control-model#how-permissions-are-evaluated
https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control#how-permissions-are-evaluated
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from azure_ids.acl import EVERYTHING, EXECUTE, NOTHING, READ, WRITE, AccessControlEntry, Permissions
from local_azure.authorization import RoleAssignments
from local_azure.services.data_lake.accounts import StorageAccount
from local_azure.services.data_lake.grants import Grant
from local_azure.services.data_lake.nodes import SUPERUSER, Node, Trail

_SERVICES = "Microsoft.Storage/storageAccounts/blobServices"
_CONTAINERS = f"{_SERVICES}/containers"
WRITE_AND_EXECUTE = WRITE | EXECUTE
READ_AND_EXECUTE = READ | EXECUTE


@dataclass(frozen=True)
class Caller:
    """Who asks: an Entra principal with its groups, or the holder of an account key, whom nothing limits.

    The holder of a shared access signature is whoever signed, or whom the signature names, limited by the grant.
    """

    object_id: str
    groups: frozenset[str] = frozenset()
    grant: Grant | None = None
    """What a shared access signature lets the caller do."""

    @property
    def has_account_key(self) -> bool:
        """Whether an account key signed the request."""
        return self.object_id == SUPERUSER


def access_check(node: Node, caller: Caller, wanted: Permissions) -> bool:
    """Whether a node's ACL gives the caller all wanted permissions; superusers and roles are not considered here.

    The first identity that fits decides alone: owning user, then named user; then any one group entry that gives all;
    then everybody else (where POSIX would stop at the groups).
    """
    entries = [each for each in node.acl if each.scope == "access"]
    mask = next((each.permissions for each in entries if each.type == "mask"), EVERYTHING)
    if caller.object_id == node.owner:
        return _base(entries, "user").covers(wanted)
    for each in entries:
        if each.type == "user" and each.id == caller.object_id:
            return (each.permissions & mask).covers(wanted)
    for each in entries:
        group = each.id or node.group
        if each.type == "group" and group in caller.groups and (each.permissions & mask).covers(wanted):
            return True
    return _base(entries, "other").covers(wanted)


def _base(entries: Iterable[AccessControlEntry], kind: str) -> Permissions:
    return next((each.permissions for each in entries if each.type == kind and not each.id), NOTHING)


class Guard:
    """Answers for one caller and one filesystem of an account; every question is a yes or a no, never an error."""

    def __init__(self, roles: RoleAssignments, account: StorageAccount, file_system: str, caller: Caller) -> None:
        self.caller = caller
        self._roles = roles
        self._account = account
        self._scope = account.container_id(file_system)
        self._known: dict[str, bool] = {}

    def has_role_for(self, *actions: str) -> bool:
        """Whether roles allow all of these data actions on blobs (`read`, `write`, `delete`, `move/action` …)."""
        return all(self._has_role_for(each) for each in actions)

    @property
    def is_superuser(self) -> bool:
        """Whether no ACL stops the caller: an account key, or the role Storage Blob Data Owner."""
        return self.has_role_for("runAsSuperUser/action")

    def may_manage_containers(self, action: str) -> bool:
        """Whether the caller may `read`, `write`, `delete` … the filesystem itself: a control-plane action to RBAC."""
        return self._manages(f"{_CONTAINERS}/{action}", self._scope)

    def may_list_containers(self) -> bool:
        """Whether the caller may list the account's filesystems."""
        return self._manages(f"{_CONTAINERS}/read", f"{self._account.id}/blobServices/default")

    def may_make_delegation_keys(self) -> bool:
        """Whether the caller may have a key that signs in its name."""
        if self.caller.grant is not None or self.caller.has_account_key:
            return False
        action = f"{_SERVICES}/generateUserDelegationKey/action"
        return self._roles.allows(self.caller.object_id, action, self._account.id)

    def may_read_service(self) -> bool:
        """Whether the caller may read the settings of the blob service."""
        return self._manages(f"{_SERVICES}/read", f"{self._account.id}/blobServices/default")

    def may_write_service(self) -> bool:
        """Whether the caller may change the settings of the blob service."""
        return self._manages(f"{_SERVICES}/write", f"{self._account.id}/blobServices/default")

    def may_read_account(self) -> bool:
        """Whether the caller may learn what kind of account it is."""
        return self.may_read_service()

    def may_traverse(self, nodes: Iterable[Node]) -> bool:
        """Whether ACLs let the caller pass through all of these directories."""
        return all(self._gives(node, EXECUTE) for node in nodes if node.is_directory)

    def may_see(self, trail: Trail) -> bool:
        """Status and ACL of a path, or learning that it does not exist."""
        return self.has_role_for("read") or self.may_traverse(trail.parents)

    def may_read(self, trail: Trail, node: Node) -> bool:
        """Content and metadata of a file."""
        return self.has_role_for("read") or self._reaches(trail, node, READ)

    def may_access(self, trail: Trail, node: Node, wanted: Permissions) -> bool:
        """Whether the caller has all of these permissions on a path, by roles or by ACLs.

        https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control-model
        """
        actions = ["write"] if wanted.covers(WRITE) else []
        actions += ["read"] if wanted.covers(READ) or wanted.covers(EXECUTE) else []
        return self.has_role_for(*actions) or self._reaches(trail, node, wanted)

    def may_list(self, trail: Trail, directory: Node) -> bool:
        """What is in a directory."""
        return self.has_role_for("read") or self._reaches(trail, directory, READ_AND_EXECUTE)

    def may_list_below(self, directory: Node) -> bool:
        """What is in a directory met on the way through a recursive listing."""
        return self.has_role_for("read") or self._gives(directory, READ_AND_EXECUTE)

    def may_list_flat(self) -> bool:
        """The blobs of a container without hierarchy."""
        return self.has_role_for("read")

    def may_read_tags(self) -> bool:
        """The tags of a blob, which roles alone open."""
        return self.has_role_for("tags/read")

    def may_write_tags(self) -> bool:
        """New tags for a blob."""
        return self.has_role_for("tags/write")

    def may_find(self) -> bool:
        """Blobs by their tags, in the container or, where the guard is for none, in the account."""
        return self.has_role_for("filter/action")

    def may_create(self, trail: Trail) -> bool:
        """A new node at the missing end of a path, or another one in place of the node that is there."""
        if self.has_role_for("write") or (trail.target is None and self.has_role_for("add/action")):
            return True
        target, parents = trail.target, trail.parents
        if not parents or not self._enters(parents):
            return False
        return target is None or target.is_directory or self._gives(target, WRITE)

    def may_take_snapshot(self, trail: Trail, node: Node) -> bool:
        """A snapshot of a blob."""
        return self.has_role_for("add/action") or self.may_write(trail, node)

    def may_write(self, trail: Trail, node: Node) -> bool:
        """Metadata, properties and leases."""
        return self.has_role_for("write") or self._reaches(trail, node, WRITE)

    def may_append(self, trail: Trail, node: Node) -> bool:
        """New content: W by a role or the ACL, and R by a role or the ACL."""
        if self.has_role_for("write"):
            return True
        wanted = WRITE if self.has_role_for("read") else READ | WRITE
        return self._reaches(trail, node, wanted)

    def may_delete(self, trail: Trail, node: Node) -> bool:
        """A node itself; for what is below it see `may_empty`."""
        return self.has_role_for("delete") or self.may_take_away(trail.parents, node)

    def may_empty(self, directory: Node, children: Iterable[Node]) -> bool:
        """All that is directly in a directory, on the way through a recursive delete."""
        if self.has_role_for("delete"):
            return True
        return self._gives(directory, EVERYTHING) and all(self._is_free(directory, each) for each in children)

    def may_move_from(self, trail: Trail, node: Node) -> bool:
        """The source of a rename."""
        by_role = self.has_role_for("move/action") or self.has_role_for("delete")
        return by_role or self.may_take_away(trail.parents, node)

    def may_move_to(self, trail: Trail) -> bool:
        """The destination of a rename, with what is overwritten there."""
        if self.has_role_for("write"):
            return True
        target = trail.target
        return self._enters(trail.parents) if target is None else self.may_take_away(trail.parents, target)

    def may_take_away(self, parents: tuple[Node, ...], node: Node) -> bool:
        """By ACLs: W and X on the directory, X above it, and what a sticky bit asks for."""
        return bool(parents) and self._enters(parents) and self._is_free(parents[-1], node)

    def may_set_access(self, trail: Trail, node: Node) -> bool:
        """ACL, permissions and owning group: a superuser, or the owning user who can reach the node."""
        if self.is_superuser or self.has_role_for("modifyPermissions/action"):
            return True
        reaches = self.has_role_for("read") or self.may_traverse(trail.parents)
        return reaches and self.owns(node)

    def owns(self, node: Node) -> bool:
        """Whether the caller is the owning user."""
        return node.owner == self.caller.object_id

    def may_give_to_group(self, group: str) -> bool:
        """Whether the caller may make a group the owning group: only one it is in."""
        return self.is_superuser or group in self.caller.groups

    def _reaches(self, trail: Trail, node: Node, wanted: Permissions) -> bool:
        return self.may_traverse(trail.parents) and self._gives(node, wanted)

    def _enters(self, parents: tuple[Node, ...]) -> bool:
        return self.may_traverse(parents[:-1]) and self._gives(parents[-1], WRITE_AND_EXECUTE)

    def _is_free(self, directory: Node, child: Node) -> bool:
        return not directory.is_sticky or self.owns(child) or self.owns(directory)

    def _gives(self, node: Node, wanted: Permissions) -> bool:
        if not self._account.is_hierarchical:
            return self.caller.has_account_key
        return self.caller.has_account_key or access_check(node, self.caller, wanted)

    def _manages(self, action: str, scope: str) -> bool:
        return self.caller.has_account_key or self._roles.allows(self.caller.object_id, action, scope)

    def _has_role_for(self, action: str) -> bool:
        if self.caller.has_account_key:
            return True
        if action not in self._known:
            full_action = f"{_CONTAINERS}/blobs/{action}"
            self._known[action] = self._roles.allows(self.caller.object_id, full_action, self._scope, data=True)
        return self._known[action]
