"""The arguments of one statement, by form. Every property and block must be claimed or is refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from mapping_dataflow.analysis.computed import constant_value
from mapping_dataflow.analysis.constants import Value, converted, is_constant
from mapping_dataflow.analysis.datatypes import BOOLEAN, LONG, STRING, DataType
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.errors import ProblemCollector, ProblemFound, counted
from mapping_dataflow.expressions import ColumnReference, OpenParameter, SecretParameter, TypedExpression, walk
from mapping_dataflow.lowering.endpoint_settings import SINK_WITHOUT_EFFECT, SOURCE_WITHOUT_EFFECT
from mapping_dataflow.script import syntax

HINTS: Mapping[str, frozenset[str]] = {
    "exists": frozenset({"broadcast"}),
    "join": frozenset({"broadcast", "ignoreSpaces", "scoreColumn"}),
    "lookup": frozenset({"broadcast"}),
    "sink": frozenset(SINK_WITHOUT_EFFECT),
    "source": frozenset(SOURCE_WITHOUT_EFFECT),
    "unpivot": frozenset({"lateral"}),
}
"""By verb: properties that are known and change nothing about the rows. (``ignoreSpaces`` and ``scoreColumn`` belong to
fuzzy joins, which are refused; without one they say nothing. ``unpivot`` makes one column of values, so that
``lateral`` has none to put in order.)"""
BLOCK_HINTS = frozenset({"partitionBy"})
"""Blocks that are hints in every statement; sinks of files read theirs."""
_FILE_FORMATS = ("avro", "delimited", "delimitedtext", "delta", "excel", "json", "orc", "parquet", "xml")
_LISTED = 20
"""So many names are still read by people."""


class Arguments:
    """The arguments of a statement by form, with the constant values of its properties.

    With ``problems`` what is wrong about a property, a block or a declaration is kept there, and the statement is read
    on as if it were not written; else the first such problem is raised.
    """

    def __init__(
        self, statement: syntax.Statement, environment: Environment, problems: ProblemCollector | None = None
    ) -> None:
        self.statement = statement
        self.environment = environment
        self._problems = problems
        self.properties: dict[str, syntax.Property] = {}
        self.blocks: list[syntax.Block] = []
        self.columns: list[syntax.Columns] = []
        self.assignments: list[syntax.Assignment] = []
        self.positional: list[syntax.Positional] = []
        for argument in statement.arguments:
            match argument:
                case syntax.Property():
                    if argument.name in self.properties:
                        self._refuse(ProblemFound(f"the property {argument.name!r} is given twice", argument.span))
                    self.properties[argument.name] = argument
                case syntax.Block():
                    self.blocks.append(argument)
                case syntax.Columns():
                    self.columns.append(argument)
                case syntax.Assignment():
                    self.assignments.append(argument)
                case syntax.Positional():
                    self.positional.append(argument)

    def _refuse(self, found: ProblemFound) -> None:
        """Keep a problem, or raise it where nobody keeps it."""
        if self._problems is None:
            raise found
        self._problems.add(found.problem)

    def allow(
        self,
        *,
        properties: Iterable[str] = (),
        blocks: Iterable[str] = (),
        columns: Iterable[str] = (),
        assignments: bool = False,
        positional: int | None = 0,
    ) -> None:
        """Refuse by name everything else than what is listed. ``positional`` None allows any number."""
        verb = self.statement.verb
        known = set(properties)
        for name, argument in self.properties.items():
            if name not in known and name not in HINTS.get(verb, frozenset()):
                self._refuse(_unknown_property(verb, name, known, argument))
        allowed_blocks = set(blocks) | BLOCK_HINTS
        claimed = [(block.name, block.span, allowed_blocks) for block in self.blocks]
        claimed += [(declared.name, declared.span, set(columns)) for declared in self.columns]
        for name, span, allowed in claimed:
            if name not in allowed:
                self._refuse(ProblemFound(f"{verb} does not support {name}(…) here", span))
        if self.assignments and not assignments:
            hint = "== compares, = assigns" if positional != 0 else ""
            unexpected = ProblemFound(f"{verb} takes no assignments", self.assignments[0].span, hint=hint)
            if positional is not None and len(self.positional) != positional:
                raise unexpected  # it may be meant for the condition
            self._refuse(unexpected)
        if positional is not None and len(self.positional) != positional:
            span = self.positional[-1].span if self.positional else self.statement.verb_span
            raise ProblemFound(
                f"{verb} has {counted(len(self.positional), 'condition')}",
                span,
                expected=str(positional) if positional else "none",
                hint="columns to group by stand in groupBy(…)" if "groupBy" in allowed_blocks else "",
            )

    def block(self, name: str) -> syntax.Block | None:
        """The only block of that name, or None. Raises ProblemFound when there are several."""
        found = [block for block in self.blocks if block.name == name]
        if len(found) > 1:
            raise ProblemFound(f"{name}(…) is given twice", found[1].span)
        return found[0] if found else None

    def declared(self, name: str) -> tuple[syntax.StructField, ...] | None:
        """The columns declared in ``output(…)`` or ``input(…)``."""
        found = [columns for columns in self.columns if columns.name == name]
        if len(found) > 1:
            raise ProblemFound(f"{name}(…) is given twice", found[1].span)
        return found[0].fields if found else None

    # ------------------------------------------------------------ properties

    def value(self, name: str) -> Value:
        """Constant value of a property; None when it is absent. Raises ProblemFound when it is no constant."""
        found = self.properties.get(name)
        if found is None:
            return None
        try:
            return self._constant(found.value, f"the property {name!r}")
        except ProblemFound as problem:
            self._refuse(problem)
            return None

    def _constant(self, node: syntax.Expression, what: str) -> Value:
        if not isinstance(node, syntax.MapLiteral):
            return constant(node, self.environment, what)
        return {
            constant(key, self.environment, what): constant(value, self.environment, what)
            for key, value in node.entries
        }

    def _typed(self, name: str, kind: DataType, default: Value) -> Value:
        value = self.value(name)
        if value is None:
            return default
        if converted(value, kind) is None or (kind == STRING and not isinstance(value, str)):
            self._refuse(ProblemFound(f"the property {name!r} is no {kind}", self.properties[name].span))
            return default
        return converted(value, kind)

    def text(self, name: str) -> str | None:
        """A property that is a string."""
        value = self._typed(name, STRING, None)
        return None if value is None else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """A property that is true or false, or a text that says so."""
        given = self.value(name)
        if given is not None and not isinstance(given, bool | str):
            self._refuse(ProblemFound(f"the property {name!r} is no boolean", self.properties[name].span))
            return default
        return bool(self._typed(name, BOOLEAN, default))

    def whole(self, name: str, default: int | None = None) -> int | None:
        """A property that is a whole number."""
        value = self._typed(name, LONG, default)
        return None if value is None else int(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A property that is a list of strings, or one string."""
        value = self.value(name)
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        return tuple("" if item is None else str(item) for item in items)

    def decided_by_run(self, names: Iterable[str]) -> dict[str, TypedExpression]:
        """Those of the properties that are no constants, but have one value for the run: the clock decides them."""
        found: dict[str, TypedExpression] = {}
        for name in sorted(self.properties.keys() & set(names)):
            value = self.properties[name].value
            if isinstance(value, syntax.MapLiteral):
                continue
            try:
                typed = check(value, self.environment)
            except ProblemFound:  # whoever asks for the value tells of it
                continue
            open_parts = any(isinstance(one, ColumnReference | OpenParameter | SecretParameter) for one in walk(typed))
            if not open_parts and not is_constant(typed):
                found[name] = typed
        return found

    def file_format(self) -> str | None:
        """The format of a source's or sink's files, or what else a connector calls a format of its own.

        Those are many, so that only a word that resembles a format of files is refused.
        """
        given = self.text("format")
        if given and given.lower() not in _FILE_FORMATS:
            close = get_close_matches(given.lower(), _FILE_FORMATS, n=1, cutoff=0.8)
            if close:
                span = self.properties["format"].span
                self._refuse(ProblemFound(f"{given!r} is no format", span, hint=f"did you mean {close[0]}?"))
        return given

    def choice(self, name: str, choices: dict[str, str], default: str) -> str:
        """A property with listed values; ``choices`` maps spellings to the canonical one."""
        value = self.text(name) or default
        if value not in choices:
            self._refuse(
                ProblemFound(
                    f"{value!r} is no {name}", self.properties[name].span, expected="one of " + ", ".join(choices)
                )
            )
            return choices[default]
        return choices[value]


def _unknown_property(verb: str, name: str, known: set[str], argument: syntax.Property) -> ProblemFound:
    """Few known properties are listed; of many, those that are spelled alike."""
    close = get_close_matches(name, sorted(known))
    listed = ", ".join(sorted(known)) if len(known) <= _LISTED else ""
    return ProblemFound(
        f"{verb} does not support the property {name!r}",
        argument.span,
        expected=f"one of {listed}" if listed else "no properties" if not known else "",
        hint="did you mean " + " or ".join(close) + "?" if close else "",
    )


def constant(node: syntax.Expression, environment: Environment, what: str) -> Value:
    """The value of a constant expression. Raises ProblemFound, which names ``what`` is not constant."""
    return constant_value(node, environment, check, what)


def conditions(arguments: Arguments) -> list[syntax.Expression]:
    """The bare expressions of the statement."""
    return [positional.expression for positional in arguments.positional]
