"""Datasets of the Git layout beside a flow: what they say about formats, with the defaults of their parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from dataflow_execution.local_sources import DatasetProperties
from ingest_cli.errors import CommandError

_PLACES = ("location",)
_PARAMETER = re.compile(r"@\{?\s*dataset\(\)\.(\w+)\s*\}?")


def dataset_beside(flow: Path, name: str | None, given: Mapping[str, object] | None = None) -> DatasetProperties | None:
    """The dataset of a source or sink, from ``../dataset/NAME.json``; None when there is no such file.

    ``given`` are the values that the flow gives the dataset's parameters.

    Raises CommandError for a file that holds no dataset.
    """
    if name is None:
        return None
    file = flow.resolve().parent.parent / "dataset" / f"{name}.json"
    if not file.is_file():
        return None
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
        properties = document["properties"]
        settings = dict(properties.get("typeProperties") or {})
        kind = str(properties["type"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CommandError(f"reading {file}", f"it holds no dataset: {error!r}") from error
    defaults = {key: spec.get("defaultValue") for key, spec in (properties.get("parameters") or {}).items()}
    kept = {key: _value(value, {**defaults, **(given or {})}) for key, value in settings.items() if key not in _PLACES}
    return DatasetProperties(name, kind, {key: value for key, value in kept.items() if value is not None})


def _value(value: object, parameters: Mapping[str, object]) -> object:
    """A property; one that is a parameter of the dataset has its value, one that only a pipeline can know is left out,
    so that the service's default holds for it."""
    text = value.get("value") if isinstance(value, Mapping) and value.get("type") == "Expression" else value
    if not isinstance(text, str) or not text.startswith("@") or text.startswith("@@"):
        return text
    match = _PARAMETER.fullmatch(text)
    return parameters.get(match[1]) if match else None
