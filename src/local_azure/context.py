"""What every service is built with: the shared parts of the stand-in, no service among them."""

from __future__ import annotations

from dataclasses import dataclass, field

from local_azure.authorization import RoleAssignments
from local_azure.clock import Clock
from local_azure.directory import Directory
from local_azure.dispatch import Handler
from local_azure.network import NetworkRules
from local_azure.resource_providers import ResourceProviders
from local_azure.resources import ResourceRegistry
from local_azure.settings import Settings
from local_azure.state import State
from local_azure.tokens import TokenIssuer


@dataclass(frozen=True)
class ServiceContext:
    """Handed to each service's `build`; services reach one another only by `dispatch.handle(Request(…))`."""

    state: State
    clock: Clock
    directory: Directory
    tokens: TokenIssuer
    role_assignments: RoleAssignments
    network: NetworkRules
    resources: ResourceRegistry
    dispatch: Handler
    settings: Settings
    providers: ResourceProviders = field(default_factory=ResourceProviders)
