"""Roles inside the Synapse workspace, from the rows of role_table.py."""

from collections.abc import Mapping, Sequence

import pulumi

import pulumi_dataplane as dataplane
from infra.role_table import SYNAPSE_GRANTS, PrincipalKey, principal_type


class SynapseRoles(pulumi.ComponentResource):
    """The assignments of all rows; a new one works 2 to 5 minutes later, which the provider waits for.

    Whoever may grant Azure roles on the workspace may grant these, so the first one needs no other.
    https://learn.microsoft.com/azure/synapse-analytics/security/how-to-manage-synapse-rbac-role-assignments
    """

    def __init__(
        self,
        endpoint: pulumi.Input[str],
        principals: Mapping[PrincipalKey, Sequence[tuple[str, pulumi.Input[str]]]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """One assignment for each row, all of them for the whole workspace."""
        super().__init__("ingestion:index:SynapseRoles", "synapse-roles", {}, opts)
        for grant in SYNAPSE_GRANTS:
            for _, object_id in principals[grant.principal]:
                dataplane.SynapseRoleAssignment(
                    f"{grant.principal}: {grant.role}",
                    endpoint=endpoint,
                    role_name=grant.role,
                    principal_id=object_id,
                    principal_type=principal_type(grant.principal),
                    opts=pulumi.ResourceOptions(parent=self),
                )
        self.register_outputs({})
