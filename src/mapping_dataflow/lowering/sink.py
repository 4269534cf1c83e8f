"""``sink``: the rows and columns that are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mapping_dataflow.analysis.columns import KeyMaker
from mapping_dataflow.analysis.datatypes import BOOLEAN, NULL, STRING, UNKNOWN, Array, DataType, from_syntax, is_complex
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.analysis.row_state import ACTION, CAPTURED, ERRORS, INSERT, UPSERT, failed
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import (
    Call,
    ColumnReference,
    Convert,
    Literal,
    TypedExpression,
)
from mapping_dataflow.lowering.context import LoweringContext, only_column, passed
from mapping_dataflow.lowering.marks import data_columns, kept, mark_reference, remarked, reserved
from mapping_dataflow.lowering.select import mapped
from mapping_dataflow.lowering.sink_settings import (
    ROW_POLICIES,
    SinkSettings,
    WrittenTexts,
    is_delta,
    settings,
    written_texts,
)
from mapping_dataflow.relations import Filter, Output, Project, Relation, Stage


def lower(context: LoweringContext) -> list[Stage]:
    """One stage with exactly the columns that are written, in their order."""
    found = settings(context.arguments)
    source = context.reference()
    block = context.arguments.block("mapColumn")
    if block is not None:
        relation: Relation = mapped(block, source, context, context.environment())
    else:
        relation = _automatic(source, context)
    partition = found.partitioning.columns if found.partitioning else ()
    naming = [name for name in (found.file_name_column, found.folder_name_column, *partition) if name is not None]
    return [context.stage(_of_rows(_with_naming(relation, naming, context), found, context))]


def _with_naming(relation: Relation, naming: list[str], context: LoweringContext) -> Relation:
    """The rows with the columns that name files and folders, which need not be mapped. Raises ProblemFound."""
    missing = [name for name in dict.fromkeys(naming) if only_column(name, relation.columns) is None]
    if not missing:
        return relation
    span = context.arguments.properties.get("rowUrlColumn", context.statement).span
    if not isinstance(relation, Project):
        raise ValueError("internal-error: the mapping of a sink is no projection")
    keys = reserved(relation.columns)
    added: list[Output] = []
    for name in missing:
        column = only_column(name, context.inputs[0].columns)
        if column is None:
            raise ProblemFound(f"the sink has no column {name!r} to take names from", span)
        reference = ColumnReference(column.key, column.type)
        added.append(Output(replace(column, key=keys.key(name)), reference))
    data = [output for output in relation.outputs if not output.column.mark]
    marks = [output for output in relation.outputs if output.column.mark]
    return Project(relation.source, (*data, *added, *marks))


def _of_rows(relation: Relation, found: SinkSettings, context: LoweringContext) -> Relation:
    """The rows that the sink takes, with the marks that whoever writes them needs."""
    needed: set[str] = set()
    action = mark_reference(ACTION, relation.columns)
    all_are_new = found.row_policies == (INSERT,) and is_delta(context.arguments)
    if any(name in context.arguments.properties for name in ROW_POLICIES) and not all_are_new:
        if action is not None:
            needed.add(ACTION)
            relation = Filter(relation, _taken(action, found.row_policies))
            relation = remarked(relation, ACTION, _first_load(action, found.row_policies))
        elif "insert" not in found.row_policies and not context.given.traced:
            raise ProblemFound(
                "the sink takes no inserted rows, and nothing says what else to do with its rows",
                context.statement.verb_span,
                hint="mark them with an alterRow before, or set insertable: true",
            )
    errors = mark_reference(ERRORS, relation.columns)
    if errors is not None and found.writes_failed_rows:
        needed.add(ERRORS)
    elif errors is not None and found.leaves_out_failed_rows:
        relation = Filter(relation, Call("not", (failed(errors),), BOOLEAN))
    written = [column for column in relation.columns if not column.mark or column.mark in needed]
    return relation if len(written) == len(relation.columns) else Project(relation, tuple(passed(written)))


def _first_load(action: TypedExpression, policies: tuple[str, ...]) -> TypedExpression:
    """The action, that of the first load of captured changes being one that the sink takes."""
    captured = Call("equals", (action, Literal(CAPTURED, STRING)), BOOLEAN)
    own = Literal(INSERT if INSERT in policies else UPSERT, STRING)
    return Call("iif", (captured, own, action), STRING)


def _taken(action: TypedExpression, policies: tuple[str, ...]) -> TypedExpression:
    said = Call("coalesce", (action, Literal(INSERT, STRING)), STRING)
    captured = [CAPTURED] if INSERT in policies or UPSERT in policies else []
    return Call("in", (Literal([*policies, *captured], Array(STRING)), said), BOOLEAN)


def _taken_type(own: DataType, declared: DataType | None) -> DataType:
    """The declared type; of a list or object that a simple value cannot become, nothing is taken.

    The declaration says what was in the store when the sink was made; a flatten before it turns
    a list into values of the same name.
    """
    if declared is None or (is_complex(declared) and own not in (NULL, UNKNOWN) and not is_complex(own)):
        return own
    return declared


def _as_declared(expression: TypedExpression, kind: DataType, texts: WrittenTexts) -> TypedExpression:
    """The value as the declared type; dates become text, and text dates, by the patterns of the sink."""
    text, other = (expression.type, kind) if expression.type == STRING else (kind, expression.type)
    pattern = texts.pattern(str(other)) if text == STRING else None
    return Convert(expression, kind, pattern) if pattern else widened(expression, kind)


def _known_names(declared: Iterable[str], source: Relation) -> set[str]:
    """The declared names in lower case; none when the rows have no such column: then it is another store's."""
    names = {name.lower() for name in declared}
    return names if any(column.name.lower() in names for column in data_columns(source.columns)) else set()


def _automatic(source: Relation, context: LoweringContext) -> Relation:
    """All columns, or without drift those that the sink declares, if it does; the first of equal names when duplicates
    shall be skipped; declared types are taken."""
    declared = {field.name: from_syntax(field.type) for field in context.arguments.declared("input") or ()}
    known = _known_names(declared, source)
    drifts = context.arguments.flag("allowSchemaDrift", default=True)
    texts = written_texts(context.arguments)
    outputs: list[Output] = []
    names: set[str] = set()
    for output in passed(data_columns(source.columns)):
        column = output.column
        if not column.dynamic and column.name in names:
            if context.arguments.flag("skipDuplicateMapInputs"):
                continue
            if context.given.traced:
                outputs.append(output)
                continue
            raise ProblemFound(
                f"two columns are called {column.name!r}",
                context.statement.verb_span,
                hint="drop one with a select before, or set skipDuplicateMapInputs: true",
            )
        if not drifts and column.name.lower() not in known and (column.drifted or (known and not column.dynamic)):
            continue
        kind = _taken_type(column.type, declared.get(column.name))
        names.add(column.name)
        outputs.append(Output(column.changed(type=kind), _as_declared(output.expression, kind, texts)))
    keys = KeyMaker()
    written = [Output(one.column.changed(key=keys.key(one.column.name)), one.expression) for one in outputs]
    return Project(source, (*written, *kept(source.columns, keys)))
