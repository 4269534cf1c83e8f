"""What `ingest dataflow run` is given, checked: names, parameters, and the documents beside the flow."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from dataflow_execution.flow_run import FlowDocuments
from ingest_cli.dataflow_files import flowlets_of, libraries_of, only_flow
from ingest_cli.dataflow_options import named_paths
from ingest_cli.errors import CommandError
from mapping_dataflow import MappingDataFlowErrors, SourceRequest, parameter_value, parse_flow
from mapping_dataflow.flow import Flow
from mapping_dataflow.script.printer import print_type


def flow_documents(path: Path, parameters: Sequence[str]) -> FlowDocuments:
    """The flow of a file, the flowlets and libraries beside it, and the values of its parameters.

    Raises CommandError for a file without one flow, and for parameters that are none of the flow's.
    """
    found = only_flow(path)
    try:
        flow = parse_flow(found.document)
    except MappingDataFlowErrors as errors:
        raise CommandError(f"running {path}", f"the flow has problems\n{errors}") from errors
    values = parameter_values(flow, parameters)
    return FlowDocuments(found.document, values, flowlets_of(path, flow), libraries_of(path, flow))


def parameter_values(flow: Flow, texts: Sequence[str]) -> dict[str, object]:
    """``NAME=VALUE`` texts as values: what is declared as a string stands as it is, unless it is written in quotes as
    pipelines write it; other types are expressions. Raises CommandError."""
    kinds = {declaration.name: print_type(declaration.type) for declaration in flow.script.parameters}
    values: dict[str, object] = {}
    for name, text in named_paths(texts, "--parameter").items() if texts else ():
        kind = kinds.get(name)
        if kind is None:
            listed = ", ".join(kinds)
            expected = f"one of {listed}" if listed else "none"
            raise CommandError("reading --parameter", f"the flow declares no parameter {name!r}", expected=expected)
        quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
        if kind == "string" and not quoted:
            values[name] = text
            continue
        try:
            values[name] = parameter_value(_as_literal(text))
        except MappingDataFlowErrors as errors:
            raise CommandError("reading --parameter", f"{name} is no {kind}\n{errors}") from errors
    return values


def _as_literal(text: str) -> str:
    """The words true, false and null as the language writes them."""
    return f"{text}()" if text.lower() in ("true", "false", "null") else text


def check_named(
    documents: FlowDocuments, sources: Mapping[str, str], sinks: Mapping[str, str], requests: Sequence[SourceRequest]
) -> None:
    """Every source of these requests is given, nothing is given that the flow does not have, and sinks have places that
    can be written.

    Raises CommandError with all that is missing.
    """
    parsed = parse_flow(documents.flow)
    by_verb = {
        verb: [statement.name for statement in parsed.script.statements if statement.verb == verb]
        for verb in ("source", "sink")
    }
    needed = [request.stream for request in requests]
    known = dict.fromkeys([*by_verb["source"], *needed])
    problems = [f"there is no source {name!r}" for name in sources if name not in known]
    problems += [f"there is no sink {name!r}" for name in sinks if name not in by_verb["sink"]]
    if problems:
        listed = f"sources {', '.join(known) or 'none'}; sinks {', '.join(by_verb['sink']) or 'none'}"
        raise CommandError("reading the command line", "; ".join(problems), expected=listed)
    blocked = [f"sink {name!r}: {cause}" for name, place in sinks.items() if (cause := _blocked(place))]
    if blocked:
        expected = "a folder or a file that may be written"
        raise CommandError("reading the command line", "; ".join(blocked), expected=expected)
    missing = [name for name in needed if name not in sources]
    if missing:
        options = " ".join(f"--source {name}=PATH" for name in missing)
        raise CommandError("reading the command line", f"no rows for {', '.join(missing)}", hint=f"give {options}")


def _blocked(place: str) -> str:
    """Why nothing can be written at a place, as far as can be seen before; nothing where it can."""
    if "://" in place:
        return ""
    places = (Path(place), *Path(place).absolute().parents)
    existing = next(each for each in places if os.path.exists(each))  # noqa: PTH110  # a name may be too long for one
    if existing != Path(place) and not existing.is_dir():
        return f"{existing} is no folder"
    return "" if os.access(existing, os.W_OK) else f"{existing} may not be written"
