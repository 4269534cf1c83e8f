"""What is wrong with how artifacts hang together: references, circles, runtimes, secrets, environment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from synapse_artifacts.documents import PUBLISHED_KINDS, Artifact, walk
from synapse_artifacts.environment import load_environment
from synapse_artifacts.errors import ArtifactErrors, CyclicReferencesError, Problem
from synapse_artifacts.load import Workspace, places_in
from synapse_artifacts.positions import Position
from synapse_artifacts.publish_order import publish_order
from synapse_artifacts.references import (
    GLOBAL_PARAMETER,
    REFERENCE_TYPES,
    Reference,
    all_references,
    references_of,
    unknown_reference_types,
)
from synapse_artifacts.secret_checks import secrets_of

# Kinds that are resources of a subscription and need not be in Git.
_OUTSIDE_GIT = frozenset({"bigDataPool", "sqlPool", "managedVirtualNetwork", "sparkConfiguration"})
_DEFAULT_RUNTIME = "autoresolveintegrationruntime"
_MOST_NAMES = 8
_EXTRACTED_FOR_DATA_FLOWS = "sapodp"
"""The type of linked service whose rows a self-hosted runtime fetches for data flows, too."""


def check_workspace(workspace: Workspace) -> list[Problem]:
    """What is wrong with references, secrets, runtimes and environment-specific fields of a workspace that was read.

    What leads to an artifact whose file cannot be read is no problem of its own.
    """
    problems: list[Problem] = []
    for artifact in workspace.artifacts:
        problems.extend(with_places(artifact, list(_artifact_problems(artifact, workspace))))
    problems.extend(_circles(workspace))
    problems.extend(_environment_problems(workspace))
    return problems


def _artifact_problems(artifact: Artifact, workspace: Workspace) -> Iterator[Problem]:
    references, unnamed = all_references(artifact)
    for reference in references:
        if not _is_known(reference, workspace):
            yield _dangling(artifact, reference, workspace)
    for pointer, kind in unknown_reference_types(artifact):
        close = get_close_matches(kind, REFERENCE_TYPES, n=2) or sorted(REFERENCE_TYPES)
        cause = f"the type of reference '{kind}' is unknown"
        yield Problem("checking", artifact.id, cause, pointer=f"{pointer}/type", expected=f"one of {', '.join(close)}")
    for pointer, name in unnamed:
        cause = f"the name of the reference is {json.dumps(name)}"
        yield Problem("checking", artifact.id, cause, pointer=f"{pointer}/referenceName", expected="a text")
    if artifact.kind == "dataflow":
        yield from _self_hosted_sources(artifact, workspace)
    yield from secrets_of(artifact)


def _is_known(reference: Reference, workspace: Workspace) -> bool:
    if reference.kind == GLOBAL_PARAMETER:
        return any(reference.name in names for names in _global_parameters(workspace))
    if reference.kind in _OUTSIDE_GIT or reference.is_made_by_the_service:
        return True
    if reference.kind == "integrationRuntime" and reference.name.lower() == _DEFAULT_RUNTIME:
        return True
    return workspace.has_file(reference.kind, reference.name)


def _global_parameters(workspace: Workspace) -> Iterator[Mapping[str, Any]]:
    for artifact in workspace.artifacts:
        declared = artifact.properties.get("globalParameters")
        if artifact.kind == "factory" and isinstance(declared, Mapping):
            yield declared


def _dangling(artifact: Artifact, reference: Reference, workspace: Workspace) -> Problem:
    if reference.kind == GLOBAL_PARAMETER:
        cause = f"it uses the global parameter '{reference.name}', which no factory declares"
        hint = "Synapse has no global parameters: use a parameter of the pipeline"
        return Problem("checking", artifact.id, cause, pointer=reference.pointer, hint=hint)
    names = sorted(each.name for each in workspace.artifacts if each.kind == reference.kind)
    cause = f"it refers to {reference.kind}/{reference.name}, which does not exist"
    if len(names) > _MOST_NAMES:
        names = get_close_matches(reference.name, names, n=_MOST_NAMES)
    expected = f"one of {', '.join(names)}" if names else f"a file {reference.kind}/{reference.name}.json"
    return Problem("checking", artifact.id, cause, pointer=reference.pointer, expected=expected)


def _self_hosted_sources(flow: Artifact, workspace: Workspace) -> Iterator[Problem]:
    """Data flows run on an Azure integration runtime; what only a self-hosted one reaches they can't read.

    Changes of SAP are the exception: a self-hosted runtime extracts them for the flow.
    https://learn.microsoft.com/azure/data-factory/concepts-integration-runtime
    https://learn.microsoft.com/azure/data-factory/sap-change-data-capture-prerequisites-configuration
    """
    for reference in references_of(flow):
        for service in _services_behind(reference, workspace):
            if str(service.properties.get("type")).lower() == _EXTRACTED_FOR_DATA_FLOWS:
                continue
            runtime = _runtime_of(service, workspace)
            if runtime is not None and runtime.properties.get("type") == "SelfHosted":
                cause = (
                    f"a data flow cannot use {reference.kind}/{reference.name}: its linked service '{service.name}' "
                    f"connects via the self-hosted integration runtime '{runtime.name}'"
                )
                hint = "copy the data to the data lake first (Copy runs on self-hosted runtimes) and read it there"
                expected = "an Azure integration runtime"
                yield Problem(
                    "checking",
                    flow.id,
                    cause,
                    pointer=reference.pointer,
                    expected=expected,
                    hint=hint,
                    fails_at_run=True,
                )


def _services_behind(reference: Reference, workspace: Workspace) -> Iterator[Artifact]:
    target = workspace.find(reference.kind, reference.name)
    if target is None:
        return
    if target.kind == "linkedService":
        yield target
    elif target.kind == "dataset":
        for inner in references_of(target):
            if inner.kind == "linkedService":
                yield from _services_behind(inner, workspace)


def _runtime_of(service: Artifact, workspace: Workspace) -> Artifact | None:
    via = service.properties.get("connectVia")
    name = via.get("referenceName") if isinstance(via, Mapping) else None
    return workspace.find("integrationRuntime", name) if isinstance(name, str) else None


def _circles(workspace: Workspace) -> list[Problem]:
    try:
        publish_order(workspace.artifacts)
    except CyclicReferencesError as error:
        return list(error.problems)
    return []


def _environment_problems(workspace: Workspace) -> Iterator[Problem]:
    try:
        environment = load_environment(workspace.folder)
    except ArtifactErrors as error:
        yield from error.problems
        return
    for binding in environment.bindings:
        kind, _, name = binding.artifact.partition("/")
        if binding.artifact.lower() in workspace.unreadable:
            continue
        artifact = workspace.find(kind, name) if kind in PUBLISHED_KINDS else None
        held = dict(walk(artifact.document)).get(binding.pointer) if artifact else None
        if held != binding.placeholder:
            cause = f"the environment-specific field {binding.pointer} holds {held!r}"
            file = artifact.file if artifact else None
            expected = binding.placeholder
            yield Problem(
                "checking",
                binding.artifact,
                cause,
                file,
                binding.pointer,
                expected=expected,
            )


def with_places(artifact: Artifact, problems: list[Problem]) -> Iterator[Problem]:
    """Problems of an artifact with its file, and the line and column of their pointers where they have none."""
    if not problems or artifact.file is None:
        yield from problems
        return
    places = places_in(artifact.file)
    for each in problems:
        position = places.find(each.pointer) if each.line is None else Position(each.line, each.column or 1)
        line, column = (position.line, position.column) if position else (None, None)
        yield replace(each, file=artifact.file, line=line, column=column)
