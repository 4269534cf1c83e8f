"""Routes of graph.microsoft.com: what the az command line asks to show and to find the principals of roles.

https://learn.microsoft.com/graph/api/directoryobject-getbyids
https://learn.microsoft.com/graph/api/serviceprincipal-list
https://learn.microsoft.com/graph/api/group-list
https://learn.microsoft.com/graph/api/group-list-members
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
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
_TEXT = r"'(?P<text>(?:[^']|'')*)'"
_FILTER = re.compile(
    rf"servicePrincipalNames/any\((\w+):\1 eq '(?P<of_names>[^']*)'\)|(?P<name>appId|displayName) eq {_TEXT}"
)
_GROUP_FILTER = re.compile(rf"(?P<name>displayName|mail) eq {_TEXT}")
_APPLICATIONS, _GROUPS, _OBJECTS = "servicePrincipals", "groups", "directoryObjects"
_BY_APPLICATION = re.compile(rf"/v1\.0/{_APPLICATIONS}\(appId='([^']*)'\)", re.IGNORECASE)
_ONE = re.compile(rf"/v1\.0/({_APPLICATIONS}|{_GROUPS}|users|{_OBJECTS})/([^/]+)(/members)?", re.IGNORECASE)


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
        answer = self._find(request)
        if caller.name not in DIRECTORY_READERS:
            raise self._error(
                request, 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
            )
        return answer(request)

    def _find(self, request: Request) -> Callable[[Request], Response]:
        match request.method, request.path.lower():
            case "POST", "/v1.0/directoryobjects/getbyids":
                return self._by_ids
            case "GET", "/v1.0/serviceprincipals":
                return self._service_principals
            case "GET", "/v1.0/groups":
                return self._groups
            case "GET", "/v1.0/users":
                return self._users
            case "GET", "/v1.0/me":
                # Nobody signs in but applications.
                message = "/me request is only valid with delegated authentication flow."
                raise self._error(request, 400, "BadRequest", message)
        by_application = _BY_APPLICATION.fullmatch(request.path)
        if by_application is not None and request.method == "GET":
            return partial(self._application, by_application[1].lower())
        one = _ONE.fullmatch(request.path)
        if one is None or request.method != "GET" or (one[3] and one[1].lower() != _GROUPS):
            raise unknown_route(request)
        return partial(self._one, one[1].lower(), one[2], bool(one[3]))

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
        shown = [_shown(each) for each in self._context.directory.principals() if each.kind != "Group"]
        expected = "servicePrincipalNames/any(c:c eq '…'), appId eq '…' or displayName eq '…'"
        return self._filtered(request, _APPLICATIONS, shown, _FILTER, expected)

    def _groups(self, request: Request) -> Response:
        shown = [_shown(each) for each in self._context.directory.principals() if each.kind == "Group"]
        return self._filtered(request, _GROUPS, shown, _GROUP_FILTER, "displayName eq '…' or mail eq '…'")

    def _filtered(
        self, request: Request, kind: str, shown: list[dict[str, Any]], pattern: re.Pattern[str], expected: str
    ) -> Response:
        """Those that the filter lets, or all without one."""
        text, found = request.query.get("$filter", ""), shown
        if text:
            match = pattern.fullmatch(text)
            if match is None:
                message = f"The filter '{text}' is not served by the local stand-in; expected {expected}."
                raise self._error(request, 400, "Request_UnsupportedQuery", message)
            asked = match.groupdict()
            name = asked["name"] or "servicePrincipalNames"
            wanted = (asked.get("of_names") or asked["text"] or "").replace("''", "'").lower()
            found = [each for each in shown if wanted in _lowered(each[name])]
        return Response.json(200, {"@odata.context": f"{_CONTEXT}{kind}", "value": found})

    def _application(self, application_id: str, request: Request) -> Response:
        """A service principal by the id of its application.

        https://learn.microsoft.com/graph/api/serviceprincipal-get
        """
        found = self._context.directory.by_client_id(application_id)
        return self._one(_APPLICATIONS.lower(), found.object_id if found else application_id, False, request)

    def _one(self, kind: str, object_id: str, members: bool, request: Request) -> Response:
        """An object by its id, of the kind that the path names; or the members of a group."""
        principal = self._context.directory.by_object_id(object_id)
        shown = _shown(principal) if principal else {}
        if not shown or kind not in (_OBJECTS.lower(), f"{_type_of(shown)}s".lower()):
            message = (
                f"Resource '{object_id}' does not exist or one of its queried reference-property objects "
                "are not present."
            )
            raise self._error(request, 404, "Request_ResourceNotFound", message)
        if not members:
            return Response.json(200, {"@odata.context": f"{_CONTEXT}{_type_of(shown)}s/$entity", **shown})
        inside = [_shown(each) for each in self._context.directory.principals() if shown["id"] in each.member_of]
        return Response.json(200, {"@odata.context": f"{_CONTEXT}{_OBJECTS}", "value": inside})

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
            "mail": None,
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
