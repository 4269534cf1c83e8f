"""Writes relations as DuckDB SELECT statements. Inputs carry the aliases ``i`` (one input) or ``l`` and ``r`` (two)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlglot import exp

from mapping_dataflow.engines.base import Query, fill
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.engines.duckdb.writer import ExpressionWriter, Windows
from mapping_dataflow.relations import (
    Aggregate,
    Filter,
    FirstMatch,
    Frame,
    Guard,
    Join,
    JoinKind,
    Number,
    Output,
    Project,
    Relation,
    Scan,
    SemiJoin,
    Sort,
    SortKey,
    StageReference,
    Union,
    Unnest,
    Window,
)

_ROW = "row number"
"""Helper column of FirstMatch; no column of a flow can clash, since a projection follows at once."""

_JOIN_SIDES = {JoinKind.LEFT: "LEFT", JoinKind.RIGHT: "RIGHT", JoinKind.OUTER: "FULL"}


def select_of(relation: Relation) -> Query:
    """The query of a relation. Raises ProblemFound for a function that DuckDB cannot do."""
    return _WRITERS[type(relation)](relation)


def _source(relation: Relation, alias: str) -> exp.Expression:
    """The relation as an item of FROM."""
    if isinstance(relation, StageReference):
        return _table(relation.stage, alias)
    if isinstance(relation, Scan):
        return _table(relation.relation, alias)
    return exp.Subquery(this=select_of(relation), alias=exp.TableAlias(this=exp.to_identifier(alias)))


def _table(name: str, alias: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True), alias=exp.TableAlias(this=exp.to_identifier(alias)))


def _select(items: Sequence[exp.Expression], relation: Relation, alias: str = "i") -> exp.Select:
    return exp.Select(expressions=list(items)).from_(_source(relation, alias))


def _named(expression: exp.Expression, name: str) -> exp.Alias:
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))


def _outputs(outputs: Sequence[Output], writer: ExpressionWriter) -> list[exp.Expression]:
    return [_named(writer.write(output.expression), output.column.key) for output in outputs]


def _scan(relation: Scan | StageReference) -> Query:
    return _select([exp.Star()], relation)


def _project(relation: Project) -> Query:
    return _select(_outputs(relation.outputs, ExpressionWriter(("i",))), relation.source)


def _filter(relation: Filter) -> Query:
    return _select([exp.Star()], relation.source).where(ExpressionWriter(("i",)).write(relation.condition))


def _guard(relation: Guard) -> Query:
    writer = ExpressionWriter(("i",))
    tested, message = writer.write(relation.condition), writer.write(relation.message)
    query = _select([exp.Star()], relation.source)
    if relation.unique:
        several = "_1 IS NOT NULL AND count(*) OVER (PARTITION BY _1) > 1"
        failed = f"CASE WHEN {several} THEN CAST(error(_2) AS BOOLEAN) ELSE TRUE END"
        query.set("qualify", exp.Qualify(this=fill(failed, [tested, message])))
        return query
    return query.where(fill("CASE WHEN _1 THEN TRUE ELSE CAST(error(_2) AS BOOLEAN) END", [tested, message]))


def _join(relation: Join) -> Query:
    writer = ExpressionWriter(("l", "r"))
    query = _select(_outputs(relation.outputs, writer), relation.left, "l")
    side = _JOIN_SIDES.get(relation.kind)
    condition = writer.write(relation.condition)
    joined = exp.Join(this=_source(relation.right, "r"), side=side, kind=None if side else "INNER", on=condition)
    query.append("joins", joined)
    return query


def _semi_join(relation: SemiJoin) -> Query:
    condition = ExpressionWriter(("l", "r")).write(relation.condition)
    partners = _select([exp.Literal.number(1)], relation.right, "r").where(condition)
    exists: exp.Expression = exp.Exists(this=partners)
    return _select([exp.Star()], relation.left, "l").where(exp.Not(this=exists) if relation.negated else exists)


def _first_match(relation: FirstMatch) -> Query:
    writer = ExpressionWriter(("l", "r"))
    numbered = _select([exp.Star(), _named(fill("row_number() OVER ()", []), _ROW)], relation.left)
    left = exp.Subquery(this=numbered, alias=exp.TableAlias(this=exp.to_identifier("l")))
    query = exp.Select(expressions=_outputs(relation.outputs, writer)).from_(left)
    condition = writer.write(relation.condition)
    query.append("joins", exp.Join(this=_source(relation.right, "r"), side="LEFT", on=condition))
    place = exp.Window(
        this=fill("row_number()", []),
        partition_by=[exp.column(_ROW, table="l", quoted=True)],
        order=_order(relation.order, writer),
    )
    query.set("qualify", exp.Qualify(this=exp.EQ(this=place, expression=exp.Literal.number(1))))
    return query


def _order(keys: Sequence[SortKey], writer: ExpressionWriter) -> exp.Order | None:
    if not keys:
        return None
    ordered = [
        exp.Ordered(this=writer.write(key.expression), desc=not key.ascending, nulls_first=key.nulls_first)
        for key in keys
    ]
    return exp.Order(expressions=ordered)


def _aggregate(relation: Aggregate) -> Query:
    writer = ExpressionWriter(("i",))
    query = _select(_outputs((*relation.keys, *relation.outputs), writer), relation.source)
    if relation.keys:
        places: list[exp.Expression] = [exp.Literal.number(number) for number in range(1, len(relation.keys) + 1)]
        query.set("group", exp.Group(expressions=places))
    return query


def _window(relation: Window) -> Query:
    writer = ExpressionWriter(("i",))
    partition = [writer.write(expression) for expression in relation.partition]
    order = _order(relation.order, writer)
    ranking = exp.Window(partition_by=partition, order=order)
    aggregating = exp.Window(
        partition_by=[one.copy() for one in partition],
        order=order.copy() if order else None,
        spec=_frame(relation.frame),
    )
    outputs = _outputs(relation.outputs, ExpressionWriter(("i",), Windows(aggregating, ranking)))
    return _select(outputs, relation.source)


def _frame(frame: Frame | None) -> exp.WindowSpec:
    start, start_side = _bound(frame.start if frame else None, "PRECEDING")
    end, end_side = _bound(frame.end if frame else None, "FOLLOWING")
    return exp.WindowSpec(kind="ROWS", start=start, start_side=start_side, end=end, end_side=end_side)


def _bound(offset: int | None, side: str) -> tuple[exp.Expression | str, str | None]:
    if offset is None:
        return "UNBOUNDED", side
    if offset == 0:
        return "CURRENT ROW", None
    return exp.Literal.number(abs(offset)), "PRECEDING" if offset < 0 else "FOLLOWING"


def _union(relation: Union) -> Query:
    queries: list[Query] = []
    for source, part in zip(relation.sources, relation.parts, strict=True):
        writer = ExpressionWriter(("i",))
        items = [
            _named(writer.write(expression), column.key)
            for expression, column in zip(part, relation.columns, strict=True)
        ]
        queries.append(_select(items, source))
    result = queries[0]
    for query in queries[1:]:
        result = exp.Union(this=result, expression=query, distinct=False)
    return result


def _unnest(relation: Unnest) -> Query:
    array = ExpressionWriter(("i",)).write(relation.array)
    if relation.keep_empty:
        array = fill("CASE WHEN len(_1) > 0 THEN _1 ELSE [NULL] END", [array])
    return _select([exp.Star(), _named(fill("unnest(_1)", [array]), relation.item.key)], relation.source)


def _sort(relation: Sort) -> Query:
    query = _select([exp.Star()], relation.source)
    query.set("order", _order(relation.keys, ExpressionWriter(("i",))))
    return query


def _number(relation: Number) -> Query:
    counted = fill(f"(row_number() OVER () - 1) * {relation.step} + {relation.start}", [])
    item = _named(cast(counted, relation.number.type), relation.number.key)
    return _select([exp.Star(), item], relation.source)


_WRITERS: Mapping[type, Callable[[Any], Query]] = {
    Aggregate: _aggregate,
    Filter: _filter,
    FirstMatch: _first_match,
    Guard: _guard,
    Join: _join,
    Number: _number,
    Project: _project,
    Scan: _scan,
    SemiJoin: _semi_join,
    Sort: _sort,
    StageReference: _scan,
    Union: _union,
    Unnest: _unnest,
    Window: _window,
}
RELATIONS = frozenset(_WRITERS)
"""The relations that DuckDB can do."""
