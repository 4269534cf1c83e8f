"""The one way every ARM request goes: who calls, which route, which api-version, is it allowed; then the handler."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlencode

from arm_schema.shapes import shape_of
from arm_schema.validation import problems_of, writable
from azure_ids.arm import ArmId
from local_azure.directory import Principal
from local_azure.dispatch import check_query
from local_azure.http import Request, Response, ServiceError
from local_azure.services.resource_manager import errors
from local_azure.services.resource_manager.store import ArmStore

HOST = "management.azure.com"
AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net/")
RETRY_AFTER_SECONDS = 1
Shape = tuple[ModuleType, str]
_WITH_BODY = ("PUT", "PATCH")
_EMPTY_STEPS = re.compile("/{2,}")


@dataclass(frozen=True)
class Call:
    """One request on one route: who calls, and the names in the path."""

    request: Request
    principal: Principal
    names: Mapping[str, str]
    store: ArmStore

    @property
    def api_version(self) -> str:
        """The version that the caller asked for."""
        return self.request.query["api-version"]

    @property
    def group_id(self) -> ArmId:
        """The resource group in the path."""
        return ArmId(self.names["subscription"], self.names["group"])

    def resource(self, resource_type: str, name: str) -> ArmId:
        """The resource of a type in the group in the path; `name` is the step of the path with its name."""
        provider, _, kind = resource_type.partition("/")
        return self.group_id.resource(provider, kind, self.names[name])

    def body(self, models: ModuleType, shape_name: str, told: str = "") -> dict[str, Any]:
        """The body, checked against a model and in its spelling; raises InvalidRequestContent with every problem.

        `told` names the model that the resource is read as, where it is written as another one.
        """
        shape = shape_of(models, shape_name)
        body = self.request.json()
        problems = problems_of(shape, body, shape_of(models, told) if told else None)
        if problems:
            raise errors.content_invalid(problems)
        return writable(shape, body)

    def may(self, action: str, scope: str) -> bool:
        """Whether the caller may do something on the control plane."""
        return self.store.context.role_assignments.allows(self.principal.object_id, action, scope)

    def require(self, action: str, scope: str) -> None:
        """Raises AuthorizationFailed unless the caller may."""
        if not self.may(action, scope):
            raise errors.authorization_failed(self.principal, action, scope)


@dataclass(frozen=True)
class Route:
    """A method and a path with {names}; `{scope}` and, at the end, `{below}` stand for any number of steps."""

    method: str
    template: str
    handle: Callable[[Call], Response]
    action: str = ""
    """The control-plane action that the caller needs, on `scope`; empty when the handler decides itself."""
    scope: str = ""
    """Template of the scope the action is asked on; empty: the path itself."""
    api_versions: frozenset[str] = frozenset()
    resource_type: str = ""
    query: frozenset[str] | None = frozenset()
    """Query parameters besides the api-version, in lower case; None: the provider that answers says which."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The template as a regular expression; static steps match without regard to case."""
        parts = re.split(r"(\{\w+\})", self.template)
        text = "".join(_part(part) for part in parts)
        return re.compile(text, re.IGNORECASE)


def _part(part: str) -> str:
    if part == "{scope}":
        return r"(?P<scope>/.+?|)"
    if part == "{below}":
        return r"(?P<below>/.+)"
    return rf"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part)


