"""Everything that the stack exports, and the only place that exports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import pulumi

from infra.lake_layout import Folder
from infra.settings import Settings

_READS = "r"


@dataclass(frozen=True)
class Outputs:
    """The exports; names on the outside are those of the fields in camel case."""

    resource_group: pulumi.Input[str]
    storage_account: pulumi.Input[str]
    data_lake_endpoint: pulumi.Input[str]
    key_vault_endpoint: pulumi.Input[str]
    pseudonym_key_uri: pulumi.Input[str]
    workspace: pulumi.Input[str]
    artifact_host: pulumi.Input[str]
    """Where the artifacts are: the development endpoint of a workspace, or the id of a factory."""
    synapse_endpoint: pulumi.Input[str] | None
    """The development endpoint of the workspace; None in a stack with a factory, which does not export it."""
    workspace_principal_id: pulumi.Input[str]
    studio_url: pulumi.Input[str]
    source_sql_server: pulumi.Input[str]
    source_sql_database: pulumi.Input[str]
    groups: Mapping[str, str]
    readers: Mapping[str, str]
    grant_source_access: pulumi.Input[str]

    def named(self) -> dict[str, Any]:
        """The values by the names that `pulumi stack output` knows."""
        given = {_camel_case(each.name): getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in given.items() if value is not None}

    def export(self) -> None:
        """Exports all of them."""
        for name, value in self.named().items():
            pulumi.export(name, value)


def readers_of(folders: Sequence[Folder]) -> dict[str, str]:
    """Labels of those who may list each directory and read the files in it, by their entries."""
    return {
        folder.name: ", ".join(
            each.label for each in folder.entries if _READS in each.access and _READS in each.default
        )
        or "nobody"
        for folder in folders
    }


def groups_of(settings: Settings) -> dict[str, str]:
    """Object ids of the groups by their labels, to read access-control lists with."""
    groups = [principal for name, principal in settings.principals() if not name.startswith("identities.")]
    return {each.label: each.object_id for each in groups}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)
