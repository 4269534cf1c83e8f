"""Routes of `*.dev.azuresynapse.net`: who may come in, which call it is, which permission it needs."""

from __future__ import annotations

import re
from urllib.parse import unquote

from local_azure.context import ServiceContext
from local_azure.directory import Principal
from local_azure.dispatch import Service, check_query, unknown_route
from local_azure.http import Request, Response, ServiceError
from local_azure.resources import DATA_FACTORY
from local_azure.services.synapse_workspace.activity_port import LocalActivities
from local_azure.services.synapse_workspace.artifact_handlers import ArtifactHandlers
from local_azure.services.synapse_workspace.artifact_kinds import KINDS, TRIGGER, Kind
from local_azure.services.synapse_workspace.calls import SEGMENT, Answer, Call, Row
from local_azure.services.synapse_workspace.errors import address_not_authorized
from local_azure.services.synapse_workspace.factory_operations import FactoryOperations
from local_azure.services.synapse_workspace.lake_databases import LISTS, LakeDatabases, lake_database_routes
from local_azure.services.synapse_workspace.managed_endpoints import ManagedEndpoints, managed_endpoint_routes
from local_azure.services.synapse_workspace.operations import Operations
from local_azure.services.synapse_workspace.referenced_resources import referenced_resource_routes
from local_azure.services.synapse_workspace.role_handlers import RoleHandlers
from local_azure.services.synapse_workspace.roles import Roles
from local_azure.services.synapse_workspace.run_handlers import RunHandlers
from local_azure.services.synapse_workspace.runs import Runs
from local_azure.services.synapse_workspace.scheduler import Scheduler
from local_azure.services.synapse_workspace.sql_source import SQL_SUFFIX, SqlDatabases, SqlScripts
from local_azure.services.synapse_workspace.store import Artifacts
from local_azure.services.synapse_workspace.workspace import AUDIENCE, HOST_SUFFIX, Workspace, check_api_version
from local_azure.traffic import Traffic

_KIND = f"({'|'.join(KINDS)})"
_QUERY = {
    f"GET /{_KIND}": frozenset({"$skiptoken"}),
    "GET /(notebooks)Summary": frozenset({"$skiptoken"}),
    f"POST /pipelines/{SEGMENT}/createRun": frozenset(
        {"referencepipelinerunid", "isrecovery", "startactivityname", "startactivitynames", "startfromfailure"}
    ),
    f"POST /pipelineruns/{SEGMENT}/cancel": frozenset({"isrecursive"}),
    "GET /roleDefinitions": frozenset({"isbuiltin", "scope"}),
    "GET /roleAssignments": frozenset({"roleid", "principalid", "scope"}),
    f"DELETE /roleAssignments/{SEGMENT}": frozenset({"scope"}),
} | {f"GET {path}": frozenset({"continuationtoken"}) for path in LISTS}
"""Query parameters besides the api-version of the routes that have any, in lower case."""
_NOT_YET = (
    "libraries",
    "linkconnections",
    "metastore",
    *(f"{each}DataFlowDebugSession" for each in ("create", "delete")),
    "addDataFlowToDebugSession",
    "queryDataFlowDebugSessions",
    "executeDataFlowDebugCommand",
    "getGitHubAccessToken",
)
"""What the official clients ask beside what is served, by the first step of the path."""


