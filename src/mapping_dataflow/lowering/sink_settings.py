"""What a ``sink`` says about its files, its table and its rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mapping_dataflow.analysis.constants import Value
from mapping_dataflow.analysis.datatypes import from_syntax
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import TypedExpression
from mapping_dataflow.lowering.arguments import Arguments, constant
from mapping_dataflow.lowering.endpoint_settings import (
    SINK_COMMANDS,
    SINK_PLACES_OF_RUN,
    SINK_SETTINGS,
    SINK_WITHOUT_EFFECT,
)
from mapping_dataflow.lowering.select import DUPLICATES
from mapping_dataflow.lowering.text_types import boolean_words, written_pattern
from mapping_dataflow.script import syntax

ROW_POLICIES = {"insertable": "insert", "updateable": "update", "upsertable": "upsert", "deletable": "delete"}
"""Property -> the kind of row that it lets through."""
_OCTAL = re.compile("0?[0-7]{3}")
_PARTITIONINGS = ("hash", "roundRobin", "key", "dynamicRange")
_EMPTYING = ("truncate", "overwrite", "deltaTruncate")


@dataclass(frozen=True)
class Partitioning:
    """``partitionBy(kind, count, columns…)``; ``kind`` is hash, roundRobin, key or dynamicRange, a count of 0 is
    not said."""

    kind: str
    count: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class RejectedRows:
    """What becomes of rows that a table does not take when the others are written all the same: they are ``kept`` in a
    place of their own, or forgotten; the run ``succeeds``, or fails when the others are written."""

    kept: bool
    succeeds: bool


@dataclass(frozen=True)
class WrittenTexts:
    """How values become text where a file holds text alone: the Java patterns of dates and timestamps, None for Spark's
    own, and the words for true and false, none for ``true`` and ``false``."""

    dates: str | None = None
    timestamps: str | None = None
    booleans: tuple[str, ...] = ()

    def pattern(self, kind: str) -> str | None:
        """The pattern for a type (its text); None for types that have none."""
        return {"date": self.dates, "timestamp": self.timestamps}.get(kind)


@dataclass(frozen=True)
class SinkSettings:
    """How a sink writes; names that are not set are None or empty.

    ``file_names`` are the names of the partitions' files (one name: a single file); ``file_name_column`` and
    ``folder_name_column`` name the column whose values are the files' (folders') names, relative to the dataset;
    ``texts`` say how values are written in delimited text, ``empty_lines`` how many lines stand above all others;
    ``umask`` has the bits of permission that new files and folders lack. ``row_policies`` are the kinds of rows that
    are taken (insert, update, upsert, delete) and ``keys`` the columns by which rows are found, which a table gives new
    rows itself with ``leaves_out_keys``; ``before`` and ``after`` are commands in SQL. ``writes_failed_rows`` asks for
    the rows that failed an assertion in a place of their own, ``leaves_out_failed_rows`` leaves them out of the sink.
    ``contract`` has the columns, with their types, that a table which exists must have (``validateSchema``).
    ``pruned`` has columns of a table with the only values of rows that are looked at when rows are found.
    ``rejected`` is None when the first row that a table does not take stops the sink. ``places_of_run`` are
    the properties that name files or say where rows go, where the clock of the run decides them: they are in no other
    field, and whoever writes the rows computes them first. ``properties`` holds every property of the statement that
    is about formats, places and tables, with its value.
    """

    file_names: tuple[str, ...] = ()
    file_pattern: str | None = None
    places_of_run: Mapping[str, TypedExpression] = field(default_factory=dict)
    file_name_column: str | None = None
    folder_name_column: str | None = None
    partitioning: Partitioning | None = None
    truncate: bool = False
    umask: int | None = None
    quote_all: bool = False
    texts: WrittenTexts = WrittenTexts()
    empty_lines: int = 0
    header: tuple[str, ...] = ()
    save_order: int = 0
    format: str | None = None
    store: str | None = None
    folder_path: str | None = None
    row_policies: tuple[str, ...] = ("insert",)
    keys: tuple[str, ...] = ()
    leaves_out_keys: bool = False
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    recreate: bool = False
    merge_schema: bool = False
    contract: Mapping[str, str] = field(default_factory=dict)
    pruned: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    writes_failed_rows: bool = False
    leaves_out_failed_rows: bool = False
    rejected: RejectedRows | None = None
    properties: Mapping[str, Value] = field(default_factory=dict)

    @property
    def single_file(self) -> str | None:
        """Name of the only file, when the sink writes one."""
        return self.file_names[0] if len(self.file_names) == 1 else None

    @property
    def partition_columns(self) -> tuple[str, ...]:
        """The columns whose values name folders."""
        return self.partitioning.columns if self.partitioning and self.partitioning.kind == "key" else ()

    @property
    def is_cache(self) -> bool:
        """True for a sink whose rows are for other expressions of the flow and are written nowhere."""
        return self.store == "cache"


def settings(arguments: Arguments) -> SinkSettings:
    """The settings of a sink statement. Raises ProblemFound for one that is not supported."""
    known = SINK_SETTINGS | SINK_WITHOUT_EFFECT.keys() | SINK_COMMANDS | set(DUPLICATES)
    arguments.allow(properties=known, blocks=["mapColumn", "partitionBy"], columns=["input"])
    for name in sorted(SINK_COMMANDS):
        if arguments.texts(name):
            raise ProblemFound(f"{name} are not supported", arguments.properties[name].span, expected="an empty list")
    places = arguments.decided_by_run(SINK_PLACES_OF_RUN)
    return SinkSettings(
        file_names=() if "partitionFileNames" in places else arguments.texts("partitionFileNames"),
        file_pattern=None if "filePattern" in places else arguments.text("filePattern"),
        places_of_run=places,
        file_name_column=arguments.text("rowUrlColumn") or None,
        folder_name_column=arguments.text("rowFolderUrlColumn") or None,
        partitioning=None if arguments.text("store") == "cache" else _partitioning(arguments),
        truncate=any(map(arguments.flag, _EMPTYING)) or _saves_over(arguments),
        umask=_umask(arguments),
        quote_all=arguments.flag("quoteAll"),
        texts=written_texts(arguments),
        empty_lines=_empty_lines(arguments),
        header=arguments.texts("header"),
        save_order=arguments.whole("saveOrder", 0) or 0,
        format=arguments.file_format(),
        store=arguments.text("store"),
        folder_path=None if "folderPath" in places else arguments.text("folderPath"),
        row_policies=_row_policies(arguments),
        keys=arguments.texts("keys"),
        leaves_out_keys=arguments.flag("skipKeyWrites"),
        before=arguments.texts("preSQLs"),
        after=arguments.texts("postSQLs"),
        recreate=arguments.flag("recreate") or (is_delta(arguments) and arguments.flag("overwrite")),
        merge_schema=arguments.flag("mergeSchema"),
        contract=_contract(arguments),
        pruned=_pruned(arguments),
        writes_failed_rows=arguments.flag("outputAssertFailedRows"),
        leaves_out_failed_rows=arguments.flag("ignoreAssertFailedRows"),
        rejected=_rejected(arguments),
        properties={
            name: arguments.value(name)
            for name in arguments.properties
            if name in SINK_SETTINGS and name != "umask" and name not in places
        },
    )


def _contract(arguments: Arguments) -> dict[str, str]:
    """The declared columns, where the table has to have them.

    https://learn.microsoft.com/azure/data-factory/data-flow-sink
    """
    if not arguments.flag("validateSchema"):
        return {}
    return {field.name: str(from_syntax(field.type)) for field in arguments.declared("input") or ()}


def is_delta(arguments: Arguments) -> bool:
    """True for a sink that says that it is a Delta table."""
    return (arguments.file_format() or "").lower() == "delta"


def _pruned(arguments: Arguments) -> dict[str, tuple[Value, ...]]:
    """``pruneCondition: ['column' -> ([value, …]), …]``. Raises ProblemFound for anything else.

    https://learn.microsoft.com/azure/data-factory/format-delta#delta-sink-with-partition-pruning
    """
    given = arguments.value("pruneCondition")
    if given is None or given == []:
        return {}
    if not isinstance(given, dict):
        span = arguments.properties["pruneCondition"].span
        raise ProblemFound("the property 'pruneCondition' is no map", span, expected="['column' -> ([value, …])]")
    return {str(name): tuple(values if isinstance(values, list) else [values]) for name, values in given.items()}


def _saves_over(arguments: Arguments) -> bool:
    """``saveMode``, as flows of the language's preview say what ``truncate`` says now."""
    return arguments.choice("saveMode", {mode: mode for mode in ("append", "overwrite")}, "append") == "overwrite"


