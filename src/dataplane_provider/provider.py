"""The provider: verbs to the resource of their type token. No rule of any resource.

The engine starts it twice and asks one of the processes for no resource: so what resources need is imported with the
first of their verbs.
"""

import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dataplane_provider.package import PACKAGE, VERSION
from provider_wire.verbs import (
    Capabilities,
    CheckAnswer,
    CheckFailure,
    CheckRequest,
    Configuration,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    DiffAnswer,
    DiffRequest,
    InvokeAnswer,
    InvokeRequest,
    Provider,
    ProviderError,
    ReadAnswer,
    ReadRequest,
    Session,
    UpdateAnswer,
    UpdateRequest,
)

if TYPE_CHECKING:
    from dataplane_provider.azure_services import AzureServices
    from dataplane_provider.resources.base import Resource

_OWN_SETTINGS = frozenset({"version", "pluginDownloadURL", "__internal"})


class DataplaneProvider(Provider):
    """The Pulumi provider `dataplane`."""

    def __init__(self, services: "AzureServices | None" = None) -> None:
        """Nothing is connected or signed in yet."""
        self._services = services
        self._known: Mapping[str, Resource] | None = None
        self._lock = threading.Lock()

    @property
    def version(self) -> str:
        """The version of the package."""
        return VERSION

    @property
    def capabilities(self) -> Capabilities:
        """Secrets are unwrapped by the engine, which marks the outputs of secret inputs itself."""
        return Capabilities(secrets=False)

    def schema(self) -> str:
        """The package schema as JSON text."""
        from dataplane_provider.schema import package_schema

        return json.dumps(package_schema())

    def check_configuration(self, old: Configuration, new: Configuration) -> CheckAnswer:
        """The provider has no settings; any is an error that names itself."""
        unknown = [name for name in new.settings if name not in _OWN_SETTINGS]
        failures = [CheckFailure(name, f"unknown setting {name!r}\nexpected none") for name in unknown]
        return CheckAnswer(new.settings, failures)

    def diff_configuration(self, old: Configuration, new: Configuration) -> DiffAnswer:
        """Another version never replaces the resources."""
        return DiffAnswer()

    def configure(self, configuration: Configuration) -> None:
        """Nothing to take over."""

    def check(self, request: CheckRequest, session: Session) -> CheckAnswer:
        """See the resource."""
        return self._resource(request.type).check(request)

    def diff(self, request: DiffRequest, session: Session) -> DiffAnswer:
        """See the resource."""
        return self._resource(request.type).diff(request, session)

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """See the resource; a preview neither looks nor writes."""
        resource = self._resource(request.type)
        return resource.preview_create(request) if request.preview else resource.create_and_claim(request, session)

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """See the resource."""
        return self._resource(request.type).read(request, session)

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """See the resource; a preview neither looks nor writes."""
        resource = self._resource(request.type)
        return resource.preview_update(request) if request.preview else resource.update(request, session)

    def delete(self, request: DeleteRequest, session: Session) -> None:
        """See the resource."""
        self._resource(request.type).delete_unclaimed(request, session)

    def invoke(self, request: InvokeRequest, session: Session) -> InvokeAnswer:
        """The package has no functions."""
        raise ProviderError(
            f"calling {request.token}: unknown function\nexpected none: package {PACKAGE} has resources only"
        )

    def cancel(self) -> None:
        """The sessions carry the wish to stop; nothing else runs."""

    def _resource(self, token: str) -> "Resource":
        resources = self._resources()
        if token not in resources:
            raise ProviderError(
                f"looking up resource type {token!r}: unknown type\nexpected one of {', '.join(resources)}"
            )
        return resources[token]

    def _resources(self) -> "Mapping[str, Resource]":
        with self._lock:
            if self._known is None:
                from dataplane_provider.azure_services import AzureServices
                from dataplane_provider.resource_types import resources_of

                self._known = resources_of(self._services or AzureServices())
            return self._known
