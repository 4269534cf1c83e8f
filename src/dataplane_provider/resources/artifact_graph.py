"""Artifacts as the provider sees them: references between documents, differences as property paths, problems of a set.

What documents mean is the knowledge of `synapse_artifacts`; here it is put in the provider's terms.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from azure_ids.data_factory import ArtifactHost, FactoryId, collections_of
from azure_ids.synapse import ArtifactId, ArtifactKind, SynapseIdError
from provider_wire.values import UNKNOWN, contains_unknown
from provider_wire.verbs import Change, CheckFailure
from synapse_artifacts.data_factory import GLOBAL_PARAMETERS, absences_of
from synapse_artifacts.documents import Artifact, names_of, path_step
from synapse_artifacts.lake_databases import own_properties, statement_problems, with_keys, without_keys
from synapse_artifacts.normalise import Change as Difference
from synapse_artifacts.normalise import differences
from synapse_artifacts.references import GLOBAL_PARAMETER, Reference, all_references
from synapse_artifacts.secret_checks import secrets_of

_KINDS = {kind.value: kind for kind in ArtifactKind}
# A Spark configuration may belong to the pool instead of the workspace.
_MAY_BE_OUTSIDE = frozenset({ArtifactKind.SPARK_CONFIGURATION.value})


def _artifact(key: str, document: Mapping[str, Any]) -> Artifact:
    artifact = ArtifactId.parse(key)
    return Artifact(artifact.kind.value, artifact.name, document, None)


def dependencies(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """By artifact id: the ids of the artifacts it refers to, in the documents (spelled as there) or not."""
    return _graph({key: _references_in(key, document)[0] for key, document in documents.items()})


_Read = tuple[list[Reference], list[tuple[str, Any]]]
_known_references: dict[str, tuple[Mapping[str, Any], _Read]] = {}
"""By artifact id: the references of the document that was last asked about, which nobody changes, and the unnamed."""


def _references_in(key: str, document: Mapping[str, Any]) -> _Read:
    """They are asked for when a change is checked and when it is carried out."""
    known = _known_references.get(key)
    if known is not None and known[0] is document:
        return known[1]
    read = all_references(_artifact(key, document))
    _known_references[key] = document, read
    return read


def read_ahead(key: str, document: Mapping[str, Any]) -> None:
    """Reads the references of a document that is likely to be checked next, while there is time."""
    _references_in(key, document)


def _graph(references: Mapping[str, list[Reference]]) -> dict[str, frozenset[str]]:
    spelled = {key.lower(): key for key in references}
    return {
        key: frozenset(spelled.get(target.lower(), target) for each in found if (target := _target(each)))
        for key, found in references.items()
    }


def _target(reference: Reference) -> str:
    """The id of the artifact that a reference leads to; empty if it leads to something else."""
    if reference.kind == GLOBAL_PARAMETER:
        return GLOBAL_PARAMETERS
    return f"{reference.kind}/{reference.name}" if reference.kind in _KINDS else ""


def reachable(graph: Mapping[str, frozenset[str]], start: str) -> frozenset[str]:
    """`start` and everything that references lead to from it."""
    found, open_keys = {start}, [start]
    while open_keys:
        fresh = graph.get(open_keys.pop(), frozenset()) - found
        found |= fresh
        open_keys.extend(fresh)
    return frozenset(found)


def own_document(artifact: ArtifactId, live: Mapping[str, Any]) -> dict[str, Any]:
    """What the service tells of an artifact, without what only the service says (etag, id, state of a trigger)."""
    told = {"lastPublishTime", "runtimeState"} if artifact.kind is ArtifactKind.TRIGGER else {"lastPublishTime"}
    properties = {name: value for name, value in live["properties"].items() if name not in told}
    if artifact.kind is ArtifactKind.DATABASE:
        properties = own_properties(properties)
    return {"name": artifact.name, "properties": properties}


def seen_document(artifact: ArtifactId, known: Mapping[str, Any], live: Mapping[str, Any]) -> Mapping[str, Any]:
    """The known document, changed exactly where the service tells something that means something else."""
    told = own_document(artifact, live)
    changed = frozenset(change.path for change in differences(artifact.kind.value, known, told))
    if not changed:
        return known
    seen: Mapping[str, Any]
    if artifact.kind is ArtifactKind.DATABASE:
        seen = without_keys(_overlaid(with_keys(known), with_keys(told), "", changed))
    else:
        seen = _overlaid(known, told, "", changed)
    return told if differences(artifact.kind.value, seen, told) else seen


def _overlaid(known: Any, told: Any, path: str, changed: frozenset[str]) -> Any:
    if not _is_touched(path, changed):
        return known
    if isinstance(known, Mapping) and isinstance(told, Mapping):
        result = {}
        for key in [*known, *(key for key in told if key not in known)]:
            below = path + path_step(key)
            if key in known and key in told:
                result[key] = _overlaid(known[key], told[key], below, changed)
            elif (key in told) == _is_touched(below, changed):
                result[key] = told[key] if key in told else known[key]
        return result
    if isinstance(known, list) and isinstance(told, list):
        partners = _partners(known, told)
        return [
            _overlaid(known[partners[index]], item, path + path_step(index), changed) if index in partners else item
            for index, item in enumerate(told)
        ]
    return told


def _partners(known: list[Any], told: list[Any]) -> dict[int, int]:
    """By index of a told item: that of the known item which it is, by its name, or by its place if none was added."""
    of_known, of_told = names_of(known), names_of(told)
    if of_known is not None and of_told is not None:
        places = {name: index for index, name in enumerate(of_known)}
        return {index: places[name] for index, name in enumerate(of_told) if name in places}
    return {index: index for index in range(len(told))} if len(known) == len(told) else {}


def _is_touched(path: str, changed: frozenset[str]) -> bool:
    return any(each == path or each.startswith((f"{path}.", f"{path}[")) for each in changed)


def differences_of(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Where two known documents of an artifact differ in meaning."""
    return differences(ArtifactId.parse(key).kind.value, old, new)


