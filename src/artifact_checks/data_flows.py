"""What is wrong with the script of a data flow, as far as it does not depend on any schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from artifact_checks.findings import Finding, one_of
from mapping_dataflow.analysis.order import ordered
from mapping_dataflow.errors import MappingDataFlowErrors, ProblemCollector, ScriptError, counted
from mapping_dataflow.flow import Flow, ScriptText, parse_flow, script_text
from mapping_dataflow.functions.catalogue import ALL_NAMES, close_names
from mapping_dataflow.lowering.registry import TRANSFORMATIONS
from mapping_dataflow.script import syntax
from synapse_artifacts.documents import Artifact
from synapse_artifacts.load import Workspace

_RULES = "insertIf updateIf upsertIf deleteIf expectTrue expectUnique expectExists"
"""What alterRow and assert are made of; it is written like calls of functions."""
_WRITTEN_BY_STUDIO = "fuzzyCompare values"
"""Of fuzzy joins and of maps: in no list of functions, but Azure runs them.

https://learn.microsoft.com/azure/data-factory/data-flow-join
"""
_FUNCTIONS = frozenset(name.lower() for name in (*ALL_NAMES, *_RULES.split(), *_WRITTEN_BY_STUDIO.split()))
_LIBRARY_FUNCTION = re.compile(r"^\s*([A-Za-z_]\w*)\s*\(", re.MULTILINE)
_ENDPOINTS = (("sources", "source", ("source", "input")), ("sinks", "sink", ("sink", "output")))


def check_data_flow(artifact: Artifact, workspace: Workspace) -> Iterator[Finding]:
    """The problems of a mapping data flow or flowlet, those of the script with their place in it."""
    document = artifact.document
    try:
        script = script_text(document)
        flow = parse_flow(document)
    except MappingDataFlowErrors as errors:
        for error in errors.errors:
            yield _finding(error, document)
        return
    for error in _script_errors(flow, _library_functions(artifact, workspace)):
        yield _in_script(error, script)
    yield from _endpoints(document, flow)


def readable_script(flow: Artifact) -> syntax.Script | None:
    """The parsed script of a flow; None when it cannot be read, which is a problem of the flow alone."""
    try:
        return parse_flow(flow.document).script
    except MappingDataFlowErrors:
        return None


def _finding(error: ScriptError, document: Mapping[str, Any]) -> Finding:
    if error.script:
        return _in_script(error, script_text(document))
    return Finding("/properties/typeProperties", error.cause, error.expected, error.hint)


def _in_script(error: ScriptError, script: ScriptText) -> Finding:
    start = error.span.start
    pointer = script.pointer(start)
    part = next((each.start for each in reversed(script.parts) if each.start <= start), 0)
    place = f"the script, line {error.position.line}, column {error.position.column}"
    return Finding(pointer, f"{error.cause} ({place})", error.expected, error.hint, start - part)


def _library_functions(artifact: Artifact, workspace: Workspace) -> frozenset[str] | None:
    """Lower-case names of the functions in the libraries that a flow refers to; None when one cannot be read."""
    names: set[str] = set()
    entries = artifact.properties["typeProperties"].get("udfLibraries")
    for entry in entries if isinstance(entries, list) else ():
        library = workspace.find("dataflow", str(entry.get("referenceName"))) if isinstance(entry, Mapping) else None
        held = library.properties.get("typeProperties") if library else None
        if not isinstance(held, Mapping):
            return None
        lines = held.get("scriptLines")
        text = "\n".join([str(held.get("script")), *(map(str, lines) if isinstance(lines, list) else ())])
        names.update(name.lower() for name in _LIBRARY_FUNCTION.findall(text))
    return frozenset(names)


def _script_errors(flow: Flow, library: frozenset[str] | None) -> list[ScriptError]:
    known = None if library is None else _FUNCTIONS | library
    problems = ProblemCollector("checking", flow.subject, flow.text)
    ordered(flow.script.statements, problems)
    for statement in flow.script.statements:
        _check_verb(statement, problems)
        for call in _calls(statement.arguments):
            if known is not None and call.name.lower() not in known:
                close = close_names(call.name)
                expected = f"one of {', '.join(close)}" if close else ""
                problems.report(f"there is no function {call.name!r}", call.span, expected=expected)
    return problems.located()


def _check_verb(statement: syntax.Statement, problems: ProblemCollector) -> None:
    verb, count = statement.verb, len(statement.inputs)
    known = TRANSFORMATIONS.get(verb)
    if known is None:
        cause = f"there is no transformation {verb!r}"
        problems.report(cause, statement.verb_span, expected=one_of(verb, TRANSFORMATIONS))
    elif count < known.fewest or (known.most is not None and count > known.most):
        expected = f"at least {known.fewest}" if known.most is None else f"{known.fewest}"
        problems.report(
            f"{verb} {statement.name!r} reads {counted(count, 'stream')}", statement.verb_span, expected=expected
        )


def _calls(node: object) -> Iterator[syntax.FunctionCall]:
    if isinstance(node, syntax.FunctionCall):
        yield node
    if isinstance(node, tuple):
        for part in node:
            yield from _calls(part)
    elif is_dataclass(node):
        for field in fields(node):
            yield from _calls(getattr(node, field.name))


def _endpoints(document: Mapping[str, Any], flow: Flow) -> Iterator[Finding]:
    """Sources, sinks and transformations that the document lists and the script does not have, and the reverse."""
    inner = document["properties"]["typeProperties"]
    statements = {statement.name: statement.verb for statement in flow.script.statements}
    for key, word, verbs in _ENDPOINTS:
        names = [name for name, verb in statements.items() if verb in verbs]
        entries = inner.get(key) or []
        for index, entry in enumerate(entries):
            pointer = f"/properties/typeProperties/{key}/{index}/name"
            if entry["name"] not in names:
                cause = f"the script has no {word} '{entry['name']}'"
                yield Finding(pointer, cause, one_of(entry["name"], names))
        listed = {entry["name"] for entry in entries}
        # A name that the script does not have is probably meant for the one that is missing.
        for name in names if listed <= {*names} else ():
            if name not in listed and statements[name] == word:
                yield Finding(f"/properties/typeProperties/{key}", f"the script's {word} '{name}' is not listed here")
    for index, entry in enumerate(inner.get("transformations") or []):
        if entry["name"] not in statements:
            pointer = f"/properties/typeProperties/transformations/{index}/name"
            cause = f"the script has no transformation '{entry['name']}'"
            yield Finding(pointer, cause, one_of(entry["name"], statements))