def written_texts(arguments: Arguments) -> WrittenTexts:
    """How values become text. Raises ProblemFound."""
    return WrittenTexts(
        written_pattern(arguments, "dateFormat"),
        written_pattern(arguments, "timestampFormat"),
        boolean_words(arguments),
    )


def _empty_lines(arguments: Arguments) -> int:
    number = arguments.whole("emptyLinesAsHeader", 0) or 0
    if number < 0:
        raise ProblemFound(
            f"{number} empty lines", arguments.properties["emptyLinesAsHeader"].span, expected="0 or more"
        )
    return number


def _rejected(arguments: Arguments) -> RejectedRows | None:
    handlings = ("stopOnFirstError", "allErrors")
    if arguments.choice("errorHandlingOption", {name: name for name in handlings}, handlings[0]) == handlings[0]:
        return None
    return RejectedRows(arguments.flag("outputRejectedData"), arguments.flag("reportSuccessOnError"))


def _umask(arguments: Arguments) -> int | None:
    """The bits of ``umask``, which is written in octal digits."""
    given = arguments.properties.get("umask")
    if given is None:
        return None
    text = given.value.text if isinstance(given.value, syntax.NumberLiteral) else arguments.text("umask")
    if not text:
        return None
    if _OCTAL.fullmatch(text) is None:
        raise ProblemFound(f"{text!r} is no umask", given.span, expected="three octal digits, such as 0022")
    return int(text, 8)


