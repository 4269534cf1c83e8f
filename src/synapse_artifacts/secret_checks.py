"""The secrets that an artifact holds: plain, encrypted for another workspace, masked by one, or written into code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from synapse_artifacts.documents import PUBLISHED_KINDS, Artifact, walk
from synapse_artifacts.errors import Problem
from synapse_artifacts.secret_names import SECRET_HEADERS, SECRET_KEYS
from synapse_artifacts.secrets_by_name import is_plain, secrets_by_name, secrets_in_arguments, told_as_plain
from synapse_artifacts.secrets_in_code import secret_in_code

_SECRET_IN_TEXT = re.compile(
    r"(?:^|[;?&\s])(?:password|pwd|accountkey|sharedaccesskey|sharedaccesssignature|sig)\s*=\s*([^;&\s]+)",
    re.IGNORECASE,
)
_SECRET_IN_ANY_TEXT = re.compile(
    r"(?:[?&]sig|(?:^|;)\s*(?:accountkey|sharedaccesskey|sharedaccesssignature|password|pwd)|^client_secret)"
    r"\s*=\s*[\w%+/=~.!-]{6,}",
    re.IGNORECASE,
)
"""A signature or key as a value itself, also within an expression; SQL that compares a column is none."""
_HEADER_IN_TEXT = re.compile(
    rf"^[ \t]*(?:{'|'.join(sorted(SECRET_HEADERS))})[ \t]*:[ \t]*"
    r"(?:(?:bearer|basic)[ \t]+[^\s@<']|(?!(?:bearer|basic)(?:\s|$))[^\s@<'])",
    re.IGNORECASE | re.MULTILINE,
)
"""A line of headers with a value; a quote ends the text of an expression, which works out the value."""
_WITH_SECRETS = frozenset({"linkedService", "credential"})
"""Kinds whose type properties are to name secrets."""
_WITHOUT_CODE = frozenset(
    {"credential", "dataset", "factory", "globalParameters", "linkedService", "pipeline", "trigger"}
)
"""Kinds whose texts are settings; in notebooks and scripts a text may be anything."""
SHOWN_INSTEAD = "it holds the asterisks that the service shows instead of a secret; they would become the secret"
"""What is wrong with a secret that is masked."""
_ENCRYPTED = "it holds an encryptedCredential, which only the workspace that made it can read"
_ASTERISKS = re.compile(r"\*{5,}")
_REMEDY = "use the managed identity, or an AzureKeyVaultSecret that names a secret of a vault"
_REMEDY_IN_CODE = "use the managed identity, or mssparkutils.credentials.getSecret(vault, name) where the code runs"


def secrets_of(artifact: Artifact) -> Iterator[Problem]:
    """The secrets that an artifact holds: plain, encrypted for another workspace, or masked by one."""
    properties = artifact.properties
    if artifact.kind in _WITH_SECRETS:
        yield from _secrets_to_be_named(artifact, properties.get("typeProperties"))
        properties = {key: value for key, value in properties.items() if key != "typeProperties"}
    if artifact.kind not in _WITHOUT_CODE.union(PUBLISHED_KINDS):
        return
    for pointer, value in walk(properties, "/properties"):
        if isinstance(value, Mapping):
            for key, cause in _secrets_beside(pointer, value):
                yield _secret(artifact, f"{pointer}/{key}", cause)
        elif isinstance(value, list):
            for position, cause in secrets_in_arguments(value):
                yield _secret(artifact, f"{pointer}/{position}", cause)
        elif isinstance(value, str):
            yield from _secrets_in_text(artifact, pointer, value)


def _secrets_to_be_named(artifact: Artifact, type_properties: Any) -> Iterator[Problem]:
    """The secrets of a linked service or a credential, which are to be references to a vault."""
    for pointer, value in walk(type_properties, "/properties/typeProperties"):
        if cause := _secret_in(pointer.rpartition("/")[2], value):
            yield _secret(artifact, pointer, cause)
        elif isinstance(value, Mapping):
            further = (
                (key, cause) for key, cause in secrets_by_name(pointer, value) if not _secret_in(key, value.get(key))
            )
            for key, cause in further:
                yield _secret(artifact, f"{pointer}/{key}", cause)


def plain_secrets_of(artifact: Artifact) -> Iterator[Problem]:
    """Those of its secrets that anybody can read who reads the artifact: neither encrypted nor masked."""
    return (each for each in secrets_of(artifact) if not each.fails_at_run and each.cause != _ENCRYPTED)


def _secrets_in_text(artifact: Artifact, pointer: str, text: str) -> Iterator[Problem]:
    if artifact.kind in _WITHOUT_CODE:
        if cause := _secret_in_setting(text):
            yield _secret(artifact, pointer, cause)
    elif kind := secret_in_code(text):
        yield _secret(artifact, pointer, f"it holds {kind}", _REMEDY_IN_CODE)


def _secret_in_setting(text: str) -> str:
    if "=" in text and _SECRET_IN_ANY_TEXT.search(text):
        return "it holds a key, a password or a signature inside a text"
    if ":" in text and _HEADER_IN_TEXT.search(text):
        return "it holds a header that signs in, as plain text"
    kind = secret_in_code(text)
    return f"it holds {kind}" if kind else ""


def _secrets_beside(pointer: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys and causes of the secrets in an object of any artifact: secure texts, and what an activity signs in with."""
    if str(value.get("type", "")).lower() == "securestring":
        for key in ("defaultValue", "value"):
            if cause := _in_secure_text(key, value.get(key)):
                yield key, cause
        return
    found = dict(secrets_by_name(pointer, value))
    if pointer.endswith("/authentication"):
        for key, text in value.items():
            if key.lower() in SECRET_KEYS and is_plain(text):
                found[key] = told_as_plain(key)
    yield from found.items()


def _secret(artifact: Artifact, pointer: str, cause: str, remedy: str = _REMEDY) -> Problem:
    expected = "no secret in a file"
    # What is masked in a workspace may stay as it is there; where it is written, the mask becomes the secret.
    is_masked = cause == SHOWN_INSTEAD
    return Problem(
        "checking", artifact.id, cause, pointer=pointer, expected=expected, hint=remedy, fails_at_run=is_masked
    )


def is_mask(value: Any) -> bool:
    """Whether a value is what a service shows instead of a secret."""
    return isinstance(value, str) and _ASTERISKS.fullmatch(value) is not None


def _in_secure_text(key: str, value: Any) -> str:
    if is_mask(value):
        return SHOWN_INSTEAD
    return f"it holds the {key} of a secure text" if value and is_plain(value) else ""


def _secret_in(key: str, value: Any) -> str:
    """What is wrong with a value within the properties of a linked service or a credential."""
    if isinstance(value, Mapping):
        inner = value.get("value")
        if str(value.get("type")).lower() != "securestring":
            return ""
        if is_mask(inner):
            return SHOWN_INSTEAD
        return "it holds a SecureString with its value" if is_plain(inner) else ""
    if not isinstance(value, str):
        return ""
    if key.lower() == "encryptedcredential" and value:
        return _ENCRYPTED
    if key.lower() in SECRET_KEYS and is_plain(value):
        return told_as_plain(key)
    found = _SECRET_IN_TEXT.search(value)
    if found and is_plain(found.group(1)):
        return "it holds a secret inside a connection string"
    kind = secret_in_code(value)
    return f"it holds {kind}" if kind else ""
