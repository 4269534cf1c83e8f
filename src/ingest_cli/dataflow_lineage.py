"""`ingest dataflow lineage`: which source columns reach which sink columns of a flow, and through what."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ingest_cli.dataflow_files import flowlets_of, libraries_of, only_flow
from ingest_cli.dataflow_schemas import named_schemas
from ingest_cli.errors import CommandError
from mapping_dataflow.errors import MappingDataFlowErrors
from mapping_dataflow.flow import parse_flow
from mapping_dataflow.lineage.flows import TracedFlow
from mapping_dataflow.lineage.openlineage import job_event
from mapping_dataflow.lineage.page import lineage_html
from mapping_dataflow.lineage.picture import lineage_svg
from mapping_dataflow.lineage.text import lineage_text
from mapping_dataflow.tracing import trace_flow


class Format(Enum):
    """Forms of the answer."""

    TEXT = "text"
    JSON = "json"
    SVG = "svg"
    HTML = "html"


def add_to(parent: typer.Typer) -> None:
    """Makes `lineage` a command of the parent."""
    parent.command(name="lineage")(lineage)


def lineage(
    flow: Annotated[Path, typer.Argument(help="The data flow.", metavar="FLOW.json")],
    schema: Annotated[
        list[str] | None,
        typer.Option(
            "--schema",
            metavar="SOURCE=FILE",
            help="Columns of a source: JSON {column: type}, a dataset, or data (.csv, .parquet, .json, .jsonl); "
            "without SOURCE= a JSON file {source: {column: type}}.",
        ),
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", metavar="NAME=VALUE", help="A parameter that is not left open.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="text, json (OpenLineage), svg or html.")] = Format.TEXT,
    namespace: Annotated[str, typer.Option(help="OpenLineage namespace of the job and its datasets.")] = "ingestion",
) -> None:
    """Tell for each sink column its source columns, every expression on the way, and what decides about its rows."""
    found = only_flow(flow)
    parameters = dict(_pair(text, "--parameter") for text in parameter or [])
    schemas = named_schemas(schema or [])
    try:
        parsed = parse_flow(found.document)
        beside = flowlets_of(flow, parsed), libraries_of(flow, parsed)
        traced = trace_flow(found.document, schemas, parameters, *beside)
    except MappingDataFlowErrors as errors:
        raise CommandError(f"tracing {flow}", f"the flow has problems\n{errors}") from errors
    typer.echo(_told(traced, format, namespace), nl=False)


def _told(traced: TracedFlow, format: Format, namespace: str) -> str:
    match format:
        case Format.TEXT:
            return lineage_text(traced)
        case Format.SVG:
            return lineage_svg(traced)
        case Format.HTML:
            return lineage_html(traced)
        case Format.JSON:
            event = job_event(traced, namespace, datetime.now(UTC).isoformat())
            return json.dumps(event, indent=2, ensure_ascii=False) + "\n"


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise CommandError("reading the command line", f"{option} {text}", expected=f"{option} NAME=VALUE")
    return name, value