def _row_policies(arguments: Arguments) -> tuple[str, ...]:
    """The kinds of rows; a sink that says nothing takes inserted rows alone."""
    if not any(name in arguments.properties for name in ROW_POLICIES):
        return ("insert",)
    return tuple(kind for name, kind in ROW_POLICIES.items() if arguments.flag(name, default=kind == "insert"))


def _partitioning(arguments: Arguments) -> Partitioning | None:
    block = arguments.block("partitionBy")
    if block is None:
        return None
    parts = [argument.expression for argument in block.arguments if isinstance(argument, syntax.Positional)]
    kind = parts[0] if parts else None
    if not isinstance(kind, syntax.StringLiteral) or kind.value not in _PARTITIONINGS:
        raise ProblemFound(
            "this partitioning of a sink is not supported",
            kind.span if kind else block.span,
            expected="one of " + ", ".join(map(repr, _PARTITIONINGS)),
        )
    count = _partition_count(parts[1], arguments, kind.value) if len(parts) > 1 else 0
    columns = tuple(_partition_column(part, arguments) for part in parts[2:])
    if kind.value == "dynamicRange" and not columns:
        raise ProblemFound(
            "a range of no column", block.span, expected="partitionBy('dynamicRange', number, column, …)"
        )
    return Partitioning(kind.value, count, columns)


def _partition_count(part: syntax.Expression, arguments: Arguments, kind: str) -> int:
    """How many partitions; 0, not said, where the data decide. Raises ProblemFound for no number of partitions."""
    if any(isinstance(one, syntax.CacheCall) for one in syntax.nested(part)):
        return 0
    count = constant(part, arguments.environment, "the number of partitions")
    least = 0 if kind == "key" else 1
    if count is None:  # of a parameter without a value, where only the settings are asked for
        return 0
    if not isinstance(count, int) or isinstance(count, bool) or count < least:
        raise ProblemFound(
            f"{count!r} is no number of partitions", part.span, expected=f"a whole number from {least} on"
        )
    return count


def _partition_column(part: syntax.Expression, arguments: Arguments) -> str:
    """A column, or ``byName`` of a constant. Raises ProblemFound for other expressions."""
    if isinstance(part, syntax.ColumnName):
        return part.name
    if isinstance(part, syntax.FunctionCall) and part.name == "byName" and len(part.arguments) == 1:
        return str(constant(part.arguments[0], arguments.environment, "the name of a column"))
    raise ProblemFound("a sink is partitioned by columns alone", part.span, expected="the name of a column")
