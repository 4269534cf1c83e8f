"""Columns of a stream, the names they can be reached by, and the scope in which an expression's names are resolved.

A column carries its aliases, newest first: every stream it passed through with the name it had there. So
``stream@column`` finds a column of any ancestor stream (section 6 of the language's rules: a third of the qualified
references in published flows are of that kind).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from mapping_dataflow.analysis.datatypes import DataType
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.script import syntax
from mapping_dataflow.script.printer import print_name

DYNAMIC = "∗"
"""Name of the column by which lineage stands for all those that are known only when the data is: it is no asterisk,
so that no column of any data is called so. Patterns may match it or not, and any name that is asked for may mean it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a relation. ``key`` is its SQL name, unique in the relation whatever the case of letters.

    A column with a ``mark`` holds no data but what is known about its row (see ``lowering.marks``): it travels with
    the rows, and no name or pattern means it.
    """

    name: str
    type: DataType
    key: str
    origin: str = ""
    aliases: tuple[tuple[str, str], ...] = ()
    drifted: bool = False
    nullable: bool = True
    mark: str = ""

    def changed(self, *, key: str | None = None, name: str | None = None, type: DataType | None = None) -> Column:
        """The column with what is given. There are thousands of columns, and replace() takes three times as long."""
        return Column(
            self.name if name is None else name,
            self.type if type is None else type,
            self.key if key is None else key,
            self.origin,
            self.aliases,
            self.drifted,
            self.nullable,
            self.mark,
        )

    @property
    def dynamic(self) -> bool:
        """True for a column that stands for columns that are not known yet."""
        return DYNAMIC in self.name


@dataclass(frozen=True, slots=True)
class StreamColumns:
    """The columns of one input of a statement, with the names under which the stream is known."""

    streams: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A column and the number of the input it belongs to."""

    column: Column
    input: int


