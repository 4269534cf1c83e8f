"""JSON requests to one host over an azure-core pipeline: token, throttling, transient faults, errors with their code.

Raw JSON, since the typed models of azure-synapse-artifacts refuse legal documents (Azure/azure-sdk-for-python#29613).
Not for long-running operations: see `polling.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.exceptions import (
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline import policies
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse

from dataplane_provider.clients.limiter import AdaptiveLimiter
from dataplane_provider.clients.waiting import Waiter, growing_pauses
from dataplane_provider.errors import ServiceFailure, message, unreachable
from provider_wire.verbs import ProviderError

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
FAULT_PATIENCE_SECONDS = 120.0
THROTTLE_PATIENCE_SECONDS = 900.0
_CONNECT_SECONDS, _ANSWER_SECONDS = 10, 120
_DETAIL_LIMIT = 2000
_LATER = "try again later"


@dataclass(frozen=True)
class Answer:
    """An accepted answer: header names in lower case, the body as JSON (None if empty)."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def retry_after_seconds(self) -> float | None:
        """The pause that the service asks for, if it does."""
        return retry_after(self.headers)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The pause that headers ask for, in seconds.

    `retry-after-ms` and `x-ms-retry-after-ms` of Azure's services come first, as in azure-core; then `Retry-After`
    (RFC 9110, 10.2.3): a number, or a date relative to the answer's own `Date`.
    """
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if headers.get(name, "").strip().isdigit():
            return float(headers[name]) / 1000
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))).total_seconds())
    except (ValueError, TypeError):
        return None


class RestChannel:
    """Requests to one `https://host` with one credential; may be used from several threads."""

    def __init__(
        self, endpoint: str, scope: str, credential: TokenCredential, transport: HttpTransport[Any, Any] | None = None
    ) -> None:
        """Open a connection pool; `transport` replaces the network in tests."""
        self.endpoint = endpoint
        self.limiter = AdaptiveLimiter()
        self._lost = False
        options: dict[str, Any] = {} if transport is None else {"transport": transport}
        self._client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(
            endpoint,
            policies=[
                policies.RequestIdPolicy(),
                policies.UserAgentPolicy("pulumi-resource-dataplane", sdk_moniker="dataplane"),
                policies.BearerTokenCredentialPolicy(credential, scope),
            ],
            **options,
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        doing: str,
        waiter: Waiter,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        accepted: frozenset[int] = frozenset({200}),
        headers: Mapping[str, str] | None = None,
        busy: frozenset[int] = frozenset(),
    ) -> Answer:
        """Send until the answer is accepted or no retry can help; `path` may be an absolute URL of the same host.

        `busy` are further statuses that mean: not now. Once a request has waited in vain for a connection, no other
        waits for one.

        Raises ServiceFailure with the service's code, ProviderError if no token can be had, Cancelled on request.
        """
        request = self._request(method, path, query, body, doing)
        request.headers.update(headers or {})
        started = waiter.now()
        for pause in growing_pauses(first=0.5, longest=30.0):
            failure, asked = self._attempt(request, doing, waiter, accepted)
            if isinstance(failure, Answer):
                return failure
            if failure.status and failure.status not in TRANSIENT | busy:
                raise failure
            patience = THROTTLE_PATIENCE_SECONDS if failure.status == 429 else FAULT_PATIENCE_SECONDS
            seconds = pause if asked is None else asked
            if waiter.now() - started + seconds > patience or (self._lost and not failure.status):
                self._lost = not failure.status
                raise failure.with_hint(self._given_up(failure, patience, seconds)) from failure
            if failure.status == 429:
                self.limiter.throttled(seconds, waiter)
            waiter.session.status(f"{doing}: {failure.code or failure.status}, trying again in {seconds:.0f} s")
            waiter.pause(seconds, doing)
        raise AssertionError("growing_pauses never ends")  # pragma: no cover

    def _given_up(self, failure: ServiceFailure, patience: float, asked: float) -> str:
        if asked > patience:
            return f"the service asks for a pause of {asked:.0f} s; run the same command again after it"
        retried = f"retried for {patience:.0f} s"
        if failure.status:
            return f"{retried}; {_LATER}"
        return f"{retried}; {unreachable(self.endpoint)}"

    def _request(self, method: str, path: str, query: Mapping[str, str] | None, body: Any, doing: str) -> HttpRequest:
        if "://" in path:
            here, there = urlsplit(self.endpoint), urlsplit(path)
            if (here.scheme, here.netloc.lower()) != (there.scheme, there.netloc.lower()):
                raise ProviderError(
                    message(
                        doing,
                        f"the service points to {there.scheme}://{there.netloc}",
                        f"an address of {self.endpoint}",
                    )
                )
            url = path
        else:
            url = self.endpoint + path
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Accept": "application/json"} | ({} if content is None else {"Content-Type": "application/json"})
        return HttpRequest(method, url, params=dict(query or {}), content=content, headers=headers)

    def _attempt(
        self, request: HttpRequest, doing: str, waiter: Waiter, accepted: frozenset[int]
    ) -> tuple[Answer | ServiceFailure, float | None]:
        with self.limiter.slot(waiter, doing):
            try:
                response = self._client.send_request(
                    request, connection_timeout=_CONNECT_SECONDS, read_timeout=_ANSWER_SECONDS
                )
                response.read()
            except (ServiceRequestError, ServiceResponseError, IncompleteReadError) as error:
                return ServiceFailure(doing, 0, "connection failed", str(error.message)[:_DETAIL_LIMIT]), None
        self._lost = False
        headers = {name.lower(): value for name, value in response.headers.items()}
        if response.status_code in accepted:
            self.limiter.succeeded()
            return Answer(response.status_code, headers, _json_of(response)), None
        code, detail = error_of(_json_of(response), response.text())
        return ServiceFailure(doing, response.status_code, code, detail), retry_after(headers)


def _json_of(response: HttpResponse) -> Any:
    try:
        return response.json() if response.content else None
    except ValueError:
        return None


def error_of(body: Any, text: str = "") -> tuple[str, str]:
    """Code and message of an error body, flat `{code, message}` or wrapped in `error`; else the bare text."""
    if isinstance(body, Mapping):
        wrapped = body.get("error")
        inner = wrapped if isinstance(wrapped, Mapping) else body
        if inner.get("code") or inner.get("message"):
            return str(inner.get("code") or ""), str(inner.get("message") or "").strip()[:_DETAIL_LIMIT]
    return "", text.strip()[:_DETAIL_LIMIT]
