"""Storage accounts: created in the background on Azure (202), filled up with the service's defaults.

https://learn.microsoft.com/rest/api/storagerp/storage-accounts
"""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Any

from azure.mgmt.storage.v2023_05_01 import models

from azure_ids.arm import ArmId
from local_azure.account_keys import KEY_NAMES
from local_azure.clock import azure_timestamp
from local_azure.http import Response, ServiceError
from local_azure.resources import STORAGE_ACCOUNT
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import (
    Call,
    Route,
    listing,
    listing_of,
    operation_url,
    poll_location,
    polling,
)
from local_azure.services.resource_manager.store import ArmStore, normal_location

_PROVIDER = "Microsoft.Storage"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_LIST = f"/providers/{STORAGE_ACCOUNT}"
ACCOUNT = f"{_GROUP}{_LIST}/{{account}}"
_NAME = re.compile(r"[a-z0-9]{3,24}")
_CREATED_ONCE = ("isHnsEnabled", "isNfsV3Enabled", "dnsEndpointType")
_ENDPOINTS = ("blob", "dfs", "file", "queue", "table")
_ACCOUNTS_IN_REGION = 250
"""https://learn.microsoft.com/azure/storage/common/scalability-targets-standard-account"""


def routes(store: ArmStore) -> list[Route]:
    """StorageAccountsOperations."""

    def route(
        method: str, template: str, handle: Any, action: str, scope: str = "", query: frozenset[str] = frozenset()
    ) -> Route:
        return Route(method, template, handle, action, scope, api_versions.STORAGE, STORAGE_ACCOUNT, query)

    return [
        route(
            "POST",
            f"{_SUBSCRIPTION}/providers/{_PROVIDER}/checkNameAvailability",
            _check_name,
            f"{_PROVIDER}/checkNameAvailability/read",
            _SUBSCRIPTION,
        ),
        route(
            "GET",
            f"{_SUBSCRIPTION}/providers/{_PROVIDER}/locations/{{location}}/usages",
            _usages,
            f"{_PROVIDER}/locations/usages/read",
            _SUBSCRIPTION,
        ),
        route("GET", f"{_SUBSCRIPTION}{_LIST}", listing_of(STORAGE_ACCOUNT), ""),
        route("GET", f"{_GROUP}{_LIST}", listing_of(STORAGE_ACCOUNT), f"{STORAGE_ACCOUNT}/read", _GROUP),
        route("PUT", ACCOUNT, _put, f"{STORAGE_ACCOUNT}/write"),
        route("GET", ACCOUNT, _get, f"{STORAGE_ACCOUNT}/read"),
        route("PATCH", ACCOUNT, _patch, f"{STORAGE_ACCOUNT}/write"),
        route("DELETE", ACCOUNT, _delete, f"{STORAGE_ACCOUNT}/delete"),
        route(
            "POST",
            f"{ACCOUNT}/listKeys",
            _list_keys,
            f"{STORAGE_ACCOUNT}/listKeys/action",
            ACCOUNT,
            frozenset({"$expand"}),
        ),
        route("POST", f"{ACCOUNT}/regenerateKey", _renew_key, f"{STORAGE_ACCOUNT}/regenerateKey/action", ACCOUNT),
        route(
            "GET",
            f"{_SUBSCRIPTION}/providers/{_PROVIDER}/locations/{{location}}/asyncoperations/{{operation}}",
            poll_location,
            "",
        ),
    ]


def account_id(call: Call) -> ArmId:
    """The account in the path."""
    return call.group_id.resource(_PROVIDER, "storageAccounts", call.names["account"])


def _check_name(call: Call) -> Response:
    body = call.body(models, "StorageAccountCheckNameAvailabilityParameters")
    name = str(body["name"])
    if not _NAME.fullmatch(name):
        answer = {"nameAvailable": False, "reason": "AccountNameInvalid", "message": _name_message(name)}
        return Response.json(200, answer)
    if call.store.context.resources.find(STORAGE_ACCOUNT, name) is not None:
        message = f"The storage account named {name} is already taken."
        return Response.json(200, {"nameAvailable": False, "reason": "AlreadyExists", "message": message})
    return Response.json(200, {"nameAvailable": True})


def _name_message(name: str) -> str:
    return (
        f"{name} is not a valid storage account name. Storage account name must be between 3 and 24 "
        "characters in length "
        "and use numbers and lower-case letters only."
    )


