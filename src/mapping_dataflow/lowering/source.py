"""``source``: the physical columns of the data, cast to the declared projection; drifted columns flow on as strings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.columns import DYNAMIC, Column, KeyMaker
from mapping_dataflow.analysis.datatypes import STRING, UNKNOWN, DataType, from_syntax
from mapping_dataflow.analysis.row_state import ACTION, CAPTURED
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import ColumnReference, Convert, Literal, TypedExpression, walk
from mapping_dataflow.lowering.arguments import Arguments, constant
from mapping_dataflow.lowering.context import LoweringContext, only_column
from mapping_dataflow.lowering.endpoint_settings import (
    SOURCE_COMMANDS,
    SOURCE_OF_STORE,
    SOURCE_REFUSED,
    SOURCE_SETTINGS,
    SOURCE_WITHOUT_EFFECT,
)
from mapping_dataflow.lowering.marks import remarked
from mapping_dataflow.lowering.text_types import TextTypes, from_text, text_types
from mapping_dataflow.relations import Output, Project, Relation, Scan, Stage
from mapping_dataflow.script import syntax
from mapping_dataflow.script.parser import parse_type
from mapping_dataflow.sources import relation_columns


def lower(context: LoweringContext) -> list[Stage]:
    """One stage with the projected and the drifted columns, and marked rows where the source captures changes."""
    check_settings(context.arguments)
    relation = declared_columns(context)
    if _marks_changes(context.arguments):
        relation = remarked(relation, ACTION, Literal(CAPTURED, STRING))
    return [context.stage(relation)]


def _marks_changes(arguments: Arguments) -> bool:
    """True for a source that tags its rows as inserted, updated or deleted: SQL Server's own capture and SAP's
    (https://learn.microsoft.com/azure/data-factory/concepts-change-data-capture), which may leave enableCdc out, as in
    the templates of github.com/Azure/Azure-DataFactory; and that of Cosmos DB's analytical store, behind which a sink
    updates and deletes (https://learn.microsoft.com/azure/cosmos-db/get-started-change-data-capture)."""
    if arguments.flag("enableNativeCdc"):
        return True
    if arguments.flag("enableChangeFeed") and arguments.text("storeType") == "olap":
        return True
    sap = arguments.flag("enableCdc") or _store(arguments) == "sapodp"
    return sap and "readMode" in arguments.properties


def _store(arguments: Arguments) -> str:
    return (arguments.text("store") or "").lower()


_COUNTS = frozenset({"limit", "skipLines"})


def check_settings(arguments: Arguments) -> None:
    """Raises ProblemFound for settings that are unknown, and for those that are known and cannot be followed."""
    of_store = SOURCE_OF_STORE.get(_store(arguments), frozenset())
    known = SOURCE_SETTINGS | SOURCE_WITHOUT_EFFECT.keys() | SOURCE_COMMANDS | of_store
    arguments.allow(properties=known, columns=["output"])
    for name in SOURCE_COMMANDS & arguments.properties.keys():
        if arguments.texts(name):
            span = arguments.properties[name].span
            raise ProblemFound(f"{name} of a source are not supported", span, expected="an empty list")
    for name, reason in SOURCE_REFUSED.items():
        if arguments.flag(name):
            span = arguments.properties[name].span
            raise ProblemFound(f"{name} is not supported: {reason}", span, expected="false")
    for name in _COUNTS & arguments.properties.keys():
        count = arguments.value(name)
        if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
            span = arguments.properties[name].span
            raise ProblemFound(f"{name} is {count!r}", span, expected="a whole number from 0 on")


def declared_columns(context: LoweringContext) -> Relation:
    """The data of a source, or of a flowlet's input, as its statement declares them."""
    arguments = context.arguments
    name = context.full_name
    schema = context.given.schemas.get(name) or context.given.schemas.get(context.statement.name)
    if schema is None:
        raise ProblemFound(
            f"nothing is known about the data of the source {name!r}",
            context.statement.name_span,
            hint="give its physical columns",
        )
    physical = _physical(schema.columns, context)
    scan = Scan(schema.relation or name, physical)
    declared = arguments.declared("output")
    if declared is None:
        outputs = _drifted(physical, set(), context)
    else:
        outputs = _projected(declared, physical, context)
        if arguments.flag("allowSchemaDrift"):
            taken = {_source_key(output.expression) for output in outputs}
            outputs += _drifted(physical, taken, context, [output.column.name for output in outputs])
    return Project(scan, tuple(_with_file_name(outputs, physical, context)))


def _physical(columns: Mapping[str, str], context: LoweringContext) -> tuple[Column, ...]:
    keys = relation_columns(columns)
    return tuple(
        Column(column, _type(column, kind), key, origin=context.full_name)
        for (column, kind), key in zip(columns.items(), keys, strict=True)
    )


def _type(column: str, kind: str) -> DataType:
    return UNKNOWN if column == DYNAMIC else _written_type(kind)


@lru_cache(maxsize=512)
def _written_type(text: str) -> DataType:
    return from_syntax(parse_type(text))


def _projected(
    declared: tuple[syntax.StructField, ...], physical: tuple[Column, ...], context: LoweringContext
) -> list[Output]:
    keys = KeyMaker()
    types = text_types(context.arguments)
    outputs: list[Output] = []
    for field in declared:
        output = context.attempt(_declared_column, field, physical, context, keys, types)
        if output is not None:
            outputs.append(output)
    return outputs


def _declared_column(
    field: syntax.StructField,
    physical: tuple[Column, ...],
    context: LoweringContext,
    keys: KeyMaker,
    types: TextTypes,
) -> Output:
    kind = from_syntax(field.type)
    column = Column(field.name, kind, keys.key(field.name), origin=context.statement.name)
    found = only_column(field.name, physical)
    if found is None:
        if context.arguments.flag("validateSchema"):
            listed = ", ".join(one.name for one in physical)
            raise ProblemFound(f"the data has no column {field.name!r}", field.span, expected=f"one of {listed}")
        return Output(column, Literal(None, kind))
    reference = ColumnReference(found.key, found.type)
    return Output(column, _cast(reference, kind, field, context, types))


def _cast(
    reference: ColumnReference, kind: DataType, field: syntax.StructField, context: LoweringContext, types: TextTypes
) -> TypedExpression:
    pattern = None
    if field.format is not None:
        pattern = str(constant(field.format, context.environment(), "the format of a column"))
    if reference.type == kind:
        return reference
    if datatypes.is_complex(reference.type) != datatypes.is_complex(kind) and reference.type != datatypes.NULL:
        raise ProblemFound(
            f"the column {field.name!r} is declared as {kind}, but the data has {reference.type}", field.span
        )
    if pattern is None:
        return from_text(reference, kind, types, field.span)
    return Convert(reference, kind, pattern, field.span)


def _source_key(expression: TypedExpression) -> str:
    return next((part.key for part in walk(expression) if isinstance(part, ColumnReference)), "")


def _drifted(
    physical: tuple[Column, ...], taken: set[str], context: LoweringContext, names: list[str] | None = None
) -> list[Output]:
    """Columns beyond the projection: strings, unless their types shall be inferred or they are complex."""
    keys = KeyMaker()
    for name in names or []:
        keys.key(name)
    infers = context.arguments.flag("inferDriftedColumnTypes")
    outputs: list[Output] = []
    for column in physical:
        if column.key in taken:
            continue
        kept = infers or column.dynamic or datatypes.is_complex(column.type)
        kind = column.type if kept else STRING
        reference = ColumnReference(column.key, column.type)
        drifted = Column(column.name, kind, keys.key(column.name), origin=context.statement.name, drifted=True)
        outputs.append(Output(drifted, reference if kind == column.type else Convert(reference, kind)))
    return outputs


def _with_file_name(outputs: list[Output], physical: tuple[Column, ...], context: LoweringContext) -> list[Output]:
    """The column with the path of the file each row came from, when the source asks for one."""
    name = context.arguments.text("rowUrlColumn")
    if not name or any(output.column.name == name for output in outputs):
        return outputs
    found = only_column(name, physical)
    if found is None:
        raise ProblemFound(
            f"the data has no column {name!r} with the path of the file",
            context.arguments.properties["rowUrlColumn"].span,
        )
    keys = KeyMaker()
    for output in outputs:
        keys.key(output.column.name)
    column = Column(name, STRING, keys.key(name), origin=context.statement.name)
    return [*outputs, Output(column, ColumnReference(found.key, found.type))]
