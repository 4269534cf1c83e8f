"""What differs in meaning between two data flows: not text, order, layout, parentheses or ways of writing a literal.

Streams belong together by name; one that is gone and one that is new are the same, renamed, when they do the same to
the same streams. Columns are compared for every stream, as far as the declared schemas of the sources tell them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mapping_dataflow.analysis.columns import Column
from mapping_dataflow.errors import ProblemCollector
from mapping_dataflow.flow import Endpoint, Flow
from mapping_dataflow.meaning import Said, said_by, without_layout
from mapping_dataflow.relations import Stage
from mapping_dataflow.script import syntax
from mapping_dataflow.script.printer import print_expression, print_type
from mapping_dataflow.tracing import analysed


@dataclass(frozen=True)
class Change:
    """One difference; ``stream`` is empty for parameters. ``old`` or ``new`` is None where there was or is none."""

    kind: str
    stream: str
    name: str
    old: str | None = None
    new: str | None = None

    def __str__(self) -> str:
        place = f"{self.stream}: " if self.stream else ""
        head = f"{place}{self.kind}" + (f" {self.name}" if self.name else "")
        if self.old is not None and self.new is not None:
            return f"{head}: {self.old} -> {self.new}"
        if self.old is not None or self.new is not None:
            return f"{head}: {self.old if self.new is None else self.new}"
        return head


def differences(
    old: Flow, new: Flow, flowlets: tuple[Mapping[str, Flow], Mapping[str, Flow]] | None = None
) -> tuple[Change, ...]:
    """Every difference in meaning, parameters first, then stream by stream in the order of the new script."""
    before, after = _by_name(old), _by_name(new)
    renames = _renames(before, after)
    changes = list(_parameters(old, new))
    changes += [Change("stream removed", name, "") for name in before if name not in after and name not in renames]
    old_flowlets, new_flowlets = flowlets or ({}, {})
    columns = _columns(old, old_flowlets), _columns(new, new_flowlets)
    came_from = {now: name for name, now in renames.items()}
    for name, statement in after.items():
        was = came_from.get(name, name)
        if was not in before:
            changes.append(Change("stream added", name, "", None, statement.verb))
            continue
        if was != name:
            changes.append(Change("stream renamed", name, "", was, name))
        changes += _statement(before[was], statement, renames)
        changes += _endpoint(_reference(old, was), _reference(new, name), name)
        for output in statement.outputs or ("",):
            ends = (f"{was}@{output}", f"{name}@{output}") if output else (was, name)
            changes += _column_changes(name, columns[0].get(ends[0]), columns[1].get(ends[1]))
    return tuple(dict.fromkeys(changes))


def _by_name(flow: Flow) -> dict[str, syntax.Statement]:
    return {statement.name: without_layout(statement) for statement in flow.script.statements}


def _renames(before: Mapping[str, syntax.Statement], after: Mapping[str, syntax.Statement]) -> dict[str, str]:
    """Old name -> new name of streams that only their name tells apart; each rename may show another."""
    renames: dict[str, str] = {}
    gone = [one for name, one in before.items() if name not in after]
    come = [one for name, one in after.items() if name not in before]
    found = True
    while found:
        found = False
        for one in [each for each in gone if each.name not in renames]:
            renamed = _with_names(one, renames)
            free = [each for each in come if each.name not in renames.values()]
            same = next((each for each in free if replace(renamed, name=each.name) == each), None)
            if same is not None:
                renames[one.name] = same.name
                found = True
    return renames


def _with_names(statement: syntax.Statement, renames: Mapping[str, str]) -> syntax.Statement:
    return without_layout(statement, renames) if renames else statement


def _parameters(old: Flow, new: Flow) -> Iterator[Change]:
    before = {one.name: one for one in old.script.parameters}
    after = {one.name: one for one in new.script.parameters}
    for name in [*before, *(name for name in after if name not in before)]:
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            kind = "parameter removed" if now is None else "parameter added"
            types = [None if one is None else print_type(one.type) for one in (was, now)]
            yield Change(kind, "", name, *types)
            continue
        if was.type != now.type:
            yield Change("parameter retyped", "", name, print_type(was.type), print_type(now.type))
        if without_layout(was.default) != without_layout(now.default):
            yield Change("parameter default", "", name, _text(was.default), _text(now.default))


def _text(expression: syntax.Expression | None) -> str:
    return "none" if expression is None else print_expression(expression)


def _statement(old: syntax.Statement, new: syntax.Statement, renames: Mapping[str, str]) -> Iterator[Change]:
    old = _with_names(old, renames)
    if old.verb != new.verb:
        yield Change("transformation", new.name, "", old.verb, new.verb)
    if old.inputs != new.inputs:
        yield Change("inputs", new.name, "", ", ".join(map(str, old.inputs)), ", ".join(map(str, new.inputs)))
    if old.outputs != new.outputs:
        yield Change("outputs", new.name, "", ", ".join(old.outputs), ", ".join(new.outputs))
    before, after = said_by(old), said_by(new)
    for key in [*before, *(key for key in after if key not in before)]:
        yield from _said(key, before.get(key), after.get(key), new.name)


def _said(key: tuple[str, str], old: Said | None, new: Said | None, stream: str) -> Iterator[Change]:
    kind, name = key
    if old is None and new is not None:
        yield Change(f"{kind} added", stream, name, None, new.text)
    elif new is None and old is not None:
        yield Change(f"{kind} removed", stream, name, old.text)
    elif old is not None and new is not None and old.text != new.text:
        yield Change(f"{kind} changed", stream, name, old.text, new.text)


def _reference(flow: Flow, stream: str) -> Endpoint | None:
    return next((one for one in (*flow.sources, *flow.sinks, *flow.transformations) if one.stream == stream), None)


def _endpoint(old: Endpoint | None, new: Endpoint | None, stream: str) -> Iterator[Change]:
    for name in ("dataset", "linked_service", "flowlet"):
        was, now = getattr(old, name, None), getattr(new, name, None)
        if was != now:
            yield Change(name.replace("_", " "), stream, "", was or "none", now or "none")


def _columns(flow: Flow, flowlets: Mapping[str, Flow]) -> Mapping[str, Stage]:
    """The stages whose columns are known; what cannot be compiled has none here."""
    return analysed(flow, {}, {}, flowlets, ProblemCollector("comparing", flow.subject, flow.text))


def _column_changes(stream: str, old: Stage | None, new: Stage | None) -> Iterator[Change]:
    if old is None or new is None:
        return
    before, after = _types(old.columns), _types(new.columns)
    for name in [*before, *(name for name in after if name not in before)]:
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        kind = "column added" if was is None else "column dropped" if now is None else "column retyped"
        yield Change(kind, stream, name, was, now)


def _types(columns: tuple[Column, ...]) -> dict[str, str]:
    return {column.name: str(column.type) for column in columns if not column.dynamic and not column.mark}
