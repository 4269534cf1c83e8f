"""Key vaults, soft-deleted vaults and their purge.

https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults
https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
"""

from __future__ import annotations

import re
import uuid
from ipaddress import ip_network
from typing import Any

from azure.mgmt.keyvault.v2023_07_01 import models

from azure_ids.arm import ArmId
from local_azure.clock import azure_timestamp
from local_azure.http import Response, ServiceError
from local_azure.resources import KEY_VAULT
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import (
    PAGED,
    Call,
    Route,
    in_scope,
    listing,
    operation_url,
    paging,
    poll_location,
    polling,
)
from local_azure.services.resource_manager.store import ArmStore, normal_location, purge_moment

_PROVIDER = "Microsoft.KeyVault"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_LIST = f"/providers/{KEY_VAULT}"
_ONE = f"{_GROUP}{_LIST}/{{vault}}"
_LOCATION = f"{_SUBSCRIPTION}/providers/{_PROVIDER}/locations/{{location}}"
_NAME = re.compile(r"(?=.{3,24}$)[a-zA-Z](?:-?[a-zA-Z0-9])*")
_DELETED_TYPE = f"{_PROVIDER}/deletedVaults"


def routes(store: ArmStore) -> list[Route]:
    """VaultsOperations."""

    def route(
        method: str, template: str, handle: Any, action: str, scope: str = "", query: frozenset[str] = frozenset()
    ) -> Route:
        return Route(method, template, handle, action, scope, api_versions.KEY_VAULT, KEY_VAULT, query)

    deleted = f"{_LOCATION}/deletedVaults/{{vault}}"
    return [
        route(
            "POST",
            f"{_SUBSCRIPTION}/providers/{_PROVIDER}/checkNameAvailability",
            _check_name,
            f"{_PROVIDER}/checkNameAvailability/read",
            _SUBSCRIPTION,
        ),
        route("GET", f"{_SUBSCRIPTION}{_LIST}", _list, "", "", PAGED),
        route("GET", f"{_GROUP}{_LIST}", _list, f"{KEY_VAULT}/read", _GROUP, PAGED),
        route("PUT", _ONE, _put, f"{KEY_VAULT}/write"),
        route("GET", _ONE, _get, f"{KEY_VAULT}/read"),
        route("PATCH", _ONE, _patch, f"{KEY_VAULT}/write"),
        route("DELETE", _ONE, _delete, f"{KEY_VAULT}/delete"),
        route(
            "GET",
            f"{_SUBSCRIPTION}/providers/{_DELETED_TYPE}",
            _list_deleted,
            f"{_DELETED_TYPE}/read",
            _SUBSCRIPTION,
        ),
        *(
            route(
                "GET",
                f"{_SUBSCRIPTION}/providers/{_PROVIDER}/{hsms}",
                _no_hsms,
                f"{_PROVIDER}/{hsms}/read",
                _SUBSCRIPTION,
            )
            for hsms in ("managedHSMs", "deletedManagedHSMs")
        ),
        route("GET", deleted, _get_deleted, f"{_PROVIDER}/locations/deletedVaults/read", _SUBSCRIPTION),
        route("POST", f"{deleted}/purge", _purge, f"{_PROVIDER}/locations/deletedVaults/purge/action", _SUBSCRIPTION),
        route("GET", f"{_LOCATION}/operationResults/{{operation}}", poll_location, ""),
    ]


def _vault_id(call: Call) -> ArmId:
    return call.group_id.resource(_PROVIDER, "vaults", call.names["vault"])


def _check_name(call: Call) -> Response:
    name = str(call.body(models, "VaultCheckNameAvailabilityParameters")["name"])
    if not _NAME.fullmatch(name):
        answer = {"nameAvailable": False, "reason": "AccountNameInvalid", "message": _name_message(name)}
        return Response.json(200, answer)
    taken = call.store.context.resources.find(KEY_VAULT, name) or call.store.deleted_vault(name)
    if taken:
        message = f"The vault name '{name}' is already in use."
        return Response.json(200, {"nameAvailable": False, "reason": "AlreadyExists", "message": message})
    return Response.json(200, {"nameAvailable": True})


def _name_message(name: str) -> str:
    return (
        f"The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. "
        "The name must "
        "begin with a letter, end with a letter or digit, and not contain consecutive hyphens."
    )


def _list(call: Call) -> Response:
    return paging(call, [_shown(each) for each in in_scope(call, KEY_VAULT)])


def _no_hsms(call: Call) -> Response:
    """Managed HSMs, which clients list beside the vaults: none, since none can be made here."""
    return listing([])


