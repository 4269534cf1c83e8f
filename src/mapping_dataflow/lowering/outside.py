"""What happens outside of everything that is known here, for lineage: calls of services, and flowlets that are missing.

What comes back may be made of any column that went in.
"""

from __future__ import annotations

from dataclasses import replace

from mapping_dataflow.analysis.columns import DYNAMIC, Column, KeyMaker
from mapping_dataflow.analysis.datatypes import BOOLEAN, STRING, UNKNOWN, DataType, from_syntax
from mapping_dataflow.analysis.traced_calls import any_of, either
from mapping_dataflow.expressions import Call, ColumnReference, Convert, Literal, TypedExpression
from mapping_dataflow.lowering.context import LoweringContext, only_column
from mapping_dataflow.lowering.derive import merged
from mapping_dataflow.lowering.marks import data_columns
from mapping_dataflow.lowering.select import mapped
from mapping_dataflow.relations import Filter, Join, JoinKind, Output, Project, Relation, Scan, Stage, StageReference
from mapping_dataflow.script import syntax


def lower_call(context: LoweringContext) -> list[Stage]:
    """``call(mapColumn(…), output(body as …), …)``: the columns of the rows and those of the service's answer.

    The answer has the declared columns, and any others with ``allowSchemaDrift`` or where none are declared
    (https://learn.microsoft.com/azure/data-factory/data-flow-external-call). The mapping says what is sent, yet the
    address and the headers may come from other columns: all of them count.
    """
    source = context.reference()
    for block in context.arguments.blocks:
        if block.name == "mapColumn":
            mapped(block, source, context, context.environment())  # for its problems: nothing of it goes on
    declared = {field.name: from_syntax(field.type) for field in context.arguments.declared("output") or ()}
    if not declared or context.arguments.flag("allowSchemaDrift"):
        declared.setdefault(DYNAMIC, UNKNOWN)
    sent = any_of(((column, 0) for column in data_columns(source.columns)), context.statement.span)
    values: dict[str, TypedExpression] = {name: Call("call", (sent,), kind) for name, kind in declared.items()}
    drifting = only_column(DYNAMIC, source.columns)
    if drifting is not None and DYNAMIC in values:
        values[DYNAMIC] = either([ColumnReference(drifting.key, drifting.type), values[DYNAMIC]])
    return [context.stage(Project(source, tuple(merged(source, values, context))))]


def missing_flowlet(composition: str, context: LoweringContext) -> list[Stage]:
    """The outputs of a flowlet whose document is not known: any rows and columns of its inputs, or of its own sources.

    What it may read itself is a source of the name of the statement.
    """
    own = Column(DYNAMIC, UNKNOWN, DYNAMIC, origin=context.full_name)
    inside = Stage(context.full_name, (context.statement.name,), Scan(context.full_name, (own,)), (own,))
    relation: Relation = StageReference(inside.name, inside.columns)
    for number in range(len(context.inputs)):
        relation = _beside(relation, context.reference(number))
    columns = tuple(relation.columns)

    def made(kind: DataType) -> Call:
        read = any_of(((column, 0) for column in columns), context.statement.span)
        return Call("compose", (Literal(composition, STRING), read), kind)

    chosen = Filter(relation, Convert(made(UNKNOWN), BOOLEAN))
    output = Output(Column(DYNAMIC, UNKNOWN, DYNAMIC, context.statement.name, drifted=True), made(UNKNOWN))
    stages = [context.stage(Project(chosen, (output,)), name) for name in context.statement.outputs]
    return [inside, *stages]


def _beside(left: Relation, right: Relation) -> Relation:
    keys = KeyMaker()
    outputs = [
        Output(replace(column, key=keys.key(column.name), aliases=()), ColumnReference(column.key, column.type, number))
        for number, side in enumerate((left, right))
        for column in data_columns(side.columns)
    ]
    return Join(left, right, JoinKind.CROSS, Literal(True, BOOLEAN), tuple(outputs))


def composition_of(statement: syntax.Statement) -> str:
    """The name of the flowlet that a compose statement names; empty for other statements."""
    return next(
        (
            one.value.value
            for one in statement.arguments
            if isinstance(one, syntax.Property) and one.name == "composition"
            if isinstance(one.value, syntax.StringLiteral)
        ),
        "",
    )
