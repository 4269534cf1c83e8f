"""Requests to a workspace: operations polled to their end, throttling, faults, errors with the service's own words."""

from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from provider_bench import ProviderBench, Reply

from azure_ids.synapse import ArtifactKind, WorkspaceEndpoint
from dataplane_provider.azure_services import AzureServices
from dataplane_provider.clients.rest import error_of, retry_after
from dataplane_provider.provider import DataplaneProvider
from dataplane_provider.resources.workspace_reading import most_first
from provider_wire.lifecycle import Action, Lifecycle
from provider_wire.verbs import ProviderError

LAKE: dict[str, Any] = {
    "linkedService/lake": {
        "name": "lake",
        "properties": {"type": "AzureBlobFS", "typeProperties": {"url": "https://lake.dfs.core.windows.net"}},
    }
}
PATH = "/linkedservices/lake"
POLLED = "/operationResults"


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    return bench.life("WorkspaceArtifacts")


def inputs(bench: ProviderBench) -> dict[str, Any]:
    return {"endpoint": bench.workspace.endpoint, "documents": LAKE}


def running(bench: ProviderBench, **headers: str) -> Reply:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(202, None, {"Location": f"{bench.workspace.endpoint}{POLLED}/other?api-version=2020-12-01", **names})


def test_an_operation_is_polled_to_its_end_at_the_pace_that_the_service_asks_for(
    bench: ProviderBench, life: Lifecycle
) -> None:
    bench.wire.fail(
        "GET",
        POLLED,
        running(bench, Retry_After="7"),
        running(bench, retry_after_ms="250"),
        running(bench, x_ms_retry_after_ms="500"),
        Reply(200, {"name": "lake", "properties": {}}),
    )
    life.up(inputs(bench))
    assert bench.time.waits == [0.0, 7.0, 0.25, 0.5]
    assert [path for path in bench.wire.sent("GET") if path.startswith(f"GET {POLLED}")][1:] == [
        f"GET {POLLED}/other"
    ] * 3, "a new Location is followed"


def test_a_pause_without_advice_grows(bench: ProviderBench, life: Lifecycle) -> None:
    bench.wire.fail("GET", POLLED, *[running(bench)] * 6, Reply(200))
    life.up(inputs(bench))
    pauses = bench.time.waits[1:7]
    assert all(0.8 * longest <= pause <= longest for pause, longest in zip(pauses, [2, 4, 8, 15, 15, 15], strict=True))


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (
            Reply(400, {"code": "BadRequest", "message": "The url is not liked."}),
            "the service answered 400 BadRequest: The url is not liked.",
        ),
        (
            Reply(400, {"status": "Failed", "error": {"code": "LinkedServiceBad", "message": "No."}}),
            "the service answered 400 LinkedServiceBad: No.",
        ),
        (
            Reply(200, {"status": "Failed", "error": {"code": "LinkedServiceBad", "message": "No."}}),
            "the service answered 200 LinkedServiceBad: No.",
        ),
        (Reply(200, {"status": "Canceled"}), "the service answered 200 operation Canceled"),
    ],
)
def test_an_operation_that_fails_is_quoted(bench: ProviderBench, life: Lifecycle, reply: Reply, text: str) -> None:
    bench.wire.fail("GET", POLLED, running(bench, Retry_After="1"), reply)
    with pytest.raises(ProviderError) as caught:
        life.up(inputs(bench))
    assert str(caught.value) == f"publishing linkedService/lake: {text}"


def test_an_operation_without_an_end_is_given_up(bench: ProviderBench, life: Lifecycle) -> None:
    bench.wire.fail("GET", POLLED, *[running(bench, Retry_After="100")] * 20)
    with pytest.raises(ProviderError) as caught:
        life.up(inputs(bench))
    assert str(caught.value) == (
        "publishing linkedService/lake: operation not finished: still running after 1200 s at "
        f"{bench.workspace.endpoint}{POLLED}/other?api-version=2020-12-01\n"
        "hint: look at the workspace; run the same command again, it takes over what was written"
    )


