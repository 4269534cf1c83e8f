"""The types and names of documents whose columns nobody declares, in JSON and XML."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.formats import Json, Xml
from dataflow_execution.readers.json_documents import json_relation
from dataflow_execution.readers.json_types import columns_option, json_query, types_as_written
from dataflow_execution.readers.xml_documents import xml_relation


def test_the_types_of_documents_are_found_once(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"a":1,"b":{"c":"x"}}\n{"a":2.5}\n')
    with duckdb.connect() as connection:
        query = json_relation([file], Json("documentPerLine"), tmp_path, connection=connection)
        file.write_text('{"a":1}\n')
        assert connection.sql(query).fetchall() == [(1.0, None)]


def test_only_the_columns_that_are_wanted_are_read_and_no_row_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"a":1,"b":"x","c":{"d":true}}\n{"b":"y"}\n')
    with duckdb.connect() as connection:

        def rows(*wanted: str) -> object:
            form = Json("documentPerLine")
            relation = connection.sql(json_relation([file], form, tmp_path, connection=connection, wanted=wanted))
            return relation.columns, relation.fetchall()

        assert rows("B", "missing") == (["b"], [("x",), ("y",)])
        assert rows("missing") == (["a", "b", "c"], [(1, "x", {"d": True}), (None, "y", None)])


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from((2**63 - 1, 2**63, -(2**63) - 1, 10**25, 1.5, -2e300)),
    st.sampled_from(("", "x", "2020-01-01", ":12345678901234567890,", "12:00:00")),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=2)),
    max_leaves=4,
)
DOCUMENTS = st.lists(
    st.one_of(st.dictionaries(st.sampled_from(("a", "b", "A b")), VALUES, max_size=3), SCALARS), max_size=4
)


@settings(max_examples=150, deadline=None)
@given(documents=DOCUMENTS)
def test_both_ways_to_types_find_the_same_that_hold_all_values(documents: list[object]) -> None:
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        file = Path(folder) / "x.json"
        file.write_text("".join(f"{json.dumps(document)}\n" for document in documents))
        options = ("format = 'newline_delimited'", "union_by_name = true")
        by_reader = types_as_written(connection, [file], options)
        empty = Path(folder) / "empty.json"
        empty.touch()
        by_structure = types_as_written(connection, [file, empty], options, bounded=True)
        assert _vague(by_structure) == _vague(by_reader)
        read = connection.sql(json_query([file], *options, columns_option(by_structure)))
        assert len(read.fetchall()) == len(documents)


def _vague(types: dict[str, str]) -> dict[str, str]:
    """The reader tells an array of nulls from an empty one."""
    return {name: kind.replace('"NULL"[]', "JSON[]") for name, kind in types.items()}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ((1, 2), "BIGINT"),
        ((1, -2), "BIGINT"),
        ((-(2**62), 2**63 - 1), "BIGINT"),
        ((1, 2**63), "HUGEINT"),
        ((-1, 10**19), "HUGEINT"),
        ((-1, 10**40), "DOUBLE"),
    ],
)
@pytest.mark.parametrize("bounded", [False, True])
def test_whole_numbers_are_as_wide_as_the_largest_of_them(
    tmp_path: Path, values: tuple[int, int], kind: str, *, bounded: bool
) -> None:
    """A sign makes none wider, nor does the neighbour."""
    files = [tmp_path / "1.json", tmp_path / "2.json"]
    for file, value in zip(files, values, strict=True):
        file.write_text(json.dumps({"a": {"b": [value, value]}, "c": -value % 7, "d": -1 if value > 0 else 1}))
    with duckdb.connect() as connection:
        found = types_as_written(connection, files, ("format = 'newline_delimited'",), bounded=bounded)
    assert found == {"a": f'STRUCT("b" {kind}[])', "c": "BIGINT", "d": "BIGINT"}


def test_many_files_need_no_more_memory_than_one(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.json" for number in range(40)]
    for number, file in enumerate(files):
        file.write_text(json.dumps({"a": number - 20, f"b{number % 2}": {"c": [number]}}))
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '700MB'")
        query = json_relation(files, Json("documentPerLine"), tmp_path, connection=connection)
        assert connection.sql(f"SELECT count(*), sum(a), sum(b1.c[1]) FROM ({query})").fetchall() == [(40, -20, 400)]


@pytest.mark.parametrize("files", [1, 20])
def test_fields_of_structures_that_differ_in_case_alone_are_refused(tmp_path: Path, files: int) -> None:
    paths = [tmp_path / f"{number}.json" for number in range(files)]
    for path in paths:
        path.write_text('{"a":{"Key":1,"key":2}}')
    with duckdb.connect() as connection, pytest.raises(DataFlowRunError, match=r"differ from '[Kk]ey' in case at most"):
        json_relation(paths, Json("documentPerLine"), tmp_path, connection=connection)


TEXTS = (
    *("INFINITY", "-infinity", "epoch", "none", "today", "NaN", "2020-01-01", "2020-01-01T00:00:00Z", "1:02:03"),
    *("12:00:00", "550E8400-E29B-41D4-A716-446655440000", "true", "1.50", "01", "3 days", ""),
)
"""What one or the other parser takes for more than a text."""


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("form", [Json("documentPerLine"), Xml()])
def test_texts_of_documents_without_declared_types_are_as_written(tmp_path: Path, form: Json | Xml, text: str) -> None:
    """Alone, in structures with names that look like types, and in arrays."""
    inner = {"DATE": text, "uuid": text, 'ti"ME TIME': text}
    file = tmp_path / "x"
    with duckdb.connect() as connection:
        if isinstance(form, Json):
            file.write_text(json.dumps({"a": text, "b": inner, "c": [text]}))
            query = json_relation([file], form, tmp_path, connection=connection)
            expected = [(text, inner, [text])]
        else:
            file.write_text(f'<r x="{text}"><DATE>{text}</DATE><y>{text}</y><y>{text}</y></r>')
            query = xml_relation(connection, [file], form, tmp_path / "read")
            expected = [({"@x": text, "DATE": text or None, "y": [text or None] * 2},)]  # type: ignore[list-item]
        assert connection.sql(query).fetchall() == expected


def test_names_of_documents_that_end_with_a_number_are_themselves(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"a":1,"A_1":2}\n{"A_1":5}\n')
    with duckdb.connect() as connection:
        relation = connection.sql(json_relation([file], Json("documentPerLine"), tmp_path, connection=connection))
        assert (relation.columns, relation.fetchall()) == (["a", "A_1"], [(1, 2), (None, 5)])
