"""Lake databases: one document in Git, on the endpoint a database with its tables and relationships, each by itself.

The service is another one than that of all other artifacts (api-version 2021-04-01): it answers at once, its lists hold
`items`. As Azure/Synapse-workspace-deployment calls it; https://learn.microsoft.com/rest/api/synapse/ lacks it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from azure_ids.synapse import ArtifactKind, Collection
from dataplane_provider.clients.rest import Answer

_CALLS = ArtifactKind.DATABASE.calls
_DATABASE = "DATABASE"
_CHILDREN = {"TABLE": "tables", "RELATIONSHIP": "relationships"}
"""Types of what a database holds, in the order in which they can be written, and their collections."""
_DONE = frozenset({200, 201, 202})


class Sender(Protocol):
    """What is needed of the client of a workspace."""

    def send(
        self,
        method: str,
        path: str,
        doing: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        accepted: frozenset[int] = frozenset({200}),
        version: str = "",
    ) -> Answer:
        """One request."""

    def items(self, path: str, doing: str, calls: Collection) -> Iterator[dict[str, Any]]:
        """The items of a list."""


def listed(sender: Sender, doing: str) -> dict[str, dict[str, Any]]:
    """The lake databases by name, as documents; those that Spark or SQL made on their own are left out."""
    items = list(sender.items(f"/{_CALLS.path}", doing, _CALLS))
    return {str(item["name"]): _document(sender, item, doing) for item in items if _is_lake_database(item)}


def found(sender: Sender, name: str, doing: str) -> dict[str, Any] | None:
    """One database as a document; None if there is none."""
    answer = sender.send("GET", _path(name), doing, accepted=frozenset({200, 404}), version=_CALLS.api_version)
    return None if answer.status == 404 else _document(sender, dict(answer.body), doing)


def publish(sender: Sender, name: str, document: Mapping[str, Any], doing: str) -> None:
    """Write a database and what it holds; tables and relationships that it does not hold any more are deleted."""
    entities = [each["NewEntity"] for each in document["properties"]["Ddls"]]
    by_type = {kind: [each for each in entities if each["EntityType"] == kind] for kind in (_DATABASE, *_CHILDREN)}
    _put(sender, _path(name), by_type[_DATABASE][0], doing)
    for kind in reversed(_CHILDREN):
        wanted = {str(each["Name"]).lower() for each in by_type[kind]}
        for item in list(sender.items(f"{_path(name)}/{_CHILDREN[kind]}", doing, _CALLS)):
            if str(item["name"]).lower() not in wanted:
                path = f"{_path(name)}/{_CHILDREN[kind]}/{quote(str(item['name']), safe='')}"
                sender.send("DELETE", path, doing, accepted=_DONE | {204, 404}, version=_CALLS.api_version)
    for kind, collection in _CHILDREN.items():
        for each in by_type[kind]:
            _put(sender, f"{_path(name)}/{collection}/{quote(str(each['Name']), safe='')}", each, doing)


def _put(sender: Sender, path: str, entity: Mapping[str, Any], doing: str) -> None:
    inner = {key: value for key, value in entity.items() if key not in ("Name", "EntityType")}
    if entity["EntityType"] == "RELATIONSHIP":
        inner.setdefault("RelationshipType", 0)
    body = {"name": entity["Name"], "type": entity["EntityType"], "properties": inner}
    sender.send("PUT", path, doing, body=body, accepted=_DONE, version=_CALLS.api_version)


def _document(sender: Sender, item: Mapping[str, Any], doing: str) -> dict[str, Any]:
    name = str(item["name"])
    ddls = [_ddl(_DATABASE, item)]
    for kind, collection in _CHILDREN.items():
        ddls += [_ddl(kind, child) for child in sender.items(f"{_path(name)}/{collection}", doing, _CALLS)]
    return {"name": name, "properties": {"Ddls": ddls}}


def _ddl(kind: str, item: Mapping[str, Any]) -> dict[str, Any]:
    return {"NewEntity": {"Name": item["name"], "EntityType": kind, **item["properties"]}}


def _is_lake_database(item: Mapping[str, Any]) -> bool:
    properties = item["properties"]
    origin, inner = properties.get("Origin") or {}, properties.get("Properties") or {}
    return str(origin.get("Type")).upper() == "SPARK" and str(inner.get("IsSyMSCDMDatabase")).lower() == "true"


def _path(name: str) -> str:
    return f"/{_CALLS.path}/{quote(name, safe='')}"
