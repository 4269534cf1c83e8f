"""What is wrong with the statements of a lake database, each with its place."""

from typing import Any

import pytest

from synapse_artifacts.lake_databases import StatementProblem, statement_problems, with_keys, without_keys


def statement(name: Any, kind: str = "DATABASE") -> dict[str, Any]:
    return {"NewEntity": {"Name": name, "EntityType": kind}}


@pytest.mark.parametrize(
    ("statements", "problems"),
    [
        ([statement("sales"), statement("orders", "TABLE"), statement("orders", "RELATIONSHIP")], []),
        (None, [("/Ddls", "expected an array of statements, or the properties of the database alone", "")]),
        ([], [("/Ddls", "it makes 0 databases", "1")]),
        ([statement("sales"), statement("more")], [("/Ddls", "it makes 2 databases", "1")]),
        ([statement("other")], [("/Ddls", "it makes the database 'other'", "'Sales'")]),
        (
            [{}, statement(1, "TABLE"), statement("v", "VIEW")],
            [
                ("/Ddls/0", "expected a NewEntity with a Name and an EntityType", ""),
                ("/Ddls/1", "expected a NewEntity with a Name and an EntityType", ""),
                (
                    "/Ddls/2/NewEntity/EntityType",
                    "unknown type of entity 'VIEW'",
                    "one of DATABASE, TABLE, RELATIONSHIP",
                ),
            ],
        ),
        (
            [statement("sales"), statement("orders", "TABLE"), statement("Orders", "TABLE")],
            [("/Ddls/2", "it makes the table 'Orders' a second time", "once")],
        ),
    ],
)
def test_each_statement_makes_an_entity_and_one_the_database(
    statements: Any, problems: list[tuple[str, str, str]]
) -> None:
    found = list(statement_problems("Sales", {} if statements is None else {"Ddls": statements}))
    assert found == [StatementProblem(*each) for each in problems]


def test_entities_by_name_and_back_are_the_document() -> None:
    document = {"name": "sales", "properties": {"Ddls": [statement("sales"), statement("orders", "TABLE")]}}
    assert list(with_keys(document)["properties"]["Ddls"]) == ["DATABASE sales", "TABLE orders"]
    assert without_keys(with_keys(document)) == document
