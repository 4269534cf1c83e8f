"""A directory of a filesystem with exactly the access-control list that the program says; the path "" is its root.

What the list means to the paths that exist below it is planned in existing_paths.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from azure_ids.acl import Acl, format_acl, parse_acl
from azure_ids.storage import PathId, StorageAccountName, StorageIdError
from dataplane_provider import properties
from dataplane_provider.clients.data_lake import Access, DataLakeClient
from dataplane_provider.errors import AlreadyExists, DataWouldBeLost, message
from dataplane_provider.resources.base import READ_PATIENCE_SECONDS, Resource
from dataplane_provider.resources.directory_acl import (
    FRESH,
    acl_problems,
    complete_acl,
    entry_changes,
    existing_problems,
    owner_problems,
    texts,
)
from dataplane_provider.resources.existing_paths import (
    ALL,
    APPLIED,
    DIRECTORIES,
    NONE,
    applied_entries,
    is_settled,
    planned,
)
from dataplane_provider.resources.file_system import (
    ACCOUNT_NAME,
    ACCOUNT_RULE,
    FILE_SYSTEM_NAME,
    FILE_SYSTEM_RULE,
    name_problems,
)
from dataplane_provider.resources.records import DirectoryArgs
from dataplane_provider.resources.tree_change import TreeChange
from provider_wire.importing import import_command
from provider_wire.values import UNKNOWN, Properties
from provider_wire.verbs import (
    Change,
    CheckAnswer,
    CheckFailure,
    CheckRequest,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    DiffAnswer,
    DiffRequest,
    ProviderError,
    ReadAnswer,
    ReadRequest,
    Session,
    Severity,
    UpdateAnswer,
    UpdateRequest,
)

_OWNERS = ("owner", "group")


class Directory(Resource):
    """`dataplane:index:Directory`; the id is `https://<account>.dfs.core.windows.net/<filesystem>/<path>`."""

    arguments = DirectoryArgs

    def check(self, request: CheckRequest) -> CheckAnswer:
        """As for every resource; what is known and right takes the service's form: complete list, lower-case ids."""
        answer = super().check(request)
        if answer.failures:
            return answer
        inputs = dict(answer.inputs)
        inputs.update({name: inputs[name].lower() for name in _OWNERS if inputs.get(name, UNKNOWN) != UNKNOWN})
        if _is_known(inputs["acl"]):
            inputs["acl"] = texts(complete_acl(inputs["acl"]))
        return CheckAnswer(inputs)

    def problems(self, inputs: Properties, known: Properties) -> list[CheckFailure]:
        """Names that the service would refuse, paths that are not in canonical form, wrong entries."""
        rules = {"account": (ACCOUNT_NAME, ACCOUNT_RULE), "fileSystem": (FILE_SYSTEM_NAME, FILE_SYSTEM_RULE)}
        wrong = [*name_problems(inputs, rules), *_path_problems(inputs["path"]), *acl_problems(inputs["acl"])]
        wrong.extend(owner_problems({name: inputs[name] for name in _OWNERS if name in inputs}))
        return wrong or existing_problems(inputs["existing"], inputs["acl"])

    def changes(self, name: str, old: Any, new: Any) -> dict[str, Change]:
        """Lists are compared entry by entry; a state of a release that knew no `existing` means none."""
        if name == "existing" and old is None:
            old = NONE
        if name != "acl" or old is None or new is None or not _is_known(old) or not _is_known(new):
            return super().changes(name, old, new)
        return entry_changes(texts(complete_acl(old)), texts(complete_acl(new)))

    def diff(self, request: DiffRequest, session: Session) -> DiffAnswer:
        """As for every resource; that paths below change too is told: the engine shows no more than `existing`."""
        answer = super().diff(request, session)
        if "existing" in answer.changes and request.new_inputs.get("existing") in (DIRECTORIES, ALL):
            which = "all paths" if request.new_inputs["existing"] == ALL else "the directories"
            session.log(Severity.INFO, f"{request.id}: {which} that exist below get its default entries too")
        return answer

    def further_changes(self, request: DiffRequest) -> dict[str, Change]:
        """What exists below may have yet to get what the list means, even where the list itself is right."""
        existing, acl = request.new_inputs.get("existing", NONE), request.new_inputs["acl"]
        if existing in (NONE, UNKNOWN) or not _is_known(acl):
            return {}
        return {} if is_settled(request.old_state, complete_acl(acl), existing) else {"existing": Change.UPDATE}

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Make the directory, or take over one with equal access. Raises AlreadyExists if it differs."""
        args = properties.read(DirectoryArgs, request.inputs)
        client = self._services.data_lake(args.account, session, args.propagation_timeout_seconds)
        id, wanted = _id_of(args), complete_acl(args.acl)
        live = client.access(args.file_system, args.path)
        if live is None:
            _make(client, args, wanted)
            applied = {APPLIED: applied_entries(wanted)} if args.existing != NONE else {}
            return CreateAnswer(str(id), {**request.inputs, **applied})
        if args.path and client.is_directory(args.file_system, args.path) is False:
            raise AlreadyExists(message(f"creating {id}", "a file has that path", "no file of that path"))
        differences = _differences(live, args, wanted)
        if not differences:
            session.log(Severity.INFO, f"creating {id}: it exists with that ACL, taken over")
        elif args.path or parse_acl(live.acl) != FRESH:  # a root is there from the start, with a new directory's list
            raise _different(id, differences, request)
        else:
            client.set_access(args.file_system, args.path, acl=format_acl(wanted), **_owners(args))
        return CreateAnswer(str(id), _applied(client, args, request.inputs, {}, parse_acl(live.acl)))

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """Read the list, and owner and group where the program names them; an import needs the id alone."""
        path = _parse_id(request.id)
        client = self._services.data_lake(str(path.account), session, READ_PATIENCE_SECONDS)
        live = client.access(path.file_system, path.path)
        if live is None:
            return ReadAnswer("")
        acl = texts(parse_acl(live.acl))
        if request.is_import:
            if path.path and client.is_directory(path.file_system, path.path) is False:
                raise ProviderError(message(f"importing {path}", "it is a file", "a directory"))
            inputs = properties.write(DirectoryArgs(str(path.account), path.file_system, path.path, tuple(acl)))
            return ReadAnswer(str(path), inputs, inputs)
        owners = {name: getattr(live, name) for name in _OWNERS if name in request.old_inputs}
        _report_drift(path, request.old_state, acl, owners, session)
        seen = {"acl": acl, **owners}
        return ReadAnswer(str(path), {**request.old_state, **seen}, {**request.old_inputs, **seen})

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """Set what differs, the directory's own first: what is made from then on inherits it; then what exists."""
        args, wanted = properties.read(DirectoryArgs, request.inputs), complete_acl(request.inputs["acl"])
        client = self._services.data_lake(args.account, session, args.propagation_timeout_seconds)
        live = wanted
        if args.existing != NONE and not is_settled(request.old_state, wanted, args.existing):
            found = client.access(args.file_system, args.path)
            live = wanted if found is None else parse_acl(found.acl)
        changed = {
            name: value
            for name, value in {"acl": format_acl(wanted), **_owners(args)}.items()
            if self.changes(name, request.old_state.get(name), request.inputs[name])
        }
        if changed:
            client.set_access(args.file_system, args.path, **changed)
        return UpdateAnswer(_applied(client, args, request.inputs, request.old_state, live))

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


