"""`ingest dataflow parse`: whether data flows can be read, and where not and why."""

from pathlib import Path
from typing import Annotated

import typer

from ingest_cli.dataflow_files import FlowFile, flow_files
from mapping_dataflow.documents import FoundDocument
from mapping_dataflow.errors import MappingDataFlowErrors, ScriptError
from mapping_dataflow.flow import parse_flow, script_text


def add_to(parent: typer.Typer) -> None:
    """Makes `parse` a command of the parent."""
    parent.command(name="parse")(parse)


def parse(
    paths: Annotated[list[Path], typer.Argument(help="Files (JSON, .dfs, .dsl, .txt) or folders.", metavar="PATH…")],
    details: Annotated[
        bool, typer.Option("--details", help="Show every problem of a flow with its line underlined.")
    ] = False,
) -> None:
    """Parse data flows: a line for each that fails, then how many did; exit code 1 if any failed."""
    parsed = failed = skipped = 0
    for file in flow_files(paths):
        if not file.flows:
            failed += 1
            typer.echo(_unreadable(file))
        for flow in file.flows:
            if flow.other_language:
                skipped += 1
            elif errors := _errors(flow):
                failed += 1
                typer.echo(_failure(file.path, flow, errors) + (f"\n{errors}" if details else ""))
            else:
                parsed += 1
    typer.echo(f"{parsed} parsed, {failed} failed, {skipped} skipped")
    raise typer.Exit(1 if failed else 0)


def _errors(flow: FoundDocument) -> MappingDataFlowErrors | None:
    try:
        parse_flow(flow.document)
    except MappingDataFlowErrors as errors:
        return errors
    return None


def _unreadable(file: FlowFile) -> str:
    if file.unreadable is None:
        return f"{file.path}: there is no data flow in it"
    return f"{file.path}:{file.unreadable.line}:{file.unreadable.column}: {file.unreadable.cause}"


def _failure(path: Path, flow: FoundDocument, errors: MappingDataFlowErrors) -> str:
    error = errors.errors[0]
    line = f"{path}{_place(flow, error)}: {error.action} {error.subject}: {error.cause}"
    if error.expected:
        line += f"; expected {error.expected}"
    more = len(errors.errors) - 1
    return line + (f" (and {more} more)" if more else "")


def _place(flow: FoundDocument, error: ScriptError) -> str:
    """``:line:column`` within the script and the JSON pointer within the file, as far as there are any."""
    if not error.script:
        return f" {flow.pointer}" if flow.pointer else ""
    pointer = flow.pointer + script_text(flow.document).pointer(error.span.start)
    return f":{error.position.line}:{error.position.column} {pointer}"
