"""The settings of a stack: stack configuration to frozen records, with every problem reported at once.

What each is for, its type and its default stand in Pulumi.yaml. Nothing here knows a stack by name.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from azure_ids.arm import ArmId, ArmIdError
from azure_ids.data_factory import ArtifactHost, FactoryId
from azure_ids.private_links import SQL_SERVER
from infra.address_ranges import public_range
from infra.artifact_settings import ArtifactSettings, Target, read_artifact_settings
from infra.git_settings import GitConnection, read_git_settings
from infra.private_endpoint_settings import PrivateEndpointSettings, read_private_endpoints
from infra.setting_reader import SettingReader, SettingsError, Source

CURATED_FOLDERS = ("patients", "encounters", "observations", "telemetry", "images")
"""Folders of the filesystem `curated`, as the pipelines write them."""

INNER_SETTINGS: dict[str, dict[str, str]] = {
    "private_endpoints": {
        "subnet_id": "id of a subnet of the same subscription and region: "
        "`/subscriptions/…/virtualNetworks/<name>/subnets/<name>`; account, vault and workspace get an address "
        "in it, and who deploys runs in its network or one beside it",
        "dns_zones_group_id": "id of the resource group with the private DNS zones "
        "(`privatelink.dfs.core.windows.net`, …) that the network is linked to; without it something else, such as a "
        "policy, has to keep the names",
    },
    "groups": {
        "data_engineers": "read raw, curated and their staging, deliver to landing, run pipelines",
        "data_scientists": "read curated, see pipelines and data flows in Studio",
        "auditors": "read curated and the history of runs",
        "synapse_administrators": "administer the workspace",
        "sql_administrators": "administer SQL in the workspace",
    },
    "identities": {
        "deployer": "runs `pulumi up`; starts with Owner of the subscription alone",
        "preview": "previews pull requests; Reader of the subscription, may read no data",
        "drift": "looks for changes that nobody declared; Reader of the subscription, may read no data",
    },
    "curated_readers": {
        "object_id": "object id of the group",
        "label": "its name, for people",
        "folders": f"list of folders in curated: {', '.join(CURATED_FOLDERS)}",
    },
    "source": {
        "server": "host name of the server with the patient database",
        "database": "name of the database",
        "server_id": "id of the server: `/subscriptions/…/providers/Microsoft.Sql/servers/<name>`; needed with "
        "`prevent_data_exfiltration`, of use without `public_network_access` too: the workspace then reaches it by a "
        "private endpoint, whose connection the deployer approves, or the owner of the server where that is in "
        "another subscription",
    },
    "triggers": {
        "started": "list of the triggers that run; all others are published and stopped",
        "policy": "`declared` (default): each deployment makes it so for the triggers that its changes reach, with "
        "`--refresh` for all; `kept`: only for new triggers, others stay as an operator left them",
        "consented_windows": "how many windows a tumbling window trigger may run at once because its start or "
        "recurrence changed; default 100",
    },
    "git": {
        "account": "account or organisation that the repository belongs to",
        "project": "project of Azure DevOps; without it the repository is one of GitHub",
        "host": "host of GitHub Enterprise, such as https://github.example.com; without it github.com",
        "repository": "name of the repository",
        "branch": "collaboration branch, from which Studio may publish; default `main`",
    },
    "artifacts": {
        "target": "`synapse` (default): a Synapse workspace; `datafactory`: a factory of Data Factory in its place",
        "folder": "folder in Studio's layout, from the project's folder or absolute; default `pipelines_json`",
        "overlays": "by artifact id (`pipeline/ingest_patients`), then by JSON path "
        "(`properties.parameters.window.defaultValue`), the value that this stack has there",
        "workspace": "name of a Synapse workspace that is there: the stack publishes to it and deploys nothing else; "
        "of the other settings only `tenant_id`, `subscription_id` and `triggers` count",
        "factory": "id of a factory of Data Factory that is there, as `workspace`",
        "shared_values": "list of `{value, reason}`: hosts and ids of another stack that artifacts may hold",
    },
}
"""What stands inside settings, for the reference page. A group or identity has an `object_id` and a `label`."""

WHOLE_DEPLOYMENT = frozenset(
    {
        "allowed_ip_ranges",
        "curated_readers",
        "delete_data",
        "environment",
        "git",
        "groups",
        "identities",
        "include_event_offsets",
        "location",
        "name_prefix",
        "prevent_data_exfiltration",
        "private_endpoints",
        "protect",
        "public_network_access",
        "purge_protection",
        "soft_delete_days",
        "source",
        "vault_generation",
    }
)
"""The settings that mean nothing where only artifacts are published."""

_NAME = r"[a-z][a-z0-9]{1,7}"
_NAME_RULE = "2 to 8 lower-case letters and digits, beginning with a letter"


@dataclass(frozen=True)
class Principal:
    """Somebody in the directory: the object id that Azure checks, and a label for people."""

    object_id: str
    label: str


@dataclass(frozen=True)
class Groups:
    """The Entra groups that get access."""

    data_engineers: Principal
    data_scientists: Principal
    auditors: Principal
    synapse_administrators: Principal
    sql_administrators: Principal


@dataclass(frozen=True)
class Identities:
    """The service principals of the deployment and of continuous integration."""

    deployer: Principal
    preview: Principal
    drift: Principal


@dataclass(frozen=True)
class CuratedReaders:
    """A group that may read some folders of curated and nothing else."""

    group: Principal
    folders: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """Who may reach account, vault and workspace; without public access only private endpoints do."""

    public_access: bool
    allowed_ip_ranges: tuple[IPv4Network, ...]
    prevent_data_exfiltration: bool
    private_endpoints: PrivateEndpointSettings | None

    @property
    def is_left_privately(self) -> bool:
        """Whether a workspace reaches account and vault by private endpoints of its own alone.

        A managed network reaches no resource publicly that has a private endpoint in another network.
        https://learn.microsoft.com/azure/data-factory/managed-virtual-network-private-endpoint
        """
        return self.prevent_data_exfiltration or self.private_endpoints is not None


@dataclass(frozen=True)
class PatientDatabase:
    """The database that the workspace reads: host name of its server and its name.

    `server_id` is the server as a resource of Azure, None where the workspace reaches it without a private endpoint.
    """

    server: str
    database: str
    server_id: ArmId | None = None


@dataclass(frozen=True)
class Triggers:
    """The triggers that run; where `kept` is true that holds for new ones only."""

    started: tuple[str, ...]
    kept: bool
    consented_windows: int | None = None


@dataclass(frozen=True)
class Settings:
    """All settings of a stack."""

    tenant_id: str
    subscription_id: str
    location: str
    environment: str
    name_prefix: str
    vault_generation: int
    network: Network
    groups: Groups
    identities: Identities
    curated_readers: tuple[CuratedReaders, ...]
    source: PatientDatabase
    soft_delete_days: int
    purge_protection: bool
    protect: bool
    delete_data: bool
    triggers: Triggers
    artifacts: ArtifactSettings
    git: GitConnection | None
    include_event_offsets: bool

    def own_values(self) -> dict[str, Any]:
        """What tells this stack apart from others, in the form of its configuration."""
        return {
            "tenant_id": self.tenant_id,
            "subscription_id": self.subscription_id,
            "name_prefix": self.name_prefix,
            "environment": self.environment,
            "vault_generation": self.vault_generation,
            "source": {"server": self.source.server},
            "principals": {name: each.object_id for name, each in self.principals()},
        }

    def principals(self) -> Iterator[tuple[str, Principal]]:
        """Everybody that the settings name, with the setting's name."""
        for name, records in (("groups", self.groups), ("identities", self.identities)):
            for each in fields(records):
                yield f"{name}.{each.name}", getattr(records, each.name)
        for index, readers in enumerate(self.curated_readers):
            yield f"curated_readers[{index}]", readers.group


