"""Web activities: whom they call, as whom, and what becomes of the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from activity_bench import ActivityBench, web

from local_azure.http import Request, Response, ServiceError


class _Web:
    """A vault and a long-running service behind Azure host names."""

    name = "web"

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.left = 2

    def owns(self, host: str) -> bool:
        return host in ("v.vault.azure.net", "management.azure.com")

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        if request.path == "/slow":
            self.left -= 1
            location = {"location": "https://management.azure.com/slow", "retry-after": "0.01"}
            return Response(202, location) if self.left >= 0 else Response.json(200, {"done": True})
        if request.path == "/forbidden":
            raise ServiceError(403, "Forbidden", "no")
        if request.path == "/text":
            return Response(200, {"content-type": "text/plain"}, b"plain words")
        if request.path == "/list":
            return Response.json(200, [1, 2])
        return Response.json(200, {"value": "secret"}, {"x-ms-request-id": "r1"})


@pytest.fixture(scope="module")
def called(shared: ActivityBench) -> _Web:
    service = _Web()
    shared.bench.azure.dispatcher.add(service)
    return service


def test_a_web_activity_calls_as_the_workspace_identity(activities: ActivityBench, called: _Web) -> None:
    called.requests.clear()
    msi = {"type": "MSI", "resource": "https://vault.azure.net"}
    output = activities.output(web("https://v.vault.azure.net/secrets/k?api-version=7.4", authentication=msi))
    (request,) = called.requests
    caller = activities.bench.azure.tokens.verify(request, "https://vault.azure.net")
    assert caller.name == activities.bench.name
    assert request.source_ip == f"azure:{activities.bench.arm_id}"
    assert request.query == {"api-version": "7.4"}
    assert output["value"] == "secret"
    assert output["ADFWebActivityResponseHeaders"]["x-ms-request-id"] == "r1"


def test_a_web_activity_sends_body_and_headers(activities: ActivityBench, called: _Web) -> None:
    called.requests.clear()
    headers = {"x-number": "@string(7)"}
    activities.output(web("https://v.vault.azure.net/a", "POST", body={"a": "@add(1, 1)"}, headers=headers))
    assert json.loads(called.requests[0].body) == {"a": 2}
    assert (called.requests[0].headers["x-number"], called.requests[0].headers["content-type"]) == (
        "7",
        "application/json",
    )


@pytest.mark.parametrize(("path", "expected"), [("text", "plain words"), ("list", [1, 2])])
def test_what_is_no_json_object_stands_under_response(
    activities: ActivityBench, called: _Web, path: str, expected: Any
) -> None:
    assert activities.output(web(f"https://v.vault.azure.net/{path}"))["Response"] == expected


def test_a_web_activity_follows_a_long_running_operation(activities: ActivityBench, called: _Web) -> None:
    called.left = 2
    assert activities.output(web("https://management.azure.com/slow", "POST", body=""))["done"] is True
    called.left = 2
    assert "done" not in activities.output(web("https://management.azure.com/slow", "POST", body="", turnOffAsync=True))


def test_a_refusal_fails_the_web_activity_with_the_answer(activities: ActivityBench, called: _Web) -> None:
    failed = activities.failure(web("https://v.vault.azure.net/forbidden"))
    assert "Invoking Web Activity failed with HttpStatusCode - 'Forbidden', message - '{\"error\":{" in failed


@pytest.mark.parametrize(
    ("url", "more", "message"),
    [
        (
            "http://v.vault.azure.net/",
            {},
            "The url 'http://v.vault.azure.net/' of the Web activity is not an https URL.",
        ),
        ("https://example.org/", {}, "answering GET https://example.org/: no such route in the local stand-in"),
        ("https://v.vault.azure.net/", {"httpRequestTimeout": "00:11:00"}, "is longer than 00:10:00."),
        (
            "https://v.vault.azure.net/",
            {"httpRequestTimeout": "soon"},
            "The httpRequestTimeout 'soon' is not a duration",
        ),
    ],
)
def test_what_cannot_be_called_fails_the_web_activity(
    activities: ActivityBench, called: _Web, url: str, more: dict[str, Any], message: str
) -> None:
    assert message in activities.failure(web(url, **more))
