"""Servers of Azure SQL, as what private endpoints lead to."""

from __future__ import annotations

from typing import Any

import pytest
from arm_bench import ArmBench, unique

VERSION = "2021-11-01"
ENTRA_ONLY = {
    "administratorType": "ActiveDirectory",
    "azureADOnlyAuthentication": True,
    "login": "administrators",
    "principalType": "Group",
    "sid": "b46ba768-03d3-514d-9901-6ec7c5b57046",
    "tenantId": "7b7ead8f-60e4-5f08-93fe-5ae0d353fc7e",
}


def path(arm: ArmBench, group: str, name: str) -> str:
    return f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Sql/servers/{name}"


def body(**properties: Any) -> dict[str, Any]:
    return {"location": "westeurope", "properties": {"administrators": ENTRA_ONLY, **properties}}


def test_a_server_is_made_told_and_deleted(arm: ArmBench, group: str) -> None:
    name = unique("server-")
    server = path(arm, group, name)
    assert arm.send("PUT", server, VERSION, body()).status == 201
    changed = arm.send("PUT", server, VERSION, body(publicNetworkAccess="Disabled"))
    told = arm.send("GET", server, VERSION)
    assert (changed.status, told.status) == (200, 200)
    assert told.body["properties"]["publicNetworkAccess"] == "Disabled"
    assert told.body["properties"]["fullyQualifiedDomainName"] == f"{name}.database.windows.net"
    connections = arm.send("GET", f"{server}/privateEndpointConnections", VERSION)
    assert connections.body["value"] == []
    elsewhere = arm.send("PUT", path(arm, arm.new_group(), name), VERSION, body())
    assert elsewhere.error == (409, "NameAlreadyExists")
    assert arm.send("DELETE", server, VERSION).status == 200
    assert arm.send("DELETE", server, VERSION).status == 204
    assert arm.send("GET", server, VERSION).error == (404, "ResourceNotFound")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Upper", body()),
        ("server", {"properties": body()["properties"]}),
        ("server", {"location": "westeurope", "properties": {}}),
        ("server", body(administratorLoginPassword="x")),
        ("server", {**body(), "sku": {}}),
    ],
    ids=["name", "location", "administrators", "password", "property"],
)
def test_a_wrong_server_is_refused(arm: ArmBench, group: str, name: str, given: dict[str, Any]) -> None:
    assert arm.send("PUT", path(arm, group, name), VERSION, given).status == 400
