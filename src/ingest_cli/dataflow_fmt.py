"""`ingest dataflow fmt`: lays the scripts of data flows out to be read; nothing else of their files changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ingest_cli.dataflow_files import SCRIPT_SUFFIXES, FlowFile, flow_files
from ingest_cli.errors import CommandError
from ingest_cli.json_editing import JsonText
from mapping_dataflow.documents import FoundDocument
from mapping_dataflow.errors import MappingDataFlowErrors
from mapping_dataflow.flow import parse_flow, script_text
from mapping_dataflow.script.formatter import format_script
from mapping_dataflow.script.parser import parse_script

_HOLDERS = ("/properties/typeProperties", "/properties", "/typeProperties", "")
"""Where in a document the nodes of a flow are; the first that is there."""


def add_to(parent: typer.Typer) -> None:
    """Makes `fmt` a command of the parent."""
    parent.command(name="fmt")(fmt)


def fmt(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.", metavar="FLOW.json…")],
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 1 if something would.")] = False,
) -> None:
    """Format data flows: a statement a block, long arguments broken, comments kept, the meaning unchanged."""
    changed = refused = 0
    for file in flow_files(paths):
        try:
            data = file.path.read_bytes()
            formatted = _formatted(file, data)
        except CommandError as error:
            refused += 1
            typer.echo(str(error), err=True)
            continue
        if formatted == data:
            continue
        changed += 1
        typer.echo(f"would format {file.path}" if check else f"formatted {file.path}")
        if not check:
            file.path.write_bytes(formatted)
    raise typer.Exit(1 if refused or (check and changed) else 0)


def _formatted(file: FlowFile, data: bytes) -> bytes:
    """The bytes of a file with its scripts laid out. Raises CommandError for a flow that cannot be read."""
    doing = f"formatting {file.path}"
    if file.unreadable is not None:
        place = file.unreadable
        raise CommandError(doing, f"{place.cause} (line {place.line}, column {place.column})")
    encoding = json.detect_encoding(data)
    text = data.decode(encoding)
    if file.path.suffix.lower() in SCRIPT_SUFFIXES:
        newline = "\r\n" if "\r\n" in text else "\n"
        script = _laid_out(text.replace("\r\n", "\n"), doing)
        return (script + "\n").replace("\n", newline).encode(encoding)
    if not file.flows:
        raise CommandError(doing, "there is no data flow in it")
    _refuse_comments(text, doing)
    editing = JsonText(text)
    for flow in file.flows:
        if not flow.other_language:
            _edit(flow, editing, doing)
    return editing.edited.encode(encoding)


def _refuse_comments(text: str, doing: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        cause = f"the template has comments, between which nothing is changed (line {error.lineno})"
        raise CommandError(doing, cause) from error


def _laid_out(text: str, doing: str) -> str:
    try:
        return format_script(text, parse_script(text))
    except MappingDataFlowErrors as errors:
        raise CommandError(doing, f"the flow is left as it is\n{errors}") from errors


def _edit(flow: FoundDocument, editing: JsonText, doing: str) -> None:
    try:
        parse_flow(flow.document)
        script = script_text(flow.document)
    except MappingDataFlowErrors as errors:
        raise CommandError(doing, f"the flow is left as it is\n{errors}") from errors
    base = flow.pointer + next(holder for holder in _HOLDERS if editing.value(flow.pointer + holder) is not None)
    text, lines = editing.value(f"{base}/script"), editing.value(f"{base}/scriptLines")
    if text != script.text and _joined(lines) != script.text and (text is not None or lines is not None):
        raise CommandError(doing, f"the script of {flow.name!r} is an expression of a template")
    if text is None and lines is None:
        _edit_parts(base, editing, doing)
        return
    if not script.text:
        return
    laid_out = _laid_out(script.text, doing)
    if text is not None and lines is not None:
        _need_one_meaning(str(text), _joined(lines), flow.name, doing)
        editing.set_text(f"{base}/script", laid_out)
    elif text is not None:
        editing.rename(f"{base}/script", "scriptLines")
        editing.set_lines(f"{base}/script", laid_out.split("\n"))
    editing.set_lines(f"{base}/scriptLines", laid_out.split("\n"))


def _edit_parts(base: str, editing: JsonText, doing: str) -> None:
    """Documents of the preview: every source, transformation and sink has a script of its own."""
    for key in ("sources", "transformations", "sinks"):
        entries = editing.value(f"{base}/{key}")
        for number in range(len(entries) if isinstance(entries, list) else 0):
            pointer = f"{base}/{key}/{number}/script"
            written = editing.value(pointer)
            if isinstance(written, str):
                editing.set_text(pointer, _laid_out(written, doing))


def _joined(lines: object) -> str:
    return "\n".join(map(str, lines)) if isinstance(lines, list) else ""


def _need_one_meaning(text: str, lines: str, name: str, doing: str) -> None:
    if parse_script(text) != parse_script(lines):
        raise CommandError(doing, f"the 'script' and the 'scriptLines' of {name!r} mean different things")