def changes_of_all(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Change]:
    """Property paths under which two sets of documents differ in meaning, artifact by artifact."""
    found: dict[str, Change] = {}
    for key in sorted(old.keys() | new.keys()):
        if key not in old:
            found[f'documents["{key}"]'] = Change.ADD
        elif key not in new:
            found[f'documents["{key}"]'] = Change.DELETE
        else:
            found.update(changed_paths(key, old[key], new[key]))
    return found


def artifacts_in(paths: Iterable[str]) -> frozenset[str]:
    """The ids of the artifacts that property paths lead into."""
    before = 'documents["'
    return frozenset(path.removeprefix(before).split('"]', 1)[0] for path in paths if path.startswith(before))


def changed_paths(key: str, old: Any, new: Any) -> dict[str, Change]:
    """Property paths under which two documents differ in meaning; none if they mean the same."""
    if UNKNOWN in (old, new):
        return {f'documents["{key}"]': Change.UPDATE}
    found = {}
    for change in differences_of(key, old, new):
        kind = Change.ADD if change.old is None else Change.DELETE if change.new is None else Change.UPDATE
        found[f'documents["{key}"]{change.path}'] = kind
    return found


def host_problems(documents: Mapping[str, Any], host: ArtifactHost) -> list[CheckFailure]:
    """What of sound documents a workspace or factory has not, each at its property path."""
    kinds = {kind.value for kind in collections_of(host)}
    failures: list[CheckFailure] = []
    for key, document in sorted(documents.items()):
        path = f'documents["{key}"]'
        if isinstance(host, FactoryId) and document != UNKNOWN:
            for each in absences_of(_artifact(key, document)):
                failures.append(CheckFailure(path, f"{key}{each.pointer}: {each.cause}\nexpected {each.expected}"))
        elif key.partition("/")[0] not in kinds:
            expected = f"one of {', '.join(sorted(kinds))}"
            failures.append(CheckFailure(path, f"{key}: {host} has no artifacts of this kind\nexpected {expected}"))
    return failures