def _usages(call: Call) -> Response:
    """How many accounts of those that a region allows there are.

    https://learn.microsoft.com/rest/api/storagerp/usages/list-by-location
    """
    location = normal_location(call.names["location"])
    accounts = call.store.of_type(f"/subscriptions/{call.names['subscription']}", STORAGE_ACCOUNT)
    usage = {
        "unit": "Count",
        "currentValue": sum(each["location"] == location for each in accounts),
        "limit": _ACCOUNTS_IN_REGION,
        "name": {"value": "StorageAccounts", "localizedValue": "Storage Accounts"},
    }
    return listing([usage])


def _put(call: Call) -> Response:
    call.store.group(call.group_id)
    name = call.names["account"]
    if not _NAME.fullmatch(name):
        raise ServiceError(400, "AccountNameInvalid", _name_message(name))
    body = call.body(models, "StorageAccountCreateParameters", told="StorageAccount")
    location = normal_location(body["location"])
    arm_id = account_id(call)
    existing = call.store.find(arm_id)
    if existing is None and call.store.context.resources.find(STORAGE_ACCOUNT, name) is not None:
        raise ServiceError(409, "StorageAccountAlreadyTaken", f"The storage account named {name} is already taken.")
    properties = body.get("properties", {})
    _check_network_rules(properties)
    if existing is not None:
        _check_unchanged(existing, body, location)
    document = _document(call, str(arm_id), name, body, location, existing)
    call.store.put(document)
    if existing is not None:
        return Response.json(200, document)
    call.store.keys.of(name)
    operation = call.store.start_operation(document)
    path = f"/subscriptions/{call.names['subscription']}/providers/{_PROVIDER}/locations/{location}/asyncoperations"
    return Response(202, polling(location=operation_url(call, path, operation)))


def _check_network_rules(properties: dict[str, Any]) -> None:
    """Single addresses are written without a prefix: the service refuses /31 and /32."""
    rules = (properties.get("networkAcls") or {}).get("ipRules") or []
    for index, rule in enumerate(rules):
        value = str(rule["value"])
        try:
            network = ip_network(value, strict=False)
        except ValueError as error:
            raise errors.property_invalid(f"properties.networkAcls.ipRules[{index}].value", str(error)) from error
        if "/" in value and network.prefixlen > 30:
            raise ServiceError(
                400,
                "InvalidValuesForRequestParameters",
                f"Values for request parameters are invalid: networkAcls.ipRule[{index}].value({value}). "
                "For more information, see - https://aka.ms/storagenetworkruleset",
            )


def _check_unchanged(existing: dict[str, Any], body: dict[str, Any], location: str) -> None:
    if existing["location"] != location:
        group = ArmId.parse(existing["id"]).resource_group or ""
        raise errors.location_changed(existing["name"], group, existing["location"], location)
    properties = body.get("properties", {})
    for key in _CREATED_ONCE:
        if key in properties and properties[key] != existing["properties"].get(key, False):
            raise ServiceError(
                409,
                "AccountPropertyCannotBeUpdated",
                f"The property '{key}' was specified in the input, but it cannot be updated.",
            )
    if body["kind"] != existing["kind"] and (existing["kind"], body["kind"]) != ("Storage", "StorageV2"):
        raise ServiceError(
            409,
            "AccountPropertyCannotBeUpdated",
            "The property 'kind' was specified in the input, but it cannot be updated.",
        )


def _document(
    call: Call, arm_id: str, name: str, body: dict[str, Any], location: str, existing: dict[str, Any] | None
) -> dict[str, Any]:
    given = body.get("properties", {})
    created = azure_timestamp(call.store.context.clock.now())
    properties: dict[str, Any] = {
        "minimumTlsVersion": "TLS1_0",
        "allowBlobPublicAccess": False,
        "allowCrossTenantReplication": False,
        "supportsHttpsTrafficOnly": True,
        "dnsEndpointType": "Standard",
        "publicNetworkAccess": "Enabled",
        "encryption": _encryption(created),
        "keyCreationTime": {"key1": created, "key2": created},
        "provisioningState": "Succeeded",
        "creationTime": created,
        "primaryEndpoints": {kind: f"https://{name}.{kind}.core.windows.net/" for kind in _ENDPOINTS},
        "primaryLocation": location,
        "statusOfPrimary": "available",
        "privateEndpointConnections": [],
    }
    if body["kind"] != "Storage":
        properties["accessTier"] = "Hot"
    if existing is not None:
        kept = ("creationTime", "keyCreationTime", "encryption", *_CREATED_ONCE)
        properties |= {key: existing["properties"][key] for key in kept if key in existing["properties"]}
    properties |= {key: value for key, value in given.items() if key != "encryption"}
    properties["encryption"] = _merged(properties["encryption"], given.get("encryption") or {})
    properties["networkAcls"] = _network_rules(given.get("networkAcls") or {})
    document: dict[str, Any] = {
        "id": existing["id"] if existing else arm_id,
        "name": name,
        "type": STORAGE_ACCOUNT,
        "location": location,
        "kind": body["kind"],
        "sku": _sku(body["sku"]),
        "tags": body.get("tags", {}),
        "properties": properties,
    }
    return document


