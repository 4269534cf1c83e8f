"""The whole stack without public access: deployed from inside a virtual network, unreachable from anywhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from checkout import Checkout
from local_stack import ROOT, LocalStack
from resource_manager import send

STACK = "inner"
ARTIFACTS = "dataplane:index:WorkspaceArtifacts"
PROJECT = "azure-ml-ingestion"
INSIDE = "10.20.1.4"
ZONES = (
    "blob.core.windows.net",
    "dfs.core.windows.net",
    "vaultcore.azure.net",
    "dev.azuresynapse.net",
    "sql.azuresynapse.net",
)


@pytest.fixture
def checkout(bare_azure: LocalStack, project: Path) -> Iterator[Checkout]:
    """A copy of the project whose stack has the settings of the local one, but is closed to the public."""
    with bare_azure.reachable(), Checkout.make(bare_azure, project, STACK) as found:
        yield found


def make_network(local: LocalStack, group: str) -> tuple[str, str]:
    """What the owners of a network keep: a subnet, and zones that its network resolves. The ids of subnet and group."""
    network = f"{group}/providers/Microsoft.Network/virtualNetworks/hub"
    space = {"addressPrefixes": ["10.20.0.0/16"]}
    subnets = [{"name": "endpoints", "properties": {"addressPrefix": "10.20.2.0/24"}}]
    send(local, "PUT", group, "2024-03-01", {"location": "westeurope"})
    body = {"location": "westeurope", "properties": {"addressSpace": space, "subnets": subnets}}
    send(local, "PUT", network, "2024-05-01", body)
    for name in ZONES:
        zone = f"{group}/providers/Microsoft.Network/privateDnsZones/privatelink.{name}"
        send(local, "PUT", zone, "2024-06-01", {"location": "global"})
        link = {"location": "global", "properties": {"virtualNetwork": {"id": network}, "registrationEnabled": False}}
        send(local, "PUT", f"{zone}/virtualNetworkLinks/hub", "2024-06-01", link)
    return f"{network}/subnets/endpoints", group


def test_a_closed_stack_is_deployed_from_its_network_and_from_nowhere_else(checkout: Checkout) -> None:
    local = checkout.local
    settings = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text(encoding="utf-8"))
    group = f"/subscriptions/{settings['config'][f'{PROJECT}:subscription_id']}/resourceGroups/network"
    subnet_id, zones_group_id = make_network(local, group)
    settings["config"] |= {
        f"{PROJECT}:environment": STACK,
        f"{PROJECT}:public_network_access": False,
        f"{PROJECT}:allowed_ip_ranges": [],
        f"{PROJECT}:private_endpoints": {"subnet_id": subnet_id, "dns_zones_group_id": zones_group_id},
    }
    (checkout.project / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")

    inside = replace(checkout, source_ip=INSIDE)
    made = inside.pulumi("up", "--yes", "--skip-preview")
    assert made.code == 0, made.text
    unchanged = inside.preview()
    assert unchanged.code == 0, unchanged.text

    state = json.loads(inside.pulumi("stack", "export").output)["deployment"]["resources"]
    [endpoint] = [each["inputs"]["endpoint"] for each in state if each["type"] == ARTIFACTS]
    command = ["ingest", "run", "ingest_telemetry", "--parameter", "full=true", "--workspace", endpoint]
    ran = inside.run(command)
    assert ran.code == 0, ran.text
    outside = checkout.pulumi("up", "--yes", "--skip-preview")
    assert outside.code != 0
    assert "its network rules refuse this machine (403 AuthorizationFailure)" in outside.text
    assert "expected an address in the network of private_endpoints.subnet_id" in outside.text

    gone = inside.pulumi("destroy", "--yes", "--skip-preview")
    assert gone.code == 0, gone.text
    send(local, "DELETE", group, "2024-03-01")
