"""Blobs and blocks with the content of another blob, which a URL names.

https://learn.microsoft.com/rest/api/storageservices/copy-blob
https://learn.microsoft.com/rest/api/storageservices/put-blob-from-url
https://learn.microsoft.com/rest/api/storageservices/put-block-from-url
https://learn.microsoft.com/rest/api/storageservices/append-block-from-url
"""

from __future__ import annotations

import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit

from local_azure.http import FileRange, Response
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.accounts import StorageAccount, surface_of
from local_azure.services.data_lake.append_blobs import appended
from local_azure.services.data_lake.blobs import block_key, described, keep_block, placed, writable_target
from local_azure.services.data_lake.call import Call, split_path
from local_azure.services.data_lake.conditions import check_source
from local_azure.services.data_lake.creation import guard_of_source, tier_of
from local_azure.services.data_lake.nodes import APPEND_BLOB, Node
from local_azure.services.data_lake.reads import part_of
from local_azure.services.data_lake.tags import copied_tags
from local_azure.services.data_lake.wire import ENCRYPTED, SOURCE_AUTHORIZATION, http_date, md5_of, version_headers


def copy_blob(call: Call) -> Response:
    """A blob with the content and properties of another blob, done when it is answered."""
    source = _readable_source(call, waits=call.header("x-ms-requires-sync").lower() == "true")
    writable_target(call)
    content = _copied(call, source)
    copy = {
        "x-ms-copy-id": str(uuid.uuid4()),
        "x-ms-copy-source": call.header("x-ms-copy-source").partition("?")[0],
        "x-ms-copy-status": "success",
        "x-ms-copy-progress": f"{source.size}/{source.size}",
        "x-ms-copy-completion-time": http_date(call.store.now()),
    }
    made = placed(
        call,
        content=content,
        size=source.size,
        md5=source.md5,
        headers=source.headers,
        metadata=call.metadata or source.metadata,
        blocks=source.blocks,
        blob_type=source.blob_type,
        tier=tier_of(call),
        tags=copied_tags(call, source),
        copy=copy,
    )
    answered = {name: copy[name] for name in ("x-ms-copy-id", "x-ms-copy-status")}
    return Response(202, {**version_headers(made), **answered})


def abort(call: Call) -> Response:
    """Never ends a copy: every one is done when it is answered; raises ServiceError.

    https://learn.microsoft.com/rest/api/storageservices/abort-copy-blob
    """
    if call.header("x-ms-copy-action").lower() != "abort":
        raise call.failure("InvalidHeaderValue", "HeaderName: x-ms-copy-action")
    if not call.query("copyid"):
        raise call.failure("MissingRequiredQueryParameter", "QueryParameterName: copyid")
    trail = call.open_trail()
    node = call.existing(trail)
    call.require(call.guard.may_write(trail, node))
    raise call.failure("NoPendingCopyOperation")


def _copied(call: Call, source: Node) -> str:
    """The content of a copy: one of its own where both can be appended to."""
    if source.blob_type == APPEND_BLOB:
        return call.store.content.join([call.store.range_of(source.content, source.size)]) if source.size else ""
    return call.store.content.duplicate(source.content) if source.content else ""


def put_blob_from_url(call: Call) -> Response:
    """A blob with the content of another one, and its content headers unless the request says otherwise."""
    if call.header("x-ms-blob-type") != "BlockBlob":
        raise errors.refused("blob", f"writing a blob of type {call.header('x-ms-blob-type')} (header x-ms-blob-type)")
    source = _readable_source(call, waits=True)
    writable_target(call)
    md5 = _checked_md5(call, call.store.range_of(source.content, source.size))
    fields = described(call)
    if call.header("x-ms-copy-source-blob-properties").lower() != "false":
        fields["headers"] = {**source.headers, **fields["headers"]}
    fields["tags"] = copied_tags(call, source)
    content = call.store.content.duplicate(source.content) if source.content else ""
    made = placed(call, content=content, size=source.size, md5=md5, **fields)
    return Response(201, {**version_headers(made), **ENCRYPTED, "content-md5": md5})


def put_block_from_url(call: Call) -> Response:
    """Keeps a blob, or the range of it that the request names, as a block that a block list may name."""
    source = _readable_source(call, waits=True)
    key = block_key(call)
    part = part_of(call, source, call.header("x-ms-source-range"))
    content = call.store.range_of(source.content, part.length, part.offset)
    md5 = _checked_md5(call, content)
    keep_block(call, key, call.store.content.join([content] if part.length else []), part.length)
    return Response(201, {**ENCRYPTED, "content-md5": md5})


def append_block_from_url(call: Call) -> Response:
    """Puts a blob, or the range of it that the request names, behind the content of an append blob."""
    source = _readable_source(call, waits=True)
    part = part_of(call, source, call.header("x-ms-source-range"))
    if not part.length:
        raise call.failure("InvalidHeaderValue", "HeaderName: x-ms-source-range")
    content = call.store.range_of(source.content, part.length, part.offset)
    _checked_md5(call, content)
    return appended(call, content.read())


def _checked_md5(call: Call, content: FileRange) -> str:
    """The MD5 of a content in base64; raises ServiceError 400 unless it is the one that the request expects."""
    md5 = md5_of(content)
    if call.header("x-ms-source-content-md5") not in ("", md5):
        raise call.failure("Md5Mismatch")
    return md5


def _readable_source(call: Call, waits: bool) -> Node:
    """The blob that a request names; one that waits for the copy has to say who may read it."""
    url = urlsplit(call.header("x-ms-copy-source"))
    query, moment = _signature_and_snapshot(url.query)
    is_authorized = bool(query or call.header(SOURCE_AUTHORIZATION))
    account = _account_of_source(call, url.hostname or "", is_authorized)
    file_system, path = split_path(url.path)
    if not file_system or not call.names_of(path):
        raise call.failure("InvalidHeaderValue", "HeaderName: x-ms-copy-source")
    if waits and not is_authorized:
        raise errors.source_without_signature()
    guard, store = guard_of_source(call, account, query, url.path), call.store
    with store.transaction():
        found = store.file_system(account.name, file_system)
        if found is None:
            raise call.failure("CannotVerifyCopySource")
        trail = store.trail(found, call.names_of(path))
        source = store.snapshot(found, call.names_of(path), moment) if moment else trail.target
        if source is None or source.is_directory:
            call.require(guard.may_see(trail))
            raise call.failure("CannotVerifyCopySource")
        call.require(guard.may_read(trail, source))
        check_source(call, source, waits)
    return source


def _signature_and_snapshot(query: str) -> tuple[str, str]:
    """The query of a source without the snapshot that it names, and that snapshot."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if "sig" in dict(pairs):
        return query, dict(pairs).get("snapshot", "")
    rest = urlencode([(name, value) for name, value in pairs if name != "snapshot"])
    return rest, dict(pairs).get("snapshot", "")


def _account_of_source(call: Call, host: str, is_authorized: bool) -> StorageAccount:
    """The account that a blob is copied from: another one only by an authorization of its own."""
    surface = surface_of(host)
    account = call.accounts.find(surface[1]) if surface is not None else None
    if account is None or (account.name != call.account.name and not is_authorized):
        raise errors.refused("blob", f"copying from {host} without an authorization (header x-ms-copy-source)")
    return account
