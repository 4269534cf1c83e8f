"""A managed private endpoint of a workspace and the connection at its target: made, approved and waited for as one."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from azure_ids.arm import ArmId, ArmIdError
from azure_ids.synapse import WorkspaceEndpoint
from dataplane_provider import properties
from dataplane_provider.clients.private_links import VERSIONS
from dataplane_provider.clients.synapse import SynapseClient
from dataplane_provider.clients.waiting import growing_pauses
from dataplane_provider.errors import AlreadyExists, ServiceFailure, message
from dataplane_provider.resources.base import READ_PATIENCE_SECONDS, Resource, without_slash
from dataplane_provider.resources.records import ManagedPrivateEndpointArgs
from dataplane_provider.resources.role_assignment import endpoint_problem
from provider_wire.values import UNKNOWN, Properties
from provider_wire.verbs import (
    Change,
    CheckFailure,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    PartialFailure,
    ProviderError,
    ReadAnswer,
    ReadRequest,
    Session,
    Severity,
    UpdateAnswer,
    UpdateRequest,
)

STATUS = "connectionStatus"
DEADLINE_SECONDS = 1200.0
_APPROVED, _PENDING = "Approved", "Pending"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}[A-Za-z0-9_]")
_ID = re.compile(r"(https://[^/]+)/managedPrivateEndpoints/([^/]+)")
_ID_FORM = "https://<workspace>.dev.azuresynapse.net/managedPrivateEndpoints/<name>"


class ManagedPrivateEndpoint(Resource):
    """`dataplane:index:ManagedPrivateEndpoint`; the id is `<endpoint>/managedPrivateEndpoints/<name>`."""

    arguments = ManagedPrivateEndpointArgs
    delete_before_replace = True  # the new endpoint may have the name of the old one

    def problems(self, inputs: Properties, known: Properties) -> list[CheckFailure]:
        """Wrong endpoint, name or target; a type of target whose connections nobody here can approve."""
        failures = endpoint_problem(inputs["endpoint"])
        name, target = inputs["name"], inputs["targetId"]
        if name != UNKNOWN and not _NAME.fullmatch(name):
            expected = "2 to 80 letters, digits, hyphens, points and underscores"
            failures.append(CheckFailure("name", f"{name!r} cannot be the name of an endpoint\nexpected {expected}"))
        if target != UNKNOWN:
            failures.extend(_target_problems(target, inputs["approve"]))
        return failures

    def canonical_forms(self) -> Mapping[str, Callable[[Any], Any]]:
        """Ids and addresses mean the same in upper and lower case."""
        return dict.fromkeys(("endpoint", "targetId"), without_slash)

    def further_changes(self, request: DiffRequest) -> dict[str, Change]:
        """A connection that waits is approved; one that was ended can only be made anew."""
        status, wanted = request.old_state.get(STATUS), request.new_inputs.get("approve")
        if not wanted or status in (_APPROVED, UNKNOWN, None):
            return {}
        return {STATUS: Change.UPDATE if status == _PENDING else Change.UPDATE_REPLACE}

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Make the endpoint or take over the one that leads there already; approve its connection; wait for both."""
        args = properties.read(ManagedPrivateEndpointArgs, request.inputs)
        client = self._client(args, session)
        live = client.get_private_endpoint(args.name)
        if live is None:
            client.put_private_endpoint(args.name, str(ArmId.parse(args.target_id)), args.group_id)
        else:
            _require_same(args, live)
            session.log(Severity.INFO, f"creating managed private endpoint {args.name}: it exists, taken over")
        id = f"{WorkspaceEndpoint.parse(args.endpoint)}/managedPrivateEndpoints/{args.name}"
        try:
            status = self._opened(args, client, session)
        except ProviderError as failure:
            raise PartialFailure(id, {**request.inputs, STATUS: _PENDING}, [str(failure)]) from failure
        return CreateAnswer(id, {**request.inputs, STATUS: status})

    def preview_create(self, request: CreateRequest) -> CreateAnswer:
        """The status is known when all is done."""
        return CreateAnswer("", {**request.inputs, STATUS: UNKNOWN})

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """Look at the endpoint and its connection; an import needs the id alone."""
        match = _ID.fullmatch(request.id)
        if match is None:
            doing = f"reading managed private endpoint {request.id!r}"
            raise ProviderError(message(doing, "it is not an id of one", _ID_FORM))
        endpoint = WorkspaceEndpoint.parse(match.group(1))
        client = self._services.synapse(endpoint, session, READ_PATIENCE_SECONDS)
        live = client.get_private_endpoint(match.group(2))
        if live is None:
            return ReadAnswer("")
        status = {STATUS: connection_status(live)}
        if not request.is_import:
            seen = self._led_elsewhere(request.old_state, live)
            return ReadAnswer(request.id, {**request.old_state, **seen, **status}, {**request.old_inputs, **seen})
        args = ManagedPrivateEndpointArgs(
            endpoint=str(endpoint),
            name=str(live["name"]),
            target_id=str(live["properties"]["privateLinkResourceId"]),
            group_id=str(live["properties"]["groupId"]),
        )
        inputs = properties.write(args)
        return ReadAnswer(request.id, {**inputs, **status}, inputs)

    def _led_elsewhere(self, known: Properties, live: Mapping[str, Any]) -> dict[str, Any]:
        """Target and group of an endpoint that somebody deleted and made anew, where they are others than known."""
        there = {"targetId": live["properties"]["privateLinkResourceId"], "groupId": live["properties"]["groupId"]}
        return {name: value for name, value in there.items() if self.changes(name, known.get(name), value)}

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """Approve what waits; the rest are settings of this resource."""
        args = properties.read(ManagedPrivateEndpointArgs, request.inputs)
        status = self._opened(args, self._client(args, session), session)
        return UpdateAnswer({**request.inputs, STATUS: status})

    def delete(self, request: DeleteRequest, session: Session) -> None:
        """Delete the endpoint, and with it the connection; wait until it is gone."""
        args = properties.read(ManagedPrivateEndpointArgs, request.old_state)
        client = self._client(args, session)
        client.delete_private_endpoint(args.name)
        doing = f"deleting managed private endpoint {args.name}"
        self._waited(client, doing, lambda: "" if client.get_private_endpoint(args.name) is None else "still there")

    def _client(self, args: ManagedPrivateEndpointArgs, session: Session) -> SynapseClient:
        endpoint = WorkspaceEndpoint.parse(args.endpoint)
        return self._services.synapse(endpoint, session, args.propagation_timeout_seconds)

    def _opened(self, args: ManagedPrivateEndpointArgs, client: SynapseClient, session: Session) -> str:
        """The status of the connection once everything that is wished for is done."""
        doing = f"opening managed private endpoint {args.name}"
        found: dict[str, Any] = {}

        def provisioned() -> str:
            found.update(client.get_private_endpoint(args.name) or {})
            state = str(found.get("properties", {}).get("provisioningState", "missing"))
            if state == "Failed":
                raise ServiceFailure(doing, 0, "provisioning failed", f"of {args.target_id}")
            return "" if state == "Succeeded" else f"it is {state}"

        self._waited(client, doing, provisioned)
        if not args.approve or connection_status(found) == _APPROVED:
            return connection_status(found)
        self._approve(args, client, session, doing)

        def approved() -> str:
            found.update(client.get_private_endpoint(args.name) or {})
            return "" if connection_status(found) == _APPROVED else f"its connection is {connection_status(found)}"

        self._waited(client, doing, approved)
        return _APPROVED

    def _approve(self, args: ManagedPrivateEndpointArgs, client: SynapseClient, session: Session, doing: str) -> None:
        """Approve the connection at the target, which appears there a while after the endpoint is made."""
        links = self._services.private_links(ArmId.parse(args.target_id), session, args.propagation_timeout_seconds)
        name = f"{client.endpoint.workspace}.{args.name}"
        found: dict[str, Any] = {}

        def there() -> str:
            found.update(links.find(name) or {})
            return "" if found else f"its connection is not yet at {args.target_id}"

        self._waited(client, doing, there)
        status = found["properties"]["privateLinkServiceConnectionState"]["status"]
        if status == _PENDING:
            links.approve(str(found["id"]), f"asked for by the workspace {client.endpoint.workspace}")
        elif status != _APPROVED:
            cause = f"its connection at {args.target_id} is {status}"
            raise ProviderError(message(doing, cause, f"{_PENDING} or {_APPROVED}", "replace it: pulumi up --replace"))

    def _waited(self, client: SynapseClient, doing: str, missing: Callable[[], str]) -> None:
        """Wait until nothing is missing. Raises ServiceFailure at the deadline, with what still is."""
        deadline = client.waiter.now() + DEADLINE_SECONDS
        for pause in growing_pauses():
            cause = missing()
            if not cause:
                return
            if client.waiter.now() + pause > deadline:
                raise ServiceFailure(doing, 0, "not finished", f"{cause} after {DEADLINE_SECONDS:.0f} s")
            client.waiter.report(f"{doing}: {cause}")
            client.waiter.pause(pause, doing)


