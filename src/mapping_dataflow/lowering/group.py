"""``aggregate``, ``window`` and ``rank``: functions over groups of rows."""

from __future__ import annotations

import datetime
from dataclasses import replace

from mapping_dataflow.analysis.columns import Column, KeyMaker
from mapping_dataflow.analysis.datatypes import INTEGER, LONG, TIMESTAMP, from_syntax, is_datetime, is_number
from mapping_dataflow.analysis.environment import Allowed
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.analysis.signature_check import check_compared
from mapping_dataflow.analysis.traced_calls import PLACEHOLDER
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.expressions import Call, ColumnReference, Literal, TypedExpression, children
from mapping_dataflow.functions import catalogue
from mapping_dataflow.functions.signatures import Kind
from mapping_dataflow.lowering.context import LoweringContext, case_insensitive, passed, settled, sort_keys
from mapping_dataflow.lowering.derive import assigned, merged
from mapping_dataflow.lowering.select import target_name
from mapping_dataflow.relations import Aggregate, Frame, Output, Project, Relation, SortKey, Stage, Window
from mapping_dataflow.script import syntax


def lower_aggregate(context: LoweringContext) -> list[Stage]:
    """``aggregate(groupBy(…), column = aggregate)``: columns not listed vanish."""
    context.arguments.allow(blocks=["groupBy", "each"], assignments=True)
    keys = KeyMaker()
    groups = groups_of("groupBy", context, keys)
    outputs = aggregates(groups, context, keys)
    relation: Relation = Aggregate(context.reference(), tuple(groups), tuple(outputs))
    # An aggregate takes the place of a group of its name.
    names = {output.column.name for output in outputs}
    replaced = {group.column.key for group in groups if group.column.name in names}
    if replaced:
        relation = Project(relation, tuple(passed(one for one in relation.columns if one.key not in replaced)))
    return [context.stage(relation)]


def aggregates(groups: list[Output], context: LoweringContext, keys: KeyMaker) -> list[Output]:
    """The statement's assignments as aggregates of groups. Raises ProblemFound for a column outside of an aggregate."""
    grouped = {output.expression.key for output in groups if isinstance(output.expression, ColumnReference)}
    values = assigned(context, context.environment(Allowed.AGGREGATES))
    outputs: list[Output] = []
    for name, value in values.items():
        loose = _outside_aggregate(value, grouped)
        if loose is not None:
            raise ProblemFound(
                f"the column {name!r} uses {loose!r} outside of an aggregate",
                _span_of(name, context),
                expected="an aggregate function, or the column in groupBy",
                hint=f"first({loose}) takes the first value of the group",
            )
        outputs.append(Output(Column(name, value.type, keys.key(name), context.statement.name), value))
    return outputs


def groups_of(block_name: str, context: LoweringContext, keys: KeyMaker) -> list[Output]:
    """The groups in ``groupBy(column, name = expression, each(…))`` or a block of that form."""
    block = context.arguments.block(block_name)
    environment = context.environment()
    outputs: list[Output] = []
    for argument in block.arguments if block else ():
        if isinstance(argument, syntax.Block) and argument.name == "each":
            for match in context.matches(argument, environment):
                value = settled(match.value)
                outputs.append(
                    Output(Column(match.name, value.type, keys.key(match.name), context.statement.name), value)
                )
            continue
        if isinstance(argument, syntax.Assignment):
            name, node = target_name(argument.target, environment), argument.value
        elif isinstance(argument, syntax.Positional) and isinstance(
            argument.expression, syntax.ColumnName | syntax.Member
        ):
            name, node = argument.expression.name, argument.expression
        else:
            raise ProblemFound("a group has another form", argument.span, expected="column or name = expression")
        value = settled(context.checked(node, environment))
        outputs.append(Output(Column(name, value.type, keys.key(name), context.statement.name), value))
    return outputs


def _outside_aggregate(expression: TypedExpression, grouped: set[str]) -> str | None:
    """A column that is neither a group nor under an aggregate function."""
    if isinstance(expression, ColumnReference):
        return None if expression.key in grouped else expression.key
    if isinstance(expression, Call):
        function = catalogue.find(expression.function)
        if expression.function == PLACEHOLDER or (function is not None and function.kind is Kind.AGGREGATE):
            return None
    for child in children(expression):
        found = _outside_aggregate(child, grouped)
        if found is not None:
            return found
    return None


def _span_of(name: str, context: LoweringContext) -> Span:
    for assignment in context.arguments.assignments:
        if isinstance(assignment.target, syntax.ColumnName) and assignment.target.name == name:
            return assignment.span
    return context.statement.span