def _put(call: Call) -> Response:
    call.store.group(call.group_id)
    name = call.names["vault"]
    if not _NAME.fullmatch(name):
        raise ServiceError(400, "VaultNameNotValid", _name_message(name))
    body = call.body(models, "VaultCreateOrUpdateParameters", told="Vault")
    location = normal_location(body["location"])
    given = body["properties"]
    existing = call.store.find(_vault_id(call))
    if existing is None:
        _check_name_is_free(call, name)
    elif existing["location"] != location:
        raise errors.location_changed(name, call.names["group"], existing["location"], location)
    if existing is None and str(given.get("createMode", "default")).lower() == "recover":
        return _recover(call, name)
    _check_properties(call, given, existing)
    document = _document(call, body, location, existing)
    call.store.put(document)
    if existing is not None:
        return Response.json(200, _shown(document))
    # A new vault's name needs a moment in DNS: the answer says so, the next read finds it done.
    shown = _shown(document)
    return Response.json(200, shown | {"properties": shown["properties"] | {"provisioningState": "RegisteringDns"}})


def _check_name_is_free(call: Call, name: str) -> None:
    if call.store.context.resources.find(KEY_VAULT, name) is not None:
        raise ServiceError(
            409,
            "VaultAlreadyExists",
            f"The vault name '{name}' is already in use. Vault names are globally unique so it is possible that "
            "the name is "
            "already taken. If you are sure that the vault name was not taken then it is possible that a vault "
            "with the same "
            "name was recently deleted but not purged after being placed in a recoverable state.",
        )
    body = call.request.json()
    recovering = str(body["properties"].get("createMode", "")).lower() == "recover"
    if call.store.deleted_vault(name) is not None and not recovering:
        raise ServiceError(
            409,
            "ConflictError",
            "A vault with the same name already exists in deleted state. You need to either recover or purge "
            "existing key "
            f"vault. Vault: {name}. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more "
            "information "
            "on soft delete.",
        )


def _recover(call: Call, name: str) -> Response:
    document = call.store.take_deleted_vault(name)
    if document is None:
        raise errors.bad_request(f"The vault '{name}' is not in deleted state: it cannot be recovered.")
    call.store.put(document)
    return Response.json(200, _shown(document))


def _check_properties(call: Call, given: dict[str, Any], existing: dict[str, Any] | None) -> None:
    tenant = call.store.context.directory.tenant_id
    if str(given.get("tenantId", tenant)).lower() != tenant:
        raise errors.bad_request(f"The property 'tenantId' has the value '{given['tenantId']}'; expected '{tenant}'.")
    if given.get("enableSoftDelete") is False:
        raise errors.bad_request(
            'The property "enableSoftDelete" can be set to false only for creating new vault. Enabling the soft delete '
            "for a vault is an irreversible action."
        )
    if given.get("enablePurgeProtection") is False:
        raise errors.bad_request(
            'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault '
            "is an irreversible action."
        )
    days = int(given.get("softDeleteRetentionInDays", 90))
    if not 7 <= days <= 90:
        raise errors.bad_request('The property "softDeleteRetentionInDays" is invalid; expected 7 to 90.')
    if existing is None:
        if not _asks_roles(call, given, None) and "accessPolicies" not in given:
            raise errors.bad_request("The parameter accessPolicies is not specified")
    elif "softDeleteRetentionInDays" in given and days != existing["properties"]["softDeleteRetentionInDays"]:
        raise errors.bad_request(
            'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.'
        )
    _check_addresses(given)


def _check_addresses(given: dict[str, Any]) -> None:
    for index, rule in enumerate((given.get("networkAcls") or {}).get("ipRules") or []):
        try:
            ip_network(str(rule["value"]), strict=False)
        except ValueError as error:
            raise errors.property_invalid(f"properties.networkAcls.ipRules[{index}].value", str(error)) from error


def _document(call: Call, body: dict[str, Any], location: str, existing: dict[str, Any] | None) -> dict[str, Any]:
    name = call.names["vault"]
    now = azure_timestamp(call.store.context.clock.now())
    caller = {"createdBy": call.principal.client_id, "createdByType": "Application", "createdAt": now}
    properties: dict[str, Any] = {
        "accessPolicies": [],
        "enabledForDeployment": False,
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": 90,
        "vaultUri": f"https://{name.lower()}.vault.azure.net/",
        "provisioningState": "Succeeded",
        "publicNetworkAccess": "Enabled",
    }
    if existing is not None:
        kept = ("softDeleteRetentionInDays", "enablePurgeProtection")
        properties |= {key: existing["properties"][key] for key in kept if key in existing["properties"]}
    properties |= {key: value for key, value in body["properties"].items() if key not in ("createMode", "vaultUri")}
    properties["enableRbacAuthorization"] = _asks_roles(call, body["properties"], existing)
    properties["provisioningState"] = "Succeeded"
    if "networkAcls" in properties:
        properties["networkAcls"] = _network_rules(properties["networkAcls"])
    return {
        "id": existing["id"] if existing else str(_vault_id(call)),
        "name": name,
        "type": KEY_VAULT,
        "location": location,
        "tags": body.get("tags", {}),
        "systemData": {
            **(existing["systemData"] if existing else caller),
            **_modification(call, now),
        },
        "properties": properties,
        "_generation": existing["_generation"] if existing else str(uuid.uuid4()),
    }


