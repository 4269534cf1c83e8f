"""A Synapse role of a principal, with an id computed from scope, role and principal."""

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from azure_ids.synapse import SynapseIdError, WorkspaceEndpoint
from dataplane_provider import properties
from dataplane_provider.errors import message
from dataplane_provider.resources.base import READ_PATIENCE_SECONDS, Resource, without_slash
from dataplane_provider.resources.records import SynapseRoleAssignmentArgs
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

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
PRINCIPAL_TYPES = ("User", "Group", "ServicePrincipal")
_ID = re.compile(rf"(https://[^/]+)/roleAssignments/({GUID.pattern})")


def endpoint_problem(endpoint: str) -> list[CheckFailure]:
    """Whether an endpoint is one of a workspace."""
    if endpoint != UNKNOWN:
        try:
            WorkspaceEndpoint.parse(endpoint)
        except SynapseIdError as error:
            return [CheckFailure("endpoint", str(error))]
    return []


class SynapseRoleAssignment(Resource):
    """`dataplane:index:SynapseRoleAssignment`; the id is `<endpoint>/roleAssignments/<guid>`."""

    arguments = SynapseRoleAssignmentArgs
    delete_before_replace = True  # the new assignment may have the very id of the old one

    def problems(self, inputs: Properties, known: Properties) -> list[CheckFailure]:
        """Wrong endpoint, no or two roles, ids that are no GUIDs, a scope of another workspace."""
        failures = endpoint_problem(inputs["endpoint"])
        if ("roleName" in inputs) == ("roleDefinitionId" in inputs):
            failures.append(CheckFailure("roleName", "expected exactly one of roleName and roleDefinitionId"))
        for name in ("principalId", "roleDefinitionId"):
            value = inputs.get(name, UNKNOWN)
            if value != UNKNOWN and not GUID.fullmatch(value):
                failures.append(CheckFailure(name, f"{name} is {value!r}\nexpected a GUID"))
        kind = inputs.get("principalType", UNKNOWN)
        if kind != UNKNOWN and kind not in PRINCIPAL_TYPES:
            expected = ", ".join(PRINCIPAL_TYPES)
            failures.append(CheckFailure("principalType", f"principalType is {kind!r}\nexpected one of {expected}"))
        scope = inputs.get("scope", UNKNOWN)
        if scope != UNKNOWN and not scope.startswith("workspaces/"):
            failures.append(
                CheckFailure("scope", f"scope is {scope!r}\nexpected workspaces/<workspace> or a path below it")
            )
        return failures

    def canonical_forms(self) -> Mapping[str, Callable[[Any], Any]]:
        """Ids and addresses mean the same in upper and lower case."""
        return dict.fromkeys(("endpoint", "principalId", "roleDefinitionId", "scope"), without_slash)

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Assign the role, or take over an assignment of the same role, principal and scope."""
        args = properties.read(SynapseRoleAssignmentArgs, request.inputs)
        endpoint = WorkspaceEndpoint.parse(args.endpoint)
        client = self._services.synapse(endpoint, session, args.propagation_timeout_seconds)
        role_id = args.role_definition_id or client.role_definition_id(args.role_name or "")
        scope = args.scope or _whole(endpoint)
        existing = client.find_role_assignment(role_id, args.principal_id, scope)
        if existing is None:
            assignment_id = assignment_guid(endpoint, scope, role_id, args.principal_id)
            body = {"roleId": role_id, "principalId": args.principal_id, "scope": scope}
            if args.principal_type:
                body["principalType"] = args.principal_type
            client.put_role_assignment(assignment_id, body)
        else:
            assignment_id = str(existing["id"])
            session.log(Severity.INFO, f"creating role assignment {assignment_id}: it exists, taken over")
        state = {**request.inputs, "assignmentId": assignment_id}
        return CreateAnswer(f"{endpoint}/roleAssignments/{assignment_id}", state)

    def preview_create(self, request: CreateRequest) -> CreateAnswer:
        """The id is known only after the role was looked up."""
        return CreateAnswer("", {**request.inputs, "assignmentId": UNKNOWN})

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """Look for the assignment by its id; an import needs the id alone."""
        match = _ID.fullmatch(request.id)
        if match is None:
            expected = "https://<workspace>.dev.azuresynapse.net/roleAssignments/<guid>"
            raise ProviderError(message(f"reading role assignment {request.id!r}", "it is not an id of one", expected))
        endpoint = WorkspaceEndpoint.parse(match.group(1))
        client = self._services.synapse(endpoint, session, READ_PATIENCE_SECONDS)
        live = client.get_role_assignment(match.group(2))
        if live is None:
            return ReadAnswer("")
        names = {id.lower(): name for name, id in client.role_definitions().items()}
        role_name = names.get(str(live["roleDefinitionId"]).lower())
        args = SynapseRoleAssignmentArgs(
            endpoint=str(endpoint),
            principal_id=str(live["principalId"]),
            role_name=role_name,
            role_definition_id=None if role_name else str(live["roleDefinitionId"]),
            principal_type=live.get("principalType"),
            scope=str(live["scope"]),
        )
        inputs = properties.write(args)
        if request.is_import:
            return ReadAnswer(request.id, {**inputs, "assignmentId": str(live["id"])}, inputs)
        seen = {"principalId": args.principal_id, "roleName": role_name, "roleDefinitionId": live["roleDefinitionId"]}
        seen["scope"] = args.scope
        return ReadAnswer(
            request.id,
            self._with(request.old_state, seen, endpoint),
            self._with(request.old_inputs, seen, endpoint),
        )

    def _with(self, known: Properties, seen: Mapping[str, Any], endpoint: WorkspaceEndpoint) -> dict[str, Any]:
        """What is known, and what was seen where it means something else; of role name and id only the one in use."""
        told = known if same_scope(None, seen["scope"], endpoint) else {**known, "scope": known.get("scope")}
        return {
            name: value if name not in seen or not self.changes(name, value, seen[name]) else seen[name]
            for name, value in told.items()
        }

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """Only settings of this resource can change; role, principal and scope replace it."""
        return self.preview_update(request)

    def delete(self, request: DeleteRequest, session: Session) -> None:
        """Take the role away."""
        args = properties.read(SynapseRoleAssignmentArgs, request.old_state)
        endpoint = WorkspaceEndpoint.parse(args.endpoint)
        client = self._services.synapse(endpoint, session, args.propagation_timeout_seconds)
        scope = args.scope or _whole(endpoint)
        client.delete_role_assignment(str(request.old_state["assignmentId"]), scope)


def same_scope(one: str | None, other: str | None, endpoint: WorkspaceEndpoint) -> bool:
    """Whether two scopes are one; none is the whole workspace."""
    whole = _whole(endpoint)
    return (one or whole).lower() == (other or whole).lower()


def _whole(endpoint: WorkspaceEndpoint) -> str:
    return f"workspaces/{endpoint.workspace}"


def assignment_guid(endpoint: WorkspaceEndpoint, scope: str, role_id: str, principal_id: str) -> str:
    """The same id for the same role of the same principal at the same scope, on every machine."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join([str(endpoint), scope, role_id, principal_id]).lower()))
