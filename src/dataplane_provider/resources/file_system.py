"""A filesystem of a storage account: made if absent, deleted only when empty or told to."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from dataplane_provider import properties
from dataplane_provider.errors import DataWouldBeLost, message
from dataplane_provider.resources.base import READ_PATIENCE_SECONDS, Resource
from dataplane_provider.resources.records import FileSystemArgs
from provider_wire.values import UNKNOWN, Properties
from provider_wire.verbs import (
    CheckFailure,
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

ACCOUNT_NAME = re.compile(r"[a-z0-9]{3,24}")
# https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
FILE_SYSTEM_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*")
ACCOUNT_RULE = "3 to 24 lower-case letters and digits"
FILE_SYSTEM_RULE = "3 to 63 lower-case letters, digits and single hyphens"
_ID = re.compile(r"https://([a-z0-9]{3,24})\.dfs\.core\.windows\.net/([a-z0-9-]{3,63})/?")


def name_problems(inputs: Properties, rules: Mapping[str, tuple[re.Pattern[str], str]]) -> list[CheckFailure]:
    """The named inputs that do not match their rule."""
    return [
        CheckFailure(name, f"{name} is {inputs[name]!r}\nexpected {rule}")
        for name, (pattern, rule) in rules.items()
        if inputs[name] != UNKNOWN and not pattern.fullmatch(inputs[name])
    ]


class FileSystem(Resource):
    """`dataplane:index:FileSystem`; the id is `https://<account>.dfs.core.windows.net/<name>`."""

    arguments = FileSystemArgs

    def problems(self, inputs: Properties, known: Properties) -> list[CheckFailure]:
        """Names that the service would refuse."""
        rules = {"account": (ACCOUNT_NAME, ACCOUNT_RULE), "name": (FILE_SYSTEM_NAME, FILE_SYSTEM_RULE)}
        return name_problems(inputs, rules)

    def canonical_forms(self) -> Mapping[str, Callable[[Any], Any]]:
        """Nothing but the text itself."""
        return {}

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Make the filesystem, or take over the one of that name: a filesystem has no property to differ in."""
        args = properties.read(FileSystemArgs, request.inputs)
        client = self._services.data_lake(args.account, session, args.propagation_timeout_seconds).of_new_account()
        id = f"https://{args.account}.dfs.core.windows.net/{args.name}"
        if client.acl(args.name, "") is None:
            client.create_file_system(args.name)
        else:
            session.log(Severity.INFO, f"creating {id}: it exists, taken over")
        return CreateAnswer(id, dict(request.inputs))

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """Look for the filesystem; an import needs the id alone."""
        match = _ID.fullmatch(request.id)
        if match is None:
            expected = "https://<account>.dfs.core.windows.net/<filesystem>"
            raise ProviderError(message(f"reading filesystem {request.id!r}", "it is not an id of one", expected))
        account, name = match.groups()
        client = self._services.data_lake(account, session, READ_PATIENCE_SECONDS)
        if client.acl(name, "") is None:
            return ReadAnswer("")
        state = dict(request.old_state) or properties.write(FileSystemArgs(account=account, name=name))
        return ReadAnswer(request.id, state, dict(request.old_inputs) or state)

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """Only settings of this resource can change; the service knows none of them."""
        return self.preview_update(request)

    def delete(self, request: DeleteRequest, session: Session) -> None:
        """Delete the filesystem. Raises DataWouldBeLost if it holds paths and `deleteData` is not set."""
        args = properties.read(FileSystemArgs, request.old_state)
        client = self._services.data_lake(args.account, session, args.propagation_timeout_seconds)
        if not args.delete_data and not client.is_empty(args.name):
            raise DataWouldBeLost(
                message(
                    f"deleting {request.id}",
                    "it is not empty",
                    "an empty filesystem, or deleteData: true",
                    "set delete_data to true (the stack's setting, or the resource's input), run pulumi up, then "
                    "delete it; or remove it from the state only: pulumi state delete",
                )
            )
        client.delete_file_system(args.name)
