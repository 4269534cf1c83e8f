"""Filesystems and directories of the data lake with their access-control lists, from lake_layout.py."""

from collections.abc import Sequence

import pulumi

import pulumi_dataplane as dataplane
from infra.lake_layout import CURATED, LANDING, RAW, WORKSPACE, Folder
from infra.role_table import Scope


class LakeFolders(pulumi.ComponentResource):
    """`file_systems`: the name of each filesystem that has a folder, by itself, known once it is there."""

    file_systems: dict[str, pulumi.Output[str]]

    def __init__(
        self,
        account_name: pulumi.Input[str],
        folders: Sequence[Folder],
        *,
        delete_data: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Parents come before children, so that children get no entries but their own."""
        super().__init__("ingestion:index:LakeFolders", "lake-folders", {}, opts)
        made: dict[str, pulumi.Resource] = {}
        self.file_systems = {}
        for name in dict.fromkeys(folder.file_system for folder in folders):
            file_system = dataplane.FileSystem(
                name,
                account=account_name,
                name=name,
                delete_data=delete_data,
                opts=pulumi.ResourceOptions(parent=self),
            )
            made[name], self.file_systems[name] = file_system, file_system.name
        roots: dict[str, pulumi.Resource] = {}
        for folder in folders:
            parent = made[folder.file_system] if not folder.path else roots[folder.file_system]
            directory = dataplane.Directory(
                f"{folder.file_system}/{folder.path}",
                account=account_name,
                file_system=self.file_systems[folder.file_system],
                path=folder.path,
                acl=folder.acl,
                existing=folder.existing,
                delete_data=delete_data,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[parent]),
            )
            roots.setdefault(folder.file_system, directory)
        self.register_outputs({})

    def scopes(self, account_id: pulumi.Output[str]) -> dict[Scope, pulumi.Input[str]]:
        """The ARM id of each filesystem, which is a container of the blob service to Resource Manager."""
        containers = pulumi.Output.concat(account_id, "/blobServices/default/containers/")
        names: dict[Scope, str] = {"raw": RAW, "curated": CURATED, "landing": LANDING, "synapse": WORKSPACE}
        made = {scope: self.file_systems[name] for scope, name in names.items() if name in self.file_systems}
        return {scope: pulumi.Output.concat(containers, name) for scope, name in made.items()}
