"""Property values as plain JSON: what the engine's signatures for secrets, unknowns and outputs become in Python.

Not for gRPC: `server.py` turns protobuf into the plain structures that are interpreted here.
Signatures: `sdk/go/common/resource` and
https://www.pulumi.com/docs/iac/extending-pulumi/reference/property-value-encoding/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Properties: TypeAlias = Mapping[str, Any]
"""A property map as it travels: JSON values, `UNKNOWN` for what the engine does not know yet, `Secret` if asked for."""

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a value that is known only after a deployment; occurs in previews only, as a whole string."""

_OTHER_UNKNOWNS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a signature of the protocol)
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_NAMES: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "archive",
    "5cf8f73096256a8f31e491e813e4eb8e": "resource reference",
}


class UnsupportedValue(ValueError):
    """A property holds something that is not JSON (an asset, an archive, a reference to a resource)."""


@dataclass(frozen=True)
class Secret:
    """A value that the engine must encrypt in its state; its text form never shows it."""

    value: Any

    def __repr__(self) -> str:
        """Hide the value from logs and error messages."""
        return "Secret(…)"


def decode(value: Any, *, keep_secrets: bool = False, path: str = "") -> Any:
    """Return `value` with the engine's signatures interpreted; secrets unwrapped, or as `Secret` with `keep_secrets`.

    Raises UnsupportedValue, naming the property path, for assets, archives and resource references.
    """
    if isinstance(value, str):
        return UNKNOWN if value in _OTHER_UNKNOWNS else value
    if isinstance(value, Mapping):
        if isinstance(value.get(_SIGNATURE), str):
            return _decode_signed(value, keep_secrets, path)
        return {
            key: decode(item, keep_secrets=keep_secrets, path=f"{path}.{key}" if path else key)
            for key, item in value.items()
        }
    if isinstance(value, Sequence):
        return [decode(item, keep_secrets=keep_secrets, path=f"{path}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return int(value)  # the wire knows only doubles
    return value


def _decode_signed(value: Mapping[str, Any], keep_secrets: bool, path: str) -> Any:
    signature = value[_SIGNATURE]
    if signature == _SECRET:
        inner = decode(value.get("value"), keep_secrets=keep_secrets, path=path)
        return Secret(inner) if keep_secrets and not isinstance(inner, Secret) else inner
    if signature == _OUTPUT:
        inner = decode(value["value"], keep_secrets=keep_secrets, path=path) if "value" in value else UNKNOWN
        return Secret(inner) if keep_secrets and value.get("secret") is True else inner
    name = _NAMES.get(signature, f"value with signature {signature}")
    raise UnsupportedValue(f"reading property {path or '(root)'}: it holds a {name}\nexpected a JSON value")


def encode(value: Any) -> Any:
    """Return `value` with each `Secret` in the form that the engine understands; everything else unchanged."""
    if isinstance(value, Secret):
        return {_SIGNATURE: _SECRET, "value": encode(value.value)}
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encode(item) for item in value]
    return value


def reveal(value: Any) -> Any:
    """Return `value` without its `Secret` wrappers. For requests to the service only, never for state or messages."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, Mapping):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [reveal(item) for item in value]
    return value


def contains_unknown(value: Any) -> bool:
    """Whether a value that is known only after the deployment occurs anywhere in `value`."""
    if isinstance(value, Secret):
        return contains_unknown(value.value)
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(contains_unknown(item) for item in value)
    return bool(value == UNKNOWN)
