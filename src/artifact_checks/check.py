"""The check of a folder of artifacts, or of one file in it: every problem at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from artifact_checks.data_flows import check_data_flow
from artifact_checks.document_checks import check_document
from artifact_checks.findings import Finding
from artifact_checks.given_parameters import GivenParameters
from mapping_dataflow.flow import FLOW_TYPES
from synapse_artifacts.check import check_workspace
from synapse_artifacts.documents import KINDS, Artifact
from synapse_artifacts.errors import Problem
from synapse_artifacts.load import Workspace, places_in, read_folder


@dataclass(frozen=True)
class CheckReport:
    """The number of artifacts, every problem, by id what is not published with what it is, and all that was read.

    `notes` tell of what Azure keeps and ignores: no problem, but perhaps not what was meant.
    """

    count: int
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
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
    name = f"{path.parent.name}/{path.stem}".lower()

    def own(found: tuple[Problem, ...]) -> tuple[Problem, ...]:
        return tuple(
            each for each in found if each.file == path or (each.file is None and each.subject.lower() == name)
        )

    referenced = {id: kind for id, kind in folder.referenced.items() if id.lower() == name}
    return CheckReport(1, own(folder.problems), own(folder.notes), referenced, folder.workspace)


def check_folder(folder: Path) -> CheckReport:
    """Reads a folder in Studio's Git layout and reports every problem; raises nothing about its content."""
    workspace, problems = read_folder(folder)
    problems.extend(check_workspace(workspace))
    given = GivenParameters(workspace)
    for artifact in workspace.artifacts:
        problems.extend(_placed(artifact, _findings(artifact, workspace, given)))
    told = dict.fromkeys(problems)
    wrong = tuple(each for each in told if not each.is_ignored)
    notes = tuple(each for each in told if each.is_ignored)
    return CheckReport(len(workspace.artifacts), wrong, notes, workspace.referenced, workspace)


def _findings(artifact: Artifact, workspace: Workspace, given: GivenParameters) -> list[Finding]:
    try:
        return list(dict.fromkeys([*_own_findings(artifact, workspace), *_at_run(given.check(artifact))]))
    except RecursionError:
        return [Finding("", "an expression or script in it is nested too deeply to be read")]


def _at_run(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Values that a run misses: Azure looks for them when it runs (real workspaces hold such calls)."""
    return (replace(each, fails_at_run=True) for each in findings)


def _own_findings(artifact: Artifact, workspace: Workspace) -> Iterator[Finding]:
    if not isinstance(artifact.document.get("properties"), Mapping):
        return  # told when it was read
    yield from check_document(artifact.kind, artifact.name, artifact.document)
    if artifact.kind == "dataflow" and artifact.properties.get("type") in FLOW_TYPES:
        yield from check_data_flow(artifact, workspace)


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
            each.is_ignored,
        )
