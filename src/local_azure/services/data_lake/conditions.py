"""If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since, for targets and for the sources of a rename.

https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from local_azure.services.data_lake import errors, tag_expressions
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.nodes import FileSystem, Node
from local_azure.services.data_lake.wire import http_date

_SOURCE = "x-ms-source-"
_OF_TAGS = "x-ms-blob-"
_IF_TAGS = "if-tags"
_TAGS_OF = {"": "x-ms-if-tags", _OF_TAGS: "x-ms-if-tags", _SOURCE: "x-ms-source-if-tags"}
"""The header with the condition on tags, beside those that begin so."""
_UNCHANGED = ("if-none-match", "if-modified-since")
"""Conditions that do not hold where the caller has the content already."""


def check_write(call: Call, current: Node | FileSystem | None) -> None:
    """Raises ServiceError 412 unless the conditions hold for the target, None when it is missing."""
    if _broken(call, "", current):
        raise call.failure("ConditionNotMet")


def check_tags(call: Call, current: Node) -> None:
    """As `check_write`, for a request about the tags of a blob: the conditions have names of their own there."""
    if _broken(call, "", current) or _broken(call, _OF_TAGS, current):
        raise call.failure("ConditionNotMet")


def check_create(call: Call, current: Node | None) -> None:
    """As `check_write`, but `If-None-Match: *` on something that exists is a conflict.

    The Blob endpoint does not ask that of a request that shows a lease, for which the blob must exist.
    https://github.com/Azure/azure-sdk-for-python/tree/main/sdk/storage/azure-storage-blob/tests
    """
    if current is not None and call.header("if-none-match") == "*":
        if call.surface == "blob" and call.header("x-ms-lease-id"):
            return
        raise call.failure("PathAlreadyExists")
    check_write(call, current)


def check_source(call: Call, current: Node, waits: bool = False) -> None:
    """Raises ServiceError 412 unless the x-ms-source-if-… conditions hold.

    A copy that is `waits`ed for reads its source as anybody does, and tells what it was answered (a recording of
    azure-storage-blob: `test_upload_blob_from_url_if_match_condition`). Tags have the code of other conditions (one of
    `test_async_copy_blob_with_if_tags`), after which the client in Python tells what it raises.
    """
    broken = _broken(call, _SOURCE, current)
    if broken and waits:
        raise errors.source_not_verified(304 if broken in _UNCHANGED else 412)
    if broken:
        raise call.failure("ConditionNotMet" if broken == _IF_TAGS else "SourceConditionNotMet")


def check_read(call: Call, current: Node) -> None:
    """Raises ServiceError 304 for a content that the caller has already, 412 for any other condition."""
    broken = _broken(call, "", current)
    if broken in _UNCHANGED:
        headers = {"etag": f'"{current.etag}"', "last-modified": http_date(current.modified)}
        raise errors.not_modified(call.surface, headers)
    if broken:
        raise call.failure("ConditionNotMet")


def _broken(call: Call, prefix: str, current: Node | FileSystem | None) -> str:
    """The first condition that does not hold, "" when all do."""
    given = {
        name: value
        for name in ("if-match", "if-none-match", "if-unmodified-since", "if-modified-since")
        if (value := call.header(prefix + name))
    }
    tags = call.header(_TAGS_OF[prefix])
    if current is None:
        return "if-match" if "if-match" in given else _IF_TAGS if tags else ""
    if tags and not _tags_match(call, tags, current):
        return _IF_TAGS
    if "if-match" in given and not _matches(given["if-match"], current.etag):
        return "if-match"
    if "if-none-match" in given and _matches(given["if-none-match"], current.etag):
        return "if-none-match"
    return _broken_date(call, given, current.modified // 1_000_000)


def _tags_match(call: Call, text: str, current: Node | FileSystem) -> bool:
    """Whether the tags of a blob are as a condition wants them; who may not read them may not ask either."""
    call.require(call.guard.may_read_tags())
    try:
        expression = tag_expressions.parse(text, tag_expressions.OF_CONDITIONS)
    except tag_expressions.ExpressionError as error:
        raise call.failure("InvalidHeaderValue", f"HeaderName: x-ms-if-tags; {error}") from error
    return isinstance(current, Node) and expression.holds(current.tags)


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
