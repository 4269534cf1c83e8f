"""The whole stack whose workspace lets no data out: private ways to lake, vault and source, approved and open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from checkout import Checkout
from local_stack import ROOT, LocalStack
from resource_manager import send

STACK = "closed"
PROJECT = "azure-ml-ingestion"
ENTRA_ONLY = {"administrators": {"administratorType": "ActiveDirectory", "azureADOnlyAuthentication": True}}


@pytest.fixture
def checkout(bare_azure: LocalStack, project: Path) -> Iterator[Checkout]:
    """A copy of the project whose stack has the settings of the local one, but lets no data out."""
    with bare_azure.reachable(), Checkout.make(bare_azure, project, STACK) as found:
        yield found


def test_a_workspace_that_lets_no_data_out_reaches_lake_vault_and_source(checkout: Checkout) -> None:
    local = checkout.local
    settings = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text(encoding="utf-8"))
    group = f"/subscriptions/{settings['config'][f'{PROJECT}:subscription_id']}/resourceGroups/hospital"
    server = f"{group}/providers/Microsoft.Sql/servers/hospital"
    send(local, "PUT", group, "2024-03-01", {"location": "westeurope"})
    send(local, "PUT", server, "2021-11-01", {"location": "westeurope", "properties": ENTRA_ONLY})
    source = {"server": "hospital.database.windows.net", "database": "patients", "server_id": server}
    settings["config"] |= {
        f"{PROJECT}:environment": STACK,
        f"{PROJECT}:prevent_data_exfiltration": True,
        f"{PROJECT}:source": source,
    }
    (checkout.project / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")

    made = checkout.pulumi("up", "--yes", "--skip-preview")
    assert made.code == 0, made.text
    state = json.loads(checkout.pulumi("stack", "export").output)["deployment"]["resources"]
    ways = [each["outputs"] for each in state if each["type"] == "dataplane:index:ManagedPrivateEndpoint"]
    assert {each["name"]: (each["groupId"], each["connectionStatus"]) for each in ways} == {
        "data-lake-dfs": ("dfs", "Approved"),
        "data-lake-blob": ("blob", "Approved"),
        "key-vault": ("vault", "Approved"),
        "patient-database": ("sqlServer", "Approved"),
    }
    [connection] = send(local, "GET", f"{server}/privateEndpointConnections", "2021-11-01")["value"]
    assert connection["properties"]["privateLinkServiceConnectionState"]["status"] == "Approved"
    unchanged = checkout.preview()
    assert unchanged.code == 0, unchanged.text

    gone = checkout.pulumi("destroy", "--yes", "--skip-preview")
    assert gone.code == 0, gone.text
    assert send(local, "GET", f"{server}/privateEndpointConnections", "2021-11-01")["value"] == []
    send(local, "DELETE", group, "2024-03-01")
