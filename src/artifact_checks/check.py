"""The check of a folder of artifacts, or of one file in it: every problem at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from artifact_checks.data_flows import check_data_flow
from artifact_checks.documented_types import TYPES
from artifact_checks.expressions import Surroundings, check_expressions, declared_names
from artifact_checks.findings import Finding, one_of
from artifact_checks.given_parameters import GivenParameters
from artifact_checks.pipelines import check_pipeline_document
from artifact_checks.triggers import check_trigger
from mapping_dataflow.flow import FLOW_TYPES
from pipeline_runtime.definition import PARAMETER_TYPES, Parameter
from pipeline_runtime.parameters import coerce
from synapse_artifacts.check import check_workspace
from synapse_artifacts.documents import KINDS, Artifact, escaped
from synapse_artifacts.errors import Problem
from synapse_artifacts.load import Workspace, places_in, read_folder

_REFERENCES = {"dataset": "dataset", "linkedService": "linkedService"}


@dataclass(frozen=True)
class CheckReport:
    """The number of artifacts, every problem, by id what is not published with what it is, and all that was read."""

    count: int
    problems: tuple[Problem, ...]
    referenced: Mapping[str, str]
    workspace: Workspace

    @property
    def summary(self) -> str:
        """The last line of a report: `N artifacts, E errors`."""
        return f"{self.count} artifacts, {len(self.problems)} errors"


def check_path(path: Path) -> CheckReport:
    """Checks a folder in Studio's Git layout, or of its problems only those of one file in the folder of a kind."""
    if not path.is_file() or path.parent.name not in KINDS:
        return check_folder(path)
    folder = check_folder(path.parent.parent)
    name = f"{path.parent.name}/{path.stem}"
    own = tuple(each for each in folder.problems if each.file == path or (each.file is None and each.subject == name))
    return CheckReport(1, own, {id: kind for id, kind in folder.referenced.items() if id == name}, folder.workspace)


def check_folder(folder: Path) -> CheckReport:
    """Reads a folder in Studio's Git layout and reports every problem; raises nothing about its content."""
    workspace, problems = read_folder(folder)
    problems.extend(check_workspace(workspace))
    given = GivenParameters(workspace)
    for artifact in workspace.artifacts:
        problems.extend(_placed(artifact, _findings(artifact, workspace, given)))
    return CheckReport(len(workspace.artifacts), tuple(dict.fromkeys(problems)), workspace.referenced, workspace)


def _findings(artifact: Artifact, workspace: Workspace, given: GivenParameters) -> list[Finding]:
    try:
        return list(dict.fromkeys([*_own_findings(artifact, workspace), *_at_run(given.check(artifact))]))
    except RecursionError:
        return [Finding("", "an expression or script in it is nested too deeply to be read")]


def _at_run(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Values that a run misses: Azure looks for them when it runs (real workspaces hold such calls)."""
    return (replace(each, fails_at_run=True) for each in findings)


def _own_findings(artifact: Artifact, workspace: Workspace) -> Iterator[Finding]:
    kind, properties = artifact.kind, artifact.properties
    yield from _type(kind, properties)
    if kind == "pipeline":
        yield from check_pipeline_document(artifact.name, artifact.document)
    elif kind == "dataflow" and properties.get("type") in FLOW_TYPES:
        yield from check_data_flow(artifact, workspace)
    elif kind == "trigger":
        yield from check_trigger(properties)
    elif kind in _REFERENCES:
        yield from _parameters(properties)
        surroundings = Surroundings((_REFERENCES[kind],), declared_names(properties))
        for key in ("typeProperties", "linkedServiceName"):
            yield from check_expressions(properties.get(key), f"/properties/{key}", surroundings)


def _type(kind: str, properties: Mapping[str, Any]) -> Iterator[Finding]:
    known, found = TYPES.get(kind), properties.get("type")
    if known is not None and str(found) not in known:
        cause = f"unknown type '{found}' of a {kind}" if "type" in properties else f"the {kind} has no type"
        yield Finding("/properties/type", cause, one_of(str(found), known))


def _parameters(properties: Mapping[str, Any]) -> Iterator[Finding]:
    """Types and defaults of the parameters of a dataset or linked service."""
    declared = properties.get("parameters") or {}
    for name, spec in declared.items() if isinstance(declared, Mapping) else ():
        pointer = f"/properties/parameters/{escaped(name)}"
        kind = str(spec.get("type")).lower() if isinstance(spec, Mapping) else ""
        if kind not in PARAMETER_TYPES:
            found = spec.get("type") if isinstance(spec, Mapping) else spec
            yield Finding(
                f"{pointer}/type", f"unknown parameter type '{found}'", f"one of {', '.join(PARAMETER_TYPES)}"
            )
            continue
        try:
            coerce(Parameter(name, kind), spec.get("defaultValue"))
        except ValueError as error:
            yield Finding(f"{pointer}/defaultValue", str(error))


def _placed(artifact: Artifact, findings: list[Finding]) -> Iterator[Problem]:
    places = places_in(artifact.file) if findings and artifact.file is not None else None
    for each in findings:
        position = None
        if places is not None and each.character is not None:
            position = places.find_character(each.pointer, each.character)
        elif places is not None:
            position = places.find(each.pointer)
        yield Problem(
            "checking",
            artifact.id,
            each.cause,
            artifact.file,
            each.pointer,
            position.line if position else None,
            position.column if position else None,
            each.expected,
            each.hint,
            each.fails_at_run,
        )