class RouteTable:
    """All routes; finds the one for a request and runs it."""

    def __init__(self, routes: list[Route], store: ArmStore) -> None:
        self._routes = routes
        self._store = store

    def handle(self, request: Request) -> Response:
        """The answer to a request; raises ServiceError."""
        # Clients put an empty step where a resource has no parent: providers/Microsoft.KeyVault//vaults/x.
        request = replace(request, path=_EMPTY_STEPS.sub("/", request.path))
        principal = self._authenticate(request)
        path = unquote(request.path).rstrip("/") or "/"
        found = self._find(request.method, path)
        if found is None and request.method == "HEAD":
            return self._existence(request, principal, path)
        if found is None:
            raise not_served(request, path, self._routes)
        return self._answer(request, principal, path, *found)

    def _answer(
        self, request: Request, principal: Principal, path: str, route: Route, names: Mapping[str, str]
    ) -> Response:
        self._check(request, route, names)
        call = Call(request, principal, names, self._store)
        if route.action:
            call.require(route.action, route.scope.format(**names) if route.scope else path)
        return route.handle(call)

    def _existence(self, request: Request, principal: Principal, path: str) -> Response:
        """Whether a resource is there, of any type that can be read.

        https://learn.microsoft.com/rest/api/resources/resources/check-existence-by-id
        """
        found = self._find("GET", path)
        if found is None:
            raise not_served(request, path, self._routes)
        self._answer(replace(request, method="GET"), principal, path, *found)
        return Response(204)

    def _authenticate(self, request: Request) -> Principal:
        try:
            return self._store.context.tokens.verify(request, AUDIENCES)
        except ServiceError as error:
            tenant = self._store.context.directory.tenant_id
            challenge = f'Bearer authorization_uri="https://login.microsoftonline.com/{tenant}", error="invalid_token"'
            raise ServiceError(401, error.code, error.message, {"www-authenticate": challenge}) from error

    def _find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
        for route in self._routes:
            if route.method != method:
                continue
            match = route.pattern.fullmatch(path)
            if match:
                return route, match.groupdict()
        return None

    def _check(self, request: Request, route: Route, names: Mapping[str, str]) -> None:
        check_api_version(request, route.resource_type, route.api_versions)
        subscription = names.get("subscription", self._store.context.directory.subscription_id)
        if subscription.lower() != self._store.context.directory.subscription_id:
            raise errors.subscription_not_found(subscription)
        if route.query is not None:
            check_query(request, route.query)


def check_api_version(request: Request, resource_type: str, known: frozenset[str]) -> None:
    """Raises what Resource Manager says to a version that is missing or not known; empty: every version is."""
    version = request.query.get("api-version", "")
    if not version:
        raise errors.api_version_missing()
    if known and version not in known:
        raise errors.api_version_unknown(resource_type, version, known)


def not_served(request: Request, path: str, routes: list[Route]) -> ServiceError:
    """The error for what no route leads to; it tells apart a type and an operation that are not served."""
    _, marker, tail = path.lower().rpartition("/providers/")
    if not marker:
        return ServiceError(
            501, "UnknownRoute", f"answering {request.method} {path}: no such route in the local stand-in"
        )
    namespace, *steps = path[len(path) - len(tail) :].split("/")
    resource_type = "/".join(steps[::2])
    if any(route.resource_type.lower() == f"{namespace}/{resource_type}".lower() for route in routes):
        return ServiceError(
            501,
            "UnknownRoute",
            f"answering {request.method} {path}: the local stand-in serves {namespace}/{resource_type}, "
            "but not this operation of it",
        )
    return errors.type_unknown(request, namespace, resource_type)


def check_etag(call: Call, document: Mapping[str, Any] | None, key: str) -> None:
    """Raises 412 for an If-Match that does not name the version there is; `key` is where the document holds it."""
    wanted = call.request.headers.get("if-match")
    if wanted is None or (wanted == "*" and document is not None):
        return
    if document is None or _bare(wanted) != _bare(str(document[key])):
        raise errors.precondition_failed(call.request.path.rpartition("/")[2])


def unless_known(call: Call, document: Mapping[str, Any], key: str) -> Response:
    """The document, or 304 where an If-None-Match names the version there is."""
    known = _bare(call.request.headers.get("if-none-match", ""))
    return Response(304) if known in ("*", _bare(str(document[key]))) else Response.json(200, dict(document))


def _bare(etag: str) -> str:
    return etag.removeprefix("W/").strip('"')


def telling(resource_id: Callable[[Call], ArmId]) -> Callable[[Call], Response]:
    """A handler of GET: the document as it is."""

    def tell(call: Call) -> Response:
        return Response.json(200, call.store.get(resource_id(call)))

    return tell


def deleting(resource_id: Callable[[Call], ArmId]) -> Callable[[Call], Response]:
    """A handler of DELETE that is done when it answers: 204 where there was nothing."""

    def delete(call: Call) -> Response:
        call.store.group(call.group_id)
        return Response(200 if call.store.delete(resource_id(call)) else 204)

    return delete


