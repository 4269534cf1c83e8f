"""The resource types of the provider, by their tokens."""

from collections.abc import Mapping

from dataplane_provider.azure_services import AzureServices
from dataplane_provider.package import PACKAGE
from dataplane_provider.resources.base import Resource
from dataplane_provider.resources.directory import Directory
from dataplane_provider.resources.file_system import FileSystem
from dataplane_provider.resources.generated_secret import GeneratedSecret
from dataplane_provider.resources.managed_private_endpoint import ManagedPrivateEndpoint
from dataplane_provider.resources.role_assignment import SynapseRoleAssignment
from dataplane_provider.resources.workspace_artifacts import WorkspaceArtifacts

_KINDS: tuple[type[Resource], ...] = (
    WorkspaceArtifacts,
    FileSystem,
    Directory,
    GeneratedSecret,
    SynapseRoleAssignment,
    ManagedPrivateEndpoint,
)


def resources_of(services: AzureServices) -> Mapping[str, Resource]:
    """A resource of each type, by token."""
    return {f"{PACKAGE}:index:{kind.__name__}": kind(services) for kind in _KINDS}
