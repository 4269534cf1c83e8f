"""Whether documents that hold code may be stored: notebooks, scripts, Spark jobs and configurations.

What they say is not run here; what shape they have is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local_azure.services.synapse_workspace import document_shapes as shapes
from local_azure.services.synapse_workspace.artifact_kinds import (
    KQL_SCRIPT,
    NOTEBOOK,
    SPARK_CONFIGURATION,
    SPARK_JOB_DEFINITION,
    SQL_SCRIPT,
)
from local_azure.services.synapse_workspace.shape_checks import check_optional, check_shape
from pipeline_runtime.errors import Problem

_ROOT = "/properties"
Properties = Mapping[str, Any]


def _notebook(properties: Properties) -> Iterator[Problem]:
    yield from check_shape(properties, shapes.NOTEBOOK, _ROOT, "Notebook")
    yield from check_optional(properties, "sessionProperties", shapes.NOTEBOOK_SESSION, _ROOT, "sessionProperties")
    yield from check_optional(properties, "folder", shapes.FOLDER, _ROOT, "folder")
    cells = properties.get("cells")
    if not isinstance(cells, list):
        yield Problem(f"{_ROOT}/cells", "expected a list of cells")
        return
    for index, cell in enumerate(cells):
        yield from _cell(cell, f"{_ROOT}/cells/{index}")


def _cell(cell: Any, pointer: str) -> Iterator[Problem]:
    yield from check_shape(cell, shapes.NOTEBOOK_CELL, pointer, "a cell")
    if not isinstance(cell, Mapping):
        return
    kind = cell.get("cell_type")
    if kind not in shapes.NOTEBOOK_CELL_TYPES:
        expected = ", ".join(sorted(shapes.NOTEBOOK_CELL_TYPES))
        yield Problem(f"{pointer}/cell_type", f"unknown type of cell '{kind}'; expected one of {expected}")
    source = cell.get("source")
    if not isinstance(source, list) or not all(isinstance(line, str) for line in source):
        yield Problem(f"{pointer}/source", "expected a list of lines")


def _sql_script(properties: Properties) -> Iterator[Problem]:
    yield from check_shape(properties, shapes.SQL_SCRIPT, _ROOT, "SqlScript")
    if properties.get("type") not in (None, "SqlQuery"):
        yield Problem(f"{_ROOT}/type", f"unknown SqlScript type '{properties['type']}'; expected SqlQuery")
    yield from _content(properties, shapes.SQL_SCRIPT_CONTENT, shapes.SQL_CONNECTION)


def _kql_script(properties: Properties) -> Iterator[Problem]:
    yield from check_shape(properties, shapes.KQL_SCRIPT, _ROOT, "KqlScript")
    yield from _content(properties, shapes.KQL_SCRIPT_CONTENT, shapes.KQL_CONNECTION)


def _content(properties: Properties, content: shapes.Shape, connection: shapes.Shape) -> Iterator[Problem]:
    yield from check_optional(properties, "folder", shapes.FOLDER, _ROOT, "folder")
    inner, pointer = properties.get("content"), f"{_ROOT}/content"
    if "content" not in properties:
        return
    yield from check_shape(inner, content, pointer, "content")
    yield from check_optional(inner, "currentConnection", connection, pointer, "currentConnection")
    yield from check_optional(inner, "metadata", shapes.SCRIPT_METADATA, pointer, "metadata")


def _spark_job_definition(properties: Properties) -> Iterator[Problem]:
    yield from check_shape(properties, shapes.SPARK_JOB_DEFINITION, _ROOT, "SparkJobDefinition")
    yield from check_optional(properties, "jobProperties", shapes.SPARK_JOB, _ROOT, "jobProperties")
    yield from check_optional(properties, "folder", shapes.FOLDER, _ROOT, "folder")


def _spark_configuration(properties: Properties) -> Iterator[Problem]:
    yield from check_shape(properties, shapes.SPARK_CONFIGURATION, _ROOT, "SparkConfiguration")
    for key, value in (properties.get("configs") or {}).items():
        if not isinstance(value, str):
            yield Problem(f"{_ROOT}/configs/{key}", "expected a text")


CHECKS: Mapping[str, Callable[[Properties], Iterator[Problem]]] = {
    NOTEBOOK.path: _notebook,
    SQL_SCRIPT.path: _sql_script,
    KQL_SCRIPT.path: _kql_script,
    SPARK_JOB_DEFINITION.path: _spark_job_definition,
    SPARK_CONFIGURATION.path: _spark_configuration,
}
"""By path of the kind: the problems of an artifact's properties."""