def _sku(sku: dict[str, Any]) -> dict[str, Any]:
    return {"name": sku["name"], "tier": str(sku["name"]).partition("_")[0]}


def _encryption(since: str) -> dict[str, Any]:
    on = {"enabled": True, "keyType": "Account", "lastEnabledTime": since}
    return {"services": {"file": on, "blob": on}, "keySource": "Microsoft.Storage"}


def _merged(known: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What is known with what is given written over it, level by level: what is read-only inside stays."""
    inner = {key: _merged(known[key], value) for key, value in given.items() if isinstance(known.get(key), dict)}
    return {**known, **given, **inner}


def _network_rules(given: dict[str, Any]) -> dict[str, Any]:
    rules: dict[str, Any] = {
        "bypass": "AzureServices",
        "virtualNetworkRules": [],
        "ipRules": [],
        "defaultAction": "Allow",
    }
    rules |= given
    rules["ipRules"] = [{"value": each["value"], "action": each.get("action", "Allow")} for each in rules["ipRules"]]
    tenant_rules = rules.get("resourceAccessRules")
    if tenant_rules is not None:
        rules["resourceAccessRules"] = list(tenant_rules)
    return rules


def _get(call: Call) -> Response:
    document = call.store.get(account_id(call))
    connections = call.store.of_type(document["id"], f"{STORAGE_ACCOUNT}/privateEndpointConnections")
    document["properties"]["privateEndpointConnections"] = list(connections)
    return Response.json(200, document)


def _patch(call: Call) -> Response:
    document = call.store.get(account_id(call))
    body = call.body(models, "StorageAccountUpdateParameters", told="StorageAccount")
    given = body.get("properties", {})
    _check_network_rules(given)
    if "networkAcls" in given:
        given["networkAcls"] = _network_rules(given["networkAcls"])
    document["properties"] |= given
    if "tags" in body:
        document["tags"] = body["tags"]
    if "sku" in body:
        document["sku"] = _sku(body["sku"])
    call.store.put(document)
    return Response.json(200, document)


def _delete(call: Call) -> Response:
    call.store.group(call.group_id)
    return Response(200 if call.store.delete(account_id(call)) else 204)


def _keys(call: Call) -> Response:
    document = call.store.get(account_id(call))
    created = document["properties"]["creationTime"]
    keys = zip(KEY_NAMES, call.store.keys.of(document["name"]), strict=True)
    return Response.json(
        200,
        {
            "keys": [
                {"creationTime": created, "keyName": name, "value": value, "permissions": "FULL"}
                for name, value in keys
            ]
        },
    )


def _list_keys(call: Call) -> Response:
    """The keys; those for Kerberos, which `$expand=kerb` asks for, exist only with Active Directory for files."""
    if call.request.parameter("$expand") not in ("", "kerb"):
        raise errors.bad_request(f"The value '{call.request.parameter('$expand')}' of $expand is none of: kerb.")
    return _keys(call)


def known_key_name(property: str, value: object) -> str:
    """The name of one of an account's keys, which a property gives; raises ServiceError 400 for any other."""
    name = str(value)
    if name not in KEY_NAMES:
        raise errors.property_invalid(property, f"'{name}' is not one of the known values: {', '.join(KEY_NAMES)}")
    return name


def _renew_key(call: Call) -> Response:
    document = call.store.get(account_id(call))
    name = known_key_name("keyName", call.body(models, "StorageAccountRegenerateKeyParameters")["keyName"])
    call.store.keys.renew(document["name"], name)
    return _keys(call)
