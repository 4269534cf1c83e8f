"""What the data flows of a folder do with each source column on its way to `curated`, told from their lineage.

Derived from the very scripts that are deployed, by compiling them; nothing is listed by hand.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapping_dataflow import (
    ColumnLineage,
    Contribution,
    Influence,
    Reason,
    SourceSchema,
    compile_flow,
    required_sources,
)
from synapse_artifacts.load import load_folder

PUBLISHED_FILE_SYSTEM = "curated"
_STAND_IN_VALUES: Mapping[str, object] = {"string": "x", "integer": 1, "boolean": False, "long": 1, "double": 1.0}


@dataclass(frozen=True)
class ColumnTreatment:
    """The columns of one data flow's sources, by what reaches a sink in `curated`; sorted, without repetition.

    `pseudonymised` passes a function together with a secret parameter, `generalised` any other function,
    `unchanged` none; a column that does so in several ways counts as the least protected of them.
    """

    data_flow: str
    dropped: tuple[str, ...]
    generalised: tuple[str, ...]
    pseudonymised: tuple[str, ...]
    unchanged: tuple[str, ...]


def treatments(folder: Path) -> dict[str, ColumnTreatment]:
    """Treatments by the pipeline that runs the data flow. Raises ArtifactErrors, MappingDataFlowErrors."""
    workspace = load_folder(folder)
    found: dict[str, ColumnTreatment] = {}
    for artifact in workspace.artifacts:
        if artifact.kind != "pipeline":
            continue
        for activity in _flow_activities(artifact.properties):
            reference = activity["typeProperties"]["dataflow"]
            flow = next(
                each
                for each in workspace.artifacts
                if each.kind == "dataflow" and each.name == reference["referenceName"]
            )
            document = {"name": flow.name, "properties": flow.properties}
            found[artifact.name] = _treatment(flow.name, document, reference)
    return found


def _treatment(name: str, document: Mapping[str, Any], reference: Mapping[str, Any]) -> ColumnTreatment:
    given = reference.get("parameters") or {}
    values = {each: _stand_in(document, each) for each in given}
    secret = frozenset(each for each, value in given.items() if "activity(" in str(value))
    sources = required_sources(document, values)
    schemas = {each.stream: SourceSchema(dict(each.columns), f"source {number}") for number, each in enumerate(sources)}
    compiled = compile_flow(document, schemas, values, secret)
    published = {
        stream
        for stream, parameters in (reference.get("datasetParameters") or {}).items()
        if parameters.get("fileSystem") == PUBLISHED_FILE_SYSTEM
    }
    shown = {sink.stream: {column.name for column in sink.data_columns} for sink in compiled.sinks}
    lineage = [each for each in compiled.lineage if each.sink in published and each.column in shown[each.sink]]
    return _classified(name, {column for each in sources for column in each.columns}, lineage)


def _classified(name: str, columns: set[str], lineage: list[ColumnLineage]) -> ColumnTreatment:
    found: dict[str, set[str]] = {}
    for contribution in (contribution for each in lineage for contribution in each.contributions):
        found.setdefault(contribution.source.column, set()).add(_treatment_of(contribution))
    for column in lineage:
        values = {contribution.source for contribution in column.contributions}
        for decision in column.decisions:
            if decision.reason is Reason.CONDITION and decision.source not in values:  # what it chose tells of it
                found.setdefault(decision.source.column, set()).add("generalised")
    weakest = {
        column: next(
            (word for word in ("unchanged", "generalised", "pseudonymised") if word in found.get(column, ())), ""
        )
        for column in columns
    }
    named = {
        word: tuple(sorted(column for column, each in weakest.items() if each == word))
        for word in ("", "generalised", "pseudonymised", "unchanged")
    }
    return ColumnTreatment(name, named[""], named["generalised"], named["pseudonymised"], named["unchanged"])


def _treatment_of(contribution: Contribution) -> str:
    if contribution.secrets:
        return "pseudonymised"
    return "unchanged" if contribution.influence is Influence.COPIED else "generalised"


def _stand_in(document: Mapping[str, Any], parameter: str) -> object:
    """Lineage does not depend on values, yet a flow can be compiled only with some of the declared types."""
    script = "\n".join(document["properties"]["typeProperties"]["scriptLines"])
    declared = re.search(rf"(?<!\w){re.escape(parameter)} as (\w+)", script)
    return _STAND_IN_VALUES[declared[1] if declared else "string"]


def _flow_activities(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        if node.get("type") == "ExecuteDataFlow":
            yield node
        for value in node.values():
            yield from _flow_activities(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _flow_activities(value)
