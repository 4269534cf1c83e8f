"""Artifacts of a workspace as the files that Studio would keep of them in Git, and what such files cannot hold."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from azure_ids.data_factory import FACTORY_TYPE
from azure_ids.synapse import ArtifactId, ArtifactKind
from ingest_cli.json_rewriting import studio_text
from synapse_artifacts.documents import Artifact, walk
from synapse_artifacts.errors import Problem
from synapse_artifacts.lake_databases import CHILDREN, in_parts, own_properties
from synapse_artifacts.secret_checks import plain_secrets_of, secrets_of

_TYPED = {ArtifactKind.LINKED_SERVICE: "linkedservices"}
"""The kinds in whose files Studio names the type beside the properties, and how it ends."""
_WORKSPACE_TYPE = "Microsoft.Synapse/workspaces"
_PARAMETERS = "globalParameters"
_ONLY_THE_SERVICE_SAYS = frozenset({"lastPublishTime", "etag", "entityState", "renameOperationDetails"})
_MASK = re.compile(r"\*{4,}")
_REMEDY = "use the managed identity, or an AzureKeyVaultSecret that names a secret of a vault"


def file_of(folder: Path, artifact: ArtifactId) -> Path:
    """Where Studio keeps an artifact."""
    return folder / artifact.kind.value / f"{artifact.name}.json"


def document_of(artifact: ArtifactId, live: Mapping[str, Any]) -> dict[str, Any]:
    """The document that Studio would keep of what the service tells; a trigger's says whether it runs.

    What the service tells as null (the folder of a notebook that is in none) stands in no file of Studio.
    """
    told = live["properties"].items()
    properties = {key: value for key, value in told if value is not None and key not in _ONLY_THE_SERVICE_SAYS}
    if artifact.kind is ArtifactKind.DATABASE:
        properties = own_properties(properties)
    inside = str(live.get("type", "")).lower().startswith(FACTORY_TYPE.lower())
    host = FACTORY_TYPE if inside else _WORKSPACE_TYPE
    kind = {"type": f"{host}/{_TYPED[artifact.kind]}"} if artifact.kind in _TYPED else {}
    return {"name": artifact.name, **kind, "properties": properties}


def with_parameters(factory: Mapping[str, Any], parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    """The document that Studio keeps of a factory, with other global parameters in it; None: without any."""
    own = dict(factory.get("properties") or {})
    if parameters is not None:
        return {**factory, "properties": {**own, _PARAMETERS: parameters}}
    own.pop(_PARAMETERS, None)
    return {**factory, "properties": own} if "properties" in factory else dict(factory)


def texts_of(folder: Path, artifact: ArtifactId, live: Mapping[str, Any]) -> dict[Path, str]:
    """The new files of an artifact and their texts; a lake database has one for each table and relationship, too."""
    file, document = file_of(folder, artifact), document_of(artifact, live)
    if artifact.kind is not ArtifactKind.DATABASE:
        return {file: studio_text(document)}
    return {
        part_file(file, inner, part["name"]) if inner else file: studio_text(part) for inner, part in in_parts(document)
    }


def part_file(file: Path, inner: str, name: str) -> Path:
    """Where Studio keeps a table or relationship of a lake database, by the file of the database."""
    return file.parent / file.name.removesuffix(file.suffix) / inner / f"{name}.json"


def parts_beside(file: Path) -> list[Path]:
    """The files of the tables and relationships of a lake database, by the file of the database."""
    folder = file.parent / file.name.removesuffix(file.suffix)
    return sorted(part for inner in CHILDREN for part in folder.glob(f"{inner}/*.json"))


def plain_secrets(artifact: ArtifactId, document: Mapping[str, Any]) -> Iterator[Problem]:
    """Secrets that somebody wrote into an artifact in Studio: neither a file nor a state is to hold them."""
    for problem in plain_secrets_of(Artifact(artifact.kind.value, artifact.name, document)):
        hint = f"in Studio: {problem.hint}"
        yield Problem("reading", str(artifact), problem.cause, pointer=problem.pointer, hint=hint)


def withheld_secrets(artifact: ArtifactId, live: Mapping[str, Any]) -> Iterator[Problem]:
    """Secrets that the service keeps to itself: masked ones, and those encrypted for this workspace alone.

    No file can bring them into another workspace, so each has to become a reference.
    """
    document = document_of(artifact, live)
    found = walk(document["properties"], "/properties")
    masked = [pointer for pointer, value in found if isinstance(value, str) and _MASK.fullmatch(value)]
    for pointer in masked:
        cause = "the service masks a secret, so it cannot be published again"
        yield Problem("reading", str(artifact), cause, pointer=pointer, hint=_REMEDY)
    for problem in secrets_of(Artifact(artifact.kind.value, artifact.name, document)):
        if not {problem.pointer, f"{problem.pointer}/value"}.intersection(masked):
            yield Problem("reading", str(artifact), problem.cause, pointer=problem.pointer, hint=problem.hint)
