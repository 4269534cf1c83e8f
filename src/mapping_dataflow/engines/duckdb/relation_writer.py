"""Writes relations as DuckDB SELECT statements: what its SQL has in its own way."""

from __future__ import annotations

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import DataType
from mapping_dataflow.engines.base import Query, fill
from mapping_dataflow.engines.duckdb.digest_runs import once_a_run
from mapping_dataflow.engines.duckdb.ordering import comparable
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.engines.duckdb.writer import DuckdbExpressions
from mapping_dataflow.engines.relation_writer import RelationWriter, named, subquery
from mapping_dataflow.lowering.marks import reserved
from mapping_dataflow.relations import FirstMatch, Guard, Number, Project, Unnest


class DuckdbRelations(RelationWriter):
    """Writes relations as DuckDB SELECT statements."""

    expressions = DuckdbExpressions

    def sortable(self, value: exp.Expression, kind: DataType) -> exp.Expression:
        """Arrays and structures as others in which null is the least part."""
        return comparable(value, kind)

    def guard(self, relation: Guard) -> Query:
        """``WHERE`` with a condition that fails."""
        writer = self.single()
        tested, message = writer.write(relation.condition), writer.write(relation.message)
        query = self.select([exp.Star()], relation.source)
        return query.where(fill("CASE WHEN _1 THEN TRUE ELSE CAST(error(_2) AS BOOLEAN) END", [tested, message]))

    def first_match(self, relation: FirstMatch) -> Query:
        """A left join of numbered rows, of which ``QUALIFY`` keeps the first of each."""
        writer = self.pair()
        number = reserved(relation.left.columns).key("row number")
        numbered = self.select([exp.Star(), named(fill("row_number() OVER ()", []), number)], relation.left)
        query = exp.Select(expressions=self.outputs(relation.outputs, writer)).from_(subquery(numbered, "l"))
        condition = writer.write(relation.condition)
        query.append("joins", exp.Join(this=self.source(relation.right, "r"), side="LEFT", on=condition))
        place = exp.Window(
            this=fill("row_number()", []),
            partition_by=[exp.column(number, table="l", quoted=True)],
            order=self.order(relation.order, writer),
        )
        query.set("qualify", exp.Qualify(this=exp.EQ(this=place, expression=exp.Literal.number(1))))
        return query

    def number(self, relation: Number) -> Query:
        """``row_number()`` in the order that DuckDB keeps."""
        counted = fill(f"(row_number() OVER () - 1) * {relation.step} + {relation.start}", [])
        item = named(cast(counted, relation.number.type), relation.number.key)
        return self.select([exp.Star(), item], relation.source)

    def unnest(self, relation: Unnest) -> Query:
        """``unnest(array)`` as an item of the SELECT."""
        array = self.single().write(relation.array)
        if relation.keep_empty:
            array = fill("CASE WHEN len(_1) > 0 THEN _1 ELSE [NULL] END", [array])
        return self.select([exp.Star(), named(fill("unnest(_1)", [array]), relation.item.key)], relation.source)


class OneThreadRelations(DuckdbRelations):
    """For a database with one thread, to which rows come one after the other."""

    def project(self, relation: Project) -> Query:
        """Digests of texts that repeat from row to row are computed once (`digest_runs`)."""
        query = self.select(self.outputs(relation.outputs, self.single()), relation.source)
        return once_a_run(query, relation.source.columns)
