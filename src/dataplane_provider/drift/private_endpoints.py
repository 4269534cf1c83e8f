"""Managed private endpoints of a state against those that a workspace lists: ended, led elsewhere, made by others."""

from collections.abc import Mapping, Sequence
from typing import Any

from azure_ids.arm import ArmId
from dataplane_provider.drift.differences import Difference, Drift
from dataplane_provider.drift.state import StateResource
from dataplane_provider.resources.managed_private_endpoint import STATUS, connection_status

_SUBJECT = "managed private endpoint"


def compare_private_endpoints(known: Sequence[StateResource], live: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """Known endpoints that are gone, lead elsewhere or whose connection was answered, and live ones not known.

    Those that the service makes in every managed network for its own pools are nobody's.
    https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-managed-private-endpoints
    """
    there = {str(each["name"]).lower(): each for each in live}
    owned = {str(each.outputs["name"]).lower() for each in known}
    found = [
        difference
        for each in known
        for difference in _compared(each.outputs, there.get(str(each.outputs["name"]).lower()))
    ]
    others = (
        f"{_SUBJECT} {each['name']}"
        for name, each in there.items()
        if name not in owned and not each["properties"].get("isReserved")
    )
    return found + [Difference(Drift.UNMANAGED, subject) for subject in sorted(others)]


def _compared(outputs: Mapping[str, Any], live: Mapping[str, Any] | None) -> list[Difference]:
    subject = f"{_SUBJECT} {outputs['name']}"
    if live is None:
        return [Difference(Drift.DELETED, subject)]
    there, found = live["properties"], []
    target, group, status = there["privateLinkResourceId"], there["groupId"], connection_status(live)
    if not ArmId.parse(str(target)).same_as(ArmId.parse(str(outputs["targetId"]))):
        found.append(f"targetId {outputs['targetId']} is now {target}")
    if group != outputs["groupId"]:
        found.append(f"groupId {outputs['groupId']} is now {group}")
    if outputs.get(STATUS) not in (None, status):
        found.append(f"{STATUS} {outputs[STATUS]} is now {status}")
    return [Difference(Drift.CHANGED, subject, text) for text in found]
