"""The first partner of each row, found once a key instead of once a row.

All pairs of a frequent key are many more rows than both inputs have; the first right row of each key is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mapping_dataflow.analysis.columns import Column
from mapping_dataflow.analysis.datatypes import BOOLEAN, INTEGER
from mapping_dataflow.expressions import Call, ColumnReference, Literal, TypedExpression, walk, with_inputs
from mapping_dataflow.lowering.context import passed
from mapping_dataflow.lowering.marks import reserved
from mapping_dataflow.relations import (
    Filter,
    FirstMatch,
    Join,
    JoinKind,
    Output,
    Relation,
    SortKey,
    Window,
    order_of_columns,
)

_PLACE = "place of the row"
"""Helper column: the columns of the result are named one by one."""
_EQUALITIES = ("equals", "nullSafeEquals")


def in_total_order(relation: FirstMatch) -> FirstMatch:
    """The relation with an order in which only rows are equal that no output tells apart."""
    read = {
        part.key
        for output in relation.outputs
        for part in walk(output.expression)
        if isinstance(part, ColumnReference) and part.input == 1
    }
    ties = order_of_columns((column for column in relation.right.columns if column.key in read), 1)
    return replace(relation, order=(*relation.order, *ties))


def joined_by_keys(relation: FirstMatch) -> Join | None:
    """The same rows as a left join with the first right row of each key; None where the condition compares no keys.

    Every part of the condition has to compare an expression of the left row with one of the right row, or to be about
    one of the two rows alone; the order has to be about the right row alone.
    """
    keys: list[TypedExpression] = []
    own: list[TypedExpression] = []
    for part in _parts(relation.condition):
        match _inputs(part):
            case [1]:
                own.append(_alone(part))
            case [0, 1]:
                key = _right_key(part)
                if key is None:
                    return None
                keys.append(key)
    if not keys or any(_inputs(key.expression) != [1] for key in relation.order):
        return None
    order = tuple(replace(key, expression=_alone(key.expression)) for key in relation.order)
    right = _first_of_each(_filtered(relation.right, own), keys, order)
    return Join(relation.left, right, JoinKind.LEFT, relation.condition, relation.outputs)


def _parts(condition: TypedExpression) -> Iterator[TypedExpression]:
    """What has to be true, all of it."""
    if isinstance(condition, Call) and condition.function == "and":
        for argument in condition.arguments:
            yield from _parts(argument)
    else:
        yield condition


def _inputs(expression: TypedExpression) -> list[int]:
    """The inputs that an expression reads."""
    return sorted({part.input for part in walk(expression) if isinstance(part, ColumnReference)})


def _right_key(part: TypedExpression) -> TypedExpression | None:
    """The right side of a comparison of both rows for equality, on whichever side it stands."""
    if not isinstance(part, Call) or part.function not in _EQUALITIES:
        return None
    by_inputs = {tuple(_inputs(side)): side for side in part.arguments}
    return _alone(by_inputs[(1,)]) if by_inputs.keys() == {(0,), (1,)} else None


def _alone(expression: TypedExpression) -> TypedExpression:
    """An expression of the right row as one of the only input."""
    return with_inputs(expression, lambda _: 0)


def _filtered(relation: Relation, conditions: Sequence[TypedExpression]) -> Relation:
    for condition in conditions:
        relation = Filter(relation, condition)
    return relation


def _first_of_each(relation: Relation, keys: Sequence[TypedExpression], order: tuple[SortKey, ...]) -> Relation:
    """The first row of each key in the order, with a helper column more."""
    place = Column(_PLACE, INTEGER, reserved(relation.columns).key(_PLACE))
    outputs = (*passed(relation.columns), Output(place, Call("rowNumber", (), INTEGER)))
    first = Call("equals", (ColumnReference(place.key, INTEGER), Literal(1, INTEGER)), BOOLEAN)
    return Filter(Window(relation, tuple(keys), order, None, outputs), first)
