"""What is known about a row besides its data: marks in hidden columns, which travel with the rows.

``ACTION`` is what a sink shall do with the row (``insert``, ``update``, ``upsert``, ``delete``, ``ignore``; null where
nothing was said, which means insert). ``ERRORS`` lists the assertions that the row failed, with their messages.
``MATCHED`` tells whether a lookup found a partner.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mapping_dataflow.analysis.columns import Column, KeyMaker
from mapping_dataflow.analysis.datatypes import BOOLEAN, DataType
from mapping_dataflow.analysis.row_state import ERRORS, ERRORS_TYPE, MARK_TYPES, MATCHED
from mapping_dataflow.expressions import Call, ColumnReference, Literal, StructOf, TypedExpression
from mapping_dataflow.lowering.context import passed
from mapping_dataflow.relations import Output, Project, Relation


def data_columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns without marks."""
    return tuple(column for column in columns if not column.mark)


def mark_column(mark: str, columns: Iterable[Column]) -> Column | None:
    """The column that holds a mark."""
    return next((column for column in columns if column.mark == mark), None)


def mark_reference(mark: str, columns: Iterable[Column], number: int = 0) -> TypedExpression | None:
    """The value of a mark in an input."""
    found = mark_column(mark, columns)
    return None if found is None else ColumnReference(found.key, found.type, number)


def marking(mark: str, value: TypedExpression, keys: KeyMaker) -> Output:
    """The output of a mark."""
    return Output(Column(mark, MARK_TYPES[mark], keys.key(mark), mark=mark), value)


def kept(columns: Iterable[Column], keys: KeyMaker, without: Iterable[str] = ()) -> list[Output]:
    """The marks of a single input, handed through."""
    left_out = set(without)
    return [
        marking(column.mark, ColumnReference(column.key, column.type), keys)
        for column in columns
        if column.mark in MARK_TYPES and column.mark not in left_out
    ]


def joined(left: Sequence[Column], right: Sequence[Column], keys: KeyMaker) -> list[Output]:
    """The marks of a pair of rows: errors of both, everything else from the left row where it says something."""
    outputs: list[Output] = []
    for mark in MARK_TYPES:
        values = [mark_reference(mark, left, 0), mark_reference(mark, right, 1)]
        found = [value for value in values if value is not None]
        if len(found) == 2:
            outputs.append(marking(mark, _both(mark, found), keys))
        elif found:
            outputs.append(marking(mark, found[0], keys))
    return outputs


def _both(mark: str, values: list[TypedExpression]) -> TypedExpression:
    if mark != ERRORS:
        return Call("coalesce", tuple(values), MARK_TYPES[mark])
    return both_errors(values[0], values[1])


def reserved(columns: Iterable[Column]) -> KeyMaker:
    """A key maker for columns beside these."""
    keys = KeyMaker()
    for column in columns:
        keys.key(column.key)
    return keys


def remarked(source: Relation, mark: str, value: TypedExpression) -> Relation:
    """The rows with a new value for one mark; every other column keeps its key."""
    own = [
        column for column in source.columns if not column.mark or (column.mark in MARK_TYPES and column.mark != mark)
    ]
    return Project(source, (*passed(own), marking(mark, value, reserved(own))))


def both_errors(left: TypedExpression, right: TypedExpression) -> TypedExpression:
    """The errors of two lists, either of which may be null."""
    none = Literal([], ERRORS_TYPE)
    sides = tuple(Call("coalesce", (side, none), ERRORS_TYPE) for side in (left, right))
    return Call("arrayConcat", sides, ERRORS_TYPE)


def error_where(failed: TypedExpression, identifier: TypedExpression, message: TypedExpression) -> TypedExpression:
    """A list with one error where the condition is true, else an empty one."""
    kind: DataType = ERRORS_TYPE.element
    error = StructOf((("id", identifier), ("message", message)), kind)
    listed = Call("array", (error,), ERRORS_TYPE)
    return Call("iif", (failed, listed, Literal([], ERRORS_TYPE)), ERRORS_TYPE)


def with_presence(relation: Relation) -> tuple[Relation, TypedExpression]:
    """The right side of a join with one column more, and whether a pair of rows has a right row."""
    present = Column(MATCHED, BOOLEAN, reserved(relation.columns).key("present"))
    marked = Project(relation, (*passed(relation.columns), Output(present, Literal(True, BOOLEAN))))
    found = ColumnReference(present.key, BOOLEAN, 1)
    return marked, Call("coalesce", (found, Literal(False, BOOLEAN)), BOOLEAN)
