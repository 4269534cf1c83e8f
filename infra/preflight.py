"""Finds the endpoints that this machine cannot reach, before anything is changed, and says why each.

An endpoint of a resource that is not there yet has no address, and is no failure. Signing in is not tried here.
"""

import http.client
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pulumi_azure_native import storage

from infra.address_ranges import storage_ranges
from infra.artifact_settings import Target
from infra.https import connection_to
from infra.naming import Names
from infra.settings import Settings

_BLOCKED_BY_FIREWALL = "AuthorizationFailure"
REFUSED = "its network rules refuse this machine (403 AuthorizationFailure)"
_PROXY_FOUND_NOTHING = re.compile(r"Tunnel connection failed: 50[234]")
"""How http.client says that a proxy could not connect to a host: behind a proxy names are looked up there."""


class Unreachable(Exception):
    """Endpoints that the deployment needs and this machine cannot reach, one paragraph each."""

    def __init__(self, problems: Sequence[str]) -> None:
        """The paragraphs, in the order of use."""
        super().__init__("\n\n".join(problems))


@dataclass(frozen=True)
class Endpoint:
    """A host that the deployment talks to over HTTPS, and what for; `closed` ones have rules on who may come in."""

    host: str
    purpose: str
    closed: bool
    probe: str = ""
    """Path that tells a refusal by network rules from one for lack of a token; empty where no path does."""


@dataclass(frozen=True)
class LiveRules:
    """Who may reach the data lake as it is now; `private` where a private endpoint leads to it."""

    public_access: bool
    ranges: frozenset[str]
    private: bool = False


class NoAddress(Exception):
    """A host that no name server knows: nothing of that name is there."""


Probe = Callable[[Endpoint], str]
"""Reaches an endpoint: why it cannot be reached, or an empty text. Raises NoAddress."""


def endpoints(names: Names, target: Target = Target.SYNAPSE) -> tuple[Endpoint, ...]:
    """All that one deployment talks to; the source database is reached by what runs the pipelines, not from here."""
    lake = f"{names.storage_account}.dfs.core.windows.net"
    workspace = Endpoint(f"{names.workspace}.dev.azuresynapse.net", "artifacts and roles", closed=True)
    return (
        Endpoint("login.microsoftonline.com", "signing in", closed=False),
        Endpoint("management.azure.com", "resources", closed=False),
        Endpoint(lake, "filesystems and access-control lists", closed=True, probe="/?resource=account"),
        Endpoint(f"{names.vault}.vault.azure.net", "the pseudonym key", closed=True),
        *((workspace,) if target is Target.SYNAPSE else ()),
    )


def unreachable(settings: Settings, names: Names, probe: Probe | None = None) -> tuple[str, ...]:
    """A paragraph for each endpoint that cannot be reached."""
    problems = []
    lake_refuses = False
    for endpoint in endpoints(names, settings.artifacts.target):
        try:
            cause = (probe or reach)(endpoint)
            if not cause and endpoint.closed and lake_refuses:
                cause = "it has the network rules of the data lake, which refuse this machine"
            lake_refuses = lake_refuses or cause == REFUSED
        except NoAddress:
            cause = "" if endpoint.closed else "no name server knows it"
        if cause:
            problems.append(f"reaching {endpoint.host} ({endpoint.purpose}): {cause}\n{_advice(endpoint, settings)}")
    return tuple(problems)


def rules_change(settings: Settings, live: LiveRules) -> bool:
    """Whether this deployment changes who may reach the data lake, so that a refusal today tells nothing of after."""
    wanted = _wanted(settings)
    opens = wanted.private and not live.private
    return opens or (live.public_access, live.ranges) != (wanted.public_access, wanted.ranges)


def closing(settings: Settings, names: Names, live: LiveRules) -> str:
    """A paragraph where this deployment shuts out addresses that the data lake lets in now; else an empty text."""
    gone = sorted(live.ranges - _wanted(settings).ranges) if live.public_access else []
    if not gone:
        return ""
    return (
        f"changing who may reach {names.storage_account}: {', '.join(gone)} is let in now and not afterwards\n"
        "expected this machine's public address among allowed_ip_ranges, or a private endpoint\n"
        "hint: if it is this machine's, the next deployment has to run elsewhere"
    )


def lake_answers(names: Names, probe: Probe | None = None) -> bool:
    """Whether the data lake is there and lets this machine in."""
    lake = next(each for each in endpoints(names) if each.probe)
    try:
        return not (probe or reach)(lake)
    except NoAddress:
        return False


def _wanted(settings: Settings) -> LiveRules:
    ranges = {text for each in settings.network.allowed_ip_ranges for text in storage_ranges(each)}
    network = settings.network
    return LiveRules(network.public_access, frozenset(ranges), network.private_endpoints is not None)


def live_rules(names: Names) -> LiveRules:
    """The rules of the data lake, which must be there."""
    account = storage.get_storage_account(account_name=names.storage_account, resource_group_name=names.resource_group)
    rules = account.network_rule_set.ip_rules or []
    ranges = frozenset(each.i_p_address_or_range for each in rules)
    return LiveRules(account.public_network_access != "Disabled", ranges, bool(account.private_endpoint_connections))


def _advice(endpoint: Endpoint, settings: Settings) -> str:
    network = settings.network
    if not endpoint.closed:
        return "expected an HTTPS connection\nhint: check the network, and HTTPS_PROXY and SSL_CERT_FILE"
    if not network.public_access:
        return (
            "expected an address in the network of private_endpoints.subnet_id\n"
            "hint: run from inside that network or one beside it, and link its private DNS zones to yours"
        )
    ranges = ", ".join(map(str, network.allowed_ip_ranges))
    return f"expected this machine's public address in {ranges}\nhint: add it to allowed_ip_ranges"


def reach(endpoint: Endpoint) -> str:
    """Connects with TLS, through the proxy of the environment if there is one, and asks the endpoint's probe."""
    connection = connection_to(endpoint.host)
    try:
        connection.request("GET", endpoint.probe or "/", headers={"x-ms-version": "2023-11-03"})
        answer = connection.getresponse()
        code = answer.getheader("x-ms-error-code") or ""
        if endpoint.probe and answer.status == 403 and code == _BLOCKED_BY_FIREWALL:
            return REFUSED
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, socket.gaierror) or _PROXY_FOUND_NOTHING.match(str(error)):
            raise NoAddress(endpoint.host) from error
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    return ""
