"""Whether an object has the properties that its shape describes and demands.

Azure reads names of properties in any case, and keeps those that it does not know: Studio itself writes such ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from artifact_checks.document_shapes import Shape
from artifact_checks.findings import Finding, one_of
from synapse_artifacts.documents import escaped
from synapse_artifacts.secret_names import SECRET_KEYS

_ALTERNATIVES = frozenset({"connectionstring", "connectionproperties"})
"""Properties of linked services that say all that others would: with one of them, none of these is demanded.

https://learn.microsoft.com/azure/data-factory/connector-db2 (and the other connectors of databases)
"""

_ENCRYPTED = "encryptedcredential"
"""What Studio writes beside the properties of any linked service with a secret, whether its interface has it or not."""


def check_shape(value: Any, shape: Shape, pointer: str, owner: str) -> Iterator[Finding]:
    """Problems of a value that is to be an object of a shape: missing properties, and unknown ones as ignored."""
    if not isinstance(value, Mapping):
        yield Finding(pointer, "expected an object")
        return
    known = {name.lower() for name in shape.known}
    given = {str(key).lower() for key in value}
    for key in value:
        if str(key).lower() not in known | {_ENCRYPTED}:
            expected = one_of(str(key), shape.known)
            cause = f"unknown property '{key}' of {owner}"
            yield Finding(f"{pointer}/{escaped(str(key))}", cause, expected, is_ignored=True)
    if given & _ALTERNATIVES:
        return
    for key in sorted(shape.required):
        # Studio keeps secrets out of files: it sends them to the service alone.
        if key.lower() not in given | SECRET_KEYS:
            yield Finding(pointer, f"the property '{key}' of {owner} is missing")


def check_optional(value: Any, key: str, shape: Shape, pointer: str, owner: str) -> Iterator[Finding]:
    """Like `check_shape` for the property `key` of an object, where it is given and not null."""
    inner = value.get(key) if isinstance(value, Mapping) else None
    if inner is not None:
        yield from check_shape(inner, shape, f"{pointer}/{key}", owner)
