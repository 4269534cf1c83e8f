"""Delta tables and databases as sinks: rows inserted, updated, upserted and deleted by keys; and as sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dataflow_bench import document_of

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.local_sinks import stage_sink
from dataflow_execution.local_sources import open_source
from dataflow_execution.sources import Reading
from dataflow_execution.writers.file_formats import Rows
from mapping_dataflow import SourceSchema, compile_flow, required_sources

Row = tuple[Any, ...]
COLUMNS = {"id": "integer", "name": "string", "action": "string"}
MARKED = (
    "in alterRow(updateIf(action == 'update'), deleteIf(action == 'delete'), upsertIf(action == 'upsert'), "
    "insertIf(action == 'insert')) ~> marked\n"
    "marked select(mapColumn(id, name)) ~> chosen\n"
)
ALL_KINDS = "insertable: true, updateable: true, deletable: true, upsertable: true, keys: ['id']"


def _write(rows: Sequence[Row], sink: str, place: Path, columns: str = "id, name") -> int:
    """The rows through an alterRow that reads their action, into a sink with these settings."""
    script = "source(output(id as integer, name as string, action as string)) ~> in\n" + MARKED
    script = script.replace("mapColumn(id, name)", f"mapColumn({columns})") + f"chosen sink({sink}) ~> people"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE given (id INTEGER, name VARCHAR, action VARCHAR)")
        connection.executemany("INSERT INTO given VALUES (?, ?, ?)", rows)
        (compiled,) = compile_flow(document_of(script), {"in": SourceSchema(COLUMNS, "given")}).sinks
        staged = stage_sink(connection, compiled, Rows(compiled.sql), place, None, place.parent / "staged")
        staged.publish()
        return staged.rows


def _read(place: Path, settings: str = "") -> list[Row]:
    with duckdb.connect() as connection:
        request = required_sources(document_of(f"source(allowSchemaDrift: true {settings}) ~> people"))[0]
        schema = open_source(connection, request, str(place), None, "read", Reading(place.parent / "read"))
        return connection.execute(f"SELECT * FROM {schema.relation} ORDER BY ALL").fetchall()


def _types(place: Path) -> dict[str, str]:
    with duckdb.connect() as connection:
        request = required_sources(document_of("source(allowSchemaDrift: true) ~> people"))[0]
        return dict(open_source(connection, request, str(place), None, "r", Reading(place.parent / "read")).columns)


@pytest.fixture(params=["delta", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the table is."""
    return tmp_path / {"delta": "people", "database": "people.duckdb"}[request.param]


def _settings(place: Path, more: str = ALL_KINDS) -> str:
    return more if place.suffix else f"format: 'delta', {more}"


PEOPLE: list[Row] = [(1, "Ann", None), (2, "Bo", None), (3, "Cy", None)]


def test_rows_are_added_to_what_is_there(place: Path) -> None:
    settings = _settings(place, "insertable: true")
    assert [_write(PEOPLE[:2], settings, place), _write(PEOPLE[2:], settings, place)] == [2, 1]
    assert _read(place) == [(1, "Ann"), (2, "Bo"), (3, "Cy")]


def test_each_kind_of_row_does_what_it_says(place: Path) -> None:
    _write(PEOPLE, _settings(place), place)
    changes = [
        (1, None, "delete"),
        (2, "Bob", "update"),
        (9, "nobody", "update"),
        (3, "Cyd", "upsert"),
        (4, "Di", "upsert"),
        (5, "Ed", "insert"),
        (8, None, "delete"),
    ]
    _write(changes, _settings(place), place)
    assert _read(place) == [(2, "Bob"), (3, "Cyd"), (4, "Di"), (5, "Ed")]


def test_kinds_that_the_sink_does_not_take_are_left_out(place: Path) -> None:
    _write(PEOPLE, _settings(place), place)
    only_updates = "insertable: false, updateable: true, deletable: false, upsertable: false, keys: ['id']"
    _write([(1, None, "delete"), (2, "Bob", "update"), (5, "Ed", "insert")], _settings(place, only_updates), place)
    assert _read(place) == [(1, "Ann"), (2, "Bob"), (3, "Cy")]


