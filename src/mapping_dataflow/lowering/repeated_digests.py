"""Digests of values that stand in many rows, computed once a value: a dictionary of them, and every row looks into it.

A digest takes longer than finding a value in a table. What the dictionary does not say is computed as ever, so that it
need not be complete, and nulls need no care.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from mapping_dataflow.analysis.columns import Column
from mapping_dataflow.analysis.datatypes import STRING
from mapping_dataflow.expressions import (
    Call,
    ColumnReference,
    Literal,
    SecretParameter,
    TypedExpression,
    children,
    rebuilt,
    walk,
)
from mapping_dataflow.relations import (
    Aggregate,
    Annotated,
    Filter,
    Guard,
    Number,
    Output,
    Project,
    Relation,
    Scan,
    Sort,
    Stage,
    StageReference,
)

DIGESTS = frozenset("blake2b blake2bBinary crc32 md5 sha1 sha2".split())
Repeats = Callable[[Scan, str], bool]
"""True for a column of data from outside whose values stand in many rows each."""


def with_dictionaries(relation: Relation, stages: Mapping[str, Stage], repeats: Repeats) -> Relation:
    """The relation with dictionaries for its digests; itself when none of them has any use."""
    if not isinstance(relation, Project):
        return relation
    names = _free_names(relation.source)
    source, found = relation.source, dict[TypedExpression, TypedExpression]()
    for digest in _digests(relation):
        column = _only_column(digest)
        scan = _origin(column, relation.source, stages) if column is not None else None
        if column is None or scan is None or not repeats(*scan):
            continue
        value = Column(name := next(names), digest.type, name)
        source = Annotated(source, _dictionary(digest, *scan), column, value)
        found[digest] = Call("coalesce", (ColumnReference(name, digest.type), digest), digest.type, digest.span)
    if not found:
        return relation
    outputs = (replace(one, expression=_replaced(one.expression, found)) for one in relation.outputs)
    return Project(source, tuple(outputs))


def _replaced(expression: TypedExpression, found: Mapping[TypedExpression, TypedExpression]) -> TypedExpression:
    return rebuilt(expression, lambda part: found.get(part, part) if isinstance(part, Call) else part)


def _digests(relation: Project) -> list[Call]:
    """The calls of digests in the outputs, each once."""
    parts = (part for output in relation.outputs for part in walk(output.expression))
    return list(dict.fromkeys(part for part in parts if isinstance(part, Call) and part.function in DIGESTS))


def _only_column(digest: Call) -> ColumnReference | None:
    """The column of text that alone decides about a digest; None where there is another or none."""
    leaves = [part for part in walk(digest) if not children(part) and not isinstance(part, Literal | SecretParameter)]
    columns = {part for part in leaves if isinstance(part, ColumnReference) and part.type == STRING}
    return columns.pop() if len(columns) == 1 and all(isinstance(part, ColumnReference) for part in leaves) else None


def _origin(column: ColumnReference, relation: Relation, stages: Mapping[str, Stage]) -> tuple[Scan, str] | None:
    """The data from outside that a column comes from unchanged, and its key there."""
    match relation:
        case Scan():
            return relation, column.key
        case StageReference():
            return _origin(column, stages[relation.stage].relation, stages)
        case Filter() | Guard() | Sort():
            return _origin(column, relation.source, stages)
        case Number() if column.key != relation.number.key:
            return _origin(column, relation.source, stages)
        case Project():
            given = next(output.expression for output in relation.outputs if output.column.key == column.key)
            return _origin(given, relation.source, stages) if isinstance(given, ColumnReference) else None
        case _:
            return None


def _dictionary(digest: Call, scan: Scan, key: str) -> Relation:
    """The values of a column, each once, with their digests."""
    column = next(one for one in scan.columns if one.key == key)
    reference = ColumnReference(key, column.type)
    values = Aggregate(scan, (Output(column, reference),), ())
    computed = rebuilt(digest, lambda part: reference if isinstance(part, ColumnReference) else part)
    name = next(_free_names(values))
    return Project(values, (Output(column, reference), Output(Column(name, digest.type, name), computed)))


def _free_names(relation: Relation) -> Iterator[str]:
    """Names for further columns of a relation."""
    taken = {column.key.lower() for column in relation.columns}
    number = 0
    while True:
        number += 1
        if (name := f"digest {number}") not in taken:
            yield name
