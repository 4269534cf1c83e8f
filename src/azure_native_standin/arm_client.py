"""Resource Manager requests as one identity: azure-native's error words, throttling waited for, operations polled."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from provider_wire.verbs import Cancellation, ProviderError

Send = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Mapping[str, str], bytes]]
"""(method, path, query, body) to (status, headers with lower-case names, body)."""

_BUSY = frozenset({429, 500, 502, 503, 504})
_ATTEMPTS = 6
_DEFAULT_WAIT_SECONDS = 2.0
_LONGEST_OPERATION_POLLS = 2000


class ArmError(ProviderError):
    """Resource Manager refused; the text carries status, code and message as azure-native writes them."""

    def __init__(self, doing: str, status: int, code: str, message: str) -> None:
        super().__init__(f'{doing}: Status={status} Code="{code}" Message="{message}"')
        self.status = status
        self.code = code
        self.accepted = False
        """Whether the write itself was taken and only the wait for its end failed."""


@dataclass(frozen=True)
class Answer:
    """One answer of Resource Manager."""

    status: int
    headers: Mapping[str, str]
    body: Any


class ArmClient:
    """Sends requests; `doing` is a gerund and an id, the beginning of every error."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def get(self, arm_id: str, api_version: str, cancellation: Cancellation) -> dict[str, Any] | None:
        """The resource, or None when there is none; raises ArmError."""
        answer = self._request("GET", arm_id, {"api-version": api_version}, None, cancellation)
        if answer.status == 404 and _error_code(answer.body) != "SubscriptionNotFound":
            return None
        return dict(_require(f"reading {arm_id}", answer).body)

    def put(
        self, doing: str, arm_id: str, api_version: str, body: Mapping[str, Any], cancellation: Cancellation
    ) -> dict[str, Any]:
        """Writes the resource, waits until it is done, and gives it as it is then; raises ArmError."""
        query = {"api-version": api_version}
        answer = _require(doing, self._request("PUT", arm_id, query, body, cancellation))
        try:
            self._wait(doing, answer, cancellation)
            live = self.get(arm_id, api_version, cancellation)
        except ArmError as error:
            error.accepted = True
            raise
        if live is None:
            raise ProviderError(f"{doing}: it is gone right after it was written")
        return live

    def delete(self, arm_id: str, api_version: str, cancellation: Cancellation) -> None:
        """Deletes the resource and waits until it is done; one that is gone already is a success."""
        doing = f"deleting {arm_id}"
        answer = self._request("DELETE", arm_id, {"api-version": api_version}, None, cancellation)
        if answer.status != 404:
            self._wait(doing, _require(doing, answer), cancellation)

    def post(self, path: str, api_version: str, body: Mapping[str, Any], cancellation: Cancellation) -> dict[str, Any]:
        """Calls an action and gives its answer; raises ArmError."""
        answer = self._request("POST", path, {"api-version": api_version}, body, cancellation)
        return dict(_require(f"calling {path}", answer).body or {})

    def _request(
        self, method: str, path: str, query: Mapping[str, str], body: Any, cancellation: Cancellation
    ) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        for attempt in range(_ATTEMPTS):
            cancellation.raise_if_requested(f"{method} {path}")
            status, headers, raw = self._send(method, quote(path, safe="/%:@"), query, content)
            if status not in _BUSY or attempt == _ATTEMPTS - 1:
                break
            cancellation.wait(_retry_after(headers, 0.2 * 2**attempt))
        return Answer(status, headers, json.loads(raw) if raw else None)

    def _wait(self, doing: str, answer: Answer, cancellation: Cancellation) -> None:
        url, by_status = answer.headers.get("azure-asyncoperation"), True
        if url is None and answer.status == 202:
            url, by_status = answer.headers.get("location"), False
        if url is None:
            return
        for _ in range(_LONGEST_OPERATION_POLLS):
            parts = urlsplit(url)
            query = dict(parse_qsl(parts.query))
            polled = _require(doing, self._request("GET", parts.path, query, None, cancellation))
            if _is_done(doing, polled, by_status=by_status):
                return
            cancellation.wait(_retry_after(polled.headers, _DEFAULT_WAIT_SECONDS))
            cancellation.raise_if_requested(doing)
        raise ProviderError(f"{doing}: the operation {url} did not end")


def _is_done(doing: str, polled: Answer, *, by_status: bool) -> bool:
    if not by_status:
        return polled.status != 202
    status = str((polled.body or {}).get("status", ""))
    if status in ("Failed", "Canceled"):
        error = (polled.body or {}).get("error", {})
        raise ArmError(doing, 200, str(error.get("code", status)), str(error.get("message", "")))
    return status == "Succeeded"


def _retry_after(headers: Mapping[str, str], default: float) -> float:
    text = headers.get("retry-after", "")
    return float(text) if text.replace(".", "", 1).isdecimal() else default


def _error_code(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def _require(doing: str, answer: Answer) -> Answer:
    if answer.status < 400:
        return answer
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    message = str(error.get("message", "")) if isinstance(error, dict) else ""
    raise ArmError(doing, answer.status, _error_code(answer.body), message)
