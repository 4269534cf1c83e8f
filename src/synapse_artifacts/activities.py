"""The activities of a pipeline, those inside others too, wherever their documents have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from synapse_artifacts.documents import Artifact, walk

_PLACE = re.compile(r".*/(?:activities|ifTrueActivities|ifFalseActivities|defaultActivities)/\d+")


def activities_of(artifact: Artifact) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """JSON pointer and object of every activity that has a type, in the order in which they stand."""
    for pointer, value in walk(artifact.document):
        if _PLACE.fullmatch(pointer) and isinstance(value, Mapping) and isinstance(value.get("type"), str):
            yield pointer, value
