"""``sink``: the columns that are written and the settings of the files."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mapping_dataflow.analysis.columns import rekeyed
from mapping_dataflow.analysis.datatypes import from_syntax
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.lowering.arguments import Arguments
from mapping_dataflow.lowering.context import LoweringContext, passed
from mapping_dataflow.lowering.select import DUPLICATES, mapped
from mapping_dataflow.relations import Output, Project, Relation, Stage
from mapping_dataflow.script import syntax

_FILES = frozenset(
    """allowSchemaDrift validateSchema format partitionFileNames filePattern rowUrlColumn rowFolderUrlColumn truncate
    umask quoteAll header saveOrder columnDelimiter quoteChar escapeChar columnNamesAsHeader compressionCodec
    compressionType documentForm fileSystem container folderPath""".split()
)
_EMPTY_ONLY = frozenset({"preCommands", "postCommands"})


@dataclass(frozen=True)
class SinkSettings:
    """How a file sink writes; names that are not set are None or empty.

    ``file_names`` are the names of the partitions' files (one name: a single file); ``file_name_column`` and
    ``folder_name_column`` name the column whose values are the files' (folders') names, relative to the dataset;
    ``partition_columns`` are those of ``partitionBy('key', …)``; ``umask`` is octal text.
    """

    file_names: tuple[str, ...]
    file_pattern: str | None
    file_name_column: str | None
    folder_name_column: str | None
    partition_columns: tuple[str, ...]
    truncate: bool
    umask: str | None
    quote_all: bool
    header: tuple[str, ...]
    save_order: int
    format: str | None
    folder_path: str | None

    @property
    def single_file(self) -> str | None:
        """Name of the only file, when the sink writes one."""
        return self.file_names[0] if len(self.file_names) == 1 else None


def settings(arguments: Arguments) -> SinkSettings:
    """The settings of a sink statement. Raises ProblemFound for one that is not supported."""
    arguments.allow(
        properties=_FILES | _EMPTY_ONLY | set(DUPLICATES), blocks=["mapColumn", "partitionBy"], columns=["input"]
    )
    for name in _EMPTY_ONLY:
        if arguments.texts(name):
            raise ProblemFound(f"{name} are not supported", arguments.properties[name].span, expected="an empty list")
    umask = arguments.properties.get("umask")
    text = umask.value.text if umask is not None and isinstance(umask.value, syntax.NumberLiteral) else None
    return SinkSettings(
        file_names=arguments.texts("partitionFileNames"),
        file_pattern=arguments.text("filePattern"),
        file_name_column=arguments.text("rowUrlColumn"),
        folder_name_column=arguments.text("rowFolderUrlColumn"),
        partition_columns=_partition_columns(arguments),
        truncate=arguments.flag("truncate"),
        umask=text if text is not None else arguments.text("umask") if umask is not None else None,
        quote_all=arguments.flag("quoteAll"),
        header=arguments.texts("header"),
        save_order=arguments.whole("saveOrder", 0) or 0,
        format=arguments.text("format"),
        folder_path=arguments.text("folderPath"),
    )


def _partition_columns(arguments: Arguments) -> tuple[str, ...]:
    block = arguments.block("partitionBy")
    if block is None:
        return ()
    parts = [argument.expression for argument in block.arguments if isinstance(argument, syntax.Positional)]
    if not parts or not isinstance(parts[0], syntax.StringLiteral) or parts[0].value != "key":
        return ()
    return tuple(part.name for part in parts[2:] if isinstance(part, syntax.ColumnName))


def lower(context: LoweringContext) -> list[Stage]:
    """One stage with exactly the columns that are written, in their order."""
    found = settings(context.arguments)
    source = context.reference()
    block = context.arguments.block("mapColumn")
    if block is not None:
        relation: Relation = mapped(block, source, context, context.environment())
    else:
        relation = _automatic(source, context)
    names = {column.name for column in relation.columns}
    for column in (found.file_name_column, found.folder_name_column, *found.partition_columns):
        if column is not None and column not in names:
            span = context.arguments.properties.get("rowUrlColumn", context.statement).span
            raise ProblemFound(f"the sink has no column {column!r} to take names from", span)
    return [context.stage(relation)]


def _automatic(source: Relation, context: LoweringContext) -> Relation:
    """All columns; the first of equal names when duplicates shall be skipped; declared types are taken."""
    declared = {field.name: from_syntax(field.type) for field in context.arguments.declared("input") or ()}
    drifts = context.arguments.flag("allowSchemaDrift", default=True)
    outputs: list[Output] = []
    for output in passed(source.columns):
        column = output.column
        if any(one.column.name == column.name for one in outputs):
            if context.arguments.flag("skipDuplicateMapInputs"):
                continue
            raise ProblemFound(
                f"two columns are called {column.name!r}",
                context.statement.verb_span,
                hint="drop one with a select before, or set skipDuplicateMapInputs: true",
            )
        if column.drifted and not drifts and column.name not in declared:
            continue
        kind = declared.get(column.name, column.type)
        outputs.append(Output(replace(column, type=kind), widened(output.expression, kind)))
    columns = rekeyed(output.column for output in outputs)
    return Project(source, tuple(Output(one, output.expression) for one, output in zip(columns, outputs, strict=True)))
