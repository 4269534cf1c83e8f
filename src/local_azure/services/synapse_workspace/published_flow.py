"""A data flow as the workspace holds it, with its flowlets and the libraries whose functions it may call.

https://learn.microsoft.com/azure/data-factory/concepts-data-flow-flowlet
https://learn.microsoft.com/azure/data-factory/concepts-data-flow-udf
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_azure.services.synapse_workspace.artifact_kinds import DATA_FLOW
from local_azure.services.synapse_workspace.store import Artifact, Artifacts
from local_azure.services.synapse_workspace.workspace import Workspace
from mapping_dataflow import parse_flow
from mapping_dataflow.libraries import may_need_libraries

Document = Mapping[str, object]


@dataclass(frozen=True)
class PublishedFlow:
    """The documents that its compiler needs, and what they say of sources and sinks outside the script, by stream.

    The sources of a flowlet are called ``statement/source``.
    """

    name: str
    document: Document
    flowlets: Mapping[str, Document]
    libraries: Sequence[Document]
    entries: Mapping[str, Mapping[str, Any]]


def published_flow(artifacts: Artifacts, workspace: Workspace, flow: Artifact) -> PublishedFlow:
    """The flow with what it needs of the workspace. Raises MappingDataFlowErrors for one that is no script."""
    document = _document(flow)
    flowlets: dict[str, Document] = {}
    libraries: list[Document] = []
    if may_need_libraries(parse_flow(document)):
        for other in artifacts.all_of(workspace, DATA_FLOW):
            if other.properties.get("type") == "Flowlet":
                flowlets[other.name] = _document(other)
            elif other.properties.get("type") == "UDFLibrary":
                libraries.append(_document(other))
    return PublishedFlow(flow.name, document, flowlets, libraries, dict(_entries(document, flowlets)))


def _document(flow: Artifact) -> Document:
    return {"name": flow.name, "properties": dict(flow.properties)}


def _entries(
    document: Document, flowlets: Mapping[str, Document], inside: tuple[str, ...] = ()
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Names of streams and what a flow and its flowlets say of them. The compiler tells of a flowlet within itself."""
    parts: Any = document["properties"]
    described = parts.get("typeProperties") or {}
    for each in [*(described.get("sources") or []), *(described.get("sinks") or [])]:
        yield "/".join((*inside, str(each.get("name")))), each
    for each in described.get("transformations") or []:
        name = str((each.get("flowlet") or {}).get("referenceName"))
        if name in flowlets and len(inside) < len(flowlets):
            yield from _entries(flowlets[name], flowlets, (*inside, str(each.get("name"))))
