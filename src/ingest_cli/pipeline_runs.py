"""Starts pipeline runs in a Synapse workspace or a factory and follows them, by the calls that every client uses.

https://learn.microsoft.com/rest/api/synapse/data-plane/pipeline and …/pipeline-run, api-version 2020-12-01
https://learn.microsoft.com/rest/api/datafactory/pipelines and …/pipeline-runs, api-version 2018-06-01
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline import policies
from azure.core.rest import HttpRequest, HttpResponse

from azure_ids.data_factory import FactoryId, FactoryIdError, artifact_host
from azure_ids.synapse import SynapseIdError
from ingest_cli.errors import CommandError

_SYNAPSE, _RESOURCE_MANAGER = "https://dev.azuresynapse.net", "https://management.azure.com"
_FINAL = frozenset({"Succeeded", "Failed", "Cancelled"})
_ROLE_PAUSE_SECONDS = 5.0
_MISSING_ROLE = ("Synapse RBAC permission", '"AuthorizationFailed"')
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 5.0


@dataclass(frozen=True)
class ActivityRun:
    """One activity of a run, as far as the run history shows it; `input` and `output` are empty where secure."""

    id: str
    name: str
    kind: str
    status: str
    seconds: float
    input: Mapping[str, Any]
    output: Mapping[str, Any]
    error: str


@dataclass(frozen=True)
class PipelineRun:
    """A run and its activities in the order in which they began; times as the service writes them."""

    id: str
    pipeline: str
    status: str
    message: str
    start: str
    seconds: float
    activities: tuple[ActivityRun, ...]

    @property
    def published_folders(self) -> frozenset[tuple[str, str]]:
        """File system and folder of everything that the run published: parameters of the pipelines that it called."""
        called = [each.input.get("parameters") or {} for each in self.activities if each.kind == "ExecutePipeline"]
        return frozenset(
            (str(given["fileSystem"]), str(given["publishedFolder"])) for given in called if "publishedFolder" in given
        )

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in _FINAL


class PipelineRuns:
    """The runs of one workspace or factory."""

    def __init__(
        self,
        endpoint: str,
        credential: TokenCredential,
        patience_seconds: float = 0.0,
        waiting: Callable[[str], None] = lambda what: None,
    ) -> None:
        """`endpoint` is the development endpoint, `https://<workspace>.dev.azuresynapse.net`, or the id of a factory.

        For `patience_seconds` a missing role counts as one that does not work yet; `waiting` is told so.
        """
        self._is_factory = _is_factory(endpoint)
        self._endpoint = f"{_RESOURCE_MANAGER if self._is_factory else ''}{endpoint.rstrip('/')}"
        self._api_version = "2018-06-01" if self._is_factory else "2020-12-01"
        scope = f"{_RESOURCE_MANAGER if self._is_factory else _SYNAPSE}/.default"
        self._patience_seconds = patience_seconds
        self._waiting = waiting
        self._client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(
            self._endpoint,
            policies=[
                policies.RequestIdPolicy(),
                policies.UserAgentPolicy("ingest"),
                policies.RetryPolicy(),
                policies.BearerTokenCredentialPolicy(credential, scope),
            ],
        )

    def start(self, pipeline: str, given: Mapping[str, str]) -> str:
        """Starts a run with parameters given as text; returns its id.

        Raises CommandError for an unknown pipeline, and for all unknown or ill-typed parameters at once.
        """
        parameters = typed_parameters(pipeline, self._declared(pipeline), given)
        path = f"/pipelines/{quote(pipeline)}/createRun"
        return str(self._send("POST", path, f"starting {pipeline}", parameters)["runId"])

    def follow(self, run_id: str) -> Iterator[PipelineRun]:
        """The run as it is again and again, ever more slowly, until it is over; the last one is the final one."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            run = self.read(run_id)
            yield run
            if run.is_over:
                return
            time.sleep(pause)
            pause = min(pause * 1.3, _LONGEST_PAUSE_SECONDS)

    def read(self, run_id: str) -> PipelineRun:
        """The run as it is now."""
        run = self._send("GET", f"/pipelineruns/{quote(run_id)}", f"reading run {run_id}")
        of_pipeline = "" if self._is_factory else f"/pipelines/{quote(run['pipelineName'])}"
        path = f"{of_pipeline}/pipelineruns/{quote(run_id)}/queryActivityruns"
        window = {"lastUpdatedAfter": "2000-01-01T00:00:00Z", "lastUpdatedBefore": "9999-12-31T00:00:00Z"}
        found: list[Mapping[str, Any]] = []
        while True:
            page = self._send("POST", path, f"reading the activities of run {run_id}", window)
            found += page["value"]
            if not page.get("continuationToken"):
                break
            window["continuationToken"] = page["continuationToken"]
        activities = sorted(found, key=lambda each: str(each["activityRunStart"]))
        return PipelineRun(
            run_id,
            str(run["pipelineName"]),
            str(run["status"]),
            str(run.get("message") or ""),
            str(run["runStart"]),
            (run.get("durationInMs") or 0) / 1000,
            tuple(_activity(each) for each in activities),
        )

    def _declared(self, pipeline: str) -> Mapping[str, Mapping[str, Any]]:
        document = self._send("GET", f"/pipelines/{quote(pipeline)}", f"reading pipeline/{pipeline}")
        declared: Mapping[str, Mapping[str, Any]] = document["properties"].get("parameters") or {}
        return declared

    def names(self) -> list[str]:
        """All pipelines of the workspace, sorted."""
        found: list[str] = []
        path = "/pipelines"
        while path:
            page = self._send("GET", path, "listing pipelines")
            found += [str(each["name"]) for each in page["value"]]
            path = str(page.get("nextLink") or "")
        return sorted(found)

    def _send(self, method: str, path: str, doing: str, body: Any = None) -> Any:
        begin = time.monotonic()
        while True:
            response = self._respond(method, path, doing, body)
            if not _lacks_role(response) or time.monotonic() - begin > self._patience_seconds:
                break
            self._waiting(f"{doing}: the role does not work yet (it takes minutes); trying again")
            time.sleep(_ROLE_PAUSE_SECONDS)
        if response.status_code >= 400:
            raise self._refused(doing, response)
        return response.json() if response.content else None

    def _respond(self, method: str, path: str, doing: str, body: Any) -> HttpResponse:
        url = path if path.startswith("https://") else f"{self._endpoint}{path}?api-version={self._api_version}"
        request = HttpRequest(method, url, json=body) if body is not None else HttpRequest(method, url)
        try:
            response = self._client.send_request(request)
            response.read()
            return response
        except ClientAuthenticationError as error:
            raise CommandError(doing, error.message.splitlines()[0], hint="az login, or ingest local env") from error
        except AzureError as error:
            raise CommandError(doing, f"{self._endpoint} cannot be reached: {error.message}") from error

    def _refused(self, doing: str, response: HttpResponse) -> CommandError:
        try:
            body = response.json()
        except ValueError:
            body = {}
        inner = body.get("error", body) if isinstance(body, dict) else {}
        code, text = inner.get("code", response.status_code), inner.get("message", response.reason)
        expected = f"one of {', '.join(self.names())}" if code == "PipelineNotFound" else ""
        return CommandError(doing, f"{code}: {text}", expected)


