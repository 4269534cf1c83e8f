"""Functions of azure-native that are served: who am I, my token, reads of single resources; others are errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from azure_native_standin.arm_client import ArmClient
from azure_native_standin.resource_types import RESOURCE_TYPES, ResourceType
from azure_native_standin.translation import outputs_of
from provider_wire.verbs import Cancellation, CheckFailure, InvokeAnswer, ProviderError


@dataclass(frozen=True)
class Caller:
    """The identity that the plugin acts as, and where."""

    name: str
    client_id: str
    object_id: str
    tenant_id: str
    subscription_id: str
    token: Callable[[], str]
    """Gives a token of Resource Manager."""


def _getter_token(resource_type: ResourceType) -> str:
    package, module, name = resource_type.token.split(":")
    return f"{package}:{module}:get{name}"


_GETTERS: dict[str, ResourceType] = {_getter_token(each): each for each in RESOURCE_TYPES}
_CLIENT_CONFIG = "azure-native:authorization:getClientConfig"
_ACCESS = "azure-native:authorization:getClientToken"
_LIST_KEYS = "azure-native:storage:listStorageAccountKeys"
_GENERIC = "azure-native:resources:getResource"
_GENERIC_ARGUMENTS = (
    "resourceGroupName",
    "resourceProviderNamespace",
    "parentResourcePath",
    "resourceType",
    "resourceName",
    "apiVersion",
)


def invoke(
    token: str, arguments: Mapping[str, Any], caller: Caller, client: ArmClient, cancellation: Cancellation
) -> InvokeAnswer:
    """The result of a function; raises ProviderError for one that is not served or for a missing resource."""
    if token == _CLIENT_CONFIG:
        return InvokeAnswer(
            {
                "clientId": caller.client_id,
                "objectId": caller.object_id,
                "subscriptionId": caller.subscription_id,
                "tenantId": caller.tenant_id,
            }
        )
    if token == _ACCESS:
        if arguments.get("endpoint"):
            raise ProviderError(f"calling {token}: the local stand-in gives tokens of Resource Manager alone")
        return InvokeAnswer({"token": caller.token()})
    if token == _GENERIC:
        return _get_any(arguments, caller, client, cancellation)
    resource_type = _GETTERS.get("azure-native:storage:getStorageAccount" if token == _LIST_KEYS else token)
    if resource_type is None:
        served = ", ".join(sorted([_CLIENT_CONFIG, _ACCESS, _GENERIC, _LIST_KEYS, *_GETTERS]))
        raise ProviderError(
            f"calling {token}: the local stand-in does not serve this function\nexpected one of {served}"
        )
    failures = _argument_failures(resource_type.path_properties, resource_type.path_properties, arguments)
    if failures:
        return InvokeAnswer({}, failures)
    names = {"blobServicesName": "default", **arguments, "subscriptionId": caller.subscription_id}
    arm_id = resource_type.path.format(**names).replace("//", "/")
    if token == _LIST_KEYS:
        return InvokeAnswer(client.post(f"{arm_id}/listKeys", resource_type.api_version, {}, cancellation))
    body = client.get(arm_id, resource_type.api_version, cancellation)
    if body is None:
        raise ProviderError(f"calling {token}: {arm_id} does not exist")
    return InvokeAnswer({**outputs_of(resource_type, body), "id": body["id"]})


def _get_any(
    arguments: Mapping[str, Any], caller: Caller, client: ArmClient, cancellation: Cancellation
) -> InvokeAnswer:
    failures = _argument_failures(_GENERIC_ARGUMENTS[:5], _GENERIC_ARGUMENTS, arguments)
    if failures:
        return InvokeAnswer({}, failures)
    steps = [arguments["parentResourcePath"], arguments["resourceType"], arguments["resourceName"]]
    tail = "/".join(str(step).strip("/") for step in steps if step)
    arm_id = (
        f"/subscriptions/{caller.subscription_id}/resourceGroups/{arguments['resourceGroupName']}"
        f"/providers/{arguments['resourceProviderNamespace']}/{tail}"
    )
    body = client.get(arm_id, str(arguments.get("apiVersion") or "2021-06-01"), cancellation)
    if body is None:
        raise ProviderError(f"calling {_GENERIC}: {arm_id} does not exist")
    return InvokeAnswer(body)


def _argument_failures(
    required: tuple[str, ...], known: tuple[str, ...], arguments: Mapping[str, Any]
) -> tuple[CheckFailure, ...]:
    missing = [CheckFailure(name, f"'{name}' is required") for name in required if name not in arguments]
    unknown = [CheckFailure(name, f"unknown argument '{name}'") for name in arguments if name not in known]
    return (*(each for each in missing if each.property_path != "blobServicesName"), *unknown)
