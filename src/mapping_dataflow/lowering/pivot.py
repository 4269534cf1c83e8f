"""``pivot`` and ``unpivot``: values of a column become columns, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.columns import DYNAMIC, Column, KeyMaker
from mapping_dataflow.analysis.constants import converted
from mapping_dataflow.analysis.datatypes import BOOLEAN, STRING, Array, DataType, Struct, from_syntax
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.expressions import Call, ColumnReference, Convert, FieldAccess, Literal, StructOf, TypedExpression
from mapping_dataflow.lowering.arguments import Arguments, constant
from mapping_dataflow.lowering.context import LoweringContext, only_column, settled
from mapping_dataflow.lowering.group import aggregates, groups_of
from mapping_dataflow.lowering.marks import data_columns, kept, reserved
from mapping_dataflow.relations import Aggregate, Filter, Output, Project, Relation, Sort, SortKey, Stage, Unnest
from mapping_dataflow.script import syntax

_NAMING = "$N$V"
_ITEM = "item"


def lower_pivot(context: LoweringContext) -> list[Stage]:
    """``pivot(groupBy(…), pivotBy(key, [values]), prefix = aggregate, columnNaming, lateral)``.

    One row a group with a column for every value and every aggregate, null where the group has no such rows.
    ``columnNaming`` makes the names: ``$N`` is the prefix, ``$V`` the value. The columns of one aggregate stand
    together with ``lateral``, else those of one value.
    """
    arguments = context.arguments
    arguments.allow(properties=["columnNaming", "lateral"], blocks=["groupBy", "pivotBy", "each"], assignments=True)
    keys = KeyMaker()
    groups = groups_of("groupBy", context, keys)
    key = pivot_key(context)
    values = _values(key, context)
    aggregated = aggregates(groups, context, keys)
    if not aggregated:
        raise ProblemFound("pivot has no aggregates", context.statement.verb_span, expected="prefix = aggregate")
    pivoted = Output(Column(_ITEM, key.type, keys.key(_ITEM)), key)
    inner = Aggregate(context.reference(), (*groups, pivoted), tuple(aggregated))
    outer_keys = KeyMaker()
    kept_groups = [
        Output(_renewed(group.column, outer_keys), ColumnReference(group.column.key, group.column.type))
        for group in groups
    ]
    outputs = _pivoted(pivoted.column, values, [output.column for output in aggregated], outer_keys, context)
    return [context.stage(Aggregate(inner, tuple(kept_groups), tuple(outputs)))]


def _renewed(column: Column, keys: KeyMaker) -> Column:
    return Column(column.name, column.type, keys.key(column.name), column.origin)


def pivot_key(context: LoweringContext) -> TypedExpression:
    """The expression whose values become columns."""
    block = context.arguments.block("pivotBy")
    first = block.arguments[0] if block is not None and block.arguments else None
    if isinstance(first, syntax.Assignment):
        node = first.value
    elif isinstance(first, syntax.Positional):
        node = first.expression
    else:
        span = context.statement.verb_span if block is None else block.span
        raise ProblemFound("the pivot has no key", span, expected="pivotBy(column, [values])")
    key = settled(context.checked(node, context.environment()))
    if datatypes.is_complex(key.type):
        raise ProblemFound(f"the key of the pivot is {key.type}", node.span, expected="a simple value")
    return key


def listed_values(context: LoweringContext) -> Sequence[object] | None:
    """The values that the script lists behind the key; None when it lists none."""
    block = context.arguments.block("pivotBy")
    listed = [
        argument for argument in (block.arguments[1:] if block else ()) if isinstance(argument, syntax.Positional)
    ]
    if not listed:
        return None
    value = constant(listed[0].expression, context.environment(), "the list of values")
    return value if isinstance(value, list) else [value]


def needs_values(context: LoweringContext) -> bool:
    """True for a pivot that lists no values and was given none: its columns depend on the data."""
    return listed_values(context) is None and context.full_name not in context.given.values


def _values(key: TypedExpression, context: LoweringContext) -> list[object]:
    values = listed_values(context)
    if values is None:
        values = context.given.values.get(context.full_name)
    block = context.arguments.block("pivotBy")
    span = block.span if block else context.statement.verb_span
    if values is None:
        raise ProblemFound(
            "the columns of this pivot depend on the data",
            span,
            expected="the values behind the key: pivotBy(column, ['a', 'b'])",
            hint="or give the values when the flow is compiled",
        )
    found: list[object] = []
    for value in values:
        fitting = value if value == DYNAMIC else converted(value, key.type)
        if fitting is None and value is not None:
            raise ProblemFound(f"{value!r} is no value of the pivot's key", span, expected=f"values of {key.type}")
        if fitting not in found:
            found.append(fitting)
    return found


def _pivoted(
    key: Column, values: list[object], aggregated: list[Column], keys: KeyMaker, context: LoweringContext
) -> list[Output]:
    naming = context.arguments.text("columnNaming") or _NAMING
    if "$V" not in naming:
        raise ProblemFound(
            "the names of the columns lack the value",
            context.arguments.properties["columnNaming"].span,
            expected="a text with $V for the value and $N for the prefix",
        )
    if context.arguments.flag("lateral"):
        pairs = [(value, column) for column in aggregated for value in values]
    else:
        pairs = [(value, column) for value in values for column in aggregated]
    outputs: list[Output] = []
    named: dict[str, tuple[object, Column]] = {}
    for value, column in pairs:
        text = "null" if value is None else str(converted(value, STRING))
        name = naming.replace("$N", column.name).replace("$V", text)
        if name in named:
            cause = f"two columns of the pivot are called {name!r}"
            raise ProblemFound(cause, context.statement.verb_span, hint=_told_apart(named[name], (value, column)))
        named[name] = value, column
        target = Column(name, column.type, keys.key(name), context.statement.name)
        outputs.append(Output(target, _of_value(key, value, column)))
    return outputs


def _told_apart(one: tuple[object, Column], other: tuple[object, Column]) -> str:
    """How two columns of a pivot get names of their own."""
    if one[0] == other[0]:
        return "let columnNaming hold the prefix, too: $N"
    if None in (one[0], other[0]):
        return "they are those of null and of the text 'null': give the key another text for null with iifNull()"
    return "let columnNaming part prefix and value, as '$N_$V' does"


def _of_value(key: Column, value: object, column: Column) -> TypedExpression:
    """The aggregate of the only row of the group that has this value."""
    matches = Call("nullSafeEquals", (ColumnReference(key.key, key.type), Literal(value, key.type)), BOOLEAN)
    chosen = Call("iif", (matches, ColumnReference(column.key, column.type)), column.type)
    return Call("first", (chosen, Literal(True, BOOLEAN)), column.type)


def key_values(context: LoweringContext) -> Relation:
    """The distinct values of a pivot's key in order, in a column that is called like the pivot."""
    key = pivot_key(context)
    column = Column(context.full_name, key.type, _ITEM)
    distinct = Aggregate(context.reference(), (Output(column, key),), ())
    return Sort(distinct, (SortKey(ColumnReference(column.key, column.type), nulls_first=True),))


