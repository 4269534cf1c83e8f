"""If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since, for targets and for the sources of a rename.

https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from local_azure.services.data_lake import errors
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.wire import http_date

_SOURCE = "x-ms-source-"


def check_write(call: Call, current: tuple[str, int] | None) -> None:
    """Raises ServiceError 412 unless the conditions hold for the target's (etag, modified), None when it is missing."""
    if _broken(call, "", current):
        raise call.failure("ConditionNotMet")


def check_create(call: Call, current: tuple[str, int] | None) -> None:
    """As `check_write`, but `If-None-Match: *` on something that exists is a conflict.

    The Blob endpoint does not ask that of a request that shows a lease, for which the blob must exist.
    https://github.com/Azure/azure-sdk-for-python/tree/main/sdk/storage/azure-storage-blob/tests
    """
    if current is not None and call.header("if-none-match") == "*":
        if call.surface == "blob" and call.header("x-ms-lease-id"):
            return
        raise call.failure("PathAlreadyExists")
    check_write(call, current)


def check_source(call: Call, current: tuple[str, int]) -> None:
    """Raises ServiceError 412 unless the x-ms-source-if-… conditions hold."""
    if _broken(call, _SOURCE, current):
        raise call.failure("SourceConditionNotMet")


def check_read(call: Call, current: tuple[str, int]) -> None:
    """Raises ServiceError 304 for a content that the caller has already, 412 for any other condition."""
    broken = _broken(call, "", current)
    if broken in ("if-none-match", "if-modified-since"):
        headers = {"etag": f'"{current[0]}"', "last-modified": http_date(current[1])}
        raise errors.not_modified(call.surface, headers)
    if broken:
        raise call.failure("ConditionNotMet")


def _broken(call: Call, prefix: str, current: tuple[str, int] | None) -> str:
    """The first condition that does not hold, "" when all do."""
    given = {
        name: value
        for name in ("if-match", "if-none-match", "if-unmodified-since", "if-modified-since")
        if (value := call.header(prefix + name))
    }
    if current is None:
        return "if-match" if "if-match" in given else ""
    etag, modified = current
    if "if-match" in given and not _matches(given["if-match"], etag):
        return "if-match"
    if "if-none-match" in given and _matches(given["if-none-match"], etag):
        return "if-none-match"
    return _broken_date(call, given, modified // 1_000_000)


def _broken_date(call: Call, given: Mapping[str, str], modified_seconds: int) -> str:
    for name, holds_for in (("if-unmodified-since", (0, -1)), ("if-modified-since", (1,))):
        if name in given:
            limit = _seconds(call, name, given[name])
            relation = (modified_seconds > limit) - (modified_seconds < limit)
            if relation not in holds_for:
                return name
    return ""


def _seconds(call: Call, name: str, text: str) -> int:
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except ValueError as error:
        raise call.failure("InvalidHeaderValue", f"HeaderName: {name}") from error


def _matches(condition: str, etag: str) -> bool:
    return condition == "*" or etag in (part.strip().strip('"') for part in condition.split(","))
