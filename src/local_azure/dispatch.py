"""Host name to service: picks who answers a request, and writes every request to the log."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from local_azure.clock import Clock, azure_timestamp
from local_azure.faults import Faults
from local_azure.http import Request, Response, ServiceError

_SECRET_QUERY_KEYS = frozenset({"sig", "client_secret", "code", "access_token"})


class Service(Protocol):
    """One Azure service; `handle` is called from several threads at once."""

    name: str

    def owns(self, host: str) -> bool:
        """Whether this service answers for the host name."""

    def handle(self, request: Request) -> Response:
        """The answer to a request; may raise ServiceError."""


class Handler(Protocol):
    """Anything that answers a request; what services see of the dispatcher."""

    def handle(self, request: Request) -> Response:
        """The answer to a request; never raises ServiceError."""


class RequestLog:
    """A JSON-lines file with one line for each request; holds no header, no body and no signature."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()

    def record(self, request: Request, status: int, note: str | None = None) -> None:
        """Appends one request with the status that answered it."""
        entry: dict[str, Any] = {
            "time": azure_timestamp(self._clock.now()),
            "method": request.method,
            "host": request.host,
            "path": request.path + _query_without_secrets(request.query),
            "status": status,
            "principal": principal_of(request.headers),
            "source_ip": request.source_ip,
        }
        if note:
            entry["note"] = note
        with self._lock, self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")

    def entries(self) -> list[dict[str, Any]]:
        """Every request recorded so far, oldest first."""
        if not self.path.exists():
            return []
        with self._lock:
            return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]


class Dispatcher:
    """Gives each request to the service that owns its host; an unknown host is a 501 that names it."""

    def __init__(self, services: Iterable[Service], request_log: RequestLog, faults: Faults | None = None) -> None:
        self.services: list[Service] = list(services)
        self.request_log = request_log
        self.faults = faults or Faults()

    def add(self, service: Service) -> None:
        """Adds a service; the first one that owns a host answers for it."""
        self.services.append(service)

    def handle(self, request: Request) -> Response:
        """The answer of the service that owns the host; every ServiceError becomes the answer it describes."""
        note: str | None
        status, note = 500, "internal-error: the process's log has the traceback"
        try:
            response, note = self._answer(request)
            status = response.status
        finally:
            self.request_log.record(request, status, note)
        return response

    def _answer(self, request: Request) -> tuple[Response, str | None]:
        try:
            service = next((each for each in self.services if each.owns(request.host)), None)
            if service is None:
                raise unknown_route(request)
            fault = self.faults.take(request)
            if fault is not None:
                raise fault
            return service.handle(request), None
        except ServiceError as error:
            return error.response(), f"{error.code}: {error.message}"


def unknown_route(request: Request, detail: str = "") -> ServiceError:
    """The error for a request that nothing here answers; it names method, host and path."""
    message = f"answering {request.method} https://{request.host}{request.path}: no such route in the local stand-in"
    return ServiceError(501, "UnknownRoute", f"{message}{'; ' + detail if detail else ''}")


def check_query(request: Request, known: frozenset[str]) -> None:
    """Raises ServiceError 501 for a query parameter that would be passed over.

    `known` are those besides the api-version, in lower case, and besides what clients call the request for their own
    log (the Go client of Synapse does it in the query).
    """
    for name in request.query:
        if name.lower() not in known | {"api-version", "client-request-id"}:
            served = ", ".join(sorted(known)) or "none but api-version"
            raise ServiceError(
                501,
                "UnknownParameter",
                f"answering {request.method} {request.path} with the query parameter {name}: "
                f"not in the local stand-in; it reads {served}",
            )


def principal_of(headers: Mapping[str, str]) -> str | None:
    """Who a request says it is (object id of the token, or shared-key:<account>); for the log only, unverified."""
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "sharedkey":
        return "shared-key:" + credential.partition(":")[0]
    parts = credential.split(".")
    if scheme.lower() != "bearer" or len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    oid = claims.get("oid") if isinstance(claims, dict) else None
    return oid if isinstance(oid, str) else None


def _query_without_secrets(query: Mapping[str, str]) -> str:
    if not query:
        return ""
    shown = {key: "REDACTED" if key.lower() in _SECRET_QUERY_KEYS else value for key, value in query.items()}
    return "?" + "&".join(f"{quote(key, safe='$')}={quote(value, safe='/:,')}" for key, value in shown.items())