@dataclass(frozen=True)
class Publication:
    """The settings of a stack that publishes artifacts to a workspace or factory which is there, and nothing else."""

    tenant_id: str
    subscription_id: str
    host: ArtifactHost
    triggers: Triggers
    artifacts: ArtifactSettings

    def own_values(self) -> dict[str, Any]:
        """What tells this stack apart from others, in the form of its configuration."""
        target = {"factory": str(self.host)} if isinstance(self.host, FactoryId) else {"workspace": self.host.name}
        return {"tenant_id": self.tenant_id, "subscription_id": self.subscription_id, "artifacts": target}

    def principals(self) -> Iterator[tuple[str, Principal]]:
        """Nobody: roles are not its business."""
        yield from ()


TriggersIn = Callable[[Path], Collection[str]]
"""The names of the triggers in a folder of artifacts."""


def load(triggers_in: TriggersIn) -> Settings | Publication:
    """The settings of the stack that runs. Raises SettingsError with every problem."""
    project = pulumi.get_project()
    # A language host hands the configuration over in one of these two ways.
    raw = {**get_config_env(), **CONFIG.get()}
    values = {key.partition(":")[2]: value for key, value in raw.items() if key.startswith(f"{project}:")}
    secrets = frozenset(key for key in values if is_config_secret(f"{project}:{key}"))
    source = Source(project, pulumi.get_stack(), secrets)
    if publishes_only(source, values):
        return read_publication(source, values, triggers_in)
    return read(source, values, triggers_in)


