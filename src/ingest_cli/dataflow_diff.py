"""`ingest dataflow diff`: what changed in the meaning of a data flow, or of all the flows of a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ingest_cli.dataflow_files import flow_files, flowlets_of
from ingest_cli.errors import CommandError
from mapping_dataflow.comparison import Change, differences
from mapping_dataflow.errors import MappingDataFlowErrors
from mapping_dataflow.flow import Flow, parse_flow


def add_to(parent: typer.Typer) -> None:
    """Makes `diff` a command of the parent."""
    parent.command(name="diff")(diff)


def diff(
    old: Annotated[Path, typer.Argument(help="A data flow, or a folder of them, as it was.")],
    new: Annotated[Path, typer.Argument(help="The same as it is now; flows of folders belong together by name.")],
    as_json: Annotated[bool, typer.Option("--json", help="A list of changes as JSON.")] = False,
) -> None:
    """Compare data flows by meaning, not text: exit code 0 for the same, 1 for another, 2 for what is unreadable."""
    try:
        found = _compared(old, new)
    except (CommandError, MappingDataFlowErrors) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if as_json:
        listed = [{"flow": flow, **asdict(change)} for flow, changes in found.items() for change in changes]
        typer.echo(json.dumps(listed, indent=2, ensure_ascii=False))
    else:
        for flow, changes in found.items():
            for change in changes:
                typer.echo(f"{flow}: {change}" if len(found) > 1 else str(change))
    raise typer.Exit(1 if any(found.values()) else 0)


def _compared(old: Path, new: Path) -> Mapping[str, tuple[Change, ...]]:
    before, after = _flows(old), _flows(new)
    flowlets = _flowlets(old, before), _flowlets(new, after)
    if len(before) == len(after) == 1:
        (one,), (other,) = before.values(), after.values()
        return {other.name: differences(one, other, flowlets)}
    found: dict[str, tuple[Change, ...]] = {}
    for name in [*before, *(name for name in after if name not in before)]:
        if name not in after:
            found[name] = (Change("flow removed", "", ""),)
        elif name not in before:
            found[name] = (Change("flow added", "", ""),)
        else:
            found[name] = differences(before[name], after[name], flowlets)
    return found


def _flows(path: Path) -> dict[str, Flow]:
    flows: dict[str, Flow] = {}
    for file in flow_files([path]):
        if file.unreadable is not None:
            place = file.unreadable
            raise CommandError(f"reading {file.path}", f"{place.cause} (line {place.line}, column {place.column})")
        for found in file.flows:
            if not found.other_language:
                flows[found.name] = parse_flow(found.document)
    if not flows:
        raise CommandError(f"reading {path}", "there is no data flow in it")
    return flows


def _flowlets(path: Path, flows: Mapping[str, Flow]) -> dict[str, Flow]:
    """The flowlets of a folder, or beside a flow, by name; broken ones are left to those who ask for them."""
    if path.is_dir():
        return {name: flow for name, flow in flows.items() if flow.kind == "Flowlet"}
    found: dict[str, Flow] = {}
    for name, document in (one for flow in flows.values() for one in flowlets_of(path, flow).items()):
        with suppress(MappingDataFlowErrors):
            found[name] = parse_flow(document)
    return found
