"""XML with namespaces: what elements, attributes and texts in them are called."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dataflow_execution.formats import Xml
from dataflow_execution.readers.xml_documents import xml_relation


@pytest.mark.parametrize(
    ("form", "names"),
    [
        (Xml(), {"u,r": {"@a": "1", "v,@b": "2", "v,x": "t", "y": {"@c": "3", "_value_": "s"}, "u,_value_": "w"}}),
        (
            Xml(namespace_prefixes={"u": "p", "v": "q"}),
            {"p:r": {"@a": "1", "q:@b": "2", "q:x": "t", "y": {"@c": "3", "_value_": "s"}, "p:_value_": "w"}},
        ),
        (
            Xml(namespaces=False),
            {
                "r": {
                    "@xmlns": "u",
                    "@xmlns:n": "v",
                    "@a": "1",
                    "@n:b": "2",
                    "n:x": "t",
                    "y": {"@xmlns": "", "@c": "3", "_value_": "s"},
                    "_value_": "w",
                }
            },
        ),
    ],
)
def test_names_in_xml_tell_their_namespaces(tmp_path: Path, form: Xml, names: dict[str, object]) -> None:
    (tmp_path / "x").write_text('<r xmlns="u" xmlns:n="v" a="1" n:b="2">w<n:x>t</n:x><y xmlns="" c="3">s</y></r>')
    with duckdb.connect() as connection:
        relation = connection.sql(xml_relation(connection, [tmp_path / "x"], form, tmp_path / "read"))
        found = dict(zip(relation.columns, relation.fetchall()[0], strict=True))
    assert found == names
