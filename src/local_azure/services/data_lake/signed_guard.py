"""What the holder of a shared access signature may do: what the signature permits and its signer may do."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from azure_ids.acl import Permissions
from local_azure.authorization import RoleAssignments
from local_azure.services.data_lake.access import Caller, Guard
from local_azure.services.data_lake.accounts import StorageAccount
from local_azure.services.data_lake.grants import Grant
from local_azure.services.data_lake.nodes import SUPERUSER, Node, Trail

_OF_CONTAINERS = {"read": "rl", "write": "cw", "delete": "d"}
_OF_BLOBS = {"read": "r", "write": "w", "delete": "d", "add/action": "ac", "move/action": "m"} | {
    "tags/read": "t",
    "tags/write": "t",
}


def guard_for(roles: RoleAssignments, account: StorageAccount, file_system: str, caller: Caller) -> Guard:
    """The guard of a caller for a filesystem of an account."""
    if caller.grant is None:
        return Guard(roles, account, file_system, caller)
    return _SignedGuard(roles, account, file_system, caller, caller.grant)


class _AgentGuard(Guard):
    """Asks access-control lists alone."""

    def has_role_for(self, *actions: str) -> bool:
        return False


class _SignedGuard(Guard):
    """A guard that asks the signature first, then its signer, then the agent that it names."""

    def __init__(
        self, roles: RoleAssignments, account: StorageAccount, file_system: str, caller: Caller, grant: Grant
    ) -> None:
        super().__init__(roles, account, file_system, caller)
        self._grant = grant
        self._file_system = file_system
        groups = frozenset() if grant.signer == SUPERUSER else caller.groups
        self._guards = [Guard(roles, account, file_system, Caller(grant.signer, groups))]
        if grant.agent:
            self._guards.append(_AgentGuard(roles, account, file_system, Caller(grant.agent)))

    def has_role_for(self, *actions: str) -> bool:
        return all(self._signed("o", _OF_BLOBS.get(each, "")) for each in actions) and all(
            guard.has_role_for(*actions) for guard in self._guards
        )

    @property
    def is_superuser(self) -> bool:
        return self._asked("o", "op", lambda guard: guard.is_superuser)

    def may_manage_containers(self, action: str) -> bool:
        return self._asked("c", _OF_CONTAINERS.get(action, ""), lambda guard: guard.may_manage_containers(action))

    def may_list_containers(self) -> bool:
        return self._asked("s", "l", lambda guard: guard.may_list_containers())

    def may_read_service(self) -> bool:
        return self._asked("s", "r", lambda guard: guard.may_read_service())

    def may_write_service(self) -> bool:
        return self._asked("s", "w", lambda guard: guard.may_write_service())

    def may_read_account(self) -> bool:
        """Any signature that reads does, not only that of an account (live tests of azure-storage-blob)."""
        return self._grant.permits("r")

    def may_see(self, trail: Trail) -> bool:
        return self._asked("o", "racwdlmeop", lambda guard: guard.may_see(trail))

    def may_access(self, trail: Trail, node: Node, wanted: Permissions) -> bool:
        return self._asked("o", "e", lambda guard: guard.may_access(trail, node, wanted))

    def may_read(self, trail: Trail, node: Node) -> bool:
        return self._asked("o", "r", lambda guard: guard.may_read(trail, node))

    def may_list(self, trail: Trail, directory: Node) -> bool:
        return self._lists(lambda guard: guard.may_list(trail, directory))

    def may_list_below(self, directory: Node) -> bool:
        return self._lists(lambda guard: guard.may_list_below(directory))

    def may_list_flat(self) -> bool:
        return self._lists(lambda guard: guard.may_list_flat())

    def may_find(self) -> bool:
        level = "o" if self._grant.resource != "account" else "c" if self._file_system else "s"
        return self._asked(level, "f", lambda guard: guard.may_find())

    def may_create(self, trail: Trail) -> bool:
        letters = "cw" if trail.target is None else "w"
        return self._asked("o", letters, lambda guard: guard.may_create(trail))

    def may_take_snapshot(self, trail: Trail, node: Node) -> bool:
        return self._asked("o", "cw", lambda guard: guard.may_take_snapshot(trail, node))

    def may_write(self, trail: Trail, node: Node) -> bool:
        return self._asked("o", "w", lambda guard: guard.may_write(trail, node))

    def may_append(self, trail: Trail, node: Node) -> bool:
        return self._asked("o", "aw", lambda guard: guard.may_append(trail, node))

    def may_delete(self, trail: Trail, node: Node) -> bool:
        return self._asked("o", "d", lambda guard: guard.may_delete(trail, node))

    def may_empty(self, directory: Node, children: Iterable[Node]) -> bool:
        return self._asked("o", "d", lambda guard: guard.may_empty(directory, children))

    def may_move_from(self, trail: Trail, node: Node) -> bool:
        return self._asked("o", "md", lambda guard: guard.may_move_from(trail, node))

    def may_move_to(self, trail: Trail) -> bool:
        return self._asked("o", "mw", lambda guard: guard.may_move_to(trail))

    def may_set_access(self, trail: Trail, node: Node) -> bool:
        return self._asked("o", "op", lambda guard: guard.may_set_access(trail, node))

    def owns(self, node: Node) -> bool:
        return self._guards[-1].owns(node)

    def may_give_to_group(self, group: str) -> bool:
        return self._guards[-1].may_give_to_group(group)

    def _lists(self, question: Callable[[Guard], bool]) -> bool:
        level = "c" if self._grant.resource == "account" else "o"
        return self._asked(level, "l", question)

    def _asked(self, level: str, letters: str, question: Callable[[Guard], bool]) -> bool:
        return self._signed(level, letters) and all(question(each) for each in self._guards)

    def _signed(self, level: str, letters: str) -> bool:
        return self._grant.reaches(level) and self._grant.permits(letters)
