"""``foldDown`` (Flatten): one row an item of an array, which may lie deep in structs and other arrays.

Every array on the way is unrolled; missing ones keep the row with null, except at the root when one is given. In the
mapping, a path that was unrolled means the item (``unroll(goods.orders)``: ``goods.orders.orderId`` is one number).
``unrollMultiple(a, b)``, as Studio writes several arrays, makes every combination; ``unroll()`` only maps columns.
"""

from __future__ import annotations

from dataclasses import replace

from mapping_dataflow.analysis.columns import Column, KeyMaker
from mapping_dataflow.analysis.datatypes import UNKNOWN, Array, Struct
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import ColumnReference, FieldAccess, TypedExpression
from mapping_dataflow.lowering.context import LoweringContext, passed
from mapping_dataflow.lowering.select import DUPLICATES, mapped
from mapping_dataflow.relations import Output, Project, Relation, Stage, Unnest
from mapping_dataflow.script import syntax

_Path = tuple[str, ...]
_Paths = dict[_Path, TypedExpression]
_UNROLLS = ("unroll", "unrollMultiple")


def lower(context: LoweringContext) -> list[Stage]:
    """One stage with the mapped columns of the unrolled rows."""
    context.arguments.allow(properties=DUPLICATES, blocks=[*_UNROLLS, "mapColumn"])
    relation: Relation = context.reference()
    keys = KeyMaker()
    for column in relation.columns:
        keys.key(column.key)
    paths: _Paths = {}
    unrolls = [block for block in context.arguments.blocks if block.name in _UNROLLS]
    if not unrolls:
        raise ProblemFound("foldDown unrolls nothing", context.statement.verb_span, expected="unroll(array)")
    for block in unrolls:
        for path, root in _arrays(block, context):
            relation = _unrolled(relation, path, root, block, paths, keys, context)
    mapping = context.arguments.block("mapColumn")
    if mapping is None:
        return [context.stage(_all_columns(relation, paths, context))]
    environment = replace(context.environment(), paths=paths)
    return [context.stage(mapped(mapping, relation, context, environment))]


def _arrays(block: syntax.Block, context: LoweringContext) -> list[tuple[_Path, _Path | None]]:
    """The arrays that a block names, with their roots. Raises ProblemFound."""
    named = [_path(argument, context) for argument in block.arguments]
    if block.name == "unrollMultiple":
        return [(path, None) for path in named]
    if len(named) > 2:
        raise ProblemFound("unroll has another form", block.span, expected="unroll(array, [root])")
    if not named:
        return []
    path, root = named[0], named[1] if len(named) == 2 else None
    if root is not None and path[: len(root)] != root:
        raise ProblemFound("the root is not on the way to the array", block.arguments[1].span)
    return [(path, root)]


def _unrolled(
    relation: Relation,
    path: _Path,
    root: _Path | None,
    block: syntax.Block,
    paths: _Paths,
    keys: KeyMaker,
    context: LoweringContext,
) -> Relation:
    environment = context.environment()
    unrolled = False
    for length in range(1, len(path) + 1):
        prefix = path[:length]
        if prefix in paths:
            continue
        value = _value(prefix, paths, environment, block)
        element = value.type.element if isinstance(value.type, Array) else value.type
        if not isinstance(value.type, Array) and (element != UNKNOWN or length < len(path)):
            continue
        keep_empty = root is None or length > len(root)
        item = Column(path[length - 1], element, keys.key("item " + ".".join(prefix)), context.statement.name)
        relation = Unnest(relation, value, item, keep_empty)
        paths[prefix] = ColumnReference(item.key, item.type)
        unrolled = True
    if not unrolled:
        raise ProblemFound(f"{'.'.join(path)} is no array", block.span, expected="the path of an array")
    return relation


def _path(argument: syntax.Argument, context: LoweringContext) -> _Path:
    path = syntax.dotted_path(argument.expression) if isinstance(argument, syntax.Positional) else None
    if path is None:
        raise ProblemFound("this is no path to an array", argument.span, expected="column.field…")
    return path


def _value(prefix: _Path, paths: _Paths, environment: Environment, block: syntax.Block) -> TypedExpression:
    if len(prefix) == 1:
        return check(syntax.ColumnName(prefix[0], None, block.span), environment)
    base = paths.get(prefix[:-1]) or _value(prefix[:-1], paths, environment, block)
    kind = base.type.field(prefix[-1]) if isinstance(base.type, Struct) else None
    if base.type == UNKNOWN:
        kind = UNKNOWN
    if kind is None:
        raise ProblemFound(f"there is no field {prefix[-1]!r} in {'.'.join(prefix[:-1])} ({base.type})", block.span)
    return FieldAccess(base, prefix[-1], kind)


def _all_columns(relation: Relation, paths: _Paths, context: LoweringContext) -> Relation:
    """Without a mapping: all columns, an unrolled column being its item."""
    if any(len(path) > 1 for path in paths):
        raise ProblemFound(
            "a flatten of a nested array needs a mapping", context.statement.verb_span, expected="mapColumn(…)"
        )
    outputs: list[Output] = []
    for output in passed(context.inputs[0].columns):
        item = paths.get((output.column.name,))
        outputs.append(output if item is None else Output(replace(output.column, type=item.type), item))
    return Project(relation, tuple(outputs))