def test_after_ctrl_c_an_operation_that_is_under_way_has_a_minute_to_end(bench: ProviderBench, life: Lifecycle) -> None:
    bench.wire.fail("GET", POLLED, *[running(bench, Retry_After="9")] * 40)
    bench.time.cancel_after = 5
    with pytest.raises(ProviderError, match=r"^publishing linkedService/lake: stopped on request$"):
        life.up(inputs(bench))
    assert sum(bench.time.waits) == pytest.approx(2 * 60, abs=2 * 9), "what is waited after the wish counts twice here"


def test_an_operation_elsewhere_is_not_followed_with_our_token(bench: ProviderBench, life: Lifecycle) -> None:
    bench.wire.fail("PUT", PATH, Reply(202, None, {"Location": "https://elsewhere.org/x"}))
    with pytest.raises(ProviderError) as caught:
        life.up(inputs(bench))
    assert str(caught.value) == (
        "publishing linkedService/lake: the service points to https://elsewhere.org\n"
        f"expected an address of {bench.workspace.endpoint}"
    )


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_transient_fault_is_tried_again(bench: ProviderBench, life: Lifecycle, status: int) -> None:
    bench.wire.fail("PUT", PATH, Reply(status, {"code": "Busy", "message": "later"}), ServiceRequestError("reset"))
    life.up(inputs(bench))
    assert life.refresh() is Action.SAME
    assert "publishing linkedService/lake: Busy, trying again in" in life.session.statuses[0]
    assert "publishing linkedService/lake: connection failed, trying again in" in life.session.statuses[1]


def test_a_fault_that_stays_is_an_error(bench: ProviderBench, life: Lifecycle) -> None:
    bench.wire.fail("PUT", PATH, *[Reply(503, {"code": "Busy", "message": "later"})] * 50)
    with pytest.raises(ProviderError) as caught:
        life.up(inputs(bench))
    assert str(caught.value) == (
        "publishing linkedService/lake: the service answered 503 Busy: later\nhint: retried for 120 s; try again later"
    )


