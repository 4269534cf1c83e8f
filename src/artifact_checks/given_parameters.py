"""Parameters that references give to pipelines, datasets, linked services and data flows, against the declared ones.

A pipeline that is started without a text gets an empty one, which real workspaces make use of (for logs and messages);
it is wrong where the pipeline hands it on to a dataset or linked service, which need a value. Values of other types are
needed by what uses them, unless the pipeline asks whether there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeGuard

from artifact_checks.data_flows import readable_script
from artifact_checks.findings import Finding, is_named, one_of
from artifact_checks.needed_parameters import needed_parameters
from pipeline_runtime.definition import PARAMETER_TYPES, Parameter
from pipeline_runtime.expressions.parser import holds_expression
from pipeline_runtime.parameters import coerce
from synapse_artifacts.documents import PUBLISHED_KINDS, Artifact, escaped, walk
from synapse_artifacts.load import Workspace

_KINDS = {"datasetreference": "dataset", "linkedservicereference": "linkedService"}
_DATA_FLOW, _PIPELINE = frozenset({"DataFlowReference"}), frozenset({"PipelineReference"})
_TEXTS = ("string", "securestring")
_PARAMETER = re.compile(r"pipeline\(\)\s*\??\.\s*parameters\s*\??\.\s*([A-Za-z_]\w*)", re.IGNORECASE)
_Declared = Mapping[str, Parameter]


class GivenParameters:
    """The check of all references in one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._pipelines: dict[str, _Declared | None] = {}

    def check(self, artifact: Artifact) -> Iterator[Finding]:
        """What references of an artifact give too little, too much or of a wrong type."""
        if artifact.kind not in PUBLISHED_KINDS:
            return
        for pointer, value in walk(artifact.properties, "/properties"):
            if isinstance(value, Mapping) and not _is_inactive(pointer, artifact):
                yield from self._reference(value, pointer, artifact.kind)
                yield from self._start(value, pointer)

    def _reference(self, value: Mapping[str, Any], pointer: str, holder: str) -> Iterator[Finding]:
        kind = _KINDS.get(str(value.get("type")).lower())
        if kind is not None and "referenceName" in value:
            owner = f"{kind} '{value['referenceName']}'"
            declared = _declared(self._workspace, kind, value)
            # A flow's parameters of datasets may come from the activity that runs it.
            yield from _compare(value, f"{pointer}/parameters", owner, declared, complete=holder != "dataflow")
        if is_named(value.get("type"), _DATA_FLOW) and holder != "dataflow":
            yield from _flow(value, pointer, self._workspace)

    def _start(self, holder: Mapping[str, Any], pointer: str) -> Iterator[Finding]:
        """What activities and triggers give to the pipeline that they start."""
        for reference in (holder.get("pipeline"), holder.get("pipelineReference")):
            if not _is_pipeline(reference):
                continue
            name = str(reference["referenceName"])
            if name not in self._pipelines:
                self._pipelines[name] = _started(self._workspace, reference)
            declared = self._pipelines[name]
            yield from _compare(holder, f"{pointer}/parameters", f"pipeline '{name}'", declared, complete=True)


