"""The property `documents` in its two forms: a map by artifact id, or the packed text of one.

Whatever form a program gives, its state has; a state of an earlier version holds the map.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dataplane_provider import properties
from dataplane_provider.resources.records import WorkspaceArtifactsArgs
from provider_wire.values import UNKNOWN, Properties
from provider_wire.verbs import CheckFailure
from synapse_artifacts.packed import PackedError, documents_of, pack, unpack

PROPERTY = "documents"


def problem_of(value: Any) -> CheckFailure | None:
    """What is wrong with the form of the property."""
    expected = "a map by artifact id, or the text that synapse_artifacts.packed makes of one"
    if isinstance(value, str) and value != UNKNOWN:
        try:
            unpack(value)
        except PackedError as error:
            return CheckFailure(PROPERTY, f"documents is no packed text: {error}\nexpected {expected}")
    elif not isinstance(value, Mapping | str):
        return CheckFailure(PROPERTY, f"documents is a value of type {type(value).__name__}\nexpected {expected}")
    return None


def in_form_of(example: Any, documents: Mapping[str, Any]) -> Any:
    """The documents as a property of the same form as an example; the example itself if it holds just these."""
    if isinstance(example, str):
        return example if unpack(example) == documents else pack(documents)
    return dict(documents)


def arguments(inputs: Properties) -> WorkspaceArtifactsArgs:
    """The record of known inputs or of a state, with the documents as a map."""
    read = properties.read(WorkspaceArtifactsArgs, inputs)
    return replace(read, documents=documents_of(read.documents))