@pytest.mark.parametrize("setting", ["truncate: true", "recreate: true"])
def test_what_was_there_goes_first_when_the_sink_says_so(place: Path, setting: str) -> None:
    _write(PEOPLE, _settings(place, "insertable: true"), place)
    _write([(7, "Gus", None)], _settings(place, f"insertable: true, {setting}"), place)
    assert _read(place) == [(7, "Gus")]


def test_the_table_keeps_the_contract_of_a_sink_that_validates_its_schema(place: Path) -> None:
    """The rows themselves are converted to what the sink declares, as ever."""

    def writes(declared: str, more: str = "insertable: true") -> int:
        return _write(PEOPLE[:1], _settings(place, f"{more}, validateSchema: true, input({declared})"), place)

    assert writes("id as long, name as string") == 1, "there is no table yet"
    assert _types(place) == {"id": "long", "name": "string"}
    assert writes("id as long, NAME as string") == 1
    with pytest.raises(DataFlowRunError, match="at Sink 'people': the column 'id' of the table is long") as told:
        writes("id as integer, name as string")
    assert told.value.expected == "integer"
    with pytest.raises(DataFlowRunError, match="at Sink 'people': the table has no column 'age', which the sink decl"):
        writes("id as long, age as integer")
    assert len(_read(place)) == 2
    assert writes("id as integer, name as string", "insertable: true, recreate: true") == 1
    assert _types(place) == {"id": "integer", "name": "string"}


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("'name' -> (['Ann', 'Cy'])", [(1, "Anna"), (2, "Bo")]),
        ("'id' -> 2, 'name' -> ([])", [(1, "Ann"), (1, "Anna"), (2, "Bob"), (3, "Cy")]),
    ],
)
def test_rows_are_found_only_where_the_sink_looks(tmp_path: Path, condition: str, left: list[Row]) -> None:
    place = tmp_path / "people"
    _write(PEOPLE, _settings(place), place)
    changes = [(1, "Anna", "upsert"), (2, "Bob", "update"), (3, None, "delete")]
    _write(changes, _settings(place, f"{ALL_KINDS}, pruneCondition: [{condition}]"), place)
    assert _read(place) == left


@pytest.mark.parametrize(
    ("name", "value", "cause"),
    [("people", "1.5d", "has the value 1.5"), ("people.duckdb", "1", "is for Delta tables alone")],
)
def test_a_table_is_told_where_to_look_by_partitions_and_only_if_it_has_them(
    tmp_path: Path, name: str, value: str, cause: str
) -> None:
    settings = _settings(tmp_path / name, f"{ALL_KINDS}, pruneCondition: ['id' -> ([{value}])]")
    with pytest.raises(DataFlowRunError, match=f"at Sink 'people': pruneCondition {cause}"):
        _write(PEOPLE, settings, tmp_path / name)


def test_overwrite_of_a_delta_table_gives_it_other_columns(tmp_path: Path) -> None:
    place = tmp_path / "people"
    _write(PEOPLE, "format: 'delta', insertable: true", place)
    _write([(2, "Bo", "insert")], "format: 'delta', insertable: true, overwrite: true", place, "name, action")
    assert _read(place) == [("Bo", "insert")]


def test_a_new_column_is_added_to_a_delta_table_when_schemas_merge(tmp_path: Path) -> None:
    place = tmp_path / "people"
    _write(PEOPLE[:1], "format: 'delta', insertable: true", place)
    with pytest.raises(DataFlowRunError, match="at Sink 'people': the Delta table says"):
        _write(PEOPLE[1:2], "format: 'delta', insertable: true", place, "id, name, action")
    _write([(2, "Bo", "insert")], "format: 'delta', insertable: true, mergeSchema: true", place, "id, name, action")
    assert _read(place) == [(1, "Ann", None), (2, "Bo", "insert")]


def test_an_earlier_version_of_a_delta_table_is_read(tmp_path: Path) -> None:
    place = tmp_path / "people"
    for row in PEOPLE:
        _write([row], "format: 'delta', insertable: true", place)
    settings = ", format: 'delta', versionAsOf: 1"
    with duckdb.connect() as connection:
        request = required_sources(document_of(f"source(allowSchemaDrift: true {settings}) ~> people"))[0]
        schema = open_source(connection, request, str(place), None, "read", Reading(tmp_path / "read"))
        assert connection.execute(f"SELECT count(*) FROM {schema.relation}").fetchall() == [(2,)]


