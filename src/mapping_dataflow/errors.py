"""Errors of the data flow compiler: where in the script, what was expected, and what to do about it.

A compiler run collects every problem of one flow and raises them once, as :class:`MappingDataFlowErrors`.
Not for errors of running a flow: the compiler never runs anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """Half-open range of character offsets in a script."""

    start: int
    end: int


class Position(NamedTuple):
    """Place in a script, both counted from 1; columns count characters, a tab is one."""

    line: int
    column: int


NOWHERE = Span(0, 0)
_LONGEST_LINE = 240
_SHOWN_BEFORE = 120
"""Characters of a line that messages show, and how many of them before the place."""


def counted(count: int, noun: str) -> str:
    """``1 argument``, ``2 arguments``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def position_of(text: str, offset: int) -> Position:
    """Line and column of a character offset in ``text``."""
    return Position(text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)


@dataclass(frozen=True)
class Problem:
    """A problem found at a span, before it is known which script the span belongs to."""

    cause: str
    span: Span
    expected: str = ""
    hint: str = ""


class ProblemFound(Exception):
    """Leaves the analysis of one construct; always caught by whoever collects the problems of the flow."""

    def __init__(self, cause: str, span: Span, *, expected: str = "", hint: str = "") -> None:
        super().__init__(cause)
        self.problem = Problem(cause, span, expected, hint)


@dataclass(frozen=True)
class ScriptError:
    """One problem with its place. ``action`` and ``subject`` make the message's head: ``parsing flow "x": …``."""

    action: str
    subject: str
    cause: str
    script: str
    span: Span
    expected: str = ""
    hint: str = ""

    @property
    def position(self) -> Position:
        """Line and column where the underlined span starts."""
        return position_of(self.script, self.span.start)

    def __str__(self) -> str:
        place = self.position
        parts = [f"{self.action} {self.subject}: {self.cause}"]
        if self.script:
            parts[0] += f" (line {place.line}, column {place.column})"
            parts += _underlined(self.script, self.span, place)
        if self.expected:
            parts.append(f"  expected {self.expected}")
        if self.hint:
            parts.append(f"  hint: {self.hint}")
        return "\n".join(parts)


def _underlined(script: str, span: Span, place: Position) -> list[str]:
    """The line of the script that holds the span's start, and a line of carets under the span."""
    line_start = span.start - place.column + 1
    line_end = script.find("\n", line_start)
    line = script[line_start : len(script) if line_end < 0 else line_end].rstrip()
    width = max(1, min(span.end, line_start + len(line)) - span.start)
    before = line[: place.column - 1]
    if len(line) > _LONGEST_LINE:
        # Scripts are published in one line, too.
        before = before if len(before) < _SHOWN_BEFORE else "…" + before[1 - _SHOWN_BEFORE :]
        behind = line[place.column - 1 :]
        room = _LONGEST_LINE - len(before)
        line = before + (behind if len(behind) <= room else behind[: room - 1] + "…")
        width = min(width, room)
    margin = f"{place.line} | "
    pad = "".join("\t" if character == "\t" else " " for character in before)
    return [f"  {margin}{line}", "  " + " " * (len(margin) - 2) + "| " + pad + "^" * width]


class MappingDataFlowErrors(Exception):
    """Every problem of one flow; ``errors`` is never empty."""

    def __init__(self, errors: Sequence[ScriptError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class ProblemCollector:
    """Collects the problems of one script and raises them together."""

    def __init__(self, action: str, subject: str, script: str) -> None:
        self.action = action
        self.subject = subject
        self.script = script
        self._problems: list[Problem] = []
        self._included: list[ProblemCollector] = []

    def add(self, problem: Problem) -> None:
        """Keep a problem; the same problem at the same place is kept once."""
        if problem not in self._problems:
            self._problems.append(problem)

    def report(self, cause: str, span: Span, *, expected: str = "", hint: str = "") -> None:
        """Keep a problem given by its parts."""
        self.add(Problem(cause, span, expected, hint))

    @property
    def found(self) -> bool:
        """True when at least one problem was kept."""
        return bool(self._problems) or any(included.found for included in self._included)

    def include(self, other: ProblemCollector) -> None:
        """Report the problems of another script, which is part of this one, behind its own."""
        if other is not self and other not in self._included:
            self._included.append(other)

    def located(self) -> list[ScriptError]:
        """The problems with their scripts, in the order of each script."""
        ordered = sorted(self._problems, key=lambda problem: problem.span)
        own = [self._located(problem) for problem in ordered]
        return own + [error for included in self._included for error in included.located()]

    def raise_if_any(self) -> None:
        """Raise :class:`MappingDataFlowErrors` with all problems in script order, if there are any."""
        errors = list(dict.fromkeys(self.located()))
        if errors:
            raise MappingDataFlowErrors(errors)

    def _located(self, problem: Problem) -> ScriptError:
        return ScriptError(
            self.action, self.subject, problem.cause, self.script, problem.span, problem.expected, problem.hint
        )
