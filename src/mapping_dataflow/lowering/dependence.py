"""The part of a flow that one of its streams depends on."""

from __future__ import annotations

from dataclasses import replace

from mapping_dataflow.flow import Flow, document_error
from mapping_dataflow.lowering.caches import cache_calls


def flow_up_to(stream: str, flow: Flow) -> Flow:
    """The flow with nothing but what a stream depends on, cache sinks included. Raises MappingDataFlowErrors."""
    by_name = {statement.name: statement for statement in flow.script.statements}
    needed: set[str] = set()
    waiting = [stream.partition("@")[0]]
    if waiting[0] not in by_name:
        raise document_error(flow.name, f"there is no stream {stream!r}", "one of " + ", ".join(by_name))
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in needed:
            needed.add(name)
            waiting += [one.name for one in by_name[name].inputs]
            waiting += [call.sink for call in cache_calls(by_name[name])]
    kept = tuple(statement for statement in flow.script.statements if statement.name in needed)
    return replace(flow, script=replace(flow.script, statements=kept))
