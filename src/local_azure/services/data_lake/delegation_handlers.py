"""Get User Delegation Key: a key that signs in the name of whoever asks.

https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from local_azure.clock import moment_of
from local_azure.directory import TENANT_ID
from local_azure.http import Response
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.delegation_keys import DelegationKey, DelegationKeys
from local_azure.services.data_lake.versions import DEFAULT_VERSION
from local_azure.services.data_lake.wire import Xml, elements, xml_response

_LONGEST = timedelta(days=7)


def delegation_key(call: Call) -> Response:
    """A key from the given start, or now, until the given expiry, at most seven days from now."""
    call.require(call.guard.may_make_delegation_keys())
    now = datetime.now(UTC)  # of the machine, by which signatures are checked
    start, expiry = _wish(call)
    begins = _moment(call, start) if start else now
    ends = _moment(call, expiry)
    if not begins < ends <= now + _LONGEST or ends <= now:
        raise call.failure("InvalidXmlNodeValue", f"Expiry is {expiry}; expected one after Start, within seven days.")
    version = call.header("x-ms-version") or DEFAULT_VERSION
    key = DelegationKey(call.caller.object_id, TENANT_ID, _text(begins), _text(ends), "b", version)
    shown = {
        "SignedOid": key.object_id,
        "SignedTid": key.tenant_id,
        "SignedStart": key.start,
        "SignedExpiry": key.expiry,
        "SignedService": key.service,
        "SignedVersion": key.version,
        "Value": DelegationKeys(call.context.state).value_of(call.account.name, key),
    }
    return xml_response(Xml("UserDelegationKey", elements(shown)))


def _wish(call: Call) -> tuple[str, str]:
    root = call.xml_body()
    given = {each.tag: (each.text or "").strip() for each in root}
    if "DelegatedUserTid" in given:
        raise errors.refused("blob", "a delegation key for a user of a tenant (element DelegatedUserTid)")
    if root.tag != "KeyInfo" or not given.keys() <= {"Start", "Expiry"} or not given.get("Expiry"):
        raise call.failure("InvalidXmlDocument", "expected KeyInfo with Start and Expiry")
    return given.get("Start", ""), given["Expiry"]


def _moment(call: Call, text: str) -> datetime:
    try:
        return moment_of(text)
    except ValueError as error:
        raise call.failure("InvalidXmlNodeValue", f"'{text}' is no time.") from error


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
