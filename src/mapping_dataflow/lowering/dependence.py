"""The part of a flow that one of its streams depends on."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

from mapping_dataflow.flow import Flow, document_error
from mapping_dataflow.lowering.caches import cache_calls


def named_stream(stream: str, flow: Flow) -> str:
    """The stream that somebody calls so: of a transformation with one output this may be the transformation's name.

    Raises MappingDataFlowErrors, which list what may be named.
    """
    outputs = {
        statement.name: [f"{statement.name}@{output}" for output in statement.outputs] or [statement.name]
        for statement in flow.script.statements
    }
    streams = [name for names in outputs.values() for name in names]
    if stream in streams:
        return stream
    own = outputs.get(stream, [])
    if len(own) == 1:
        return own[0]
    if own:
        cause = f"the transformation {stream!r} has several outputs"
        raise document_error(flow.name, cause, "one of " + ", ".join(own))
    near = [name for name in streams if name.endswith(f"@{stream}")] or get_close_matches(stream, streams)
    hint = f"did you mean {' or '.join(near)}?" if near else ""
    raise document_error(flow.name, f"there is no stream {stream!r}", "one of " + ", ".join(streams), hint)


def flow_up_to(stream: str, flow: Flow) -> Flow:
    """The flow with nothing but what a stream depends on, cache sinks included."""
    by_name = {statement.name: statement for statement in flow.script.statements}
    needed: set[str] = set()
    waiting = [stream.partition("@")[0]]
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in needed:
            needed.add(name)
            waiting += [one.name for one in by_name[name].inputs]
            waiting += [call.sink for call in cache_calls(by_name[name])]
    kept = tuple(statement for statement in flow.script.statements if statement.name in needed)
    return replace(flow, script=replace(flow.script, statements=kept))