# ---------------------------------------------------------------- unpivot


def lower_unpivot(context: LoweringContext) -> list[Stage]:
    """``unpivot(output(name as type, value as type), ungroupBy(…), pivotValues: […], lateral, ignoreNullPivots)``.

    One row for every column that is not in ``ungroupBy``, with the column's name, or its text in ``pivotValues``, and
    its value converted to the declared type; ``ignoreNullPivots`` leaves null values out. ``lateral`` orders several
    value columns: there is one. Columns that are declared behind the pair are the only ones that become rows, and stay
    in each of them.
    """
    arguments = context.arguments
    arguments.allow(properties=["ignoreNullPivots", "pivotValues"], blocks=["ungroupBy"], columns=["output"])
    declared = arguments.declared("output") or ()
    if len(declared) < 2:
        raise ProblemFound(
            "unpivot declares no pair of columns",
            context.statement.verb_span,
            expected="output(name as string, value as type)",
        )
    source = context.reference()
    keys = KeyMaker()
    groups = groups_of("ungroupBy", context, keys)
    grouped = {output.expression.key for output in groups if isinstance(output.expression, ColumnReference)}
    turned = [column for column in data_columns(source.columns) if column.key not in grouped]
    staying = list(declared[2:])
    if staying:
        turned = [_chosen(field, turned, context) for field in staying]
    if not turned:
        raise ProblemFound("unpivot leaves no column to turn into rows", context.statement.verb_span)
    name_type, value_type = (from_syntax(field.type) for field in declared[:2])
    entries = _entries(turned, _row_names(turned, arguments), name_type, value_type, declared[1].span)
    item = Column(_ITEM, Struct((("name", name_type), ("value", value_type))), reserved(source.columns).key(_ITEM))
    relation: Relation = Unnest(source, entries, item, keep_empty=False)
    entry = ColumnReference(item.key, item.type)
    if arguments.flag("ignoreNullPivots"):
        present = Call("not", (Call("isNull", (FieldAccess(entry, "value", value_type),), BOOLEAN),), BOOLEAN)
        relation = Filter(relation, present)
    origin = context.statement.name
    made = [
        Output(Column(field.name, kind, keys.key(field.name), origin), FieldAccess(entry, part, kind))
        for field, part, kind in zip(declared[:2], ("name", "value"), (name_type, value_type), strict=True)
    ]
    own = [
        Output(column.changed(key=keys.key(column.name), type=kind), _as(column, kind, field.span))
        for field, column in zip(staying, turned[: len(staying)], strict=True)
        for kind in [from_syntax(field.type)]
    ]
    return [context.stage(Project(relation, (*groups, *made, *own, *kept(source.columns, keys))))]


def _row_names(turned: list[Column], arguments: Arguments) -> list[str]:
    """What the rows of the columns are called: as the columns are, or as ``pivotValues`` says in their order.

    Columns that nobody declares may be any number, where lineage is traced: they keep their name.
    """
    names = list(arguments.texts("pivotValues"))
    if not names:
        return [column.name for column in turned]
    known = [column for column in turned if not column.dynamic]
    if len(names) < len(known) or (len(names) > len(known) and len(known) == len(turned)):
        raise ProblemFound(
            f"{len(names)} pivotValues for {len(known)} columns",
            arguments.properties["pivotValues"].span,
            expected="one for each of " + ", ".join(column.name for column in known),
        )
    own = iter(names)
    return [column.name if column.dynamic else next(own) for column in turned]


def _chosen(field: syntax.StructField, turned: list[Column], context: LoweringContext) -> Column:
    found = only_column(field.name, turned)
    if found is None:
        raise context.scope().missing(field.name, field.span)
    return found


def _entries(turned: list[Column], names: list[str], name_type: DataType, value_type: DataType, span: Span) -> Call:
    """The columns of a row as an array of their names and values."""
    kind = Struct((("name", name_type), ("value", value_type)))
    items = [
        StructOf(
            (
                ("name", widened(Literal(name, STRING), name_type)),
                ("value", _as(column, value_type, span)),
            ),
            kind,
        )
        for column, name in zip(turned, names, strict=True)
    ]
    return Call("array", tuple(items), Array(kind))


def _as(column: Column, kind: DataType, span: Span) -> TypedExpression:
    reference = ColumnReference(column.key, column.type)
    return reference if column.type == kind else Convert(reference, kind, None, span)
