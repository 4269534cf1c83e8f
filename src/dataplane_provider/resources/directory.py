"""A directory of a filesystem with exactly the access-control list that the program says.

Not for the entries of files below it: they get the directory's default entries when they are made.
"""

from collections.abc import Sequence
from typing import Any

from azure_ids.acl import (
    MAXIMUM_ENTRIES_PER_SCOPE,
    Acl,
    AclError,
    Mode,
    acl_of_mode,
    parse_acl,
    replace_acl,
)
from azure_ids.storage import PathId, StorageAccountName, StorageIdError
from dataplane_provider import properties
from dataplane_provider.clients.data_lake import DataLakeClient
from dataplane_provider.errors import AlreadyExists, DataWouldBeLost, message
from dataplane_provider.resources.base import READ_PATIENCE_SECONDS, Resource
from dataplane_provider.resources.file_system import (
    ACCOUNT_NAME,
    ACCOUNT_RULE,
    FILE_SYSTEM_NAME,
    FILE_SYSTEM_RULE,
    name_problems,
)
from dataplane_provider.resources.records import DirectoryArgs
from dataplane_provider.resources.role_assignment import GUID
from provider_wire.values import UNKNOWN, Properties
from provider_wire.verbs import (
    Change,
    CheckAnswer,
    CheckFailure,
    CheckRequest,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    ProviderError,
    ReadAnswer,
    ReadRequest,
    Session,
    Severity,
    UpdateAnswer,
    UpdateRequest,
)

# What the service gives a new directory (umask 0027) where a program leaves owner, group or others out.
# https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control#umask
_FRESH = acl_of_mode(Mode.parse("0750"))


class Directory(Resource):
    """`dataplane:index:Directory`; the id is `https://<account>.dfs.core.windows.net/<filesystem>/<path>`."""

    arguments = DirectoryArgs

    def check(self, request: CheckRequest) -> CheckAnswer:
        """As for every resource; a list that is known and right becomes the complete one, in the service's order."""
        answer = super().check(request)
        acl = answer.inputs.get("acl")
        if answer.failures or acl == UNKNOWN or UNKNOWN in (acl or ()):
            return answer
        return CheckAnswer({**answer.inputs, "acl": _texts(complete_acl(acl or ()))})

    def problems(self, inputs: Properties) -> list[CheckFailure]:
        """Names that the service would refuse, paths that are not in canonical form, wrong entries."""
        rules = {"account": (ACCOUNT_NAME, ACCOUNT_RULE), "fileSystem": (FILE_SYSTEM_NAME, FILE_SYSTEM_RULE)}
        return [*name_problems(inputs, rules), *_path_problems(inputs["path"]), *_acl_problems(inputs["acl"])]

    def changes(self, name: str, old: Any, new: Any) -> dict[str, Change]:
        """Lists are compared entry by entry."""
        if name != "acl" or old is None or new is None or UNKNOWN in (old, new) or UNKNOWN in new:
            return super().changes(name, old, new)
        return _entry_changes(_texts(complete_acl(old)), _texts(complete_acl(new)))

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Make the directory, or take over one with an equal list. Raises AlreadyExists if the lists differ."""
        args = properties.read(DirectoryArgs, request.inputs)
        client = self._services.data_lake(args.account, session, args.propagation_timeout_seconds)
        id, wanted = _id_of(args), complete_acl(args.acl)
        live = _live_acl(client, args.file_system, args.path)
        if live is None:
            _make(client, args, wanted)
        elif args.path and client.is_directory(args.file_system, args.path) is False:
            raise AlreadyExists(message(f"creating {id}", "a file has that path", "no file of that path"))
        elif live == wanted:
            session.log(Severity.INFO, f"creating {id}: it exists with that ACL, taken over")
        elif args.path or live != _FRESH:  # a root is there from the start, with the list of a new directory
            raise _different(id, live, wanted, request)
        else:
            client.set_acl(args.file_system, args.path, _header(wanted))
        return CreateAnswer(str(id), dict(request.inputs))

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """Read the list; an import needs the id alone."""
        path = _parse_id(request.id)
        client = self._services.data_lake(str(path.account), session, READ_PATIENCE_SECONDS)
        live = _live_acl(client, path.file_system, path.path)
        if live is None:
            return ReadAnswer("")
        if request.is_import:
            if path.path and client.is_directory(path.file_system, path.path) is False:
                raise ProviderError(message(f"importing {path}", "it is a file", "a directory"))
            fresh = DirectoryArgs(str(path.account), path.file_system, path.path, tuple(_texts(live)))
            inputs = properties.write(fresh)
            return ReadAnswer(str(path), inputs, inputs)
        _report_drift(path, request.old_state.get("acl", ()), _texts(live), session)
        seen = {"acl": _texts(live)}
        return ReadAnswer(str(path), {**request.old_state, **seen}, {**request.old_inputs, **seen})

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """Set the list if it differs; the other settings are those of this resource only."""
        args = properties.read(DirectoryArgs, request.inputs)
        if self.changes("acl", request.old_state.get("acl"), request.inputs["acl"]):
            client = self._services.data_lake(args.account, session, args.propagation_timeout_seconds)
            client.set_acl(args.file_system, args.path, _header(complete_acl(args.acl)))
        return self.preview_update(request)

    def delete(self, request: DeleteRequest, session: Session) -> None:
        """Delete the directory. Raises DataWouldBeLost if it holds paths and `deleteData` is not set; a root stays."""
        args = properties.read(DirectoryArgs, request.old_state)
        if not args.path:
            session.log(Severity.INFO, f"deleting {request.id}: the root of a filesystem stays, with its ACL")
            return
        client = self._services.data_lake(args.account, session, args.propagation_timeout_seconds)
        if not args.delete_data and not client.is_empty(args.file_system, args.path):
            raise DataWouldBeLost(
                message(
                    f"deleting {request.id}",
                    "it is not empty",
                    "an empty directory, or deleteData: true",
                    "set delete_data to true (the stack's setting, or the resource's input), run pulumi up, then "
                    "delete it; or remove it from the state only: pulumi state delete",
                )
            )
        client.delete_directory(args.file_system, args.path)


def complete_acl(entries: Sequence[str]) -> Acl:
    """The whole list that the entries mean: owner, group, others and masks filled in. Raises AclError."""
    given = parse_acl(",".join(entries)) if entries else ()
    return replace_acl(_FRESH, given)


def _path_problems(path: str) -> list[CheckFailure]:
    if path == UNKNOWN:
        return []
    if any(step in ("", ".", "..") for step in path.split("/")) and path:
        expected = "expected steps divided by single slashes, none at the ends, none of them . or .."
        return [CheckFailure("path", f"path is {path!r}\n{expected}")]
    return []


def _acl_problems(entries: Any) -> list[CheckFailure]:
    """Every wrong entry at its place; then what is wrong with the list as a whole."""
    if entries == UNKNOWN:
        return []
    known = [(index, text) for index, text in enumerate(entries) if text != UNKNOWN]
    failures: list[CheckFailure] = []
    for index, text in known:
        try:
            failures.extend(_entry_problems(f"acl[{index}]", parse_acl(text)))
        except AclError as error:
            failures.append(CheckFailure(f"acl[{index}]", str(error)))
    return failures or _list_problems([text for _, text in known])


def _entry_problems(path: str, parsed: Acl) -> list[CheckFailure]:
    if len(parsed) > 1:
        return [CheckFailure(path, f"{path} holds {len(parsed)} entries\nexpected one for each item of the list")]
    return [
        CheckFailure(path, f"{entry} is not about an object id\nexpected a GUID: names are not stable")
        for entry in parsed
        if entry.id and not GUID.fullmatch(entry.id)
    ]


def _list_problems(entries: Sequence[str]) -> list[CheckFailure]:
    try:
        acl = complete_acl(entries)
    except AclError as error:
        return [CheckFailure("acl", str(error))]
    failures = []
    for scope in ("access", "default"):
        count = sum(entry.scope == scope for entry in acl)
        if count > MAXIMUM_ENTRIES_PER_SCOPE:
            failures.append(
                CheckFailure(
                    "acl",
                    f"the {scope} list has {count} entries, computed ones included\n"
                    f"expected at most {MAXIMUM_ENTRIES_PER_SCOPE}\n"
                    "hint: put the principals into a group and give the group one entry",
                )
            )
    return failures


def _entry_changes(old: Sequence[str], new: Sequence[str]) -> dict[str, Change]:
    """By index: entries that went (index in `old`), came (index in `new`), or give way to another at their place."""
    changes = {f"acl[{index}]": Change.DELETE for index, text in enumerate(old) if text not in new}
    for index, text in enumerate(new):
        if text not in old:
            path = f"acl[{index}]"
            changes[path] = Change.UPDATE if path in changes else Change.ADD
    return changes


def _make(client: DataLakeClient, args: DirectoryArgs, wanted: Acl) -> None:
    """Make the directory, and read its list back: a parent's default entries must not have changed it."""
    client.create_directory(args.file_system, args.path, _header(wanted))
    if _live_acl(client, args.file_system, args.path) != wanted:
        client.set_acl(args.file_system, args.path, _header(wanted))


