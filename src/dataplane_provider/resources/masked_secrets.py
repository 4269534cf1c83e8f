"""Secrets that the service has masked: a document that still holds the mask may be kept, but never written.

Synapse and Data Factory show a SecureString as asterisks; written back, the asterisks would become the secret.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dataplane_provider.errors import message
from provider_wire.verbs import ProviderError
from synapse_artifacts.documents import walk
from synapse_artifacts.secret_checks import SHOWN_INSTEAD, is_mask

_HELD_IN = ("value", "defaultValue")


def _held(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The texts of SecureStrings with their JSON pointers."""
    for pointer, value in walk(document):
        if isinstance(value, Mapping) and str(value.get("type")).lower() == "securestring":
            yield from ((f"{pointer}/{name}", value[name]) for name in _HELD_IN if isinstance(value.get(name), str))


def secure_values(document: Mapping[str, Any]) -> Iterator[str]:
    """The texts of SecureStrings."""
    return (value for _, value in _held(document))


def masked_places(document: Mapping[str, Any]) -> Iterator[str]:
    """The JSON pointers of SecureStrings that are asterisks."""
    return (pointer for pointer, value in _held(document) if is_mask(value))


def refuse_masked(documents: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Raise ProviderError that names the documents among `keys` that would be written with a mask for a secret."""
    found = [f"{key}{place}" for key in sorted(keys) for place in masked_places(documents[key])]
    if found:
        raise ProviderError(
            message(
                f"publishing {', '.join(found)}",
                SHOWN_INSTEAD,
                "a reference to a secret in Key Vault (AzureKeyVaultSecret)",
            )
        )