class SynapseWorkspaceService:
    """The development endpoints of all workspaces."""

    name = "synapse_workspace"

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self.artifacts = Artifacts(context)
        self.databases = SqlDatabases(context)
        self.runs = Runs(
            context,
            self.artifacts,
            lambda workspace: LocalActivities(context, self.artifacts, self.databases, workspace),
        )
        self.scheduler = Scheduler(context, self.artifacts, self.runs)
        self._sql_scripts = SqlScripts(context, self.databases)
        self._traffic = Traffic(context.settings)
        self._operations = Operations(context)
        self._roles = Roles(context)
        self._artifact_handlers = ArtifactHandlers(context, self.artifacts, self._operations)
        self._run_handlers = RunHandlers(context, self.artifacts, self.runs, self.scheduler)
        self._role_handlers = RoleHandlers(self._roles)
        context.providers.register(DATA_FACTORY, FactoryOperations(self.artifacts, self._run_handlers))
        rows = [
            *self._table(),
            *referenced_resource_routes(context, self._require),
            *lake_database_routes(LakeDatabases(context), self._require),
            *managed_endpoint_routes(ManagedEndpoints(context), self._require),
        ]
        self._routes: list[tuple[str, re.Pattern[str], Answer]] = [
            (method, re.compile(pattern, re.IGNORECASE), answer) for method, pattern, answer in rows
        ]

    def owns(self, host: str) -> bool:
        """Every workspace's development endpoint, and the SQL servers that linked services read."""
        return host.endswith((HOST_SUFFIX, SQL_SUFFIX))

    def handle(self, request: Request) -> Response:
        """The answer to a request; raises ServiceError."""
        if request.host.endswith(SQL_SUFFIX):
            return self._sql_scripts.handle(request)
        document = self._context.resources.of_host(request.host)
        if document is None:
            raise unknown_route(request, f"there is no workspace '{request.host.removesuffix(HOST_SUFFIX)}'")
        if not self._context.network.permits(document, request.source_ip, request.host):
            raise address_not_authorized(request.source_ip)
        principal = self._context.tokens.verify(request, AUDIENCE)
        with self._traffic.passing():
            return self._answer(Workspace.of(document), principal, request)

    def _answer(self, workspace: Workspace, principal: Principal, request: Request) -> Response:
        self._roles.ensure_creator(workspace)
        for method, pattern, answer in self._routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                check_api_version(request.query.get("api-version"), request.path)
                check_query(request, _QUERY.get(f"{method} {pattern.pattern}", frozenset()))
                call = Call(workspace, principal, request)
                return answer(call, *(unquote(group) for group in match.groups()))
        raise _unknown(request)

    def close(self) -> None:
        """End the scheduler, the runs and the connections to source databases."""
        self.scheduler.close()
        self.runs.close()
        self.databases.close()

    def _table(self) -> list[Row]:
        return [
            ("GET", "/workspace", self._workspace),
            ("GET", f"/(operationResults|notebookOperationResults)/{SEGMENT}", self._operation_result),
            ("GET", f"/{_KIND}", self._list),
            ("GET", "/(notebooks)Summary", self._list),
            ("PUT", f"/{_KIND}/{SEGMENT}", self._put),
            ("GET", f"/{_KIND}/{SEGMENT}", self._get),
            ("DELETE", f"/{_KIND}/{SEGMENT}", self._delete),
            ("POST", f"/{_KIND}/{SEGMENT}/rename", self._rename),
            ("POST", f"/pipelines/{SEGMENT}/createRun", self._create_run),
            ("POST", "/queryPipelineRuns", self._query_runs),
            ("GET", f"/pipelineruns/{SEGMENT}", self._get_run),
            ("POST", f"/pipelineruns/{SEGMENT}/cancel", self._cancel_run),
            ("POST", f"/pipelines/{SEGMENT}/pipelineruns/{SEGMENT}/queryActivityruns", self._query_activities),
            ("POST", f"/triggers/{SEGMENT}/(start|stop)", self._set_trigger_state),
            ("POST", f"/triggers/{SEGMENT}/(subscribeToEvents|unsubscribeFromEvents)", self._subscribe),
            ("POST", f"/triggers/{SEGMENT}/getEventSubscriptionStatus", self._subscription),
            ("POST", "/queryTriggerRuns", self._query_trigger_runs),
            ("POST", f"/triggers/{SEGMENT}/triggerRuns/{SEGMENT}/rerun", self._rerun_trigger),
            ("GET", "/roleDefinitions", self._role_definitions),
            ("GET", f"/roleDefinitions/{SEGMENT}", self._role_definition),
            ("GET", "/rbacScopes", self._scopes),
            ("GET", "/roleAssignments", self._role_assignments),
            ("PUT", f"/roleAssignments/{SEGMENT}", self._put_role_assignment),
            ("GET", f"/roleAssignments/{SEGMENT}", self._get_role_assignment),
            ("DELETE", f"/roleAssignments/{SEGMENT}", self._delete_role_assignment),
            ("POST", "/checkAccessSynapseRbac", self._check_access),
        ]

    def _require(self, call: Call, action: str, scope: str | None = None) -> None:
        self._roles.require(call.workspace, call.principal.object_id, action, scope)

    def _require_credential(self, call: Call) -> None:
        """Running a pipeline needs the use of the workspace's own identity."""
        self._require(call, "read")
        scope = f"{call.workspace.scope}/credentials/WorkspaceSystemIdentity"
        self._require(call, "credentials/useSecret/action", scope)

    def _workspace(self, call: Call) -> Response:
        if not self._context.role_assignments.allows(
            call.principal.object_id, "Microsoft.Synapse/workspaces/read", call.workspace.arm_id
        ):
            self._require(call, "read")
        return Response.json(200, dict(call.workspace.document))

    def _operation_result(self, call: Call, path: str, operation_id: str) -> Response:
        self._require(call, "read")
        return self._operations.poll(call.workspace, operation_id, path)

    def _list(self, call: Call, path: str) -> Response:
        kind = _kind(path)
        self._require(call, kind.read_action)
        return self._artifact_handlers.list(call.workspace, kind, call.request)

    def _put(self, call: Call, path: str, name: str) -> Response:
        kind = _kind(path)
        self._require(call, f"{kind.action}/write")
        return self._artifact_handlers.put(call.workspace, kind, name, call.request)

    def _get(self, call: Call, path: str, name: str) -> Response:
        kind = _kind(path)
        self._require(call, "artifacts/read")
        return self._artifact_handlers.get(call.workspace, kind, name, call.request)

    def _delete(self, call: Call, path: str, name: str) -> Response:
        kind = _kind(path)
        self._require(call, f"{kind.action}/delete")
        return self._artifact_handlers.delete(call.workspace, kind, name, call.request)

    def _rename(self, call: Call, path: str, name: str) -> Response:
        kind = _kind(path)
        if kind is TRIGGER:
            raise _unknown(call.request)
        self._require(call, f"{kind.action}/write")
        return self._artifact_handlers.rename(call.workspace, kind, name, call.request)

    def _create_run(self, call: Call, name: str) -> Response:
        self._require_credential(call)
        return self._run_handlers.create_run(call.workspace, name, call.request)

    def _query_runs(self, call: Call) -> Response:
        self._require(call, "pipelines/viewOutputs/action")
        return self._run_handlers.query_runs(call.workspace, call.request)

    def _get_run(self, call: Call, run_id: str) -> Response:
        self._require(call, "pipelines/viewOutputs/action")
        return self._run_handlers.get_run(call.workspace, run_id)

    def _cancel_run(self, call: Call, run_id: str) -> Response:
        self._require(call, "cancelPipelineRun/action")
        return self._run_handlers.cancel_run(call.workspace, run_id, call.request)

    def _query_activities(self, call: Call, name: str, run_id: str) -> Response:
        self._require(call, "pipelines/viewOutputs/action")
        return self._run_handlers.query_activities(call.workspace, name, run_id, call.request)

    def _set_trigger_state(self, call: Call, name: str, verb: str) -> Response:
        self._require_credential(call)
        state = "Started" if verb.lower() == "start" else "Stopped"
        return self._run_handlers.set_trigger_state(call.workspace, name, state)

    def _subscribe(self, call: Call, name: str, verb: str) -> Response:
        self._require_credential(call)
        return self._run_handlers.subscribe(call.workspace, name, verb.lower() == "subscribetoevents")

    def _subscription(self, call: Call, name: str) -> Response:
        self._require(call, "artifacts/read")
        return self._run_handlers.subscription(call.workspace, name)

    def _query_trigger_runs(self, call: Call) -> Response:
        self._require(call, "pipelines/viewOutputs/action")
        return self._run_handlers.query_trigger_runs(call.workspace, call.request)

    def _rerun_trigger(self, call: Call, name: str, run_id: str) -> Response:
        self._require_credential(call)
        return self._run_handlers.rerun_trigger(call.workspace, name, run_id)

    def _role_definitions(self, call: Call) -> Response:
        self._require(call, "read")
        return self._role_handlers.definitions(call.request)

    def _role_definition(self, call: Call, role_id: str) -> Response:
        self._require(call, "read")
        return self._role_handlers.definition(role_id)

    def _scopes(self, call: Call) -> Response:
        self._require(call, "read")
        return self._role_handlers.scopes()

    def _role_assignments(self, call: Call) -> Response:
        self._require(call, "read")
        return self._role_handlers.assignments(call.workspace, call.request)

    def _put_role_assignment(self, call: Call, name: str) -> Response:
        body = call.request.json()
        scope = str(body.get("scope") or call.workspace.scope)
        self._roles.require_granting(call.workspace, call.principal.object_id, "roleAssignments/write", scope)
        return Response.json(200, self._roles.put(call.workspace, name, body))

    def _get_role_assignment(self, call: Call, name: str) -> Response:
        if not self._context.role_assignments.allows(
            call.principal.object_id, "Microsoft.Authorization/roleAssignments/write", call.workspace.arm_id
        ):
            self._require(call, "read")
        return Response.json(200, self._roles.get(call.workspace, name))

    def _delete_role_assignment(self, call: Call, name: str) -> Response:
        scope = call.request.query.get("scope") or call.workspace.scope
        self._roles.require_granting(call.workspace, call.principal.object_id, "roleAssignments/delete", scope)
        return Response(200 if self._roles.delete(call.workspace, name) else 204)

    def _check_access(self, call: Call) -> Response:
        self._require(call, "read")
        return self._role_handlers.check_access(call.workspace, call.request)


def _kind(path: str) -> Kind:
    return KINDS[path.lower()]


def _unknown(request: Request) -> ServiceError:
    first = request.path.strip("/").partition("/")[0]
    planned = next((each for each in _NOT_YET if each.lower() == first.lower()), None)
    return unknown_route(request, f"'{planned}' is not served yet" if planned else "")


def build(context: ServiceContext) -> Service:
    """The Synapse service of a stand-in."""
    return SynapseWorkspaceService(context)