def _path_problems(path: str) -> list[CheckFailure]:
    if path == UNKNOWN:
        return []
    if any(step in ("", ".", "..") for step in path.split("/")) and path:
        expected = "expected steps divided by single slashes, none at the ends, none of them . or .."
        return [CheckFailure("path", f"path is {path!r}\n{expected}")]
    return []


def _make(client: DataLakeClient, args: DirectoryArgs, wanted: Acl) -> None:
    """Make the directory, and read its list back: a parent's default entries must not have changed it."""
    acl = format_acl(wanted)
    client.create_directory(args.file_system, args.path, acl=acl, **_owners(args))
    if client.acl(args.file_system, args.path) != acl:
        client.set_access(args.file_system, args.path, acl=acl)


def _applied(
    client: DataLakeClient, args: DirectoryArgs, inputs: Properties, old_state: Properties, live: Acl
) -> dict[str, Any]:
    """The state once what exists below has what the list means. Raises PartialFailure."""
    if args.existing == NONE:
        return dict(inputs)
    wanted = complete_acl(args.acl)
    if is_settled(old_state, wanted, args.existing):
        return {**inputs, APPLIED: old_state[APPLIED]}
    plan = planned(old_state, live, wanted, args.existing)
    return TreeChange(plan, wanted, args, inputs, client).carry_out()


def _owners(args: DirectoryArgs) -> dict[str, str]:
    """Owner and group as far as the program names them."""
    return {name: value for name in _OWNERS if (value := getattr(args, name)) is not None}


def _is_known(acl: Any) -> bool:
    return acl != UNKNOWN and UNKNOWN not in acl


def _report_drift(
    path: PathId, state: Properties, acl: Sequence[str], owners: Mapping[str, str], session: Session
) -> None:
    """Name every entry that came or went: without `--diff` the engine shows no more than `acl`."""
    known = state.get("acl", ())
    gone = [f"{text} is gone" for text in known if text not in acl]
    come = [f"{text} is new" for text in acl if text not in known]
    if gone or come:
        session.log(Severity.WARNING, f"reading {path}: the ACL differs from the state: {', '.join(gone + come)}")
    for name, value in owners.items():
        if value != state.get(name):
            session.log(Severity.WARNING, f"reading {path}: the {name} is {value}, in the state {state.get(name)}")


def _differences(live: Access, args: DirectoryArgs, wanted: Acl) -> list[tuple[str, str]]:
    """What a directory has and what is wanted instead, where they differ."""
    found = [
        (f"{name} {getattr(live, name)}", f"{name} {value}")
        for name, value in _owners(args).items()
        if value != getattr(live, name)
    ]
    acl = parse_acl(live.acl)
    if acl != wanted:
        found.insert(0, (_only_in(acl, wanted), _only_in(wanted, acl)))
    return found


def _different(id: PathId, differences: Sequence[tuple[str, str]], request: CreateRequest) -> AlreadyExists:
    has, wants = (", ".join(each) for each in zip(*differences, strict=True))
    return AlreadyExists(
        message(
            f"creating {id}",
            f"it exists with another ACL: it has {has}, wanted is {wants}",
            "no directory of that path, or one with the same ACL",
            f"take it over and then change it: {import_command(request.urn, str(id))}",
        )
    )


def _only_in(one: Acl, other: Acl) -> str:
    return ", ".join(str(entry) for entry in one if entry not in other) or "nothing else"


def _id_of(args: DirectoryArgs) -> PathId:
    return PathId(StorageAccountName(args.account), args.file_system, args.path)


def _parse_id(text: str) -> PathId:
    try:
        return PathId.parse(text)
    except StorageIdError as error:
        raise ProviderError(message(f"reading directory {text!r}", str(error))) from error