def publishes_only(source: Source, values: Mapping[str, Any]) -> bool:
    """Whether the stack names a workspace or factory that is there, so that nothing but artifacts is deployed."""
    inside = SettingReader(source, values).group("artifacts")
    return inside.is_given("workspace") or inside.is_given("factory")


def read_publication(source: Source, values: Mapping[str, Any], triggers_in: TriggersIn) -> Publication:
    """The settings that count for such a stack; those of a whole deployment are not looked at.

    Raises SettingsError with every problem.
    """
    reader = SettingReader(source, values)
    artifacts = read_artifact_settings(reader)
    tenant = reader.guid("tenant_id", "the id of the tenant")
    subscription = reader.guid("subscription_id", "the id of the subscription")
    triggers = _triggers(reader, artifacts.folder, triggers_in)
    if isinstance(artifacts.host, FactoryId):
        _check_subscription(reader, artifacts.host, subscription)
    reader.finish(WHOLE_DEPLOYMENT)
    if reader.problems or artifacts.host is None:
        raise SettingsError(reader.problems)
    return Publication(tenant, subscription, artifacts.host, triggers, artifacts)


def _check_subscription(reader: SettingReader, factory: FactoryId, subscription: str) -> None:
    """The pinned subscription is that of the factory."""
    if subscription and (factory.arm_id.subscription_id or "").lower() != subscription:
        reader.refuse("artifacts.factory", str(factory), f"a factory of subscription {subscription} (subscription_id)")