def _target_problems(target: str, approve: Any) -> list[CheckFailure]:
    try:
        kind = ArmId.parse(target).type
    except ArmIdError as error:
        return [CheckFailure("targetId", str(error))]
    if approve is True and kind.lower() not in VERSIONS:
        expected = f"one of {', '.join(sorted(VERSIONS))}, or approve: false"
        return [CheckFailure("targetId", f"connections to {kind} cannot be approved here\nexpected {expected}")]
    return []


def connection_status(live: Mapping[str, Any]) -> str:
    """What the owner of the target has answered; one that was not asked yet has not."""
    return str((live["properties"].get("connectionState") or {}).get("status") or _PENDING)


def _require_same(args: ManagedPrivateEndpointArgs, live: Mapping[str, Any]) -> None:
    """Raises AlreadyExists unless an endpoint leads where it is wanted to lead."""
    there = live["properties"]
    leads_there = ArmId.parse(str(there["privateLinkResourceId"])).same_as(ArmId.parse(args.target_id))
    if not leads_there or there["groupId"] != args.group_id:
        raise AlreadyExists(
            message(
                f"creating managed private endpoint {args.name}",
                f"it leads to {there['groupId']} of {there['privateLinkResourceId']}",
                f"{args.group_id} of {args.target_id}",
                "give the new one another name, or delete the one that is there",
            )
        )
