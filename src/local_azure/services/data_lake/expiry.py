"""Files that end by themselves: when, as requests say it and answers tell it.

https://learn.microsoft.com/rest/api/storageservices/set-blob-expiry
https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/create
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime

from local_azure.http import Response
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.wire import EXPIRY_TIME, version_headers

_OPTION = "x-ms-expiry-option"
HEADERS = (_OPTION, EXPIRY_TIME)
"""The headers that say when a file ends."""
_NEVER, _ABSOLUTE, _AFTER_CREATION = "neverexpire", "absolute", "relativetocreation"
_OPTIONS = ("relativetonow", _ABSOLUTE, _NEVER, _AFTER_CREATION)


def set_expiry(call: Call) -> Response:
    """Sets when a file ends, or that it does not; raises ServiceError for a directory and for a flat account."""
    if not call.account.is_hierarchical:
        raise call.failure("HierarchicalNamespaceNotEnabled")
    if not call.header(_OPTION):
        raise call.failure("MissingRequiredHeader", f"HeaderName: {_OPTION}")
    with call.store.transaction():
        trail = call.open_trail()
        node = call.existing(trail)
        call.require(call.guard.may_write(trail, node))
        if node.is_directory:
            raise call.failure("ResourceTypeMismatch")
        changed = replace(
            node, expires=expiry_of(call, node.created), modified=call.store.now(), etag=call.store.fresh_etag()
        )
        call.store.put(changed)
    return Response(200, version_headers(changed))


def expiry_of(call: Call, created: int) -> int:
    """When a file that was made at `created` ends, in microseconds since 1970, UTC; 0: it does not.

    Raises ServiceError 400 for a moment that is none, is over, or is missing.
    """
    option, text = call.header(_OPTION).lower(), call.header(EXPIRY_TIME)
    if not option and not text:
        return 0
    if option not in _OPTIONS:
        raise call.failure("InvalidHeaderValue", f"HeaderName: {_OPTION}")
    if option == _NEVER:
        if text:
            raise call.failure("InvalidHeaderValue", f"HeaderName: {EXPIRY_TIME}")
        return 0
    if not text:
        raise call.failure("MissingRequiredHeader", f"HeaderName: {EXPIRY_TIME}")
    moment = _absolute(text) if option == _ABSOLUTE else _relative(text)
    if moment is not None and option != _ABSOLUTE:
        moment += created if option == _AFTER_CREATION else call.store.now()
    if moment is None or moment <= call.store.now():
        raise call.failure("InvalidHeaderValue", f"HeaderName: {EXPIRY_TIME}")
    return moment


def _relative(text: str) -> int | None:
    """Milliseconds."""
    return int(text) * 1000 if text.isdecimal() else None


def _absolute(text: str) -> int | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000_000)
