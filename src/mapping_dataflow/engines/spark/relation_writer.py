"""Writes relations as Spark SELECT statements: what its SQL has in its own way."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis.columns import Column
from mapping_dataflow.engines.base import Query
from mapping_dataflow.engines.relation_writer import RelationWriter, named, subquery
from mapping_dataflow.engines.spark.types import call, cast, sql, struct_field
from mapping_dataflow.engines.spark.writer import SparkExpressions
from mapping_dataflow.expressions import TypedExpression
from mapping_dataflow.lowering.marks import reserved
from mapping_dataflow.relations import FirstMatch, Guard, Number, Project, SemiJoin, Unnest

_IN_ORDER = "monotonically_increasing_id()"
"""Rises with the rows as they come. Spark wants an order for row numbers."""


class SparkRelations(RelationWriter):
    """Writes relations as Spark SELECT statements."""

    expressions = SparkExpressions

    def guard(self, relation: Guard) -> Query:
        """``WHERE`` with a condition that fails."""
        writer = self.single()
        tested, message = writer.write(relation.condition), writer.write(relation.message)
        failing = "CASE WHEN _1 THEN TRUE ELSE CAST(raise_error(_2) AS BOOLEAN) END"
        return self.select([exp.Star()], relation.source).where(sql(failing, [tested, message]))

    def condition(self, condition: TypedExpression, *, outer: bool) -> exp.Expression:
        """Functions in Python stand in conditions of inner joins only."""
        writer = SparkExpressions(("l", "r"))
        writer.outer = outer
        return writer.write(condition)

    def semi_join(self, relation: SemiJoin) -> Query:
        """``LEFT SEMI JOIN`` or ``LEFT ANTI JOIN``."""
        condition = self.condition(relation.condition, outer=relation.negated)
        query = self.select([exp.Column(this=exp.Star(), table=exp.to_identifier("l"))], relation.left, "l")
        kind = "ANTI" if relation.negated else "SEMI"
        query.append("joins", exp.Join(this=self.source(relation.right, "r"), side="LEFT", kind=kind, on=condition))
        return query

    def first_match(self, relation: FirstMatch) -> Query:
        """A left join of numbered rows, of which the first of each left row stays."""
        writer = self.pair()
        condition = self.condition(relation.condition, outer=True)
        order = self.ranked(self.order(relation.order, writer))
        name = reserved([*relation.left.columns, *relation.columns]).key("row number")
        place = exp.Window(
            this=sql("row_number()", []),
            partition_by=[exp.column(name, table="l", quoted=True)],
            order=order,
        )
        items = [*self.outputs(relation.outputs, writer), named(place, name)]
        numbered = self.select([exp.Star(), named(sql(_IN_ORDER, []), name)], relation.left)
        pairs = exp.Select(expressions=items).from_(subquery(numbered, "l"))
        pairs.append("joins", exp.Join(this=self.source(relation.right, "r"), side="LEFT", on=condition))
        query = exp.Select(expressions=_all(relation.columns, "i")).from_(subquery(pairs, "i"))
        return query.where(exp.EQ(this=exp.column(name, table="i", quoted=True), expression=exp.Literal.number(1)))

    def number(self, relation: Number) -> Query:
        """``row_number()`` over the rows as they come."""
        counted = sql(
            f"(row_number() OVER (ORDER BY {_IN_ORDER}) - 1) * {_whole(relation.step)} + {_whole(relation.start)}", []
        )
        item = named(cast(counted, relation.number.type), relation.number.key)
        return self.select([exp.Star(), item], relation.source)

    def project(self, relation: Project) -> Query:
        """Arrays are unfolded a step before: Spark has ``explode`` at the top of a SELECT only, and once.

        Several are unfolded side by side, the shorter ones with nulls at the end.
        """
        query = super().project(relation)
        found = {node.sql(): node for item in query.expressions for node in item.find_all(exp.Explode)}
        if not found:
            return query
        key = reserved(relation.source.columns).key("unfolded item")
        unfolded_item: exp.Expression = exp.column(key, table="i", quoted=True)
        generator, items = next(iter(found.values())).copy(), {name: unfolded_item.copy() for name in found}
        if len(found) > 1:
            # What is no plain column is named by its number in what is zipped.
            arrays = [sql("coalesce(_1, array())", [node.this]) for node in found.values()]
            generator = exp.Explode(this=call("arrays_zip", *arrays))
            items = {name: struct_field(unfolded_item.copy(), str(number)) for number, name in enumerate(found)}

        def replaced(node: exp.Expression) -> exp.Expression:
            return items[node.sql()].copy() if isinstance(node, exp.Explode) else node

        unfolded = self.select([exp.Star(), named(generator, key)], relation.source)
        return exp.Select(expressions=[item.transform(replaced) for item in query.expressions]).from_(
            subquery(unfolded, "i")
        )

    def unnest(self, relation: Unnest) -> Query:
        """``explode(array)`` as an item of the SELECT."""
        array = self.single().write(relation.array)
        name = "explode_outer" if relation.keep_empty else "explode"
        items = [exp.Star(), named(sql(f"{name}(_1)", [array]), relation.item.key)]
        return self.select(items, relation.source)

    def ranked(self, order: exp.Order | None) -> exp.Order:
        """Row numbers, ranks and neighbours need an order in Spark."""
        return order or exp.Order(expressions=[sql(_IN_ORDER, [])])


def _whole(number: int) -> str:
    return f"CAST({number} AS BIGINT)"


def _all(columns: Sequence[Column], alias: str) -> list[exp.Expression]:
    return [exp.column(column.key, table=alias, quoted=True) for column in columns]


RELATIONS = SparkRelations()