def test_a_table_of_a_database_is_read_by_its_name_or_a_query_in_sql_server_s_words(tmp_path: Path) -> None:
    place = tmp_path / "shop.duckdb"
    with duckdb.connect(str(place)) as database:
        database.execute("CREATE SCHEMA sales")
        database.execute("CREATE TABLE sales.orders AS SELECT * FROM range(5) AS numbers(id)")
    assert _read(place, ", format: 'table', schemaName: 'sales', tableName: 'orders'") == [(n,) for n in range(5)]
    query = "SELECT TOP 2 [id] AS [the id] FROM [sales].[orders] ORDER BY id DESC"
    assert _read(place, f", format: 'query', query: '{query}'") == [(3,), (4,)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda place: _write(PEOPLE, _settings(place, "updateable: true"), place), "it has no keys"),
        (lambda place: _write(PEOPLE, _settings(place, "upsertable: true, keys: ['no']"), place), "no column 'no'"),
        (
            lambda place: _write(PEOPLE, _settings(place, "insertable: true"), place, "id, ID = name"),
            "the columns 'ID' and 'id' of the table of Sink 'people' differ in case alone",
        ),
        (
            lambda place: _write(PEOPLE, _settings(place, "insertable: true"), place, "id, {} = name"),
            "at Sink 'people': a table has no column without a name",
        ),
        (lambda place: _read(place, ", tableName: 'nowhere'"), "at Source 'people'"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_place(place: Path, make: Callable[[Path], object], message: str) -> None:
    with pytest.raises(DataFlowRunError, match=message):
        make(place)


def test_a_table_gives_new_rows_the_keys_that_are_not_written(tmp_path: Path) -> None:
    """Rows that are found keep theirs; new ones are numbered by the table."""
    place = tmp_path / "people.duckdb"
    with duckdb.connect(str(place)) as database:
        database.execute("CREATE SEQUENCE numbers START 10")
        database.execute("CREATE TABLE people (id INTEGER DEFAULT nextval('numbers'), name VARCHAR)")
        database.execute("INSERT INTO people VALUES (1, 'Ann')")
    rows: list[Row] = [(1, "Anna", "update"), (2, "Bo", "insert"), (3, "Cy", "upsert"), (1, "Anne", "upsert")]
    _write(rows, f"{ALL_KINDS}, skipKeyWrites: true", place)
    found = _read(place)
    assert [row[0] for row in found] == [1, 10, 11]
    assert {row[1] for row in found[1:]} == {"Bo", "Cy"}


def test_keys_are_left_out_where_a_table_has_others_and_can_give_them(tmp_path: Path) -> None:
    settings = "insertable: true, upsertable: true, keys: ['id', 'name'], skipKeyWrites: true"
    with pytest.raises(DataFlowRunError, match="at Sink 'people': without its keys a new row has no values"):
        _write(PEOPLE, settings, tmp_path / "people.duckdb")
    settings = f"format: 'delta', {ALL_KINDS}, skipKeyWrites: true"
    with pytest.raises(DataFlowRunError, match="at Sink 'people': a Delta table gives new rows no keys"):
        _write(PEOPLE, settings, tmp_path / "people")


def test_files_take_inserted_rows_alone(tmp_path: Path) -> None:
    with pytest.raises(DataFlowRunError, match="at Sink 'people': files take inserted rows alone"):
        _write(PEOPLE, "format: 'delimited', upsertable: true, keys: ['id']", tmp_path / "out")


def test_rows_that_are_to_be_found_make_a_folder_without_a_format_a_delta_table(tmp_path: Path) -> None:
    place = tmp_path / "people"
    _write([(1, "Ann", "insert"), (2, "Bo", "upsert")], f"format: 'table', {ALL_KINDS}", place)
    _write([(1, "Ann", "delete"), (2, "Bob", "update"), (3, "Cy", "update")], ALL_KINDS, place)
    assert _read(place) == [(2, "Bob")]
