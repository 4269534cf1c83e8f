"""A workspace as commands read it: everything in it, and refusals of the service as errors of a command."""

from collections.abc import Callable
from typing import TypeVar

from azure_ids.data_factory import ArtifactHost
from azure_ids.synapse import ArtifactKind, WorkspaceEndpoint
from dataplane_provider.clients.artifact_service import ArtifactService
from dataplane_provider.clients.credential import TellingCredential, default_credential
from dataplane_provider.clients.synapse import SynapseClient
from dataplane_provider.drift.connections import ReadingConnections
from dataplane_provider.resources.live_artifacts import LiveArtifacts, list_live
from ingest_cli.errors import CommandError
from provider_wire.verbs import ProviderError

Answer = TypeVar("Answer")


def reading_client(host: ArtifactHost) -> ArtifactService:
    """A workspace or factory as the identity of the environment reads it."""
    return ReadingConnections(TellingCredential(default_credential())).artifacts(host)


def synapse_client(endpoint: WorkspaceEndpoint) -> SynapseClient:
    """As `reading_client`, for what only workspaces have."""
    return ReadingConnections(TellingCredential(default_credential())).synapse(endpoint)


def everything(client: ArtifactService) -> LiveArtifacts:
    """All artifacts of a workspace or factory, but for the parameters of the factory, which have no file of their own.

    Raises CommandError.
    """
    return asked(lambda: list_live(client, client.collections.keys() - {ArtifactKind.GLOBAL_PARAMETERS}))


def asked(question: Callable[[], Answer]) -> Answer:
    """What a service answers. Raises CommandError where it refuses."""
    try:
        return question()
    except ProviderError as error:
        doing, _, cause = str(error).partition(": ")
        raise CommandError(doing, cause) from error
