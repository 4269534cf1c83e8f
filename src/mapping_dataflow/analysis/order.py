"""Order of a script's statements by dependence. Scripts list them in any order; forward references are normal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from mapping_dataflow.errors import ProblemCollector
from mapping_dataflow.script import syntax

Asked = Mapping[str, tuple[syntax.StreamName, ...]]
"""By statement: the cache sinks that its expressions ask."""


def ordered(
    statements: Sequence[syntax.Statement], problems: ProblemCollector, asked: Asked | None = None
) -> list[syntax.Statement]:
    """The statements, each after those it reads; problems (unknown stream, cycle, double name) are kept.

    Statements that cannot be placed are left out.
    """
    asked = asked or {}
    by_name: dict[str, syntax.Statement] = {}
    for statement in statements:
        if statement.name in by_name:
            problems.report(
                f"two statements are called {statement.name!r}",
                statement.name_span,
                hint="give one of them another name",
            )
        by_name[statement.name] = statement
    for statement in statements:
        for stream in statement.inputs:
            _check_stream(stream, by_name, problems)
    result: list[syntax.Statement] = []
    state: dict[str, str] = {}
    for statement in by_name.values():
        _place(statement, by_name, state, result, problems, asked)
    return result


def _check_stream(stream: syntax.StreamName, by_name: dict[str, syntax.Statement], problems: ProblemCollector) -> None:
    statement = by_name.get(stream.name)
    if statement is None:
        close = get_close_matches(stream.name, sorted(by_name), n=2)
        problems.report(
            f"there is no stream {stream.name!r}",
            stream.span,
            expected="one of " + ", ".join(sorted(by_name)) if by_name else "",
            hint="did you mean " + " or ".join(close) + "?" if close else "",
        )
    elif stream.output is None and statement.outputs:
        problems.report(
            f"{stream.name!r} has several outputs",
            stream.span,
            expected="one of " + ", ".join(f"{stream.name}@{output}" for output in statement.outputs),
        )
    elif stream.output is not None and stream.output not in statement.outputs:
        listed = ", ".join(statement.outputs)
        problems.report(
            f"{stream.name!r} has no output {stream.output!r}",
            stream.span,
            expected=f"one of {listed}" if listed else "the stream alone",
        )


def _place(
    statement: syntax.Statement,
    by_name: dict[str, syntax.Statement],
    state: dict[str, str],
    result: list[syntax.Statement],
    problems: ProblemCollector,
    asked: Asked,
) -> None:
    """Depth first with an explicit stack, since generated scripts chain hundreds of statements."""
    stack: list[tuple[syntax.Statement, int]] = [(statement, 0)]
    while stack:
        current, position = stack.pop()
        if position == 0:
            if state.get(current.name) is not None:
                continue
            state[current.name] = "open"
        reads = (*current.inputs, *asked.get(current.name, ()))
        if position < len(reads):
            stack.append((current, position + 1))
            following = by_name.get(reads[position].name)
            if following is not None and state.get(following.name) == "open":
                way = [one.name for one, _ in stack]
                way = [*way[way.index(following.name) :], following.name]
                problems.report(
                    f"the stream {following.name!r} depends on itself: {' reads '.join(way)}", reads[position].span
                )
            elif following is not None and following.name not in state:
                stack.append((following, 0))
            continue
        state[current.name] = "placed"
        result.append(current)
