"""A stack that was destroyed is deployed again: its vault, whose name is still taken, is recovered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from checkout import Checkout
from local_stack import ROOT, LocalStack
from resource_manager import send

STACK = "again"
PROJECT = "azure-ml-ingestion"


@pytest.fixture
def checkout(bare_azure: LocalStack, project: Path) -> Iterator[Checkout]:
    """A copy of the project whose stack has the settings of the local one."""
    with bare_azure.reachable(), Checkout.make(bare_azure, project, STACK) as found:
        settings(found)
        yield found


def settings(checkout: Checkout, **more: Any) -> None:
    text = (ROOT / "Pulumi.local.yaml").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    changes = {"environment": STACK, **more}
    found["config"] |= {f"{PROJECT}:{name}": value for name, value in changes.items()}
    (checkout.project / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(found), encoding="utf-8")


def vaults(local: LocalStack) -> list[str]:
    id = f"/subscriptions/{local.session.endpoints['subscription_id']}/providers/Microsoft.KeyVault/vaults"
    return [each["name"] for each in send(local, "GET", id, "2023-07-01")["value"]]


def test_a_destroyed_stack_is_deployed_again_with_its_vault(checkout: Checkout) -> None:
    assert checkout.pulumi("up", "--yes", "--skip-preview").code == 0
    [name] = vaults(checkout.local)
    assert checkout.pulumi("destroy", "--yes", "--skip-preview").code == 0
    assert vaults(checkout.local) == []
    again = checkout.pulumi("up", "--yes")
    assert again.code == 0, again.text
    assert f"{name} was deleted on" in again.text and "and is recovered" in again.text
    assert "it was deleted, recovered with its value" in again.text
    assert vaults(checkout.local) == [name]
    unchanged = checkout.preview()
    assert unchanged.code == 0, unchanged.text
    assert "and is recovered" not in unchanged.text
    settings(checkout, vault_generation=2)
    replaced = checkout.pulumi("up", "--yes", "--skip-preview")
    assert replaced.code == 0, replaced.text
    assert name not in vaults(checkout.local) and len(vaults(checkout.local)) == 1
    assert checkout.pulumi("destroy", "--yes", "--skip-preview").code == 0
