"""No artifact holds what belongs to another stack: its hosts, vault, accounts, subscription, tenant, servers and ids.

What each stack has is computed from its `Pulumi.<stack>.yaml`. What two stacks have in common belongs to none of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.artifact_settings import SharedValue
from infra.naming import NameParts, Names
from synapse_artifacts.documents import path_step, walk
from synapse_artifacts.errors import ArtifactErrors, Problem

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LABELS = r"[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)"
_HOST = re.compile(
    rf"(?<=://){_LABELS}+|(?<![A-Za-z0-9.-]){_LABELS}*\.(?:windows\.net|azure\.net|azure\.com|azuresynapse\.net)"
)
_OF_EVERYBODY = frozenset(
    {
        "database.windows.net",
        "dev.azuresynapse.net",
        "graph.microsoft.com",
        "login.microsoftonline.com",
        "management.azure.com",
        "storage.azure.com",
        "vault.azure.net",
        "web.azuresynapse.net",
    }
)
"""Hosts of Azure itself and audiences of its tokens."""
_OUTSIDE = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{{2}})){}(?![A-Za-z0-9])"
"""Where a value stands alone, behind an escaped character of an address (`%2F`) too."""
_NAMED_AFTER = ("subscription_id", "name_prefix", "environment")
_SERVER = "source.server"
_HINT = (
    "take it from an output (environment.json) or an overlay; if stacks share it on purpose: artifacts.shared_values"
)


@dataclass(frozen=True)
class StackValues:
    """What belongs to a stack: by value in lower case, what it is there (`source.server`, `name of the vault`)."""

    stack: str
    meanings: Mapping[str, str]


def stack_values(stack: str, configuration: Mapping[str, Any], defaults: Mapping[str, Any]) -> StackValues:
    """What a stack has by its configuration, keys without the project's name; as far as it is filled in."""
    settings = {**defaults, **{key: value for key, value in configuration.items() if value not in ("", None)}}
    meanings = dict(_derived(settings))
    for key, value in settings.items():
        for path, text in _texts(value, key):
            for found in [*_GUID.findall(text), *_hosts(text), *([text] if path == _SERVER else [])]:
                meanings.setdefault(found.lower(), path)
    return StackValues(stack, meanings)


def read_stacks(folder: Path, project: str) -> tuple[StackValues, ...]:
    """What belongs to each stack that has a file in the project's folder."""
    declared = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8")).get("config", {})
    defaults = {key: each.get("default") for key, each in declared.items() if isinstance(each, Mapping)}
    result = []
    for file in sorted(folder.glob("Pulumi.*.yaml")):
        configured = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("config") or {}
        own = {key.removeprefix(f"{project}:"): value for key, value in configured.items()}
        result.append(stack_values(file.name.split(".", 1)[1].rsplit(".", 1)[0], own, defaults))
    return tuple(result)


def check_leaks(
    documents: Mapping[str, Mapping[str, Any]],
    own: StackValues,
    others: Iterable[StackValues],
    shared: Iterable[SharedValue],
) -> None:
    """Raises ArtifactErrors with every value of another stack, and every shared value that no artifact holds."""
    foreign = _foreign(own, others)
    allowed = {each.value.lower(): each for each in shared}
    unused = dict(allowed)
    problems: list[Problem] = []
    pattern = _any_of(foreign)
    for id, document in documents.items():
        for pointer, found in _found(document, pattern):
            unused.pop(found, None)
            if found not in allowed:
                stack, meaning = foreign[found]
                cause = f"it holds {found}, which is {meaning} of stack {stack}"
                expected = f"values of {own.stack}"
                problems.append(Problem("checking", id, cause, pointer=pointer, expected=expected, hint=_HINT))
    for each in unused.values():
        cause = "no artifact holds it as a value of another stack"
        problems.append(Problem("checking", f"shared value {each.value}", cause, hint="take it off the list"))
    if problems:
        raise ArtifactErrors(problems)


def _found(document: Mapping[str, Any], values: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """JSON pointers of texts that hold a value, and the value in lower case."""
    for pointer, text in walk(document):
        if isinstance(text, str):
            yield from dict.fromkeys((pointer, each.lower()) for each in values.findall(text))


def _foreign(own: StackValues, others: Iterable[StackValues]) -> dict[str, tuple[str, str]]:
    """Values that other stacks have and this one has not, with a stack that has it and what it is there."""
    found: dict[str, tuple[str, str]] = {}
    for other in others:
        for value, meaning in other.meanings.items():
            if other.stack != own.stack and value not in own.meanings:
                found.setdefault(value, (other.stack, meaning))
    return found


def _any_of(values: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the values, the longest first, that stands alone."""
    ordered = sorted(values, key=lambda value: (-len(value), value))
    return re.compile(_OUTSIDE.format(f"({'|'.join(map(re.escape, ordered)) or '(?!)'})"), re.IGNORECASE)


def _derived(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a stack publishes to; else the names of its resources, where all they are made of is known."""
    artifacts = settings.get("artifacts")
    for key in ("workspace", "factory"):
        if isinstance(artifacts, Mapping) and artifacts.get(key):
            yield str(artifacts[key]).rstrip("/").rpartition("/")[2].lower(), f"the {key}"
            return
    subscription, prefix, environment = (str(settings.get(key) or "") for key in _NAMED_AFTER)
    if not (subscription and prefix and environment):
        return
    generation = int(settings.get("vault_generation") or 1)
    names = Names.of_parts(NameParts(subscription, prefix, environment, generation))
    yield from (
        (names.storage_account, "the storage account"),
        (names.vault, "the vault"),
        (names.workspace, "the workspace"),
        (names.factory, "the factory"),
        (names.managed_resource_group, "the managed resource group"),
        (names.resource_group, "the resource group"),
    )


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text of a setting with its place; what is shared on purpose and what is encrypted belongs to no stack."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in ("shared_values", "secure"):
                yield from _texts(item, path + path_step(str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, path + path_step(index))


def _hosts(text: str) -> list[str]:
    return [each for each in _HOST.findall(text) if each.lower() not in _OF_EVERYBODY]
