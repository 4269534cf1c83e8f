"""Whether a document may be stored: types, properties and expressions; references are checked by the store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from artifact_checks.pipelines import check_pipeline_document
from local_azure.http import ServiceError
from local_azure.services.synapse_workspace import document_shapes as shapes
from local_azure.services.synapse_workspace.artifact_kinds import (
    CREDENTIAL,
    DATA_FLOW,
    DATASET,
    LINKED_SERVICE,
    PIPELINE,
    TRIGGER,
    Kind,
)
from local_azure.services.synapse_workspace.code_validation import CHECKS
from local_azure.services.synapse_workspace.errors import bad_request
from local_azure.services.synapse_workspace.shape_checks import check_shape
from pipeline_runtime.checks import PIPELINE_PROPERTIES
from pipeline_runtime.errors import Problem
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.evaluator import wrong_calls
from pipeline_runtime.expressions.parser import holds_expression, parse_template
from pipeline_runtime.expressions.syntax import Embedded
from pipeline_runtime.recurrence import Recurrence, RecurrenceError

_MOST_NAMES = 5
_NAME = re.compile(r"[A-Za-z0-9_][^<>*#.%&:\\+?/]{0,259}")
_TABLES: dict[str, Mapping[str, shapes.TypeShape]] = {
    CREDENTIAL.path: shapes.CREDENTIAL_TYPES,
    LINKED_SERVICE.path: shapes.LINKED_SERVICE_TYPES,
    DATASET.path: shapes.DATASET_TYPES,
    DATA_FLOW.path: shapes.DATA_FLOW_TYPES,
    TRIGGER.path: shapes.TRIGGER_TYPES,
}


def check_document(kind: Kind, name: str, document: Any, of_pipeline: Sequence[str] = PIPELINE_PROPERTIES) -> None:
    """Raise 400 (ServiceError) with every problem of a document that is to be stored under a name.

    `of_pipeline` are the properties that `pipeline()` has where it is stored.
    """
    if not _NAME.fullmatch(name):
        raise bad_request(f"The document name '{name}' is invalid.", "InvalidName")
    problems = list(_problems(kind, name, document, of_pipeline))
    if problems:
        raise _refusal(kind, name, problems)


def _refusal(kind: Kind, name: str, problems: Sequence[Problem]) -> ServiceError:
    listed = "; ".join(str(problem) for problem in problems)
    return bad_request(f"The {kind.noun} '{name}' is invalid. {listed}", "InvalidPayload")


def _problems(kind: Kind, name: str, document: Any, of_pipeline: Sequence[str]) -> Iterator[Problem]:
    if not isinstance(document, Mapping) or not isinstance(document.get("properties"), Mapping):
        yield Problem("/properties", "expected an object")
        return
    given = document.get("name")
    if given is not None and str(given).lower() != name.lower():
        yield Problem("/name", f"the name '{given}' is not the name '{name}' in the URL")
    if kind is PIPELINE:
        for each in check_pipeline_document(name, document, of_pipeline):
            yield Problem(each.pointer, f"{each.cause}; expected {each.expected}" if each.expected else each.cause)
    elif kind.path in CHECKS:
        yield from CHECKS[kind.path](document["properties"])
    else:
        yield from _typed(kind, document["properties"])


def _typed(kind: Kind, properties: Mapping[str, Any]) -> Iterator[Problem]:
    known, found = _TABLES[kind.path], str(properties.get("type"))
    if found not in known:
        expected = ", ".join(get_close_matches(found, known, n=_MOST_NAMES, cutoff=0.0))
        yield Problem("/properties/type", f"unknown {kind.noun} type '{found}'; expected one like {expected}")
        return
    shape = known[found]
    yield from check_shape(properties, shape.beside, "/properties", f"{kind.noun} type {found}")
    inner = properties.get("typeProperties") or {}
    pointer = "/properties/typeProperties"
    yield from check_shape(inner, shape.inside, pointer, f"{kind.noun} type {found}")
    if isinstance(inner, Mapping):
        yield from _specific(kind, properties, inner)


def _specific(kind: Kind, properties: Mapping[str, Any], inner: Mapping[str, Any]) -> Iterator[Problem]:
    pointer = "/properties/typeProperties"
    if kind is DATASET and "location" in inner:
        yield from _location(inner["location"], f"{pointer}/location")
    if kind in (DATASET, LINKED_SERVICE):
        yield from _expressions(inner, pointer)
    if kind is TRIGGER:
        yield from _trigger(properties, inner)


def _location(value: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(pointer, "expected an object")
        return
    shape = shapes.LOCATION_TYPES.get(str(value.get("type")))
    if shape is None:
        expected = ", ".join(sorted(shapes.LOCATION_TYPES))
        yield Problem(f"{pointer}/type", f"unknown location type '{value.get('type')}'; expected {expected}")
        return
    yield from check_shape(value, shape.beside, pointer, f"location {value['type']}")


def _trigger(properties: Mapping[str, Any], inner: Mapping[str, Any]) -> Iterator[Problem]:
    if properties["type"] == "ScheduleTrigger":
        yield from _recurrence(inner.get("recurrence"), "/properties/typeProperties/recurrence")
    single = properties.get("pipeline")
    entries = {"": single} if single else dict(enumerate(properties.get("pipelines") or []))
    for index, entry in entries.items():
        pointer = f"/properties/pipelines/{index}" if single is None else "/properties/pipeline"
        if not isinstance(entry, Mapping) or not isinstance(entry.get("pipelineReference"), Mapping):
            yield Problem(pointer, "expected a pipelineReference and its parameters")
        else:
            yield from _expressions(entry.get("parameters") or {}, f"{pointer}/parameters")


def _recurrence(value: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(pointer, "expected an object")
        return
    try:
        Recurrence.read(value)
    except RecurrenceError as error:
        yield Problem(f"{pointer}{error.pointer}", str(error))


def _expressions(value: Any, pointer: str) -> Iterator[Problem]:
    if isinstance(value, str):
        if holds_expression(value):
            yield from _expression(value, pointer)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _expressions(item, f"{pointer}/{key}")
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            yield from _expressions(item, f"{pointer}/{index}")


def _expression(text: str, pointer: str) -> Iterator[Problem]:
    try:
        template = parse_template(text)
    except ExpressionError as error:
        yield Problem(pointer, str(error))
        return
    for part in template.parts:
        if isinstance(part, Embedded):
            for cause, _ in wrong_calls(part.node):
                yield Problem(pointer, cause)
