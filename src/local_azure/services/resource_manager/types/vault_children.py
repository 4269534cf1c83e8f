"""What is below a vault on Resource Manager: its secrets, which the vault keeps, and changes of its access policies.

https://learn.microsoft.com/rest/api/keyvault/keyvault/secrets
https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/update-access-policy
"""

from __future__ import annotations

from typing import Any

from azure.mgmt.keyvault.v2023_07_01 import models

from azure_ids.arm import ArmId
from local_azure.http import Response
from local_azure.resources import KEY_VAULT, VAULT_SECRET
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, provided
from local_azure.services.resource_manager.store import ArmStore

_VAULT = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{KEY_VAULT}/{{vault}}"
_SECRETS = f"{_VAULT}/secrets"
_POLICIES = f"{KEY_VAULT}/accessPolicies"
_KINDS = ("keys", "secrets", "certificates", "storage")
"""Of what a policy gives permissions."""
_WHOSE = ("tenantId", "objectId", "applicationId")
_Policy = dict[str, Any]


def routes(store: ArmStore) -> list[Route]:
    """SecretsOperations, and VaultsOperations.update_access_policy."""
    table = (("GET", _SECRETS), *((method, f"{_SECRETS}/{{secret}}") for method in ("GET", "PUT", "PATCH")))
    secrets = [
        Route(method, path, _secret, api_versions=api_versions.KEY_VAULT, resource_type=VAULT_SECRET, query=None)
        for method, path in table
    ]
    path = f"{_VAULT}/accessPolicies/{{operation}}"
    return [*secrets, Route("PUT", path, _change, f"{_POLICIES}/write", _VAULT, api_versions.KEY_VAULT, _POLICIES)]


def _vault_id(call: Call) -> ArmId:
    return call.resource(KEY_VAULT, "vault")


def _secret(call: Call) -> Response:
    shape = "SecretCreateOrUpdateParameters" if call.request.method == "PUT" else "SecretPatchParameters"
    name = call.names.get("secret", "")
    return provided(call, VAULT_SECRET, name, lambda: call.store.get(_vault_id(call)), (models, shape))


def _change(call: Call) -> Response:
    """Adds permissions to those that principals have, puts others in their place, or takes some away."""
    document = call.store.get(_vault_id(call))
    operation = call.names["operation"].lower()
    if operation not in ("add", "replace", "remove"):
        raise errors.bad_request(f"The operation '{operation}' is none of add, replace, remove.")
    given: list[_Policy] = call.body(models, "VaultAccessPolicyParameters")["properties"]["accessPolicies"]
    policies: list[_Policy] = document["properties"].get("accessPolicies", [])
    for each in given:
        policies = _changed(policies, each, operation)
    document["properties"]["accessPolicies"] = policies
    call.store.put(document)
    answer = {
        "id": f"{document['id']}/accessPolicies/",
        "type": _POLICIES,
        "properties": {"accessPolicies": policies},
    }
    return Response.json(200, answer)


def _changed(policies: list[_Policy], given: _Policy, operation: str) -> list[_Policy]:
    others = [each for each in policies if not _is_of_the_same(each, given)]
    present = next((each for each in policies if _is_of_the_same(each, given)), None)
    if operation == "replace" or (operation == "add" and present is None):
        return [*others, given]
    if present is None:
        return others
    permissions = {kind: _combined(present, given, kind, operation) for kind in _KINDS}
    left = {kind: names for kind, names in permissions.items() if names}
    return [*others, {**present, "permissions": left}] if left else others


def _is_of_the_same(one: _Policy, other: _Policy) -> bool:
    return all(str(one.get(key, "")).lower() == str(other.get(key, "")).lower() for key in _WHOSE)


def _combined(present: _Policy, given: _Policy, kind: str, operation: str) -> list[str]:
    there, named = (list(each.get("permissions", {}).get(kind) or []) for each in (present, given))
    lowered = {name.lower() for name in (named if operation == "remove" else there)}
    if operation == "remove":
        return [name for name in there if name.lower() not in lowered]
    return [*there, *(name for name in named if name.lower() not in lowered)]
