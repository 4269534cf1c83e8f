"""Shared access signatures that Resource Manager makes with a key of an account, for those who may not have the key.

https://learn.microsoft.com/rest/api/storagerp/storage-accounts/list-account-sas
https://learn.microsoft.com/rest/api/storagerp/storage-accounts/list-service-sas
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from azure.mgmt.storage.v2023_05_01 import models

from local_azure.account_keys import KEY_NAMES, signature
from local_azure.clock import azure_timestamp, moment_of
from local_azure.http import Response
from local_azure.resources import STORAGE_ACCOUNT
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route
from local_azure.services.resource_manager.store import ArmStore
from local_azure.services.resource_manager.types.storage_accounts import ACCOUNT, account_id, known_key_name

_VERSION = "2015-04-05"
"""The version of the signatures that the service makes."""
_SERVICES, _RESOURCES = "bfqt", "cbfs"
_OVERRIDES = ("rscc", "rscd", "rsce", "rscl", "rsct")


def routes(store: ArmStore) -> list[Route]:
    """StorageAccountsOperations that give out signatures."""

    def route(name: str, handle: Callable[[Call], Response]) -> Route:
        action = f"{STORAGE_ACCOUNT}/{name}/action"
        return Route("POST", f"{ACCOUNT}/{name}", handle, action, ACCOUNT, api_versions.STORAGE, STORAGE_ACCOUNT)

    return [route("listAccountSas", _list_account_sas), route("listServiceSas", _list_service_sas)]


def _list_account_sas(call: Call) -> Response:
    given = call.body(models, "AccountSasParameters")
    account = str(call.store.get(account_id(call))["name"])
    if not set(given["signedServices"]) <= set(_SERVICES):
        raise errors.property_invalid("signedServices", f"expected some of {', '.join(_SERVICES)}")
    query = {
        "sv": _VERSION,
        "ss": given["signedServices"],
        "srt": given["signedResourceTypes"],
        "sp": given["signedPermission"],
        **_limits(given),
    }
    names = ("sp", "ss", "srt", "st", "se", "sip", "spr", "sv")
    text = "\n".join([account, *(query.get(name, "") for name in names), ""])
    return Response.json(200, {"accountSasToken": _signed(call, account, given, query, text)})


def _list_service_sas(call: Call) -> Response:
    given = call.body(models, "ServiceSasParameters")
    account = str(call.store.get(account_id(call))["name"])
    resource, kind = str(given["canonicalizedResource"]), str(given.get("signedResource", ""))
    if not resource.startswith(f"/blob/{account}/"):
        what = f"expected the path of a container or blob, /blob/{account}/…; of other services the stand-in has none"
        raise errors.property_invalid("canonicalizedResource", what)
    if kind not in _RESOURCES or not kind:
        raise errors.property_invalid("signedResource", f"expected one of {', '.join(_RESOURCES)}")
    query = {"sv": _VERSION, "sr": kind, **_limits(given), "sp": given.get("signedPermission", "")}
    query |= {"si": given.get("signedIdentifier", "")} | {name: given.get(name, "") for name in _OVERRIDES}
    names = ("sp", "st", "se")
    lines = [*(query.get(name, "") for name in names), resource]
    text = "\n".join([*lines, *(query.get(name, "") for name in ("si", "sip", "spr", "sv", *_OVERRIDES))])
    return Response.json(200, {"serviceSasToken": _signed(call, account, given, query, text)})


def _limits(given: Mapping[str, Any]) -> dict[str, str]:
    """From when, until when, from where and how a signature is good."""
    limits = {"st": _moment(given, "signedStart"), "se": _moment(given, "signedExpiry")}
    return limits | {"sip": given.get("signedIp", ""), "spr": given.get("signedProtocol", "")}


def _moment(given: Mapping[str, Any], name: str) -> str:
    if not given.get(name):
        return ""
    try:
        return azure_timestamp(moment_of(str(given[name])))
    except ValueError as error:
        raise errors.property_invalid(name, f"'{given[name]}' is no time in ISO 8601") from error


def _signed(call: Call, account: str, given: Mapping[str, Any], query: Mapping[str, str], text: str) -> str:
    name = known_key_name("keyToSign", given.get("keyToSign") or "key1")
    key = dict(zip(KEY_NAMES, call.store.keys.of(account), strict=True))[name]
    shown = {each: value for each, value in query.items() if value}
    return urlencode({**shown, "sig": signature(key, text)})