_OFFSETS = ("startRowOffset", "endRowOffset", "startRange", "endRange", "rangeSpecified")


def _by_number(order: tuple[SortKey, ...], context: LoweringContext) -> tuple[SortKey, ...]:
    """The only sort key as a number, which distances can be added to. Raises ProblemFound."""
    kind = order[0].expression.type if len(order) == 1 else None
    if kind is not None and is_number(kind):
        return order
    if kind is None or not is_datetime(kind):
        raise ProblemFound(
            "a window over a range of values has no single key that distances can be measured on",
            context.statement.verb_span,
            expected="one asc(…) or desc(…) of a number, a date or a timestamp",
        )
    epoch = Literal(datetime.datetime.fromisoformat("1970-01-01T00:00:00"), TIMESTAMP)
    since = Call("millisecondsBetween", (widened(order[0].expression, TIMESTAMP), epoch), LONG)
    return (replace(order[0], expression=since),)


def lower_window(context: LoweringContext) -> list[Stage]:
    """``window(over(…), asc/desc, startRowOffset, endRowOffset, column = function)``.

    Without offsets an aggregate sees its whole partition, and with sort keys all rows up to the current one and its
    equals, which fills gaps with the value above them
    (https://learn.microsoft.com/azure/data-factory/data-flow-script#fill-down). ``startRange`` and ``endRange`` are
    distances from the value of the only sort key, for times in milliseconds.
    """
    arguments = context.arguments
    arguments.allow(properties=_OFFSETS, blocks=["over", "asc", "desc", "each"], assignments=True)
    partition = _partition(context)
    order = sort_keys(arguments.blocks, context)
    unbounded = arguments.flag("rangeSpecified") or not order
    frame = None if unbounded else Frame(None, 0, of_values=True)
    if "startRowOffset" in arguments.properties or "endRowOffset" in arguments.properties:
        frame = Frame(arguments.whole("startRowOffset"), arguments.whole("endRowOffset"))
    if "startRange" in arguments.properties or "endRange" in arguments.properties:
        frame = Frame(arguments.whole("startRange"), arguments.whole("endRange"), of_values=True)
        order = _by_number(order, context) if frame.start or frame.end else order
    if frame is not None and frame.start is not None and frame.end is not None and frame.start > frame.end:
        raise ProblemFound(
            f"the frame of the window begins at {frame.start} and ends before, at {frame.end}",
            context.statement.verb_span,
            expected="an end that is not before the begin",
        )
    source = context.reference()
    values = assigned(context, context.environment(Allowed.AGGREGATES | Allowed.WINDOWS))
    outputs = merged(source, values, context)
    return [context.stage(Window(source, partition, order, frame, tuple(outputs)))]


def lower_rank(context: LoweringContext) -> list[Stage]:
    """``rank(asc/desc, output(place as long), dense, caseInsensitive)``: the place of every row among all rows.

    Rows with equal keys share a place; without ``dense`` places are left out behind them.
    """
    arguments = context.arguments
    arguments.allow(properties=["dense", "caseInsensitive"], blocks=["asc", "desc"], columns=["output"])
    declared = arguments.declared("output") or ()
    if len(declared) != 1:
        raise ProblemFound("rank declares no single column", context.statement.verb_span, expected="output(r as long)")
    order = sort_keys(arguments.blocks, context)
    if not order:
        raise ProblemFound("rank has no keys", context.statement.verb_span, expected="asc(…) or desc(…)")
    if arguments.flag("caseInsensitive"):
        order = tuple(case_insensitive(key) for key in order)
    kind = from_syntax(declared[0].type)
    function = "denseRank" if arguments.flag("dense") else "rank"
    place = widened(Call(function, (), INTEGER), kind)
    source = context.reference()
    outputs = merged(source, {declared[0].name: place}, context)
    return [context.stage(Window(source, (), order, None, tuple(outputs)))]


def _partition(context: LoweringContext) -> tuple[TypedExpression, ...]:
    block = context.arguments.block("over")
    environment = context.environment()
    partition: list[TypedExpression] = []
    for argument in block.arguments if block else ():
        node = argument.value if isinstance(argument, syntax.Assignment) else None
        if isinstance(argument, syntax.Positional):
            node = argument.expression
        if node is None:
            raise ProblemFound("over(…) has another form", argument.span, expected="column or name = expression")
        key = context.checked(node, environment)
        check_compared(key.type, node.span, "what makes the windows")
        partition.append(key)
    return tuple(partition)
