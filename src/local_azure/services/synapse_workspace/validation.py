"""Whether a document may be stored: types, properties and expressions; references are checked by the store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local_azure.http import ServiceError
from local_azure.services.synapse_workspace import artifact_types as types
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
from pipeline_runtime.errors import PipelineDefinitionError, Problem
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.evaluator import wrong_calls
from pipeline_runtime.expressions.parser import holds_expression, parse_template
from pipeline_runtime.expressions.syntax import Embedded
from pipeline_runtime.interpreter import read_pipeline
from pipeline_runtime.recurrence import Recurrence, RecurrenceError

_NAME = re.compile(r"[A-Za-z0-9_][^<>*#.%&:\\+?/]{0,259}")
_TABLES: dict[str, tuple[types.Shape, Mapping[str, types.Shape]]] = {
    CREDENTIAL.path: (types.CREDENTIAL_PROPERTIES, types.CREDENTIAL_TYPES),
    LINKED_SERVICE.path: (types.LINKED_SERVICE_PROPERTIES, types.LINKED_SERVICE_TYPES),
    DATASET.path: (types.DATASET_PROPERTIES, types.DATASET_TYPES),
    DATA_FLOW.path: (types.DATA_FLOW_PROPERTIES, types.DATA_FLOW_TYPES),
    TRIGGER.path: (types.TRIGGER_PROPERTIES, types.TRIGGER_TYPES),
}


def check_document(kind: Kind, name: str, document: Any) -> None:
    """Raise 400 (ServiceError) with every problem of a document that is to be stored under a name."""
    if not _NAME.fullmatch(name):
        raise bad_request(f"The document name '{name}' is invalid.", "InvalidName")
    problems = list(_problems(kind, name, document))
    if problems:
        raise _refusal(kind, name, problems)


def _refusal(kind: Kind, name: str, problems: Sequence[Problem]) -> ServiceError:
    listed = "; ".join(str(problem) for problem in problems)
    return bad_request(f"The {kind.noun} '{name}' is invalid. {listed}", "InvalidPayload")


def _problems(kind: Kind, name: str, document: Any) -> Iterator[Problem]:
    if not isinstance(document, Mapping) or not isinstance(document.get("properties"), Mapping):
        yield Problem("/properties", "expected an object")
        return
    given = document.get("name")
    if given is not None and str(given).lower() != name.lower():
        yield Problem("/name", f"the name '{given}' is not the name '{name}' in the URL")
    if kind is PIPELINE:
        try:
            read_pipeline(name, document)
        except PipelineDefinitionError as error:
            yield from error.problems
    elif kind.path in CHECKS:
        yield from CHECKS[kind.path](document["properties"])
    else:
        yield from _typed(kind, document["properties"])


def _typed(kind: Kind, properties: Mapping[str, Any]) -> Iterator[Problem]:
    shape, by_type = _TABLES[kind.path]
    yield from check_shape(properties, shape, "/properties", kind.noun)
    inner = by_type.get(str(properties.get("type")))
    if inner is None:
        expected = ", ".join(sorted(by_type))
        yield Problem("/properties/type", f"unknown {kind.noun} type '{properties.get('type')}'; expected {expected}")
        return
    type_properties = properties.get("typeProperties") or {}
    pointer = "/properties/typeProperties"
    if not isinstance(type_properties, Mapping):
        yield Problem(pointer, "expected an object")
        return
    yield from check_shape(type_properties, inner, pointer, f"{kind.noun} type {properties['type']}")
    yield from _specific(kind, properties, type_properties)


def _specific(kind: Kind, properties: Mapping[str, Any], inner: Mapping[str, Any]) -> Iterator[Problem]:
    pointer = "/properties/typeProperties"
    if kind is DATASET and "location" in inner:
        yield from _location(inner["location"], f"{pointer}/location")
    if kind in (DATASET, LINKED_SERVICE):
        yield from _expressions(inner, pointer)
    if kind is LINKED_SERVICE and properties["type"] == "AzureSqlDatabase":
        yield from _sql_database(inner, pointer)
    if kind is DATA_FLOW and not (inner.get("script") or inner.get("scriptLines")):
        yield Problem(pointer, "the property 'script' or 'scriptLines' is missing")
    if kind is TRIGGER:
        yield from _trigger(properties, inner)


def _location(value: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(pointer, "expected an object")
        return
    shape = types.LOCATION_TYPES.get(str(value.get("type")))
    if shape is None:
        expected = ", ".join(sorted(types.LOCATION_TYPES))
        yield Problem(f"{pointer}/type", f"unknown location type '{value.get('type')}'; expected {expected}")
        return
    yield from check_shape(value, shape, pointer, f"location {value['type']}")


def _sql_database(inner: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    if "connectionString" not in inner and not {"server", "database"} <= set(inner):
        yield Problem(pointer, "expected 'server' and 'database', or 'connectionString'")
    kind = inner.get("authenticationType")
    if kind not in (None, "SystemAssignedManagedIdentity"):
        yield Problem(
            f"{pointer}/authenticationType",
            f"the authentication type '{kind}' cannot be used here; expected SystemAssignedManagedIdentity",
        )


def _trigger(properties: Mapping[str, Any], inner: Mapping[str, Any]) -> Iterator[Problem]:
    recurrence = inner.get("recurrence")
    if isinstance(recurrence, Mapping):
        try:
            Recurrence.read(recurrence)
        except RecurrenceError as error:
            yield Problem(f"/properties/typeProperties/recurrence{error.pointer}", str(error))
    else:
        yield Problem("/properties/typeProperties/recurrence", "expected an object")
    for index, entry in enumerate(properties.get("pipelines") or []):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("pipelineReference"), Mapping):
            yield Problem(f"/properties/pipelines/{index}", "expected a pipelineReference and its parameters")
        else:
            yield from _expressions(entry.get("parameters") or {}, f"/properties/pipelines/{index}/parameters")


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
