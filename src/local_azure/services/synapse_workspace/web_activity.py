"""The Web activity: a request to an Azure host of this stand-in, as the workspace's identity if so asked.

https://learn.microsoft.com/azure/data-factory/control-flow-web-activity
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local_azure.http import Request, Response
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.lake import identity_token
from pipeline_runtime.definition import seconds_of_timeout
from pipeline_runtime.errors import ActivityFailure
from pipeline_runtime.expressions.values import to_text

_FAILED = "2108"
_MOST_BYTES = 4 * 1024 * 1024
_LONGEST_TIMEOUT = 600
_DEFAULT_WAIT_SECONDS = 1.0


def request_web(work: Work) -> Mapping[str, Any]:
    """Execute one Web activity; the body's properties, and the headers as ADFWebActivityResponseHeaders."""
    started = time.monotonic()
    properties = work.call.properties
    _check_timeout(properties.get("httpRequestTimeout"))
    response = _send(work, str(properties["method"]).upper(), str(properties["url"]), properties)
    while response.status == 202 and "location" in response.headers and properties.get("turnOffAsync") is not True:
        _pause(work, response)
        response = _send(work, "GET", response.headers["location"], {**properties, "body": None, "method": "GET"})
    content = response.content()
    if response.status >= 300:
        raise ActivityFailure(
            _FAILED,
            f"Invoking Web Activity failed with HttpStatusCode - '{_reason(response.status)}', "
            f"message - '{content.decode(errors='replace')}'",
        )
    if len(content) > _MOST_BYTES:
        raise ActivityFailure(_FAILED, f"The response of the Web activity is larger than {_MOST_BYTES} bytes.")
    return {
        **_body(content),
        "ADFWebActivityResponseHeaders": {_title(name): value for name, value in response.headers.items()},
        "effectiveIntegrationRuntime": "AutoResolveIntegrationRuntime (Local)",
        "executionDuration": int(time.monotonic() - started),
        "durationInQueue": {"integrationRuntimeQueue": 0},
    }


def _send(work: Work, method: str, url: str, properties: Mapping[str, Any]) -> Response:
    work.call.cancellation.check()
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise ActivityFailure(_FAILED, f"The url '{url}' of the Web activity is not an https URL.")
    body = _payload(properties.get("body"))
    headers = {str(name).lower(): to_text(value) for name, value in (properties.get("headers") or {}).items()}
    if body:
        headers.setdefault("content-type", "application/json")
    headers["content-length"] = str(len(body))
    authentication = properties.get("authentication")
    if isinstance(authentication, Mapping):
        resource = str(authentication.get("resource") or "")
        headers["authorization"] = f"Bearer {identity_token(work.context, work.workspace, resource)}"
    request = Request(
        method,
        parts.hostname.lower(),
        parts.path or "/",
        dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers,
        body,
        source_ip=f"azure:{work.workspace.arm_id}",
    )
    return work.context.dispatch.handle(request)


def _payload(body: Any) -> bytes:
    if body is None:
        return b""
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def _body(content: bytes) -> dict[str, Any]:
    text = content.decode(errors="replace")
    try:
        parsed = json.loads(text) if text else {}
    except ValueError:
        return {"Response": text}
    return parsed if isinstance(parsed, dict) else {"Response": parsed}


def _check_timeout(value: Any) -> None:
    if value is None:
        return
    try:
        seconds = seconds_of_timeout(str(value))
    except ValueError as error:
        raise ActivityFailure(_FAILED, f"The httpRequestTimeout {error}.") from error
    if seconds > _LONGEST_TIMEOUT:
        raise ActivityFailure(_FAILED, f"The httpRequestTimeout '{value}' is longer than 00:10:00.")


def _pause(work: Work, response: Response) -> None:
    try:
        seconds = float(response.headers.get("retry-after", _DEFAULT_WAIT_SECONDS))
    except ValueError:
        seconds = _DEFAULT_WAIT_SECONDS
    work.call.cancellation.wait(seconds)


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "")


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-")) if not name.startswith("x-") else name
