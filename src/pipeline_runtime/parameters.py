"""Values for the parameters of a run and for its variables, checked against their declared types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline_runtime.definition import Parameter, Pipeline, Variable
from pipeline_runtime.errors import ActivityFailure, PipelineDefinitionError, Problem
from pipeline_runtime.expressions.values import type_name

MASK = "**********"
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "securestring": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "array": (list,),
    "object": (dict, list),
}
_VARIABLE_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Boolean": (bool,),
    "Integer": (int,),
    "Array": (list,),
}


def bind_parameters(pipeline: Pipeline, given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every declared parameter; raises PipelineDefinitionError for missing, unknown or mistyped ones."""
    problems = [
        Problem(
            f"/parameters/{name}",
            f"pipeline '{pipeline.name}' has no parameter '{name}'",
        )
        for name in given
        if name not in pipeline.parameters
    ]
    values: dict[str, Any] = {}
    for parameter in pipeline.parameters.values():
        if parameter.name not in given and not parameter.has_default:
            problems.append(
                Problem(
                    f"/parameters/{parameter.name}",
                    f"the parameter '{parameter.name}' has no value",
                )
            )
            continue
        try:
            values[parameter.name] = coerce(parameter, given.get(parameter.name, parameter.default))
        except ValueError as error:
            problems.append(Problem(f"/parameters/{parameter.name}", str(error)))
    if problems:
        raise PipelineDefinitionError(pipeline.name, problems)
    return values


def coerce(parameter: Parameter, value: Any) -> Any:
    """A value in the parameter's type; text is read as a number, boolean or JSON where the type wants one.

    Text that is no JSON is a value of an object, and so is a list: pipelines with such defaults are published and run.
    """
    types = _PYTHON_TYPES[parameter.type]
    if value is None or (isinstance(value, types) and (bool in types or not isinstance(value, bool))):
        return value
    if parameter.type in ("string", "securestring"):
        return value if isinstance(value, str) else json.dumps(value)
    if isinstance(value, str):
        converted = _from_text(value)
        if isinstance(converted, types) and (bool in types or not isinstance(converted, bool)):
            return converted
        if parameter.type == "object":
            return value
    raise ValueError(
        f"the parameter '{parameter.name}' is of type {parameter.type}, found a value of type '{type_name(value)}'"
    )


def _from_text(value: str) -> Any:
    try:
        return json.loads(value.lower() if value.lower() in ("true", "false") else value)
    except ValueError:
        return value


def shown(pipeline: Pipeline, values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameter values as the run history may show them: secure ones masked."""
    secure = {name for name, parameter in pipeline.parameters.items() if parameter.type == "securestring"}
    return {name: MASK if name in secure and value is not None else value for name, value in values.items()}


def check_variable(variable: Variable, value: Any) -> None:
    """Raise ActivityFailure when a value is not of the variable's type."""
    if not fits_variable(variable, value):
        raise ActivityFailure(
            "InvalidTemplate",
            f"The variable '{variable.name}' of type '{variable.type}' cannot be initialized or updated with value "
            f"of type '{type_name(value)}'. The variable '{variable.name}' only supports values of types "
            f"'{variable.type}'.",
        )


def fits_variable(variable: Variable, value: Any) -> bool:
    """Whether a value is of the variable's type."""
    types = _VARIABLE_TYPES[variable.type]
    return isinstance(value, types) and (not isinstance(value, bool) or bool in types)
