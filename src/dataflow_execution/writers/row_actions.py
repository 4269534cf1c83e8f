"""What sinks with rows of several kinds do with each kind: the conditions, and the keys that such sinks must have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from dataflow_execution.column_spelling import alike, differ_in_more
from dataflow_execution.errors import DataFlowRunError, not_supported
from dataflow_execution.sql_text import identifier, quoted
from mapping_dataflow import CompiledSink

INSERT, UPDATE, UPSERT, DELETE = "insert", "update", "upsert", "delete"


@dataclass(frozen=True)
class RowActions:
    """How rows are told apart: ``column`` holds the kind of each (None: all are inserted); ``keys`` find their rows.
    ``given_keys`` are those that the table gives new rows itself; ``pruned`` has columns of the table with the only
    values, in SQL, of rows that are found."""

    column: str | None
    kinds: frozenset[str]
    keys: tuple[str, ...]
    given_keys: tuple[str, ...] = ()
    pruned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of_new_rows(self, columns: Iterable[str]) -> list[str]:
        """The columns that are written to new rows."""
        return [column for column in columns if column not in self.given_keys]

    @property
    def inserts_only(self) -> bool:
        """True when every row is inserted."""
        return self.kinds <= {INSERT}

    def condition(self, *kinds: str) -> str:
        """The condition, over the query of the sink, for rows of these kinds; rows of no kind are inserted."""
        if self.column is None:
            return "TRUE" if INSERT in kinds else "FALSE"
        listed = ", ".join(f"'{kind}'" for kind in kinds)
        return f"coalesce({identifier(self.column)}, '{INSERT}') IN ({listed})"


def row_actions(sink: CompiledSink, *, prunes: bool = False) -> RowActions:
    """The kinds of rows of a sink to a table, which ``prunes`` where it can be told to look at some of its rows alone.

    Raises DataFlowRunError when rows must be found and no key, or none of the columns, says how; and for columns whose
    names differ in case alone, one to Delta and to SQL Server.
    """
    settings = sink.settings
    if settings.pruned and not prunes:
        raise not_supported(f"at Sink '{sink.stream}': pruneCondition is for Delta tables alone", hint="leave it out")
    listed = [column.name for column in sink.columns]
    if not differ_in_more(listed):
        raise alike(listed, f"the table of Sink '{sink.stream}'")
    if not all(listed):
        raise not_supported(
            f"at Sink '{sink.stream}': a table has no column without a name",
            hint="name it in a select, or by columnNaming of the pivot",
        )
    kinds = frozenset(settings.row_policies) if sink.action_column is not None else frozenset({INSERT})
    names = {column.name.lower(): column.name for column in sink.columns}
    unknown = [key for key in settings.keys if key.lower() not in names]
    if unknown:
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': there is no column {unknown[0]!r} to find rows by",
            expected="one of " + ", ".join(names.values()),
        )
    if not kinds <= {INSERT} and not settings.keys:
        others = ", ".join(sorted(kinds - {INSERT}))
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': it has no keys, and rows to {others} are found by keys", hint="set keys: ['…']"
        )
    keys = tuple(names[key.lower()] for key in settings.keys)
    given_keys = keys if settings.leaves_out_keys else ()
    if given_keys and set(given_keys) == set(names.values()) and kinds & {INSERT, UPSERT}:
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': without its keys a new row has no values", hint="set skipKeyWrites: false"
        )
    pruned = {
        name: tuple(_literal(value, sink.stream) for value in values)
        for name, values in settings.pruned.items()
        if values
    }
    return RowActions(sink.action_column, kinds, keys, given_keys, pruned)


def _literal(value: object, stream: str) -> str:
    """A value in SQL. Raises DataFlowRunError for one that no partition of a table is called by."""
    match value:
        case bool() | int() | Decimal():
            return str(value)
        case str():
            return quoted(value)
        case date() if not isinstance(value, datetime):
            return f"DATE {quoted(value.isoformat())}"
    raise not_supported(
        f"at Sink '{stream}': pruneCondition has the value {value!r}",
        expected="texts, whole numbers, decimals, booleans and dates",
    )


def refuse_commands(sink: CompiledSink) -> None:
    """Raises DataFlowRunError when a sink has commands that nobody runs: PostgreSQL alone does."""
    if sink.settings.before or sink.settings.after:
        name = "preSQLs" if sink.settings.before else "postSQLs"
        raise not_supported(f"at Sink '{sink.stream}': {name} are run by PostgreSQL alone", expected="an empty list")