def secret_problems(documents: Mapping[str, Any]) -> list[CheckFailure]:
    """The secrets that sound documents hold, each at its property path, never with its value.

    The engine prints and records what is checked: so they are refused before it can. What a service masked tells nobody
    anything; what it encrypted, only the workspace that made it can read.
    """
    return [
        CheckFailure(f'documents["{key}"]', f"{key}{each.pointer}: {each.cause}\nexpected {each.expected}: {each.hint}")
        for key, document in sorted(documents.items())
        if document != UNKNOWN
        for each in secrets_of(_artifact(key, document))
        if not each.fails_at_run
    ]


def problems(documents: Mapping[str, Any]) -> list[CheckFailure]:
    """Wrong ids and names, dangling references and cycles, each at its property path."""
    failures: list[CheckFailure] = []
    sound: dict[str, Mapping[str, Any]] = {}
    for key, document in sorted(documents.items()):
        found = list(_problems_of_one(key, document))
        failures.extend(found)
        if not found and document != UNKNOWN:
            sound[key] = document
    failures.extend(_same_names(sorted(documents)))
    names = {key.lower() for key in documents}
    references: dict[str, list[Reference]] = {}
    for key, document in sound.items():
        references[key], unnamed = _references_in(key, document)
        failures.extend(_dangling(key, references[key], names))
        failures.extend(_unnamed(key, unnamed))
    failures.extend(_cycles(_graph(references)))
    return failures


def _problems_of_one(key: str, document: Any) -> Iterable[CheckFailure]:
    path = f'documents["{key}"]'
    try:
        artifact = ArtifactId.parse(key)
    except SynapseIdError as error:
        yield CheckFailure(path, str(error))
        return
    if document == UNKNOWN:
        return
    if not isinstance(document, Mapping) or not isinstance(document.get("properties"), Mapping):
        yield CheckFailure(path, f"{key} is no artifact\nexpected {{name, properties}} as in the Git layout of Studio")
    elif document.get("name", artifact.name) not in (artifact.name, UNKNOWN):
        yield CheckFailure(f"{path}.name", f"{key} is named {document['name']!r} inside\nexpected {artifact.name!r}")
    elif artifact.kind is ArtifactKind.DATABASE and not contains_unknown(document["properties"]):
        for each in statement_problems(artifact.name, document["properties"]):
            expected = f"\nexpected {each.expected}" if each.expected else ""
            yield CheckFailure(path, f"{key}/properties{each.pointer}: {each.cause}{expected}")


def _same_names(keys: Iterable[str]) -> Iterable[CheckFailure]:
    """The service does not tell upper from lower case in names."""
    first: dict[str, str] = {}
    for key in keys:
        other = first.setdefault(key.lower(), key)
        if other != key:
            reason = f"{key} and {other} are one name to the service\nexpected names that differ in more than case"
            yield CheckFailure(f'documents["{key}"]', reason)


def _dangling(key: str, references: Iterable[Reference], names: set[str]) -> Iterable[CheckFailure]:
    for reference in references:
        target = f"{reference.kind}/{reference.name}"
        known = target.lower() in names or reference.is_made_by_the_service or UNKNOWN in reference.name
        if reference.kind in _KINDS and reference.kind not in _MAY_BE_OUTSIDE and not known:
            reason = f"{key}{reference.pointer} refers to {target}, which is not among the documents"
            yield CheckFailure(
                f'documents["{key}"]', f"{reason}\nexpected the name of a {reference.kind} of this stack"
            )


def _unnamed(key: str, unnamed: Iterable[tuple[str, Any]]) -> Iterable[CheckFailure]:
    for pointer, name in unnamed:
        reason = f"{key}{pointer} is a reference to {json.dumps(name)}\nexpected a name"
        yield CheckFailure(f'documents["{key}"]', reason)


def _cycles(graph: Mapping[str, frozenset[str]]) -> Iterable[CheckFailure]:
    """Each artifact that a chain of references leads back to, reported once a cycle."""
    reported: set[str] = set()
    for key in sorted(graph):
        inside = {other for other in reachable(graph, key) if key in reachable(graph, other) and other in graph}
        around = key in graph[key] or len(inside) > 1
        if around and key not in reported:
            reported |= inside
            chain = " -> ".join([*sorted(inside), min(inside)])
            yield CheckFailure(f'documents["{key}"]', f"references form a cycle: {chain}\nexpected none")
