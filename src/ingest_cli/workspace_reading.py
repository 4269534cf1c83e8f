"""A workspace as commands read it: everything in it, and refusals of the service as errors of a command."""

from collections.abc import Callable
from typing import TypeVar

from azure_ids.data_factory import ArtifactHost
from dataplane_provider.clients.artifact_service import ArtifactService
from dataplane_provider.clients.credential import TellingCredential, default_credential
from dataplane_provider.drift.connections import ReadingConnections
from dataplane_provider.resources.live_artifacts import LiveArtifacts, list_live
from ingest_cli.errors import CommandError
from provider_wire.verbs import ProviderError

Answer = TypeVar("Answer")


def reading_client(host: ArtifactHost) -> ArtifactService:
    """A workspace or factory as the identity of the environment reads it."""
    return ReadingConnections(TellingCredential(default_credential())).artifacts(host)


def everything(client: ArtifactService) -> LiveArtifacts:
    """All artifacts of a workspace or factory. Raises CommandError."""
    return asked(lambda: list_live(client, client.collections))


def asked(question: Callable[[], Answer]) -> Answer:
    """What a service answers. Raises CommandError where it refuses."""
    try:
        return question()
    except ProviderError as error:
        doing, _, cause = str(error).partition(": ")
        raise CommandError(doing, cause) from error
