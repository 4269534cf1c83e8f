"""Ids of Resource Manager: /subscriptions/…/resourceGroups/…/providers/…, taken apart and put together again.

https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from __future__ import annotations

from dataclasses import dataclass

GROUP_TYPE = "Microsoft.Resources/resourceGroups"
SUBSCRIPTION_TYPE = "Microsoft.Resources/subscriptions"


class ArmIdError(ValueError):
    """A text that is no Resource Manager id; the message says why."""


@dataclass(frozen=True)
class ArmId:
    """A subscription, a resource group, a resource, or an extension resource (on another one, its `scope`)."""

    subscription_id: str | None = None
    resource_group: str | None = None
    provider: str | None = None
    segments: tuple[tuple[str, str], ...] = ()
    """(type, name) pairs below the provider: (("workspaces", "ws"), ("firewallRules", "all"))."""
    scope: ArmId | None = None
    """What an extension resource extends; then subscription and group are those of the scope."""

    @staticmethod
    def parse(text: str) -> ArmId:
        """The id that a text is; raises ArmIdError."""
        head, marker, tail = _rpartition_ignoring_case(text, "/providers/")
        if not marker:
            return _parse_container(text, text)
        provider, *steps = tail.rstrip("/").split("/")
        if not provider or not steps or len(steps) % 2 or not all(steps):
            raise ArmIdError(f"parsing ARM id {text!r}: expected /providers/<namespace> and pairs of type and name")
        segments = tuple(zip(steps[::2], steps[1::2], strict=True))
        if "/providers/" in head.lower():
            scope = ArmId.parse(head)
            return ArmId(scope.subscription_id, scope.resource_group, provider, segments, scope)
        container = _parse_container(head, text) if head else ArmId()
        return ArmId(container.subscription_id, container.resource_group, provider, segments)

    def __str__(self) -> str:
        if self.scope is not None:
            text = str(self.scope)
        else:
            text = f"/subscriptions/{self.subscription_id}" if self.subscription_id else ""
            text += f"/resourceGroups/{self.resource_group}" if self.resource_group else ""
        if self.provider:
            text += f"/providers/{self.provider}" + "".join(f"/{kind}/{name}" for kind, name in self.segments)
        return text

    @property
    def type(self) -> str:
        """The full type: Microsoft.Synapse/workspaces/firewallRules."""
        if self.provider is None:
            return GROUP_TYPE if self.resource_group else SUBSCRIPTION_TYPE
        return "/".join((self.provider, *(kind for kind, _ in self.segments)))

    @property
    def name(self) -> str:
        """The last name."""
        if self.provider is None:
            return self.resource_group or self.subscription_id or ""
        return self.segments[-1][1]

    @property
    def parent(self) -> ArmId:
        """The id this one is inside of (resource, scope, group or subscription); raises ArmIdError at the top."""
        if len(self.segments) > 1:
            return ArmId(self.subscription_id, self.resource_group, self.provider, self.segments[:-1], self.scope)
        if self.scope is not None:
            return self.scope
        if self.segments and (self.resource_group or self.subscription_id):
            return ArmId(self.subscription_id, self.resource_group)
        if self.resource_group:
            return ArmId(self.subscription_id)
        raise ArmIdError(f"taking the parent of ARM id {str(self)!r}: it has none")

    def child(self, kind: str, name: str) -> ArmId:
        """The id of a child resource; raises ArmIdError when this is no resource."""
        if self.provider is None:
            raise ArmIdError(f"adding {kind}/{name} to ARM id {str(self)!r}: expected the id of a resource")
        return ArmId(
            self.subscription_id, self.resource_group, self.provider, (*self.segments, (kind, name)), self.scope
        )

    def resource(self, provider: str, kind: str, name: str) -> ArmId:
        """The id of a resource in this resource group, or of an extension resource on this resource."""
        if self.provider is not None:
            return ArmId(self.subscription_id, self.resource_group, provider, ((kind, name),), self)
        return ArmId(self.subscription_id, self.resource_group, provider, ((kind, name),))

    def same_as(self, other: ArmId) -> bool:
        """Whether both name one thing: ids compare without regard to case."""
        return str(self).lower() == str(other).lower()


def _parse_container(text: str, whole: str) -> ArmId:
    steps = text.rstrip("/").split("/")
    if len(steps) in (3, 5) and steps[0] == "" and steps[1].lower() == "subscriptions" and all(steps[2:]):
        if len(steps) == 3:
            return ArmId(steps[2])
        if steps[3].lower() == "resourcegroups":
            return ArmId(steps[2], steps[4])
    raise ArmIdError(f"parsing ARM id {whole!r}: expected /subscriptions/<id>[/resourceGroups/<name>][/providers/…]")


def _rpartition_ignoring_case(text: str, marker: str) -> tuple[str, str, str]:
    at = text.lower().rfind(marker)
    return ("", "", text) if at < 0 else (text[:at], marker, text[at + len(marker) :])