@dataclass(frozen=True)
class Scope:
    """The inputs of a statement; resolves column names."""

    inputs: tuple[StreamColumns, ...]
    _by_name: dict[str, list[Resolved]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for found in self.columns():
            self._by_name.setdefault(found.column.name, []).append(found)

    def columns(self) -> Iterator[Resolved]:
        """All columns of data, input by input."""
        for number, stream in enumerate(self.inputs):
            for column in stream.columns:
                if not column.mark:
                    yield Resolved(column, number)

    def marked(self, mark: str, number: int) -> Resolved | None:
        """The column of an input that holds this mark of its rows."""
        columns = self.inputs[number].columns if number < len(self.inputs) else ()
        return next((Resolved(column, number) for column in columns if column.mark == mark), None)

    def find(self, name: str) -> list[Resolved]:
        """Columns that are called ``name`` now."""
        return self._by_name.get(name, [])

    def find_qualified(self, stream: str, name: str) -> list[Resolved]:
        """Columns for ``stream@name``: of the input of that name, else the nearest of the ancestor of that name."""
        for number, source in enumerate(self.inputs):
            if stream in source.streams:
                return [found for found in self.find(name) if found.input == number] or self._ancestors(stream, name)
        found = self._ancestors(stream, name)
        path, at, last = stream.rpartition("@")
        # ``join@source@column`` names the way to the column; the last stream decides when it is no output of a split.
        return found if found or not at or not path else self.find_qualified(last, name)

    def _ancestors(self, stream: str, name: str) -> list[Resolved]:
        best: list[Resolved] = []
        best_depth = 1 << 30
        wanted = (stream, name)
        for found in self.columns():
            aliases = found.column.aliases
            if wanted in aliases and (depth := aliases.index(wanted)) <= best_depth:
                best = [found] if depth < best_depth else [*best, found]
                best_depth = depth
        return best

    def resolve(self, node: syntax.ColumnName, *, first: bool = False) -> Resolved:
        """The column that a name means; ``first`` takes the first of several. Raises ProblemFound."""
        candidates = self.candidates(node)
        if len(candidates) == 1 or ((first or node.stream is not None) and candidates):
            return candidates[0]  # a stream's name is there: the stream's first column is meant
        if candidates:
            raise self._ambiguous(node, candidates)
        raise self._missing(node.name, node.stream, node.span)

    def candidates(self, node: syntax.ColumnName) -> list[Resolved]:
        """All columns that a name may mean; ``{stream@column}`` in braces is a column of that name, else qualified."""
        if node.stream is not None:
            return self._qualified(node.stream, node.name)
        stream, _, name = node.name.rpartition("@")
        return self.find(node.name) or (self.find_qualified(stream, name) if stream else [])

    def _qualified(self, stream: syntax.StreamName, name: str) -> list[Resolved]:
        return self.find_qualified(str(stream), name)

    def _ambiguous(self, node: syntax.ColumnName, candidates: list[Resolved]) -> ProblemFound:
        ways = [
            f"{print_stream(one.column.aliases[0][0])}@{print_name(node.name)}"
            for one in candidates
            if one.column.aliases
        ]
        if len(set(ways)) < len(candidates):
            ways = [way for one in candidates if (way := self._distinct_way(one))]
        hint = "say which one: " + " or ".join(ways) if ways else "rename one of them with a select before"
        return ProblemFound(f"the column {node.name!r} is ambiguous", node.span, expected="one column", hint=hint)

    def _distinct_way(self, one: Resolved) -> str:
        """``stream@column`` that means this column and no other."""
        for stream, name in one.column.aliases:
            if self.find_qualified(stream, name) == [one]:
                return f"{print_stream(stream)}@{print_name(name)}"
        return ""

    def missing(self, name: str, span: Span) -> ProblemFound:
        """The problem of a column that no input has."""
        return self._missing(name, None, span)

    def _missing(self, name: str, stream: syntax.StreamName | None, span: Span) -> ProblemFound:
        known = [found.column.name for found in self.columns()]
        if stream is not None:
            if str(stream) not in self._streams():
                return self.unknown_stream(str(stream), stream.span)
            known = [alias[1] for found in self.columns() for alias in found.column.aliases if alias[0] == str(stream)]
        elif name in {one for source in self.inputs for one in source.streams}:
            return ProblemFound(
                f"{name!r} is a stream, no column", span, hint=f"{print_name(name)}@column is a column of it"
            )
        place = f"the stream {str(stream)!r}" if stream is not None else "the input"
        close = [one for one in known if one.lower() == name.lower()] or get_close_matches(name, known, n=2)
        shown = list(dict.fromkeys(known))
        listed = ", ".join(shown[:12]) + (f" … ({len(shown)} columns)" if len(shown) > 12 else "")
        return ProblemFound(
            f"{place} has no column {name!r}",
            span,
            expected=f"one of {listed}" if listed else "",
            hint="did you mean " + " or ".join(print_name(one) for one in dict.fromkeys(close)) + "?" if close else "",
        )

    def _streams(self) -> set[str]:
        """The names of the inputs, and of the streams that their columns passed."""
        passed = {alias[0] for found in self.columns() for alias in found.column.aliases}
        return passed | {one for source in self.inputs for one in source.streams}

    def unknown_stream(self, name: str, span: Span) -> ProblemFound:
        """The problem of a stream that no column here comes from."""
        streams = sorted(self._streams())
        close = get_close_matches(name, streams, n=2)
        return ProblemFound(
            f"no column here comes from a stream {name!r}",
            span,
            expected="one of the streams " + ", ".join(streams),
            hint="did you mean " + " or ".join(close) + "?" if close else "",
        )


def print_stream(stream: str) -> str:
    """A stream's name as it is written before ``@``."""
    name, at, output = stream.partition("@")
    return print_name(name) + (at + print_name(output) if at else "")


class KeyMaker:
    """Hands out SQL names for the columns of one relation, unique whatever the case of letters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def key(self, name: str) -> str:
        """The name itself if it is free, else the name with a number."""
        base = name or "_"
        candidate, number = base, 1
        while candidate.lower() in self._taken:
            number += 1
            candidate = f"{base}__{number}"
        self._taken.add(candidate.lower())
        return candidate


def with_stream(columns: Iterable[Column], *streams: str) -> tuple[Column, ...]:
    """The columns with the streams they now belong to as newest aliases."""
    return tuple(
        Column(
            column.name,
            column.type,
            column.key,
            column.origin,
            (*[(stream, column.name) for stream in streams], *column.aliases),
            column.drifted,
            column.nullable,
            column.mark,
        )  # thousands of them: replace() would take longer than all else here
        for column in columns
    )
