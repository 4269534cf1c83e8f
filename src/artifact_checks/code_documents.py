"""What is wrong with documents that hold code: notebooks, scripts, Spark jobs and configurations.

What they say is not run here; what shape they have is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from artifact_checks import document_shapes as shapes
from artifact_checks.findings import Finding
from artifact_checks.shape_checks import check_optional, check_shape
from synapse_artifacts.documents import escaped

_ROOT = "/properties"
Properties = Mapping[str, Any]


def _notebook(properties: Properties) -> Iterator[Finding]:
    yield from check_shape(properties, shapes.NOTEBOOK, _ROOT, "Notebook")
    yield from check_optional(properties, "sessionProperties", shapes.NOTEBOOK_SESSION, _ROOT, "sessionProperties")
    yield from check_optional(properties, "folder", shapes.FOLDER, _ROOT, "folder")
    cells = properties.get("cells")
    if not isinstance(cells, list):
        yield Finding(f"{_ROOT}/cells", "expected a list of cells")
        return
    for index, cell in enumerate(cells):
        yield from _cell(cell, f"{_ROOT}/cells/{index}")


def _cell(cell: Any, pointer: str) -> Iterator[Finding]:
    yield from check_shape(cell, shapes.NOTEBOOK_CELL, pointer, "a cell")
    if not isinstance(cell, Mapping):
        return
    kind = cell.get("cell_type")
    if not isinstance(kind, str) or kind not in shapes.NOTEBOOK_CELL_TYPES:
        expected = ", ".join(sorted(shapes.NOTEBOOK_CELL_TYPES))
        yield Finding(f"{pointer}/cell_type", f"unknown type of cell '{kind}'", f"one of {expected}")
    source = cell.get("source")
    if not isinstance(source, list) or not all(isinstance(line, str) for line in source):
        yield Finding(f"{pointer}/source", "expected a list of lines")


def _sql_script(properties: Properties) -> Iterator[Finding]:
    yield from check_shape(properties, shapes.SQL_SCRIPT, _ROOT, "SqlScript")
    if properties.get("type") not in (None, "SqlQuery"):
        yield Finding(f"{_ROOT}/type", f"unknown SqlScript type '{properties['type']}'", "SqlQuery")
    yield from _content(properties, shapes.SQL_SCRIPT_CONTENT, shapes.SQL_CONNECTION)


def _kql_script(properties: Properties) -> Iterator[Finding]:
    yield from check_shape(properties, shapes.KQL_SCRIPT, _ROOT, "KqlScript")
    yield from _content(properties, shapes.KQL_SCRIPT_CONTENT, shapes.KQL_CONNECTION)


def _content(properties: Properties, content: shapes.Shape, connection: shapes.Shape) -> Iterator[Finding]:
    yield from check_optional(properties, "folder", shapes.FOLDER, _ROOT, "folder")
    inner, pointer = properties.get("content"), f"{_ROOT}/content"
    if "content" not in properties:
        return
    yield from check_shape(inner, content, pointer, "content")
    yield from check_optional(inner, "currentConnection", connection, pointer, "currentConnection")
    yield from check_optional(inner, "metadata", shapes.SCRIPT_METADATA, pointer, "metadata")


def _spark_job_definition(properties: Properties) -> Iterator[Finding]:
    yield from check_shape(properties, shapes.SPARK_JOB_DEFINITION, _ROOT, "SparkJobDefinition")
    yield from check_optional(properties, "jobProperties", shapes.SPARK_JOB, _ROOT, "jobProperties")
    yield from check_optional(properties, "folder", shapes.FOLDER, _ROOT, "folder")


def _spark_configuration(properties: Properties) -> Iterator[Finding]:
    yield from check_shape(properties, shapes.SPARK_CONFIGURATION, _ROOT, "SparkConfiguration")
    configs = properties.get("configs") or {}
    if not isinstance(configs, Mapping):
        yield Finding(f"{_ROOT}/configs", "expected an object")
        return
    for key, value in configs.items():
        if not isinstance(value, str):
            yield Finding(f"{_ROOT}/configs/{escaped(key)}", "expected a text")


CHECKS: Mapping[str, Callable[[Properties], Iterator[Finding]]] = {
    "notebook": _notebook,
    "sqlscript": _sql_script,
    "kqlscript": _kql_script,
    "sparkJobDefinition": _spark_job_definition,
    "sparkConfiguration": _spark_configuration,
}
"""By kind: the problems of an artifact's properties."""