def provided(call: Call, resource_type: str, name: str, owner: Callable[[], dict[str, Any]], shape: Shape) -> Response:
    """What the provider of a type does on the resource of that name ("" for all), once the caller may.

    `owner` gives the document of the resource that holds it; a body is read by `shape`, a module and a model in it.
    """
    request = call.request
    provider = call.store.context.providers.find(resource_type)
    operation = provider.find(request.method, name) if provider else None
    if operation is None:
        raise not_served(request, request.path, [])
    check_query(request, operation.query)
    call.require(operation.action, request.path)
    document = owner()
    if request.method in _WITH_BODY:
        body = call.body(*shape) if request.body else {}
        request = replace(request, body=json.dumps(body).encode())
    return operation.answer(document, request)


def listing(documents: list[dict[str, Any]]) -> Response:
    """A list answer, all on one page."""
    return Response.json(200, {"value": documents})


def in_scope(call: Call, resource_type: str) -> list[dict[str, Any]]:
    """Those of a type in the group in the path, else those in the subscription that the caller may read."""
    if "group" in call.names:
        return list(call.store.of_type(call.store.group(call.group_id)["id"], resource_type))
    documents = call.store.of_type(f"/subscriptions/{call.names['subscription']}", resource_type)
    return [each for each in documents if call.may(f"{resource_type}/read", each["id"])]


def listing_of(resource_type: str) -> Callable[[Call], Response]:
    """A handler of GET: those of a type in the group or subscription in the path."""
    return lambda call: listing(in_scope(call, resource_type))


def listing_below(owner_id: Callable[[Call], ArmId], resource_type: str) -> Callable[[Call], Response]:
    """A handler of GET: those of a type below a resource, which must be there."""
    return lambda call: listing(list(call.store.of_type(call.store.get(owner_id(call))["id"], resource_type)))


PAGED = frozenset({"$top", "$skiptoken"})
"""The query parameters that `paging` reads."""


def paging(call: Call, documents: list[dict[str, Any]]) -> Response:
    """A list answer in pages of as many documents as `$top` says, all on one page without it; raises BadRequest."""
    size, offset = _count(call, "$top", 1), _count(call, "$skiptoken", 0) or 0
    if size is None:
        return listing(documents[offset:])
    end = offset + size
    body: dict[str, Any] = {"value": documents[offset:end]}
    if end < len(documents):
        query = {name: value for name, value in call.request.query.items() if name.lower() != "$skiptoken"}
        body["nextLink"] = f"https://{HOST}{call.request.path}?{urlencode({**query, '$skiptoken': end})}"
    return Response.json(200, body)


def _count(call: Call, name: str, least: int) -> int | None:
    text = call.request.parameter(name)
    if not text:
        return None
    if not text.isdecimal() or int(text) < least:
        raise errors.bad_request(f"The query parameter {name} is '{text}'; expected a number from {least} on.")
    return int(text)


def operation_url(call: Call, path: str, operation_id: str) -> str:
    """The absolute URL of a running operation under `path`."""
    return f"https://{HOST}{path}/{operation_id}?api-version={call.api_version}"


def polling(location: str = "", asynchronous: str = "") -> dict[str, str]:
    """Headers that tell a client where to poll, and how soon."""
    headers = {"retry-after": str(RETRY_AFTER_SECONDS)}
    if location:
        headers["location"] = location
    if asynchronous:
        headers["azure-asyncoperation"] = asynchronous
    return headers


def poll_location(call: Call) -> Response:
    """A poll of a Location URL: 202 while it runs, then 200 with the result, without a body where there is none.

    The official Go client takes no 204 without a content type for an end
    (https://github.com/hashicorp/go-azure-sdk `sdk/client/resourcemanager/poller_lro.go`).
    """
    done, document = _poll(call)
    if not done:
        url = f"https://{HOST}{call.request.path}?api-version={call.api_version}"
        return Response(202, polling(location=url))
    result = document["result"]
    return Response(200) if result is None else Response.json(200, result)


def poll_status(call: Call) -> Response:
    """A poll of an Azure-AsyncOperation URL: always 200, with a status."""
    done, document = _poll(call)
    status = {
        "id": call.request.path,
        "name": call.names["operation"],
        "status": "Succeeded" if done else "InProgress",
        "startTime": document["started"],
    }
    return Response.json(200, status, {} if done else polling())


def _poll(call: Call) -> tuple[bool, dict[str, Any]]:
    found = call.store.poll_operation(call.names["operation"])
    if found is None:
        raise ServiceError(404, "OperationNotFound", f"The operation '{call.names['operation']}' was not found.")
    return found
