"""Routes of graph.microsoft.com: what the az command line asks to show and to find the principals of roles.

https://learn.microsoft.com/graph/api/directoryobject-getbyids
https://learn.microsoft.com/graph/api/serviceprincipal-list
"""

from __future__ import annotations

import re
from typing import Any

from local_azure.context import ServiceContext
from local_azure.directory import Principal
from local_azure.dispatch import Service, unknown_route
from local_azure.http import Request, Response, ServiceError
from local_azure.services.microsoft_graph.errors import graph_error

HOST = "graph.microsoft.com"
AUDIENCE = "https://graph.microsoft.com"
DIRECTORY_READERS = frozenset({"deployer"})
"""Who has the application permission Directory.Read.All; an application has none until an administrator gives it."""
_CONTEXT = f"{AUDIENCE}/v1.0/$metadata#"
_MOST_IDS = 1000
_FILTER = re.compile(r"servicePrincipalNames/any\((\w+):\1 eq '([^']*)'\)|(appId|displayName) eq '((?:[^']|'')*)'")


class MicrosoftGraph:
    """The directory, read only."""

    name = "microsoft_graph"

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def owns(self, host: str) -> bool:
        """Only graph.microsoft.com."""
        return host == HOST

    def handle(self, request: Request) -> Response:
        """The answer to a request; raises ServiceError."""
        caller = self._authenticate(request)
        match request.method, request.path.lower():
            case "POST", "/v1.0/directoryobjects/getbyids":
                answer = self._by_ids
            case "GET", "/v1.0/serviceprincipals":
                answer = self._service_principals
            case "GET", "/v1.0/users":
                answer = self._users
            case _:
                raise unknown_route(request)
        if caller.name not in DIRECTORY_READERS:
            raise self._error(
                request, 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
            )
        return answer(request)

    def _authenticate(self, request: Request) -> Principal:
        try:
            return self._context.tokens.verify(request, AUDIENCE)
        except ServiceError as error:
            raise self._error(request, 401, "InvalidAuthenticationToken", error.message) from error

    def _error(self, request: Request, status: int, code: str, message: str) -> ServiceError:
        return graph_error(request, self._context.clock.now(), status, code, message)

    def _by_ids(self, request: Request) -> Response:
        """Those of the objects that there are, of the types that are asked for."""
        body = request.json()
        ids, types = body.get("ids"), body.get("types") or ["directoryObject"]
        if not _are_texts(ids) or not ids or len(ids) > _MOST_IDS or not _are_texts(types):
            message = f"Invalid value for 'ids' or 'types': expected 1 to {_MOST_IDS} ids and names of types."
            raise self._error(request, 400, "Request_BadRequest", message)
        found = [_shown(each) for each in map(self._context.directory.by_object_id, dict.fromkeys(ids)) if each]
        wanted = {each.lower() for each in types}
        kept = [each for each in found if wanted & {"directoryobject", _type_of(each).lower()}]
        return Response.json(200, {"@odata.context": f"{_CONTEXT}directoryObjects", "value": kept})

    def _service_principals(self, request: Request) -> Response:
        text = request.query.get("$filter", "")
        match = _FILTER.fullmatch(text)
        if match is None:
            message = (
                f"The filter '{text}' is not served by the local stand-in; expected "
                "servicePrincipalNames/any(c:c eq '…'), appId eq '…' or displayName eq '…'."
            )
            raise self._error(request, 400, "Request_UnsupportedQuery", message)
        name = match[3] or "servicePrincipalNames"
        wanted = (match[2] or match[4] or "").replace("''", "'").lower()
        shown = [_shown(each) for each in self._context.directory.principals() if each.kind != "Group"]
        found = [each for each in shown if wanted in _lowered(each[name])]
        return Response.json(200, {"@odata.context": f"{_CONTEXT}servicePrincipals", "value": found})

    def _users(self, request: Request) -> Response:
        """None: people do not sign in here."""
        return Response.json(200, {"@odata.context": f"{_CONTEXT}users", "value": []})


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _lowered(value: Any) -> list[str]:
    return [str(each).lower() for each in (value if isinstance(value, list) else [value])]


def _type_of(shown: dict[str, Any]) -> str:
    return str(shown["@odata.type"]).rpartition(".")[2]


def _shown(principal: Principal) -> dict[str, Any]:
    if principal.kind == "Group":
        return {
            "@odata.type": "#microsoft.graph.group",
            "id": principal.object_id,
            "displayName": principal.name,
            "mailEnabled": False,
            "securityEnabled": True,
        }
    is_application = principal.kind == "ServicePrincipal"
    return {
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "id": principal.object_id,
        "accountEnabled": True,
        "appId": principal.client_id,
        "displayName": principal.name,
        "servicePrincipalNames": [principal.client_id],
        "servicePrincipalType": "Application" if is_application else "ManagedIdentity",
    }


def build(context: ServiceContext) -> Service:
    """The Microsoft Graph service."""
    return MicrosoftGraph(context)