def test_a_workspace_that_cannot_be_reached_is_not_taken_for_deleted(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.wire.fail("GET", "/linkedservices", *[ServiceRequestError("the name does not resolve")] * 50)
    with pytest.raises(ProviderError) as caught:
        life.refresh()
    assert str(caught.value) == (
        "listing linkedServices: connection failed: the name does not resolve\n"
        f"hint: retried for 120 s; check the network; if {bench.workspace.endpoint} was deleted: `pulumi up` makes it "
        "again if it is of this stack, and then `pulumi up --refresh` what was in it; `pulumi state delete` forgets "
        "what was in it"
    )
    assert life.deployed


def test_a_host_that_was_waited_for_in_vain_is_not_waited_for_again(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.wire.fail("GET", "/", *[ServiceRequestError("the name does not resolve")] * 500)
    begin = bench.time.now()
    with pytest.raises(ProviderError, match="the name does not resolve"):
        life.refresh()
    waited = bench.time.now() - begin
    with pytest.raises(ProviderError, match="the name does not resolve"):
        life.refresh()
    assert bench.time.now() - begin == waited > 60
    bench.wire.heal()
    assert life.refresh() is Action.SAME


def test_throttling_is_waited_for_as_long_as_the_service_says(bench: ProviderBench, life: Lifecycle) -> None:
    bench.wire.fail("PUT", PATH, *[Reply(429, {"code": "TooMany", "message": ""}, {"Retry-After": "60"})] * 3)
    life.up(inputs(bench))
    assert bench.time.waits.count(60.0) == 3


class NoSignIn:
    def get_token(self, *scopes: str, **options: Any) -> Any:
        raise ClientAuthenticationError("no credential works")


def test_an_identity_without_a_token_is_told_how_to_sign_in(bench: ProviderBench) -> None:
    life = Lifecycle(lambda: DataplaneProvider(AzureServices(NoSignIn)), "dataplane:index:WorkspaceArtifacts")
    with pytest.raises(ProviderError) as caught:
        life.up(inputs(bench))
    assert str(caught.value) == (
        "signing in for https://dev.azuresynapse.net/.default: no token: no credential works\n"
        "hint: sign in (az login), or set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET"
    )


def test_a_storage_client_without_a_token_does_not_retry() -> None:
    life = Lifecycle(lambda: DataplaneProvider(AzureServices(NoSignIn)), "dataplane:index:FileSystem")
    with pytest.raises(ProviderError, match=r"^signing in for https://storage\.azure\.com/\.default: no token: "):
        life.up({"account": "x01", "name": "raw"})


def test_a_trigger_that_does_not_start_is_an_error(bench: ProviderBench, life: Lifecycle) -> None:
    nightly = {
        "type": "ScheduleTrigger",
        "typeProperties": {
            "recurrence": {"frequency": "Day", "interval": 1, "startTime": "2024-01-01T00:00:00Z", "timeZone": "UTC"}
        },
        "pipelines": [],
    }
    bench.wire.fail("POST", "/triggers/nightly/start", Reply(200))
    wanted = {**inputs(bench), "documents": {"trigger/nightly": {"name": "nightly", "properties": nightly}}}
    with pytest.raises(
        ProviderError, match=r"^starting trigger/nightly: trigger not switched: it is still Stopped after"
    ):
        life.up({**wanted, "startedTriggers": ["nightly"]})


def test_all_pages_of_a_list_are_read(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    item = {"name": "lake", **LAKE["linkedService/lake"]}
    link = f"{bench.workspace.endpoint}/linkedservices?api-version=2020-12-01&$skiptoken=2"
    bench.wire.fail(
        "GET", "/linkedservices", Reply(200, {"value": [], "nextLink": link}), Reply(200, {"value": [item]})
    )
    bench.wire.calls.clear()
    assert life.refresh() is Action.SAME
    assert [call.query for call in bench.wire.calls if call.path == "/linkedservices"] == [
        {"api-version": "2020-12-01"},
        {"api-version": "2020-12-01", "$skiptoken": "2"},
    ]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "1500", "retry-after": "3"}, 1.5),
        ({"x-ms-retry-after-ms": "20"}, 0.02),
        (
            {"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"},
            30.0,
        ),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
    ],
)
def test_the_pause_that_headers_ask_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("body", "text", "expected"),
    [
        ({"code": "A", "message": " b "}, "", ("A", "b")),
        ({"error": {"code": "A", "message": "b"}}, "", ("A", "b")),
        ({"something": 1}, "raw ", ("", "raw")),
        (None, "x" * 3000, ("", "x" * 2000)),
    ],
)
def test_code_and_message_of_an_error(body: Any, text: str, expected: tuple[str, str]) -> None:
    assert error_of(body, text) == expected


def test_integration_runtimes_are_listed_with_those_that_somebody_made(bench: ProviderBench) -> None:
    made = {"name": "on-premises", "properties": {"type": "SelfHosted", "state": "Online"}}
    bench.wire.fail("GET", "/integrationRuntimes", Reply(200, {"value": [made]}))
    client = bench.connections().synapse(WorkspaceEndpoint.parse(bench.workspace.endpoint))
    assert client.integration_runtimes() == {"on-premises": made}
    assert set(client.integration_runtimes()) == {"AutoResolveIntegrationRuntime"}


def test_kinds_of_many_artifacts_are_asked_for_first() -> None:
    kinds = {ArtifactKind.DATASET, ArtifactKind.NOTEBOOK, ArtifactKind.PIPELINE, ArtifactKind.TRIGGER}
    keys = ["pipeline/a", "notebook/a", "notebook/b", "pipeline/b", "notebook/c", "trigger/a"]
    order = [ArtifactKind.NOTEBOOK, ArtifactKind.PIPELINE, ArtifactKind.TRIGGER, ArtifactKind.DATASET]
    assert most_first(kinds, keys) == order
