"""Role assignments of Azure, from the rows of role_table.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization

from infra.naming import role_assignment_name
from infra.role_table import ROLE_IDS, Grant, PrincipalKey, Scope
from infra.settings import Principal, Settings


@dataclass(frozen=True)
class RoleAssignmentsArgs:
    """Rows, and what their words mean in this stack: object ids of a key's principals and ARM ids of scopes."""

    subscription_id: str
    grants: Sequence[Grant]
    principals: Mapping[PrincipalKey, Sequence[tuple[str, pulumi.Input[str]]]]
    """Label and object id of each principal that a row's key stands for."""
    scopes: Mapping[Scope, pulumi.Input[str]]


class RoleAssignments(pulumi.ComponentResource):
    """The assignments of some rows; a new one works up to 30 minutes later, which the data plane's provider waits for.

    https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected
    """

    def __init__(self, name: str, args: RoleAssignmentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """One assignment for each row and principal."""
        super().__init__("ingestion:index:RoleAssignments", name, {}, opts)
        for grant in args.grants:
            for label, object_id in args.principals[grant.principal]:
                self._assign(grant, label, object_id, args)
        self.register_outputs({})

    def _assign(self, grant: Grant, label: str, object_id: pulumi.Input[str], args: RoleAssignmentsArgs) -> None:
        definition = (
            f"/subscriptions/{args.subscription_id}/providers/Microsoft.Authorization/roleDefinitions/"
            f"{ROLE_IDS[grant.role]}"
        )
        scope = pulumi.Output.from_input(args.scopes[grant.scope])
        authorization.RoleAssignment(
            f"{grant.name}" if grant.principal != "curated_readers" else f"{grant.name} ({label})",
            scope=scope,
            role_definition_id=definition,
            principal_id=object_id,
            principal_type=grant.principal_type,
            role_assignment_name=pulumi.Output.all(scope, object_id).apply(
                lambda known: role_assignment_name(known[0], definition, known[1])
            ),
            description=grant.reason,
            opts=pulumi.ResourceOptions(parent=self),
        )


def principals_of(settings: Settings) -> dict[PrincipalKey, Sequence[tuple[str, pulumi.Input[str]]]]:
    """Who the keys of the role table are, but for the workspace's identity, which is not in the settings."""
    named: dict[PrincipalKey, Principal] = {
        "deployer": settings.identities.deployer,
        "preview": settings.identities.preview,
        "drift": settings.identities.drift,
        "data_engineers": settings.groups.data_engineers,
        "data_scientists": settings.groups.data_scientists,
        "auditors": settings.groups.auditors,
        "synapse_administrators": settings.groups.synapse_administrators,
    }
    found: dict[PrincipalKey, Sequence[tuple[str, pulumi.Input[str]]]] = {
        key: [(each.label, each.object_id)] for key, each in named.items()
    }
    found["curated_readers"] = [(each.group.label, each.group.object_id) for each in settings.curated_readers]
    return found