def read(source: Source, values: Mapping[str, Any], triggers_in: TriggersIn) -> Settings:
    """The settings that texts by key say. Raises SettingsError with every problem."""
    reader = SettingReader(source, values)
    artifacts = read_artifact_settings(reader)
    settings = Settings(
        tenant_id=reader.guid("tenant_id", "the id of the tenant"),
        subscription_id=reader.guid("subscription_id", "the id of the subscription"),
        location=reader.text("location", "a region's short name such as westeurope", r"[a-z]+[a-z0-9]*"),
        environment=reader.text("environment", _NAME_RULE, _NAME),
        name_prefix=reader.text("name_prefix", _NAME_RULE, _NAME),
        vault_generation=reader.integer("vault_generation", 1, 99),
        network=(network := _network(reader)),
        groups=_groups(reader),
        identities=_identities(reader),
        curated_readers=tuple(_curated_readers(each) for each in reader.items("curated_readers")),
        source=_patient_database(reader, artifacts.target is Target.SYNAPSE and network.prevent_data_exfiltration),
        soft_delete_days=reader.integer("soft_delete_days", 7, 90),
        purge_protection=reader.boolean("purge_protection"),
        protect=reader.boolean("protect"),
        delete_data=reader.boolean("delete_data"),
        triggers=_triggers(reader, artifacts.folder, triggers_in),
        artifacts=artifacts,
        git=read_git_settings(reader, artifacts.folder),
        include_event_offsets=reader.boolean("include_event_offsets"),
    )
    reader.finish()
    _check_principals(reader, settings)
    _check_protection(reader, settings)
    _check_subnet(reader, settings)
    _check_target(reader, settings)
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


def _network(reader: SettingReader) -> Network:
    public_access = reader.boolean("public_network_access")
    expected = "an IPv4 address or network of public addresses, such as 203.0.113.10 or 203.0.113.0/24"
    ranges = reader.texts("allowed_ip_ranges", expected, public_range)
    if public_access and not ranges and not reader.is_given("allowed_ip_ranges"):
        hint = "list the addresses of people and runners, or set public_network_access to false"
        reader.refuse("allowed_ip_ranges", list(ranges), "at least one range with public_network_access", hint)
    if not public_access and ranges:
        hint = "set public_network_access to true, or leave the ranges out"
        reader.refuse("allowed_ip_ranges", list(ranges), "none without public_network_access", hint)
    endpoints = read_private_endpoints(reader, needed=not public_access)
    return Network(public_access, ranges, reader.boolean("prevent_data_exfiltration"), endpoints)


def _principal(reader: SettingReader) -> Principal:
    object_id = reader.guid("object_id", "the object id of a group or service principal")
    return Principal(object_id, reader.text("label", "a name for people"))


def _principals_of(reader: SettingReader, key: str, names: list[str]) -> dict[str, Principal]:
    inner = reader.group(key)
    found = {}
    for name in names:
        each = inner.group(name)
        found[name] = _principal(each)
        each.finish()
    inner.finish()
    return found


def _groups(reader: SettingReader) -> Groups:
    return Groups(**_principals_of(reader, "groups", [each.name for each in fields(Groups)]))


def _identities(reader: SettingReader) -> Identities:
    return Identities(**_principals_of(reader, "identities", [each.name for each in fields(Identities)]))


def _curated_readers(reader: SettingReader) -> CuratedReaders:
    group = _principal(reader)
    folders = reader.texts("folders", f"one of {', '.join(CURATED_FOLDERS)}", _curated_folder)
    if not folders:
        reader.refuse("folders", list(folders), f"at least one of {', '.join(CURATED_FOLDERS)}")
    reader.finish()
    return CuratedReaders(group, folders)


def _curated_folder(text: str) -> str:
    if text not in CURATED_FOLDERS:
        raise ValueError(text)
    return text


def _patient_database(reader: SettingReader, needs_way: bool) -> PatientDatabase:
    """A workspace that lets no data out reaches approved targets only, and its source is one.

    https://learn.microsoft.com/azure/synapse-analytics/security/workspace-data-exfiltration-protection
    """
    source = reader.group("source")
    host = "the host name of a server such as hospital.database.windows.net"
    server = source.text("server", host, r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9-]+)+")
    database = source.text("database", "the name of a database", r"[^\s'\"\[\];/]{1,128}")
    expected = _server_form(server)
    text = source.text("server_id", expected) if needs_way else source.text_or("server_id", "", expected)
    server_id = _server_id(text, server)
    if text and server_id is None:
        source.refuse("server_id", text, expected, "az sql server show --query id")
    source.finish()
    return PatientDatabase(server, database, server_id)


