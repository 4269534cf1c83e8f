"""Cached lookups: ``sink#lookup(key)``, ``#mlookup(key)``, ``#output()`` and ``#outputs()`` as joins with a cache sink.

The first input of a statement that asks a cache gets hidden columns with the answers before the statement is lowered:
its expressions then read columns. A key that only its expression knows (a lambda's variable, the column of a pattern)
is looked for in all rows of the cache, which are a hidden column then. Names and conditions of patterns need an answer
before there are rows: they ask the caches alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.columns import Column, KeyMaker, Scope, StreamColumns
from mapping_dataflow.analysis.datatypes import BOOLEAN, Array, Struct
from mapping_dataflow.analysis.environment import CachedRows, Environment
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.analysis.special_functions import first_item
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.errors import ProblemFound, counted
from mapping_dataflow.expressions import Call, ColumnReference, Literal, StructOf, TypedExpression, walk
from mapping_dataflow.lowering.context import passed
from mapping_dataflow.lowering.marks import data_columns, reserved
from mapping_dataflow.relations import Aggregate, Join, JoinKind, Output, Project, Relation, Stage, StageReference
from mapping_dataflow.script import syntax

CACHED = "cached"
"""Mark of the hidden columns."""
_WITH_KEYS = frozenset({"lookup", "mlookup"})
_WITHOUT_KEYS = frozenset({"output", "outputs"})


@dataclass(frozen=True)
class Cache:
    """A cache sink: its result and the columns by which its rows are found."""

    stage: Stage
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Answered:
    """The inputs of a statement with the answers of caches, what each call means, and the stages that were made."""

    inputs: tuple[Stage, ...]
    calls: Mapping[syntax.CacheCall, TypedExpression]
    rows: Mapping[str, CachedRows]
    stages: tuple[Stage, ...] = ()


def cache_calls(statement: syntax.Statement) -> tuple[syntax.CacheCall, ...]:
    """The different calls of cache sinks in a statement, in their order; hints of distribution do not count."""
    asking = [
        argument
        for argument in statement.arguments
        if not (isinstance(argument, syntax.Block) and argument.name == "partitionBy")
    ]
    found = (part for argument in asking for part in syntax.nested(argument))
    return tuple(dict.fromkeys(part for part in found if isinstance(part, syntax.CacheCall)))


def answered(
    statement: syntax.Statement, inputs: tuple[Stage, ...], caches: Mapping[str, Cache], environment: Environment
) -> Answered:
    """The inputs with a hidden column for every call. Raises ProblemFound for a call that no cache can answer."""
    calls = cache_calls(statement)
    if not calls or not inputs:
        return Answered(inputs, {}, {})
    builder = _Builder(statement, list(inputs), environment)
    for call in calls:
        builder.add(call, _cache(call, caches))
    return builder.result()


def _cache(call: syntax.CacheCall, caches: Mapping[str, Cache]) -> Cache:
    cache = caches.get(call.sink)
    if cache is None:
        raise ProblemFound(
            f"there is no cache sink {call.sink!r}",
            call.span,
            expected="one of " + ", ".join(sorted(caches)) if caches else "a sink with store: 'cache'",
        )
    if call.function in _WITH_KEYS:
        if not cache.keys:
            raise ProblemFound(f"the cache sink {call.sink!r} has no keys", call.span, expected="keys: ['column']")
        if len(call.arguments) != len(cache.keys):
            raise ProblemFound(
                f"{call.function}() has {counted(len(call.arguments), 'key')}", call.span, expected=str(len(cache.keys))
            )
    elif call.function not in _WITHOUT_KEYS:
        raise ProblemFound(f"a cache sink has no function {call.function!r}", call.span)
    elif call.arguments:
        raise ProblemFound(f"{call.function}() takes no arguments", call.span)
    elif cache.keys and call.function == "outputs":
        raise ProblemFound(f"the cache sink {call.sink!r} has keys", call.span, expected="lookup(…) or mlookup(…)")
    return cache


def without_rows_of_inputs(caches: Mapping[str, Cache]) -> Mapping[str, CachedRows]:
    """The rows of each cache as the column of ``gathered`` that is called like it."""
    return {
        name: CachedRows(ColumnReference(name, Array(row_type(data_columns(cache.stage.columns)))), cache.keys)
        for name, cache in caches.items()
    }


def asked_of_caches(values: Mapping[str, TypedExpression], caches: Mapping[str, Cache]) -> Relation | None:
    """One row with values over the rows of caches, in columns of their names; None when no cache is asked."""
    parts = (part for expression in values.values() for part in walk(expression))
    asked = dict.fromkeys(part.key for part in parts if isinstance(part, ColumnReference))
    relation: Relation | None = None
    for name in asked:
        gathered = _gathered(name, caches[name])
        if relation is None:
            relation = gathered
            continue
        outputs = (*passed(relation.columns), *passed(gathered.columns, 1))
        relation = Join(relation, gathered, JoinKind.CROSS, Literal(True, BOOLEAN), outputs)
    if relation is None:
        return None
    return Project(relation, outputs_of(values))


def outputs_of(values: Mapping[str, TypedExpression]) -> tuple[Output, ...]:
    """Values as columns of their names."""
    return tuple(
        Output(Column(name, expression.type, f"value {number}"), expression)
        for number, (name, expression) in enumerate(values.items(), 1)
    )


def _gathered(name: str, cache: Cache) -> Relation:
    """All rows of a cache as an array in one column of one row."""
    columns = data_columns(cache.stage.columns)
    kind = Array(row_type(columns))
    collected = Output(Column(name, kind, name), Call("collect", (_row(columns),), kind))
    return Aggregate(StageReference(cache.stage.name, cache.stage.columns), (), (collected,))


def row_type(columns: tuple[Column, ...]) -> Struct:
    """The type of a cached row."""
    return Struct(tuple((column.name, column.type) for column in columns))


class _Builder:
    """Joins answers to the inputs, one call after the other."""

    def __init__(self, statement: syntax.Statement, inputs: list[Stage], environment: Environment) -> None:
        self.statement = statement
        self.inputs = inputs
        self.environment = environment
        self.relations: dict[int, Relation] = {}
        self.calls: dict[syntax.CacheCall, TypedExpression] = {}
        self.rows: dict[str, CachedRows] = {}
        self.columns = [list(stage.columns) for stage in inputs]

    def add(self, call: syntax.CacheCall, cache: Cache) -> None:
        """The answer of one call."""
        if call.function in _WITHOUT_KEYS:
            rows = self._all_rows(call.sink, cache).rows
            self.calls[call] = rows if call.function == "outputs" else first_item(rows)
            return
        found = self._keys(call)
        if found is None:
            self._all_rows(call.sink, cache)
        else:
            self.calls[call] = self._looked_up(call, cache, *found)

    def result(self) -> Answered:
        """The inputs with all answers."""
        made: list[Stage] = []
        inputs = list(self.inputs)
        for number, relation in self.relations.items():
            stage = inputs[number]
            name = f"{self.statement.name} {stage.name} with cached rows"
            inputs[number] = Stage(name, stage.streams, relation, tuple(self.columns[number]))
            made.append(inputs[number])
        return Answered(tuple(inputs), self.calls, self.rows, tuple(made))

    def _keys(self, call: syntax.CacheCall) -> tuple[int, list[TypedExpression]] | None:
        """The keys as expressions over one input; None when they are known inside an expression only."""
        for number, stage in enumerate(self.inputs):
            scope = Scope((StreamColumns(stage.streams, stage.columns),))
            try:
                return number, [check(node, replace(self.environment, scope=scope)) for node in call.arguments]
            except ProblemFound:
                continue
        return None

    def _relation(self, number: int) -> Relation:
        stage = self.inputs[number]
        return self.relations.get(number) or StageReference(stage.name, stage.columns)

    def _join(
        self, number: int, right: Relation, kind: JoinKind, on: TypedExpression, answer: Column
    ) -> ColumnReference:
        left = self._relation(number)
        key = reserved(left.columns).key(CACHED)
        column = Column(CACHED, answer.type, key, mark=CACHED)
        outputs = (*passed(left.columns), Output(column, ColumnReference(answer.key, answer.type, 1)))
        self.relations[number] = Join(left, right, kind, on, outputs)
        self.columns[number].append(column)
        return ColumnReference(key, answer.type, number)

    def _all_rows(self, sink: str, cache: Cache) -> CachedRows:
        """All rows of a cache, as an array in a hidden column of the first input."""
        known = self.rows.get(sink)
        if known is not None:
            return known
        gathered = _gathered(CACHED, cache)
        reference = self._join(0, gathered, JoinKind.CROSS, Literal(True, BOOLEAN), gathered.columns[0])
        kind = reference.type
        rows = CachedRows(Call("coalesce", (reference, Literal([], kind)), kind), cache.keys)
        self.rows[sink] = rows
        return rows

    def _looked_up(
        self, call: syntax.CacheCall, cache: Cache, number: int, keys: list[TypedExpression]
    ) -> TypedExpression:
        columns = data_columns(cache.stage.columns)
        by_name = {column.name: column for column in columns}
        makers = KeyMaker()
        groups: list[Output] = []
        on: TypedExpression | None = None
        for position, (name, key) in enumerate(zip(cache.keys, keys, strict=True), 1):
            column = by_name.get(name)
            common = None if column is None else datatypes.common_type((column.type, key.type))
            if column is None or common is None:
                has = "has no such column" if column is None else f"is {column.type}, here it is {key.type}"
                raise ProblemFound(f"the key {name!r} of the cache sink {call.sink!r} {has}", call.span)
            group = Column(name, column.type, makers.key(f"key {position}"))
            groups.append(Output(group, ColumnReference(column.key, column.type)))
            sides = (widened(key, common), widened(ColumnReference(group.key, group.type, 1), common))
            equal = Call("equals", sides, BOOLEAN)
            on = equal if on is None else Call("and", (on, equal), BOOLEAN)
        kind: datatypes.DataType = row_type(columns)
        answer_type = kind if call.function == "lookup" else Array(kind)
        answer = Column(CACHED, answer_type, makers.key(CACHED))
        function = "first" if call.function == "lookup" else "collect"
        chosen = Output(answer, Call(function, (_row(columns),), answer_type))
        grouped = Aggregate(StageReference(cache.stage.name, cache.stage.columns), tuple(groups), (chosen,))
        reference = self._join(number, grouped, JoinKind.LEFT, on or Literal(True, BOOLEAN), answer)
        if call.function == "lookup":
            return reference
        return Call("coalesce", (reference, Literal([], answer_type)), answer_type)


def _row(columns: tuple[Column, ...]) -> StructOf:
    values = tuple((column.name, ColumnReference(column.key, column.type)) for column in columns)
    return StructOf(values, row_type(columns))


def without_answers(relation: Relation) -> Relation:
    """The result of a statement without the hidden columns of caches."""
    own = [column for column in relation.columns if column.mark != CACHED]
    return relation if len(own) == len(relation.columns) else Project(relation, tuple(passed(own)))
