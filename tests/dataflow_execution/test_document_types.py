"""The types and names of documents whose columns nobody declares, in JSON and XML."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from dataflow_execution.formats import Json, Xml
from dataflow_execution.readers.json_documents import json_relation
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