def _report_drift(path: PathId, known: Sequence[str], live: Sequence[str], session: Session) -> None:
    """Name every entry that came or went: without `--diff` the engine shows no more than `acl`."""
    gone = [f"{text} is gone" for text in known if text not in live]
    come = [f"{text} is new" for text in live if text not in known]
    if gone or come:
        session.log(Severity.WARNING, f"reading {path}: the ACL differs from the state: {', '.join(gone + come)}")


def _live_acl(client: DataLakeClient, file_system: str, path: str) -> Acl | None:
    text = client.acl(file_system, path)
    return None if text is None else parse_acl(text)


def _different(id: PathId, live: Acl, wanted: Acl, request: CreateRequest) -> AlreadyExists:
    entries = _only_in(live, wanted), _only_in(wanted, live)
    return AlreadyExists(
        message(
            f"creating {id}",
            f"it exists with another ACL: it has {entries[0]}, wanted is {entries[1]}",
            "no directory of that path, or one with the same ACL",
            "take it over and then change it: pulumi import --generate-code=false "
            f"{request.type} {request.name} '{id}'",
        )
    )


def _only_in(one: Acl, other: Acl) -> str:
    return ", ".join(str(entry) for entry in one if entry not in other) or "nothing else"


def _texts(acl: Acl) -> list[str]:
    return [str(entry) for entry in acl]


def _header(acl: Acl) -> str:
    return ",".join(_texts(acl))


def _id_of(args: DirectoryArgs) -> PathId:
    return PathId(StorageAccountName(args.account), args.file_system, args.path)


def _parse_id(text: str) -> PathId:
    try:
        return PathId.parse(text)
    except StorageIdError as error:
        raise ProviderError(message(f"reading directory {text!r}", str(error))) from error
