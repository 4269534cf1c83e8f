"""The settings of the blob service: what Resource Manager knows of them too, and everything else off.

https://learn.microsoft.com/rest/api/storageservices/get-blob-service-properties
https://learn.microsoft.com/rest/api/storageservices/set-blob-service-properties
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from local_azure.blob_service import DAYS_KEPT, service_document, service_properties_of
from local_azure.http import Response
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.versions import KNOWN_VERSIONS
from local_azure.services.data_lake.wire import Xml, elements, xml_response

_ROOT = "StorageServiceProperties"
_MOST_RULES = 5
_RULE = ("AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposedHeaders", "MaxAgeInSeconds")
_METHODS = frozenset({"DELETE", "GET", "HEAD", "MERGE", "POST", "OPTIONS", "PUT", "PATCH", "CONNECT", "TRACE"})
_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}


def service_properties(call: Call) -> Response:
    """The settings as they are."""
    call.require(call.guard.may_read_service())
    given = service_properties_of(call.context.resources, call.account.id)
    off = [Xml("Version", "1.0"), Xml("Enabled", "false"), Xml("RetentionPolicy", [Xml("Enabled", "false")])]
    logging = [
        Xml("Version", "1.0"),
        *elements(dict.fromkeys(("Delete", "Read", "Write"), "false")),
        Xml("RetentionPolicy", [Xml("Enabled", "false")]),
    ]
    version = given.get("defaultServiceVersion")
    parts = [
        Xml("Logging", logging),
        Xml("HourMetrics", off),
        Xml("MinuteMetrics", off),
        Xml("Cors", [Xml("CorsRule", elements(_shown_rule(each))) for each in given["cors"]["corsRules"]]),
        *([Xml("DefaultServiceVersion", version)] if version else []),
        Xml("DeleteRetentionPolicy", elements(_shown_policy(given["deleteRetentionPolicy"]))),
        Xml("StaticWebsite", [Xml("Enabled", "false")]),
    ]
    return xml_response(Xml(_ROOT, parts))


def _shown_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    lists = {name: ",".join(rule.get(_key(name)) or []) for name in _RULE[:-1]}
    return {**lists, "MaxAgeInSeconds": rule.get("maxAgeInSeconds", 0)}


def _shown_policy(policy: Mapping[str, Any]) -> dict[str, Any]:
    if not policy.get("enabled"):
        return {"Enabled": "false"}
    return {
        "Enabled": "true",
        "Days": policy["days"],
        "AllowPermanentDelete": str(policy["allowPermanentDelete"]).lower(),
    }


def set_service_properties(call: Call) -> Response:
    """Replaces those settings that the body names; raises ServiceError for any that would have no effect here."""
    call.require(call.guard.may_write_service())
    root = call.xml_body()
    if root.tag != _ROOT:
        raise call.failure("InvalidXmlDocument")
    readers: Mapping[str, Callable[[Call, ElementTree.Element], dict[str, Any]]] = {
        "Logging": _logging,
        "HourMetrics": _metrics,
        "MinuteMetrics": _metrics,
        "Cors": _cors,
        "DefaultServiceVersion": _version,
        "DeleteRetentionPolicy": _retention,
        "StaticWebsite": _website,
    }
    given: dict[str, Any] = {}
    for part in root:
        if part.tag not in readers:
            raise call.failure("InvalidXmlDocument", f"XmlNodeName: {part.tag}")
        given |= readers[part.tag](call, part)
    resources = call.context.resources
    with call.store.transaction():
        kept = service_properties_of(resources, call.account.id)
        document = service_document(call.account.document, {**kept, **given})
        resources.put(str(document["id"]), document)
    return Response(202)


def _logging(call: Call, part: ElementTree.Element) -> dict[str, Any]:
    if any(_flag(call, part, name) for name in ("Delete", "Read", "Write")):
        raise errors.refused("blob", "logging of the blob service (element Logging)")
    return {}


def _metrics(call: Call, part: ElementTree.Element) -> dict[str, Any]:
    if _flag(call, part, "Enabled"):
        raise errors.refused("blob", f"metrics of the blob service (element {part.tag})")
    return {}


def _website(call: Call, part: ElementTree.Element) -> dict[str, Any]:
    if _flag(call, part, "Enabled"):
        raise errors.refused("blob", "a static website (element StaticWebsite)")
    return {}


def _version(call: Call, part: ElementTree.Element) -> dict[str, Any]:
    version = (part.text or "").strip()
    if version not in KNOWN_VERSIONS:
        raise call.failure("InvalidXmlNodeValue", f"XmlNodeName: {part.tag}")
    return {"defaultServiceVersion": version}


def _retention(call: Call, part: ElementTree.Element) -> dict[str, Any]:
    policy: dict[str, Any] = {"enabled": _flag(call, part, "Enabled"), "allowPermanentDelete": False}
    if policy["enabled"]:
        policy["days"] = _number(call, part, "Days")
        if policy["days"] not in DAYS_KEPT:
            raise call.failure("InvalidXmlNodeValue", "XmlNodeName: Days")
    if part.find("AllowPermanentDelete") is not None:
        policy["allowPermanentDelete"] = _flag(call, part, "AllowPermanentDelete")
    return {"deleteRetentionPolicy": policy}


def _cors(call: Call, part: ElementTree.Element) -> dict[str, Any]:
    rules = list(part)
    if len(rules) > _MOST_RULES or any(each.tag != "CorsRule" for each in rules):
        raise call.failure("InvalidXmlDocument", f"XmlNodeName: {part.tag}")
    return {"cors": {"corsRules": [_rule(call, each) for each in rules]}}


def _rule(call: Call, part: ElementTree.Element) -> dict[str, Any]:
    rule: dict[str, Any] = {
        _key(name): [each.strip() for each in _text(call, part, name).split(",") if each.strip()] for name in _RULE[:-1]
    }
    if not rule["allowedOrigins"] or not rule["allowedMethods"] or not _METHODS.issuperset(rule["allowedMethods"]):
        raise call.failure("InvalidXmlNodeValue", f"XmlNodeName: {part.tag}")
    return {**rule, "maxAgeInSeconds": _number(call, part, "MaxAgeInSeconds")}


def _key(name: str) -> str:
    """The name of an element as Resource Manager has it."""
    return name[0].lower() + name[1:]


def _text(call: Call, part: ElementTree.Element, name: str) -> str:
    found = part.find(name)
    if found is None:
        raise call.failure("MissingRequiredXmlNode", f"XmlNodeName: {name}")
    return (found.text or "").strip()


def _flag(call: Call, part: ElementTree.Element, name: str) -> bool:
    text = _text(call, part, name).lower()
    if text not in _BOOLEANS:
        raise call.failure("InvalidXmlNodeValue", f"XmlNodeName: {name}")
    return _BOOLEANS[text]


def _number(call: Call, part: ElementTree.Element, name: str) -> int:
    text = _text(call, part, name)
    if not text.isdecimal():
        raise call.failure("InvalidXmlNodeValue", f"XmlNodeName: {name}")
    return int(text)
