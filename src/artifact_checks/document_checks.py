"""What is wrong with one document, whatever stands beside it: its type, its properties, its expressions.

The check of a folder says it before anything is written, and local Azure when the document arrives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from artifact_checks import document_shapes as shapes
from artifact_checks.code_documents import CHECKS
from artifact_checks.documented_types import TYPES, UNDESCRIBED
from artifact_checks.expressions import Surroundings, check_expressions, declared_names
from artifact_checks.findings import Finding, is_named, one_of
from artifact_checks.pipelines import check_pipeline_document
from artifact_checks.shape_checks import check_shape
from artifact_checks.triggers import check_trigger
from pipeline_runtime.checks import FACTORY_PROPERTIES
from pipeline_runtime.definition import PARAMETER_TYPES, Parameter
from pipeline_runtime.parameters import coerce
from synapse_artifacts.documents import escaped
from synapse_artifacts.lake_databases import statement_problems

_INNER = "/properties/typeProperties"
_GLOBAL_PARAMETER_TYPES = frozenset({"array", "bool", "float", "int", "object", "string"})
# Azure evaluates a dataset where an activity uses it: tutorials of Microsoft name files by pipeline().RunId.
# https://learn.microsoft.com/azure/data-factory/tutorial-incremental-copy-portal (and tutorial-control-flow)
_EVALUATED_IN = {
    "dataset": ("dataset", "pipeline", "item", "activity", "variables"),
    "linkedService": ("linkedService",),
}


def check_document(
    kind: str, name: str, document: Mapping[str, Any], of_pipeline: Sequence[str] = FACTORY_PROPERTIES
) -> Iterator[Finding]:
    """The problems of a document of a kind (`pipeline`, `sqlscript` …); those of a data flow's script are apart.

    `of_pipeline` are the properties that `pipeline()` has where it is published.
    """
    properties = document.get("properties")
    if kind not in TYPES and kind not in CHECKS and kind not in ("pipeline", "database", "factory"):
        return
    if not isinstance(properties, Mapping):
        yield Finding("/properties", "expected an object")
    elif kind == "pipeline":
        yield from check_pipeline_document(name, document, of_pipeline)
    elif kind == "database":
        for each in statement_problems(name, properties):
            yield Finding(f"/properties{each.pointer}", each.cause, each.expected)
    elif kind == "factory":
        yield from _global_parameters(properties.get("globalParameters"))
    elif kind in CHECKS:
        yield from CHECKS[kind](properties)
    else:
        yield from _typed(kind, properties)


def _global_parameters(declared: Any) -> Iterator[Finding]:
    """The parameters of a factory: https://learn.microsoft.com/azure/data-factory/author-global-parameters."""
    pointer = "/properties/globalParameters"
    if declared is not None and not isinstance(declared, Mapping):
        yield Finding(pointer, "expected an object")
    for name, spec in declared.items() if isinstance(declared, Mapping) else ():
        place = f"{pointer}/{escaped(name)}"
        if not isinstance(spec, Mapping) or "value" not in spec:
            yield Finding(place, "expected an object with a type and a value")
        elif not is_named(spec.get("type"), _GLOBAL_PARAMETER_TYPES):
            cause = f"unknown parameter type '{spec.get('type')}'"
            yield Finding(f"{place}/type", cause, one_of(str(spec.get("type")), _GLOBAL_PARAMETER_TYPES))


def _typed(kind: str, properties: Mapping[str, Any]) -> Iterator[Finding]:
    found = properties.get("type")
    if not is_named(found, TYPES[kind]):
        cause = f"unknown type '{found}' of a {kind}" if "type" in properties else f"the {kind} has no type"
        yield Finding("/properties/type", cause, one_of(str(found), TYPES[kind]))
        return
    if not is_named(found, UNDESCRIBED.get(kind, frozenset())) and kind in shapes.TYPES_OF_KINDS:
        yield from _shape(kind, str(found), properties)
    if kind == "trigger":
        yield from check_trigger(properties)
    elif kind in _EVALUATED_IN:
        yield from _parameters(properties)
        surroundings = Surroundings(_EVALUATED_IN[kind], declared_names(properties))
        for key in ("typeProperties", "linkedServiceName"):
            yield from check_expressions(properties.get(key), f"/properties/{key}", surroundings)


def _shape(kind: str, found: str, properties: Mapping[str, Any]) -> Iterator[Finding]:
    shape = shapes.TYPES_OF_KINDS[kind][found.lower()]
    owner = f"the {kind} type {found}"
    yield from check_shape(properties, shape.beside, "/properties", owner)
    inner = properties.get("typeProperties") or {}
    if shape.inside is not None:
        yield from check_shape(inner, shape.inside, _INNER, owner)
    if kind == "dataset" and isinstance(inner, Mapping) and "location" in inner:
        yield from _location(inner["location"], f"{_INNER}/location")


def _location(value: Any, pointer: str) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield Finding(pointer, "expected an object")
        return
    shape = shapes.LOCATION_TYPES.get(str(value.get("type")).lower())
    if shape is None:
        cause = f"unknown location type '{value.get('type')}'"
        yield Finding(f"{pointer}/type", cause, one_of(str(value.get("type")), shapes.LOCATIONS))
        return
    yield from check_shape(value, shape.beside, pointer, f"the location {value['type']}")


def _parameters(properties: Mapping[str, Any]) -> Iterator[Finding]:
    """Types and defaults of the parameters of a dataset or linked service."""
    declared = properties.get("parameters") or {}
    for name, spec in declared.items() if isinstance(declared, Mapping) else ():
        pointer = f"/properties/parameters/{escaped(name)}"
        kind = str(spec.get("type")).lower() if isinstance(spec, Mapping) else ""
        if kind not in PARAMETER_TYPES:
            found = spec.get("type") if isinstance(spec, Mapping) else spec
            yield Finding(
                f"{pointer}/type", f"unknown parameter type '{found}'", f"one of {', '.join(PARAMETER_TYPES)}"
            )
            continue
        try:
            coerce(Parameter(name, kind), spec.get("defaultValue"))
        except ValueError as error:
            yield Finding(f"{pointer}/defaultValue", str(error))
