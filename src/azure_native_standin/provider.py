"""The provider behind the gRPC port: each verb for the served resource types, by requests to Resource Manager only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from azure_native_standin import checking, comparing
from azure_native_standin.arm_client import ArmClient, ArmError
from azure_native_standin.functions import Caller, invoke
from azure_native_standin.resource_types import BY_TOKEN, ResourceType
from azure_native_standin.translation import body_of, live_inputs, outputs_of, previewed_outputs, writable_inputs
from provider_wire.importing import import_command
from provider_wire.values import contains_unknown
from provider_wire.verbs import (
    Cancellation,
    Capabilities,
    Change,
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
    PartialFailure,
    Provider,
    ProviderError,
    ReadAnswer,
    ReadRequest,
    Session,
    UpdateAnswer,
    UpdateRequest,
)

VERSION = "3.29.0"
_SETTINGS = frozenset(
    {
        "version",
        "subscriptionId",
        "tenantId",
        "clientId",
        "clientSecret",
        "location",
        "environment",
        "disablePulumiPartnerId",
        "useDefaultAzureCredential",
        "useOidc",
        "useMsi",
    }
)


class AzureNative(Provider):
    """azure-native for one identity; says what it does not serve, and never guesses."""

    def __init__(self, caller: Caller, client: ArmClient) -> None:
        self._caller = caller
        self._client = client
        self._location = ""

    @property
    def version(self) -> str:
        """The version of azure-native that it stands for."""
        return VERSION

    @property
    def capabilities(self) -> Capabilities:
        """The engine keeps track of secrets itself."""
        return Capabilities(secrets=False)

    def schema(self) -> str:
        """Only the names of what is served; programs use the SDK of the real plugin."""
        resources: dict[str, Any] = {token: {} for token in BY_TOKEN}
        return json.dumps({"name": "azure-native", "version": VERSION, "resources": resources})

    def check_configuration(self, old: Configuration, new: Configuration) -> CheckAnswer:
        """Refuses settings that are not known, and those of another tenant, subscription or identity."""
        settings, caller = new.settings, self._caller
        failures = [
            CheckFailure(name, f"provider azure-native: unknown setting '{name}'")
            for name in settings
            if name not in _SETTINGS
        ]
        own = {
            "tenantId": caller.tenant_id,
            "subscriptionId": caller.subscription_id,
            "clientId": caller.client_id,
        }
        for name, value in own.items():
            given = settings.get(name)
            if given and not contains_unknown(given) and given != value:
                reason = f"provider azure-native: {name} is '{given}', but the identity {caller.name} has '{value}'"
                failures.append(CheckFailure(name, reason))
        return CheckAnswer(settings, tuple(failures))

    def diff_configuration(self, old: Configuration, new: Configuration) -> DiffAnswer:
        """Every changed setting; none of them replaces a resource."""
        names = dict.fromkeys((*old.settings, *new.settings))
        changed = [name for name in names if name != "version" and old.settings.get(name) != new.settings.get(name)]
        return DiffAnswer(dict.fromkeys(changed, Change.UPDATE))

    def configure(self, configuration: Configuration) -> None:
        """Takes over the default location and the subscription."""
        settings = configuration.settings
        self._location = str(settings.get("location") or "")
        subscription = settings.get("subscriptionId")
        if subscription and subscription != self._caller.subscription_id:
            self._caller = replace(self._caller, subscription_id=str(subscription))

    def check(self, request: CheckRequest, session: Session) -> CheckAnswer:
        """Names, kinds and required properties; the rest is Resource Manager's to judge."""
        return checking.check(_type(request.type), request, self._location)

    def diff(self, request: DiffRequest, session: Session) -> DiffAnswer:
        """Old inputs against new ones."""
        return comparing.diff(_type(request.type), request.old_inputs, request.new_inputs)

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Refuses to take over a resource that exists; blob service properties exist from the first day."""
        resource_type = _type(request.type)
        if request.preview:
            return CreateAnswer("", previewed_outputs(resource_type, request.inputs))
        arm_id = self._id(resource_type, request.inputs)
        if resource_type.default_body is None:
            existing = self._client.get(arm_id, resource_type.api_version, session.cancellation)
            if existing is not None:
                raise ProviderError(
                    f"creating {arm_id}: cannot create already existing resource\n"
                    f"hint: {import_command(request.urn, arm_id)}"
                )
        return self._put(f"creating {arm_id}", resource_type, arm_id, request.inputs, session)

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """The live resource: declared properties as they are now, or for an import everything that can be written."""
        resource_type = _type(request.type)
        names = resource_type.names_of(request.id)
        if names is None:
            raise ProviderError(
                f"reading {request.id}: no id of {request.type}\nexpected {resource_type.path.replace('//', '/')}"
            )
        body = self._client.get(request.id, resource_type.api_version, session.cancellation)
        if body is None:
            return ReadAnswer("")
        if request.is_import:
            own = {key: _path_value(key, value) for key, value in names.items() if key != "subscriptionId"}
            inputs = {**writable_inputs(resource_type, body), **own}
        else:
            inputs = live_inputs(resource_type, body, request.old_inputs)
        return ReadAnswer(request.id, _state(resource_type, body, inputs), inputs)

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """Writes the resource anew, as a whole."""
        resource_type = _type(request.type)
        if request.preview:
            return UpdateAnswer(previewed_outputs(resource_type, request.inputs, request.old_state))
        answer = self._put(f"updating {request.id}", resource_type, request.id, request.inputs, session)
        return UpdateAnswer(answer.state)

    def delete(self, request: DeleteRequest, session: Session) -> None:
        """Deletes the resource; one that cannot be deleted goes back to its defaults."""
        resource_type = _type(request.type)
        version, cancellation = resource_type.api_version, session.cancellation
        if resource_type.default_body is None:
            self._client.delete(request.id, version, cancellation)
        elif self._client.get(request.id, version, cancellation) is not None:
            doing = f"resetting {request.id}"
            self._client.put(doing, request.id, version, resource_type.default_body, cancellation)

    def invoke(self, request: InvokeRequest, session: Session) -> InvokeAnswer:
        """One of the served functions."""
        return invoke(request.token, request.arguments, self._caller, self._client, session.cancellation)

    def cancel(self) -> None:
        """Nothing more than the cancellation of each session, which every wait watches."""

    def _id(self, resource_type: ResourceType, inputs: Mapping[str, Any]) -> str:
        return resource_type.id_of(inputs, self._caller.subscription_id)

    def _put(
        self, doing: str, resource_type: ResourceType, arm_id: str, inputs: Mapping[str, Any], session: Session
    ) -> CreateAnswer:
        version, cancellation = resource_type.api_version, session.cancellation
        try:
            body = self._client.put(doing, arm_id, version, body_of(resource_type, inputs), cancellation)
        except ProviderError as error:
            refused = isinstance(error, ArmError) and not error.accepted
            if refused or not doing.startswith("creating"):
                raise
            # The request was taken and the wait for its end failed or was stopped: the resource may be there.
            live = self._client.get(arm_id, version, Cancellation())
            if live is None:
                raise
            state = _state(resource_type, live, inputs)
            raise PartialFailure(str(live["id"]), state, [str(error)], dict(inputs)) from error
        return CreateAnswer(str(body["id"]), _state(resource_type, body, inputs))


def _type(token: str) -> ResourceType:
    resource_type = BY_TOKEN.get(token)
    if resource_type is None:
        raise ProviderError(
            f"serving {token}: the local stand-in of azure-native does not know this resource type\n"
            f"expected one of {', '.join(BY_TOKEN)}"
        )
    return resource_type


def _path_value(name: str, value: str) -> str:
    return f"/{value}" if name == "scope" else value


def _state(resource_type: ResourceType, body: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs, with the inputs that no answer carries (names in the path, what is write-only) as they were given."""
    outputs = outputs_of(resource_type, body)
    return {**{key: value for key, value in inputs.items() if key not in outputs}, **outputs}