def _is_factory(endpoint: str) -> bool:
    try:
        return isinstance(artifact_host(endpoint), FactoryId)
    except (SynapseIdError, FactoryIdError) as error:
        cause, _, expected = str(error).partition("\nexpected ")
        raise CommandError("looking for runs", cause, expected) from error


def _lacks_role(response: HttpResponse) -> bool:
    """Whether the service misses a role, which is also its answer while a fresh one does not work yet."""
    return response.status_code in (401, 403) and any(each in response.text() for each in _MISSING_ROLE)


def typed_parameters(
    pipeline: str, declared: Mapping[str, Mapping[str, Any]], given: Mapping[str, str]
) -> dict[str, Any]:
    """Texts from a command line as the types that the pipeline declares. Raises CommandError with every problem."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, text in given.items():
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            problems.append(f"it has no parameter {name!r}; it declares {known}")
            continue
        kind = str(declared[name].get("type", "string")).lower()
        try:
            values[name] = _typed(kind, text)
        except ValueError:
            problems.append(f"parameter {name!r} is {text!r}; expected {_EXPECTED[kind]}")
    missing = [name for name, each in declared.items() if "defaultValue" not in each and name not in given]
    problems += [f"parameter {name!r} is missing" for name in missing]
    if problems:
        raise CommandError(f"starting {pipeline}", "; ".join(problems))
    return values


_EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a JSON array",
    "object": "a JSON object",
}
_JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "int": int,
    "float": (int, float),
    "bool": bool,
    "array": list,
    "object": dict,
}


def _typed(kind: str, text: str) -> Any:
    if kind in ("string", "securestring"):
        return text
    value = json.loads(text.lower() if kind == "bool" else text, parse_constant=_refuse_constant)
    if not isinstance(value, _JSON_TYPES[kind]) or (isinstance(value, bool) and kind != "bool"):
        raise ValueError(text)
    return value


def _refuse_constant(text: str) -> None:
    """NaN and Infinity, which JSON does not have and Python reads."""
    raise ValueError(text)


def _activity(record: Mapping[str, Any]) -> ActivityRun:
    error = record.get("error") or {}
    return ActivityRun(
        str(record["activityRunId"]),
        str(record["activityName"]),
        str(record["activityType"]),
        str(record["status"]),
        (record.get("durationInMs") or 0) / 1000,
        record.get("input") or {},
        record.get("output") or {},
        str(error.get("message") or ""),
    )
