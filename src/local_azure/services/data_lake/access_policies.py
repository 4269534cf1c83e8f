"""Stored access policies of containers: limits that signatures name instead of holding them.

https://learn.microsoft.com/rest/api/storageservices/define-stored-access-policy
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

from local_azure.clock import moment_of
from local_azure.services.data_lake.call import Call

_MOST = 5
"""With more of them a body is no list of policies to the service (https://github.com/Azure/azure-cli/issues/355)."""
_LONGEST_ID = 64
_LIMITS: Mapping[str, str] = {"Start": "st", "Expiry": "se", "Permission": "sp"}
"""Elements of a policy, and the parameters of a signature in whose place they stand."""


def given_policies(call: Call) -> str:
    """The policies in a body, as text, "" for none; raises ServiceError 400 for what is no list of policies."""
    if not call.request.body:
        return ""
    root = call.xml_body()
    ids = [each.findtext("Id") or "" for each in root]
    if root.tag != "SignedIdentifiers" or any(each.tag != "SignedIdentifier" for each in root) or len(ids) > _MOST:
        raise call.failure("InvalidXmlDocument")
    if len(set(ids)) < len(ids) or not all(0 < len(each) <= _LONGEST_ID for each in ids):
        raise call.failure("InvalidXmlNodeValue", "XmlNodeName: Id")
    for name, value in _stated(root):
        if name not in _LIMITS:
            raise call.failure("InvalidXmlDocument", f"XmlNodeName: {name}")
        if name != "Permission" and not _is_moment(value):
            raise call.failure("InvalidXmlNodeValue", f"XmlNodeName: {name}")
    return ElementTree.tostring(root, encoding="unicode")


def _stated(root: ElementTree.Element) -> list[tuple[str, str]]:
    return [(limit.tag, limit.text or "") for limit in root.findall("SignedIdentifier/AccessPolicy/*")]


def _is_moment(text: str) -> bool:
    try:
        return not text or bool(moment_of(text))
    except ValueError:
        return False


def limits_of(policies: str, name: str) -> dict[str, str] | None:
    """What the policy of that name says, by parameters of a signature; None where there is no such policy."""
    for each in ElementTree.fromstring(policies) if policies else ():  # noqa: S314 - our own text, checked when given
        if each.findtext("Id") == name:
            policy = each.find("AccessPolicy")
            told = {limit.tag: limit.text or "" for limit in policy} if policy is not None else {}
            return {_LIMITS[tag]: text for tag, text in told.items() if text}
    return None