def _is_pipeline(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and is_named(value.get("type"), _PIPELINE) and "referenceName" in value


def _is_inactive(pointer: str, artifact: Artifact) -> bool:
    """Whether a place lies inside an activity that is switched off, which nobody validates."""
    value: Any = artifact.document
    for token in pointer.split("/")[1:]:
        if isinstance(value, Mapping):
            value = value.get(token.replace("~1", "/").replace("~0", "~"))
        elif isinstance(value, list):
            value = value[int(token)]
        if isinstance(value, Mapping) and value.get("state") == "Inactive":
            return True
    return False


def _started(workspace: Workspace, reference: Mapping[str, Any]) -> _Declared | None:
    """The parameters of a pipeline; those that may be left out count as having a default."""
    declared = _declared(workspace, "pipeline", reference)
    pipeline = workspace.find("pipeline", str(reference["referenceName"]))
    if declared is None or pipeline is None:
        return None
    needed = needed_parameters(pipeline.properties)
    handed_on: set[str] = set()
    for _, value in walk(pipeline.properties):
        if isinstance(value, Mapping) and str(value.get("type")).lower() in _KINDS:
            handed_on |= _used(value.get("parameters"))
    return {
        name: parameter
        if name.lower() in (handed_on if parameter.type in _TEXTS else needed | handed_on)
        else replace(parameter, has_default=True)
        for name, parameter in declared.items()
    }


def _used(value: Any) -> set[str]:
    """Lower-case names of the pipeline's parameters that expressions inside a value name."""
    texts = [text for _, text in walk(value) if isinstance(text, str)]
    return {found.lower() for text in texts for found in _PARAMETER.findall(text)}


def _declared(workspace: Workspace, kind: str, reference: Mapping[str, Any]) -> _Declared | None:
    """The parameters of what a reference leads to; None when that is not known."""
    target = workspace.find(kind, str(reference["referenceName"]))
    if target is None:
        return None
    declared = target.properties.get("parameters") or {}
    if not isinstance(declared, Mapping):
        return None
    return {
        name: Parameter(name, str(spec.get("type")).lower(), "defaultValue" in spec, spec.get("defaultValue"))
        for name, spec in declared.items()
        if isinstance(spec, Mapping)
    }


def _compare(
    holder: Mapping[str, Any], pointer: str, owner: str, declared: _Declared | None, complete: bool
) -> Iterator[Finding]:
    given = holder.get("parameters") or {}
    if declared is None or not isinstance(given, Mapping):
        return
    by_lower = {name.lower(): parameter for name, parameter in declared.items()}
    for name, value in given.items():
        parameter = by_lower.get(name.lower())
        if parameter is None and value == "":
            continue  # Studio leaves such entries when a parameter is taken away
        if parameter is None:
            cause = f"the {owner} has no parameter '{name}'"
            yield Finding(f"{pointer}/{escaped(name)}", cause, one_of(name, declared) or "no parameter")
        elif cause := _mistyped(parameter, value):
            yield Finding(f"{pointer}/{escaped(name)}", cause)
    known = {name.lower() for name in given}
    for parameter in declared.values() if complete else ():
        if parameter.name.lower() not in known and not parameter.has_default:
            yield Finding(pointer, f"the parameter '{parameter.name}' of the {owner} has no value")


def _mistyped(parameter: Parameter, value: Any) -> str:
    inner = value.get("value") if isinstance(value, Mapping) and value.get("type") == "Expression" else value
    if parameter.type not in PARAMETER_TYPES or (isinstance(inner, str) and (not inner or holds_expression(inner))):
        return ""
    try:
        coerce(parameter, inner)
    except ValueError as error:
        return str(error)
    return ""


def _flow(reference: Mapping[str, Any], pointer: str, workspace: Workspace) -> Iterator[Finding]:
    name = str(reference.get("referenceName"))
    flow = workspace.find("dataflow", name)
    script = readable_script(flow) if flow else None
    given = reference.get("parameters") or {}
    if flow is None or script is None or not isinstance(given, Mapping):
        return
    declared = {each.name: each.default is not None for each in script.parameters}
    for each in given:
        if each not in declared:
            cause = f"the data flow '{name}' has no parameter '{each}'"
            expected = one_of(each, declared) or "no parameter"
            yield Finding(f"{pointer}/parameters/{escaped(each)}", cause, expected)
    for each, has_default in declared.items():
        if each not in given and not has_default:
            yield Finding(f"{pointer}/parameters", f"the parameter '{each}' of the data flow '{name}' has no value")
    streams = {statement.name for statement in script.statements}
    yield from _datasets_of_flow(reference, pointer, flow, streams, workspace)


def _datasets_of_flow(
    reference: Mapping[str, Any], pointer: str, flow: Artifact, streams: set[str], workspace: Workspace
) -> Iterator[Finding]:
    given = reference.get("datasetParameters")
    by_stream = given if isinstance(given, Mapping) else {}
    inner = flow.properties["typeProperties"]
    for entry in [*(inner.get("sources") or []), *(inner.get("sinks") or [])]:
        dataset = entry.get("dataset")
        if not isinstance(dataset, Mapping) or "referenceName" not in dataset or entry["name"] not in streams:
            continue
        declared = _declared(workspace, "dataset", dataset) or {}
        own, stream = dataset.get("parameters"), by_stream.get(entry["name"])
        # What the flow itself gives too much is a problem of the flow.
        values = {name: own[name] for name in declared if isinstance(own, Mapping) and name in own}
        values.update(stream if isinstance(stream, Mapping) else {})
        owner = f"dataset '{dataset['referenceName']}' of '{entry['name']}'"
        place = f"{pointer}/datasetParameters/{escaped(entry['name'])}"
        yield from _compare({"parameters": values}, place, owner, declared, complete=True)
