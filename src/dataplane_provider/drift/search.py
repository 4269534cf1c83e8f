"""Reads what the resources of a state are in Azure now, many at once, and compares. Requests grow with pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import Any, Protocol

from azure_ids.data_factory import ArtifactHost, artifact_host
from azure_ids.synapse import WorkspaceEndpoint
from dataplane_provider.clients.artifact_service import ArtifactService
from dataplane_provider.clients.synapse import SynapseClient
from dataplane_provider.drift.access import Access, compare_access
from dataplane_provider.drift.artifacts import compare, resting, switched, unmanaged
from dataplane_provider.drift.differences import Difference, Drift
from dataplane_provider.drift.private_endpoints import compare_private_endpoints
from dataplane_provider.drift.roles import compare_roles, creators
from dataplane_provider.drift.state import StateResource
from dataplane_provider.resources.live_artifacts import LiveArtifacts, list_live
from synapse_artifacts.packed import documents_of

ARTIFACTS, DIRECTORY, ROLE, PRIVATE_ENDPOINT, FILE_SYSTEM, SECRET = (
    f"dataplane:index:{name}"
    for name in (
        "WorkspaceArtifacts",
        "Directory",
        "SynapseRoleAssignment",
        "ManagedPrivateEndpoint",
        "FileSystem",
        "GeneratedSecret",
    )
)
_HOSTED = (ARTIFACTS, ROLE, PRIVATE_ENDPOINT)


class Lake(Protocol):
    """What is asked of a storage account."""

    def access(self, file_system: str, path: str) -> Access | None:
        """Owner, group and list of a directory; None if it does not exist."""


class Vault(Protocol):
    """What is asked of a vault."""

    def exists(self, name: str) -> bool:
        """Whether a secret is there; its value is not read."""


class Connections(Protocol):
    """How the services are reached; each is opened once."""

    def synapse(self, endpoint: WorkspaceEndpoint) -> SynapseClient:
        """The development endpoint of a workspace."""

    def artifacts(self, host: ArtifactHost) -> ArtifactService:
        """A workspace or a factory, as what holds artifacts."""

    def data_lake(self, account: str) -> Lake:
        """The data plane of a storage account."""

    def key_vault(self, vault_uri: str) -> Vault:
        """The data plane of a vault."""


def find_drift(resources: Iterable[StateResource], connections: Connections, pool: Executor) -> list[Difference]:
    """Every difference of artifacts, triggers, Synapse roles, managed private endpoints, lists, filesystems, secrets.

    Raises ProviderError where a service refuses.
    """
    given = list(resources)
    searches: list[Callable[[], list[Difference]]] = []
    made_by = creators(given)
    hosted: dict[ArtifactHost, list[StateResource]] = {}
    for each in given:
        if each.type in _HOSTED:
            hosted.setdefault(artifact_host(str(each.outputs["endpoint"])), []).append(each)
    for host, own in hosted.items():
        searches.extend(_host(host, own, made_by, connections, pool))
    directories = [each for each in given if each.type == DIRECTORY]
    lists = [pool.submit(_access, connections, each.outputs) for each in directories]
    lookups = _lookups(given, connections, pool)
    found = [difference for search in searches for difference in search()]
    for each, answer in zip(directories, lists, strict=True):
        found.extend(compare_access(each.id, each.outputs, answer.result()))
    return found + [Difference(Drift.DELETED, each.id) for each, there in lookups if not there.result()]


def _lookups(
    given: Sequence[StateResource], connections: Connections, pool: Executor
) -> "list[tuple[StateResource, Future[bool]]]":
    """Asks for what is there or is not; a filesystem whose root is compared is not asked for again."""
    roots = {
        (each.outputs["account"], each.outputs["fileSystem"])
        for each in given
        if each.type == DIRECTORY and not each.outputs["path"]
    }
    asked = []
    for each in given:
        own = each.outputs
        if each.type == FILE_SYSTEM and (own["account"], own["name"]) not in roots:
            asked.append((each, pool.submit(_has_file_system, connections, own)))
        elif each.type == SECRET:
            asked.append((each, pool.submit(_has_secret, connections, own)))
    return asked


def _host(
    host: ArtifactHost,
    own: Sequence[StateResource],
    made_by: Mapping[str, str],
    connections: Connections,
    pool: Executor,
) -> list[Callable[[], list[Difference]]]:
    """Asks a workspace or factory for everything at once; what is returned waits for the answers and compares."""
    published = [each for each in own if each.type == ARTIFACTS]
    roles = [each for each in own if each.type == ROLE]
    ways = [each for each in own if each.type == PRIVATE_ENDPOINT]
    live = None
    if published:
        client = connections.artifacts(host)
        live = pool.submit(list_live, client, client.collections)
    searches = [lambda: _artifacts(published, live)]
    if roles and isinstance(host, WorkspaceEndpoint):
        synapse = connections.synapse(host)
        assigned = pool.submit(synapse.role_assignments)
        searches.append(lambda: compare_roles(roles, assigned.result(), made_by.get(host.name, ""), synapse))
    if ways and isinstance(host, WorkspaceEndpoint):
        listed = pool.submit(connections.synapse(host).private_endpoints)
        searches.append(lambda: compare_private_endpoints(ways, listed.result()))
    return searches


def _artifacts(published: Sequence[StateResource], listed: "Future[LiveArtifacts] | None") -> list[Difference]:
    live = listed.result() if listed is not None else LiveArtifacts({})
    found: list[Difference] = []
    managed: set[str] = set()
    for each in published:
        known = documents_of(each.outputs["documents"])
        managed.update(known)
        found.extend(compare(known, live))
        if not each.outputs.get("keepTriggers"):
            found.extend(switched(known, each.outputs.get("startedTriggers", ()), live))
    noted = resting(live)
    told = {each.subject for each in noted}
    found = [each for each in found if each.drift is not Drift.STOPPED or each.subject not in told]
    return found + noted + unmanaged(managed, live)


def _access(connections: Connections, outputs: Mapping[str, Any]) -> Access | None:
    return connections.data_lake(str(outputs["account"])).access(str(outputs["fileSystem"]), str(outputs["path"]))


def _has_file_system(connections: Connections, outputs: Mapping[str, Any]) -> bool:
    return connections.data_lake(str(outputs["account"])).access(str(outputs["name"]), "") is not None


def _has_secret(connections: Connections, outputs: Mapping[str, Any]) -> bool:
    return connections.key_vault(str(outputs["vaultUri"]).lower().rstrip("/")).exists(str(outputs["name"]))
