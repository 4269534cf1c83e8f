"""What the engines share in writing relations as SELECT statements.

Inputs carry the aliases ``i`` (one input) or ``l`` and ``r`` (two).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import DataType
from mapping_dataflow.engines.base import Query
from mapping_dataflow.engines.expression_writer import ExpressionWriter, Windows
from mapping_dataflow.engines.first_partners import in_total_order, joined_by_keys
from mapping_dataflow.expressions import TypedExpression
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

_JOIN_SIDES = {JoinKind.LEFT: "LEFT", JoinKind.RIGHT: "RIGHT", JoinKind.OUTER: "FULL"}


def table(name: str, alias: str) -> exp.Table:
    """A table or stage by name as an item of FROM."""
    return exp.Table(this=exp.to_identifier(name, quoted=True), alias=exp.TableAlias(this=exp.to_identifier(alias)))


def subquery(query: Query, alias: str) -> exp.Subquery:
    """A query as an item of FROM."""
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias)))


def named(expression: exp.Expression, name: str) -> exp.Alias:
    """``expression AS "name"``."""
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))


class RelationWriter(ABC):
    """Writes relations; an engine adds what its SQL has in its own way."""

    expressions: ClassVar[type[ExpressionWriter]]

    def __init__(self) -> None:
        self._writers: Mapping[type, Callable[[Any], Query]] = {
            Aggregate: self._aggregate,
            Filter: self._filter,
            FirstMatch: self._first_match,
            Guard: self.guard,
            Join: self._join,
            Number: self.number,
            Project: self.project,
            Scan: self._scan,
            SemiJoin: self.semi_join,
            Sort: self._sort,
            StageReference: self._scan,
            Union: self._union,
            Unnest: self.unnest,
            Window: self._window,
        }

    def query(self, relation: Relation) -> Query:
        """The query of a relation. Raises ProblemFound for a function that the engine cannot do."""
        return self._writers[type(relation)](relation)

    # ------------------------------------------------------------ what differs

    @abstractmethod
    def guard(self, relation: Guard) -> Query:
        """All rows, or a failing query."""

    @abstractmethod
    def first_match(self, relation: FirstMatch) -> Query:
        """Every left row with the first of all its partners."""

    @abstractmethod
    def number(self, relation: Number) -> Query:
        """The rows with a running number."""

    @abstractmethod
    def unnest(self, relation: Unnest) -> Query:
        """One row an item."""

    # ------------------------------------------------------------ parts

    def single(self) -> ExpressionWriter:
        """A writer of expressions over one input."""
        return self.expressions(("i",))

    def pair(self) -> ExpressionWriter:
        """A writer of expressions over two inputs."""
        return self.expressions(("l", "r"))

    def condition(self, condition: TypedExpression, *, outer: bool) -> exp.Expression:
        """A condition over two inputs; ``outer``: rows without a partner stay."""
        return self.pair().write(condition)

    def source(self, relation: Relation, alias: str) -> exp.Expression:
        """The relation as an item of FROM."""
        if isinstance(relation, StageReference):
            return table(relation.stage, alias)
        if isinstance(relation, Scan):
            return table(relation.relation, alias)
        return subquery(self.query(relation), alias)

    def select(self, items: Sequence[exp.Expression], relation: Relation, alias: str = "i") -> exp.Select:
        """``SELECT items FROM relation AS alias``."""
        return exp.Select(expressions=list(items)).from_(self.source(relation, alias))

    def outputs(self, outputs: Sequence[Output], writer: ExpressionWriter) -> list[exp.Expression]:
        """Named items of a SELECT."""
        return [named(writer.write(output.expression), output.column.key) for output in outputs]

    def order(self, keys: Sequence[SortKey], writer: ExpressionWriter) -> exp.Order | None:
        """The ORDER BY of sort keys; None without keys."""
        if not keys:
            return None
        ordered = [
            exp.Ordered(
                this=self.sortable(writer.write(key.expression), key.expression.type),
                desc=not key.ascending,
                nulls_first=key.nulls_first,
            )
            for key in keys
        ]
        return exp.Order(expressions=ordered)

    def sortable(self, value: exp.Expression, kind: DataType) -> exp.Expression:
        """What stands for a value in an order: null is the least of the parts of arrays and structures."""
        return value

    def ranked(self, order: exp.Order | None) -> exp.Order | None:
        """The order for row numbers, ranks and neighbours."""
        return order

    # ------------------------------------------------------------ what does not differ, mostly

    def _scan(self, relation: Scan | StageReference) -> Query:
        return self.select([exp.Star()], relation)

    def project(self, relation: Project) -> Query:
        """One row out for every row in."""
        return self.select(self.outputs(relation.outputs, self.single()), relation.source)

    def _filter(self, relation: Filter) -> Query:
        condition = self.single().write(relation.condition)
        query = self.select([exp.Star()], relation.source)
        if condition.find(exp.Window) is None:
            return query.where(condition)
        query.set("qualify", exp.Qualify(this=condition))
        return query

    def _join(self, relation: Join) -> Query:
        query = self.select(self.outputs(relation.outputs, self.pair()), relation.left, "l")
        side = _JOIN_SIDES.get(relation.kind)
        condition = self.condition(relation.condition, outer=side is not None)
        partner = self.source(relation.right, "r")
        query.append("joins", exp.Join(this=partner, side=side, kind=None if side else "INNER", on=condition))
        return query

    def _first_match(self, relation: FirstMatch) -> Query:
        relation = in_total_order(relation)
        by_keys = joined_by_keys(relation)
        return self.first_match(relation) if by_keys is None else self._join(by_keys)

    def semi_join(self, relation: SemiJoin) -> Query:
        """Left rows with a partner, or without one."""
        condition = self.pair().write(relation.condition)
        partners = self.select([exp.Literal.number(1)], relation.right, "r").where(condition)
        exists: exp.Expression = exp.Exists(this=partners)
        query = self.select([exp.Star()], relation.left, "l")
        return query.where(exp.Not(this=exists) if relation.negated else exists)

    def _aggregate(self, relation: Aggregate) -> Query:
        query = self.select(self.outputs((*relation.keys, *relation.outputs), self.single()), relation.source)
        if relation.keys:
            places: list[exp.Expression] = [exp.Literal.number(number) for number in range(1, len(relation.keys) + 1)]
            query.set("group", exp.Group(expressions=places))
        return query

    def _window(self, relation: Window) -> Query:
        writer = self.single()
        partition = [writer.write(expression) for expression in relation.partition]
        order = self.order(relation.order, writer)
        ranking = exp.Window(partition_by=partition, order=self.ranked(order))
        aggregating = exp.Window(
            partition_by=[one.copy() for one in partition],
            order=order.copy() if order else None,
            spec=_frame(relation.frame),
        )
        outputs = self.outputs(relation.outputs, self.expressions(("i",), Windows(aggregating, ranking)))
        return self.select(outputs, relation.source)

    def _union(self, relation: Union) -> Query:
        queries: list[Query] = []
        for source, part in zip(relation.sources, relation.parts, strict=True):
            writer = self.single()
            items = [
                named(writer.write(expression), column.key)
                for expression, column in zip(part, relation.columns, strict=True)
            ]
            queries.append(self.select(items, source))
        result = queries[0]
        for query in queries[1:]:
            result = exp.Union(this=result, expression=query, distinct=False)
        return result

    def _sort(self, relation: Sort) -> Query:
        query = self.select([exp.Star()], relation.source)
        query.set("order", self.order(relation.keys, self.single()))
        return query


def _frame(frame: Frame | None) -> exp.WindowSpec:
    start, start_side = _bound(frame.start if frame else None, "PRECEDING")
    end, end_side = _bound(frame.end if frame else None, "FOLLOWING")
    kind = "RANGE" if frame is not None and frame.of_values else "ROWS"
    return exp.WindowSpec(kind=kind, start=start, start_side=start_side, end=end, end_side=end_side)


def _bound(offset: int | None, side: str) -> tuple[exp.Expression | str, str | None]:
    if offset is None:
        return "UNBOUNDED", side
    if offset == 0:
        return "CURRENT ROW", None
    return exp.Literal.number(abs(offset)), "PRECEDING" if offset < 0 else "FOLLOWING"