def _modification(call: Call, now: str) -> dict[str, Any]:
    return {"lastModifiedBy": call.principal.client_id, "lastModifiedByType": "Application", "lastModifiedAt": now}


def _asks_roles(call: Call, given: dict[str, Any], existing: dict[str, Any] | None) -> bool:
    """Whether roles open the vault; one that does not say so gets what its api-version takes it to mean."""
    said = given.get("enableRbacAuthorization")
    if said is not None:
        return bool(said)
    if call.api_version < api_versions.KEY_VAULT_WITH_ROLES_BY_DEFAULT:
        return False
    return bool(existing["properties"]["enableRbacAuthorization"]) if existing else True


def _network_rules(given: dict[str, Any]) -> dict[str, Any]:
    """Addresses come back as networks: "203.0.113.1" as "203.0.113.1/32"."""
    rules: dict[str, Any] = {
        "bypass": "AzureServices",
        "defaultAction": "Allow",
        "ipRules": [],
        "virtualNetworkRules": [],
    }
    rules |= given
    rules["ipRules"] = [{"value": str(ip_network(str(each["value"]), strict=False))} for each in rules["ipRules"]]
    return rules


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if not key.startswith("_")}


def _get(call: Call) -> Response:
    return Response.json(200, _shown(call.store.get(_vault_id(call))))


def _patch(call: Call) -> Response:
    document = call.store.get(_vault_id(call))
    body = call.body(models, "VaultPatchParameters", told="Vault")
    given = {key: value for key, value in body.get("properties", {}).items() if key != "createMode"}
    _check_properties(call, given, document)
    if "networkAcls" in given:
        given["networkAcls"] = _network_rules(given["networkAcls"])
    document["properties"] |= given
    if "tags" in body:
        document["tags"] = body["tags"]
    document["systemData"] |= _modification(call, azure_timestamp(call.store.context.clock.now()))
    call.store.put(document)
    return Response.json(200, _shown(document))


def _delete(call: Call) -> Response:
    call.store.group(call.group_id)
    return Response(200 if call.store.delete(_vault_id(call)) else 204)


def _deleted_document(call: Call, vault: dict[str, Any]) -> dict[str, Any]:
    location, name = vault["location"], vault["name"]
    properties: dict[str, Any] = {
        "vaultId": vault["id"],
        "location": location,
        "tags": vault["tags"],
        "deletionDate": vault["_deletedOn"],
        "scheduledPurgeDate": azure_timestamp(purge_moment(vault)),
    }
    if vault["properties"].get("enablePurgeProtection"):
        properties["purgeProtectionEnabled"] = True
    subscription = call.names["subscription"]
    return {
        "id": f"/subscriptions/{subscription}/providers/{_PROVIDER}/locations/{location}/deletedVaults/{name}",
        "name": name,
        "type": _DELETED_TYPE,
        "properties": properties,
    }


def _list_deleted(call: Call) -> Response:
    return listing([_deleted_document(call, each) for each in call.store.deleted_vaults()])


def _deleted(call: Call) -> dict[str, Any]:
    name = call.names["vault"]
    vault = call.store.deleted_vault(name)
    if vault is None or vault["location"] != normal_location(call.names["location"]):
        raise ServiceError(404, "DeletedVaultNotFound", f"The specified deleted vault '{name}' does not exist.")
    return vault


def _get_deleted(call: Call) -> Response:
    return Response.json(200, _deleted_document(call, _deleted(call)))


def _purge(call: Call) -> Response:
    vault = _deleted(call)
    if vault["properties"].get("enablePurgeProtection"):
        raise ServiceError(
            409,
            "DeletedVaultPurge",
            f"Operation 'DeletedVaultPurge' is not allowed: the vault '{vault['name']}' has purge protection.",
        )
    call.store.purge_vault(vault["name"])
    operation = call.store.start_operation()
    path = f"/subscriptions/{call.names['subscription']}/providers/{_PROVIDER}/locations/{vault['location']}"
    return Response(202, polling(location=operation_url(call, f"{path}/operationResults", operation)))
