"""Lake databases in Git: Studio keeps a file for the database, and one for each table and relationship below it.

`database/sales.json`, `database/sales/table/orders.json`, `database/sales/relationship/orders_customers.json`. The
templates of a workspace hold all of it in one document, as its `Ddls`; that is the document of a database here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TOLD_OF_ENTITIES = frozenset({"ObjectId", "ObjectVersion", "OriginObjectId", "PublishStatus"})
"""What the service tells of each database, table and relationship: it is of one workspace alone."""
_STATEMENTS = "Ddls"
CHILDREN: Mapping[str, str] = {"table": "TABLE", "relationship": "RELATIONSHIP"}
"""The folders in that of a database, and the type of what they hold."""


@dataclass(frozen=True)
class StatementProblem:
    """What is wrong with the statements of a database, and where below its properties."""

    pointer: str
    cause: str
    expected: str = ""


def statement_problems(name: str, properties: Mapping[str, Any]) -> Iterator[StatementProblem]:
    """The problems of the statements of a database: each makes an entity, and one of them the database itself."""
    statements, pointer = properties.get(_STATEMENTS), f"/{_STATEMENTS}"
    if not isinstance(statements, list | tuple):
        yield StatementProblem(pointer, "expected an array of statements, or the properties of the database alone")
        return
    problems = [list(_entity_problems(each, f"{pointer}/{index}")) for index, each in enumerate(statements)]
    for found in problems:
        yield from found
    if any(problems):
        return
    entities = [(each["NewEntity"]["EntityType"], each["NewEntity"]["Name"]) for each in statements]
    made = [entity for kind, entity in entities if kind == "DATABASE"]
    if len(made) != 1:
        yield StatementProblem(pointer, f"it makes {len(made)} databases", "1")
    elif made[0].lower() != name.lower():
        yield StatementProblem(pointer, f"it makes the database '{made[0]}'", f"'{name}'")
    else:
        yield from _doubled(entities, pointer)


def _doubled(entities: Sequence[tuple[str, str]], pointer: str) -> Iterator[StatementProblem]:
    seen: set[tuple[str, str]] = set()
    for index, (kind, name) in enumerate(entities):
        if (kind, name.lower()) in seen:
            yield StatementProblem(f"{pointer}/{index}", f"it makes the {kind.lower()} '{name}' a second time", "once")
        seen.add((kind, name.lower()))


def _entity_problems(statement: Any, pointer: str) -> Iterator[StatementProblem]:
    entity = statement.get("NewEntity") if isinstance(statement, Mapping) else None
    kinds = ("DATABASE", *CHILDREN.values())
    if not isinstance(entity, Mapping) or not isinstance(entity.get("Name"), str):
        yield StatementProblem(pointer, "expected a NewEntity with a Name and an EntityType")
    elif entity.get("EntityType") not in kinds:
        cause = f"unknown type of entity '{entity.get('EntityType')}'"
        yield StatementProblem(f"{pointer}/NewEntity/EntityType", cause, f"one of {', '.join(kinds)}")


def is_in_parts(document: Mapping[str, Any]) -> bool:
    """Whether a document of a database is that of the database alone."""
    properties = document.get("properties")
    return isinstance(properties, Mapping) and _STATEMENTS not in properties


def with_parts(document: Mapping[str, Any], parts: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """The document of a database with the documents of what it holds, each with its folder."""
    entities = [_entity("DATABASE", document), *(_entity(CHILDREN[folder], each) for folder, each in parts)]
    return {"name": document["name"], "properties": {_STATEMENTS: [{"NewEntity": each} for each in entities]}}


def in_parts(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The documents of a database, the first, and of what it holds, each with its folder ("" for the database)."""
    folders = {"DATABASE": "", **{kind: folder for folder, kind in CHILDREN.items()}}
    entities = [each["NewEntity"] for each in _statements(document)]
    for entity in sorted(entities, key=lambda each: [*folders].index(each["EntityType"])):
        kind = entity["EntityType"]
        yield folders[kind], {"name": entity["Name"], "properties": dict(entity), "type": kind}


def with_keys(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with what it holds by type and name in place of statements, as differences name it."""
    found = [each["NewEntity"] for each in _statements(document)]
    entities = {f"{each['EntityType']} {each['Name']}": each for each in found}
    return {**document, "properties": {**document["properties"], _STATEMENTS: entities}}


def without_keys(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with statements again."""
    statements = [{"NewEntity": each} for each in document["properties"][_STATEMENTS].values()]
    return {**document, "properties": {**document["properties"], _STATEMENTS: statements}}


def own_properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a database without what the service tells of each entity."""
    statements = [
        {"NewEntity": {key: value for key, value in each["NewEntity"].items() if key not in TOLD_OF_ENTITIES}}
        for each in properties[_STATEMENTS]
    ]
    return {**properties, _STATEMENTS: statements}


def _statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = document["properties"][_STATEMENTS]
    return found


def _entity(kind: str, document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document["properties"], "Name": document["name"], "EntityType": kind}
