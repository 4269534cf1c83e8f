"""Every fault at every kind of request: it converges or is told in one clear error, the state is true, and the next
run converges.

The table says what comes of a fault that passes (`2` times) and of one that stays; the texts of errors are below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from artifact_documents import NIGHTLY, changed, documents
from azure.core.exceptions import ServiceRequestError
from provider_bench import Fault, Lost, Meanwhile, ProviderBench, Reply, provider_bench

from azure_ids.synapse import ArtifactId
from dataplane_provider.resources.artifact_graph import changed_paths, own_document
from local_azure.server import LocalAzure
from local_azure.settings import Settings
from provider_wire.lifecycle import Action, Lifecycle
from provider_wire.verbs import PartialFailure, ProviderError

MATRIX = """
fault                  | times  | create    | update    | delete    | poll      | read      | list
429, asks for 7 s      | 2      | converges | converges | converges | converges | converges | converges
429, asks for 7 s      | always | told      | told      | told      | told      | told      | told
429, asks for an hour  | 1      | told      | told      | told      | told      | told      | told
429                    | 2      | converges | converges | converges | converges | converges | converges
429                    | always | told      | told      | told      | told      | told      | told
408                    | 2      | converges | converges | converges | converges | converges | converges
500                    | 2      | converges | converges | converges | converges | converges | converges
500                    | always | told      | told      | told      | told      | told      | told
503                    | 2      | converges | converges | converges | converges | converges | converges
503                    | always | told      | told      | told      | told      | told      | told
connection reset       | 2      | converges | converges | converges | converges | converges | converges
connection reset       | always | told      | told      | told      | told      | told      | told
answer lost            | 2      | converges | converges | converges | converges | converges | converges
answer lost            | always | told      | told      | told      | told      | told      | told
403 lag                | 2      | converges | converges | converges | converges | converges | converges
403 lag                | always | told      | told      | told      | told      | told      | told
403 for good           | 1      | told      | told      | told      | told      | told      | told
409 in use             | 2      | converges | converges | converges | told      | told      | told
409 in use             | always | told      | told      | told      | told      | told      | told
operation fails        | 1      | told      | told      | told      | -         | -         | -
operation never ends   | always | told      | told      | told      | -         | -         | -
trigger enabled        | 1      | told      | told      | told      | -         | converges | converges
"""
ALWAYS = 500


@dataclass(frozen=True)
class Verb:
    """How a kind of request comes about: it is the one with this method and path."""

    method: str
    path: str
    doing: str
    from_nothing: bool


VERBS = {
    "create": Verb("PUT", "/triggers/nightly", "publishing trigger/nightly", True),
    "update": Verb("PUT", "/triggers/nightly", "publishing trigger/nightly", False),
    "delete": Verb("DELETE", "/triggers/nightly", "deleting trigger/nightly", False),
    "poll": Verb("GET", "/operationResults", "publishing linkedService/lake", True),
    "read": Verb("GET", "/triggers/nightly", "reading trigger/nightly", True),
    "list": Verb("GET", "/triggers", "listing triggers", False),
}


@dataclass(frozen=True)
class Told:
    """A fault, and what its error says: the cause as the service words it, and the remedy."""

    fault: Callable[[ProviderBench], Fault]
    cause: str
    remedy: str = ""


def answer(status: int, code: str, text: str, **headers: str) -> Callable[[ProviderBench], Fault]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda bench: Reply(status, {"code": code, "message": text}, named)


def polled(bench: ProviderBench, operation: str) -> Reply:
    return Reply(
        202, None, {"Location": f"{bench.workspace.endpoint}/operationResults/{operation}", "Retry-After": "9"}
    )


def somebody_starts_it(bench: ProviderBench) -> Fault:
    def act() -> None:
        if "nightly" not in bench.documents("triggers"):
            bench.outside("PUT", "/triggers/nightly", documents()[NIGHTLY]["properties"])()
        bench.outside("POST", "/triggers/nightly/start")()

    return Meanwhile(act)


LATER = "retried for 120 s; try again later"
NETWORK = (
    "retried for 120 s; check the network; if {endpoint} was deleted: `pulumi up` makes it again if it is of this "
    "stack, and then `pulumi up --refresh` what was in it; `pulumi state delete` forgets what was in it"
)
LAG = "The principal does not have the required Synapse RBAC permission to perform this action."
FAULTS = {
    "429, asks for 7 s": Told(
        answer(429, "TooManyRequests", "Slow.", Retry_After="7"),
        "the service answered 429 TooManyRequests: Slow.",
        "retried for 900 s; try again later",
    ),
    "429, asks for an hour": Told(
        answer(429, "TooManyRequests", "Slow.", Retry_After="3600"),
        "the service answered 429 TooManyRequests: Slow.",
        "the service asks for a pause of 3600 s; run the same command again after it",
    ),
    "429": Told(
        answer(429, "TooManyRequests", "Slow."),
        "the service answered 429 TooManyRequests: Slow.",
        "retried for 900 s; try again later",
    ),
    "408": Told(answer(408, "RequestTimeout", "Late."), ""),
    "500": Told(answer(500, "Oops", "Bad."), "the service answered 500 Oops: Bad.", LATER),
    "503": Told(answer(503, "Busy", "Later."), "the service answered 503 Busy: Later.", LATER),
    "connection reset": Told(lambda bench: ServiceRequestError("reset"), "connection failed: reset", NETWORK),
    "answer lost": Told(lambda bench: Lost(), "connection failed: connection reset by peer", NETWORK),
    "403 lag": Told(
        answer(403, "Unauthorized", LAG),
        f"the service answered 403 Unauthorized: {LAG}",
        "refused for {patience} s: check that the role is assigned to this identity and that the network rules let "
        "this machine in; if both were changed just now, raise propagationTimeoutSeconds",
    ),
    "403 for good": Told(answer(403, "Forbidden", "No."), "the service answered 403 Forbidden: No."),
    "409 in use": Told(
        answer(409, "Conflict", "It is in use."), "the service answered 409 Conflict: It is in use.", LATER
    ),
    "operation fails": Told(answer(200, "", ""), "the service answered 200 TriggerBad: It cannot be."),
    "operation never ends": Told(
        lambda bench: polled(bench, "endless"),
        "operation not finished: still running after 1200 s at {endpoint}/operationResults/endless",
        "look at the workspace; run the same command again, it takes over what was written",
    ),
    "trigger enabled": Told(
        somebody_starts_it,
        "the service answered 400 TriggerEnabledCannotUpdate: ",
        "somebody started it meanwhile; run the same command again: it stops it first",
    ),
}
STOPPED = (
    "leaving triggers stopped (nightly): the change is not complete and they would start runs on it\n"
    "hint: run pulumi up again: it finishes the change and starts them"
)


def cells() -> Iterator[Any]:
    header, *rows = ([cell.strip() for cell in line.split("|")] for line in MATRIX.strip().splitlines())
    for fault, times, *outcomes in rows:
        for verb, outcome in zip(header[2:], outcomes, strict=True):
            if outcome != "-":
                count = ALWAYS if times == "always" else int(times)
                yield pytest.param(verb, fault, count, outcome, id=f"{fault}-{times}-{verb}")


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAzure]:
    found = LocalAzure(tmp_path_factory.mktemp("azure"), Settings())
    yield found
    found.stop()


def inputs(bench: ProviderBench, wanted: Mapping[str, Any]) -> dict[str, Any]:
    started = ["nightly"] if NIGHTLY in wanted else []
    return {"endpoint": bench.workspace.endpoint, "documents": wanted, "startedTriggers": started}


def inject(bench: ProviderBench, verb: Verb, fault: str, count: int) -> None:
    if fault.startswith("operation"):
        bench.wire.fail(verb.method, verb.path, polled(bench, "endless"))
        failed = Reply(200, {"status": "Failed", "error": {"code": "TriggerBad", "message": "It cannot be."}})
        replies = [failed] if fault == "operation fails" else [polled(bench, "endless")] * count
        bench.wire.fail("GET", "/operationResults/endless", *replies)
    else:
        bench.wire.fail(verb.method, verb.path, *[FAULTS[fault].fault(bench)] * count)


@pytest.mark.parametrize(("name", "fault", "count", "outcome"), list(cells()))
def test_a_fault_passes_or_is_told(azure: LocalAzure, name: str, fault: str, count: int, outcome: str) -> None:
    bench, verb = provider_bench(azure), VERBS[name]
    life = bench.life("WorkspaceArtifacts")
    if not verb.from_nothing:
        life.up(inputs(bench, documents()))
    wanted = {
        "update": changed(NIGHTLY, "typeProperties", "recurrence", "interval", to=2),
        "delete": {key: document for key, document in documents().items() if key != NIGHTLY},
    }.get(name, documents())
    inject(bench, verb, fault, count)
    act: Callable[[], object] = life.refresh if name == "list" else lambda: life.up(inputs(bench, wanted))
    if outcome == "told":
        with pytest.raises(ProviderError) as caught:
            act()
        check_text(bench, caught.value, name, fault)
        check_state(bench, life, name)
        bench.wire.heal()
        life.up(inputs(bench, wanted))
    else:
        act()
    check_converged(bench, life, wanted)


def check_text(bench: ProviderBench, error: ProviderError, name: str, fault: str) -> None:
    """One failure, with what, cause and remedy; and the triggers that rest because of it, if any do."""
    reasons = error.reasons if isinstance(error, PartialFailure) else (str(error),)
    told, patience = FAULTS[fault], 60 if name == "list" else 600
    fields = {"endpoint": bench.workspace.endpoint, "patience": patience}
    remedy = told.remedy if fault != "409 in use" or name in ("create", "update", "delete") else ""
    cause = told.cause.format(**fields)
    first = reasons[0].split("\n")
    assert first[0].startswith(f"{VERBS[name].doing}: {cause}")
    assert first[1:] == ([f"hint: {remedy.format(**fields)}"] if remedy else [])
    assert list(reasons[1:]) == ([STOPPED] if name == "update" else [])


def check_state(bench: ProviderBench, life: Lifecycle, name: str) -> None:
    """The state holds what was reached; of the artifact that the error names nobody can know."""
    uncertain = {"create": NIGHTLY, "update": NIGHTLY, "delete": NIGHTLY, "poll": "linkedService/lake"}.get(name)
    kept = life.deployed.state["documents"] if life.deployed else {}
    live = live_documents(bench)
    assert kept.keys() ^ live.keys() <= {uncertain}
    for key in (kept.keys() & live.keys()) - {uncertain}:
        assert changed_paths(key, live[key], kept[key]) == {}
    if name == "update":
        assert life.deployed and life.deployed.state["interruptedTriggers"] == ["nightly"]


def check_converged(bench: ProviderBench, life: Lifecycle, wanted: Mapping[str, Any]) -> None:
    live = live_documents(bench)
    assert live.keys() == wanted.keys()
    assert [changed_paths(key, live[key], wanted[key]) for key in wanted] == [{}] * len(wanted)
    states = {name: each["runtimeState"] for name, each in bench.documents("triggers").items()}
    assert states == ({"nightly": "Started"} if NIGHTLY in wanted else {})
    assert life.refresh() is Action.SAME
    assert life.preview(inputs(bench, wanted)) == (Action.SAME, {})
    assert life.deployed and life.deployed.state == life.check(inputs(bench, wanted))


def live_documents(bench: ProviderBench) -> dict[str, Any]:
    """What is in the workspace, by artifact id."""
    kinds = {"linkedservices": "linkedService", "datasets": "dataset", "dataflows": "dataflow"}
    kinds |= {"pipelines": "pipeline", "triggers": "trigger"}
    return {
        f"{kind}/{name}": own_document(ArtifactId.parse(f"{kind}/{name}"), {"properties": properties})
        for collection, kind in kinds.items()
        for name, properties in bench.documents(collection).items()
    }


def test_the_matrix_holds_every_fault_and_every_verb() -> None:
    rows = [line.split("|")[0].strip() for line in MATRIX.strip().splitlines()[1:]]
    assert set(rows) == set(FAULTS)
    assert [cell.strip() for cell in MATRIX.strip().splitlines()[0].split("|")[2:]] == list(VERBS)