def _server_form(server: str) -> str:
    name = server.partition(".")[0] or "<name>"
    return f"the id of the server: /subscriptions/<id>/resourceGroups/<name>/providers/{SQL_SERVER}/{name}"


def _server_id(text: str, server: str) -> ArmId | None:
    """The id, if it is that of the host name: an endpoint that leads elsewhere leaves the pipelines without a way."""
    try:
        found = ArmId.parse(text)
    except ArmIdError:
        return None
    is_named = (found.type.lower(), found.name.lower()) == (SQL_SERVER.lower(), server.partition(".")[0])
    return found if is_named and found.subscription_id and found.resource_group else None


def _triggers(reader: SettingReader, folder: Path, triggers_in: TriggersIn) -> Triggers:
    spelled = {name.lower(): name for name in triggers_in(folder)}

    def trigger(text: str) -> str:
        if text.lower() not in spelled and folder.is_dir():  # that there is no folder is told already
            raise ValueError(text)
        return spelled.get(text.lower(), text)

    inside = reader.group("triggers")
    names = ", ".join(sorted(spelled.values())) or "there is none"
    started = inside.texts("started", f"the name of a trigger: {names}", trigger)
    policy = inside.text_or("policy", "declared", "declared or kept", r"declared|kept")
    consented = inside.integer("consented_windows", 0, 1_000_000) if inside.is_given("consented_windows") else None
    inside.finish()
    return Triggers(started, policy == "kept", consented)


def _check_protection(reader: SettingReader, settings: Settings) -> None:
    """Unprotected resources go with their data, so both settings say so: one edited line alone loses nothing."""
    if not settings.protect and not settings.delete_data:
        hint = "to delete or replace one protected resource on purpose: pulumi state unprotect <urn>"
        reader.refuse("protect", settings.protect, "true, or delete_data to be true as well", hint)


def _check_subnet(reader: SettingReader, settings: Settings) -> None:
    """A private endpoint stands in the subscription of its network.

    https://learn.microsoft.com/azure/private-link/private-endpoint-overview
    """
    own = settings.network.private_endpoints
    if own is not None and str(own.subnet_id.subscription_id).lower() != settings.subscription_id:
        expected = f"a subnet of subscription {settings.subscription_id} (subscription_id)"
        reader.refuse("private_endpoints.subnet_id", str(own.subnet_id), expected)


def _check_target(reader: SettingReader, settings: Settings) -> None:
    """A factory's managed network lets data out to wherever a private endpoint leads, and nothing can forbid that."""
    if settings.artifacts.target is Target.DATA_FACTORY and settings.network.prevent_data_exfiltration:
        hint = "a factory has no protection against exfiltration: set it to false, or artifacts.target to synapse"
        reader.refuse("prevent_data_exfiltration", True, "false with artifacts.target datafactory", hint)
    if settings.artifacts.target is Target.DATA_FACTORY and not settings.network.public_access:
        hint = "a factory has no managed network here and would not reach the account: list allowed_ip_ranges instead"
        reader.refuse("public_network_access", False, "true with artifacts.target datafactory", hint)
    if settings.artifacts.target is Target.DATA_FACTORY and settings.git is not None:
        reader.refuse("git", settings.git.repository, "no repository: a factory is in live mode here")


def _check_principals(reader: SettingReader, settings: Settings) -> None:
    """An id that stands twice, or that is the tenant's or the subscription's, is a mistake in copying."""
    seen = {settings.tenant_id: "tenant_id", settings.subscription_id: "subscription_id"}
    for name, principal in settings.principals():
        if not principal.object_id:
            continue
        first = seen.setdefault(principal.object_id, name)
        if first != name:
            hint = f"az ad group show --group '{principal.label}' --query id"
            reader.refuse(f"{name}.object_id", principal.object_id, f"another id than that of {first}", hint)
