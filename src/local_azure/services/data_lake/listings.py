"""Listings of files and directories: as paths (JSON, Data Lake endpoint) and as blobs (XML, Blob endpoint).

Order: names by their bytes, what is in a directory right after the directory.
https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/list
https://learn.microsoft.com/rest/api/storageservices/list-blobs
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from local_azure.http import Response
from local_azure.services.data_lake import continuation, errors
from local_azure.services.data_lake.blobs import blocks_prefix, path_of_block
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.leases import lease_headers
from local_azure.services.data_lake.nodes import APPEND_BLOB, DeletedPath, Node, Trail
from local_azure.services.data_lake.retention import shown_retention
from local_azure.services.data_lake.soft_delete import list_deleted
from local_azure.services.data_lake.store import FILETIME_OFFSET
from local_azure.services.data_lake.wire import (
    DEFAULT_CONTENT_TYPE,
    Xml,
    elements,
    http_date,
    permissions_text,
    shown_metadata,
    tags_element,
    xml_response,
)

_LARGEST_PAGE = 5000
_INCLUDED = frozenset({"metadata", "copy", "permissions", "snapshots", "uncommittedblobs", "tags", "versions"})
_OF_SOFT_DELETE = frozenset({"deleted", "deletedwithversions"})
_LAST = "\U0010ffff"
"""Comes after every name that begins like what stands before it."""

_NO_XML = re.compile("[\ufffe\uffff]")
_COPY_PROPERTIES = {
    "CopyId": "x-ms-copy-id",
    "CopySource": "x-ms-copy-source",
    "CopyStatus": "x-ms-copy-status",
    "CopyProgress": "x-ms-copy-progress",
    "CopyCompletionTime": "x-ms-copy-completion-time",
}
_Path = tuple[str, ...]


@dataclass(frozen=True)
class _Entry:
    """One line of a listing; without a node it is a common prefix of blob names in an account without hierarchy."""

    name: str
    node: Node | None
    resume: _Path
    """What a continuation token says to go on behind this entry: the name of a blob, and a snapshot of it or nothing.
    """
    kept: DeletedPath | None = None
    """How long the node is kept, where it was deleted."""


def list_paths(call: Call) -> Response:
    """A page of what is in a directory, or of all below it; of a file: the file itself."""
    if "recursive" not in call.request.query:
        raise call.failure("MissingRequiredQueryParameter", "QueryParameterName: recursive")
    recursive, size = call.flag("recursive"), call.count("maxResults", _LARGEST_PAGE)
    call.flag("upn")
    names = call.names_of(call.query("directory"))
    after = _after(call, "continuation")
    with call.store.transaction():
        trail = call.store.trail(call.open_file_system(), names)
        node = call.existing(trail)
        may_list = call.guard.may_list(trail, node) if node.is_directory else call.guard.may_see(trail)
        call.require(may_list)
        entries = _paths(call, node, names, recursive, after)
        begin = call.names_of(call.query("beginFrom"))
        if len(begin) > 1 and not recursive:
            raise call.failure("InvalidQueryParameterValue", "QueryParameterName: beginFrom")
        entries = _from(entries, (*names, *begin))
        page = list(islice(entries, size + 1))
    shown = [_path_item(each) for each in page[:size] if each.node is not None]
    headers = {"x-ms-continuation": continuation.encode(page[size - 1].resume)} if len(page) > size else {}
    return Response.json(200, {"paths": shown}, headers)


def _paths(call: Call, node: Node, names: _Path, recursive: bool, after: _Path) -> Iterator[_Entry]:
    if node.is_directory:
        return _entries(call, node, names, "", recursive, after)
    return iter([_Entry("/".join(names), node, names)])


def _after(call: Call, name: str) -> _Path:
    after = continuation.decode(call.query(name))
    if after is None:
        raise call.failure("InvalidQueryParameterValue", f"QueryParameterName: {name}")
    return after


def _open_directory(call: Call, names: _Path) -> Trail:
    """The trail of a directory; a file in its place counts as missing."""
    trail = call.store.trail(call.open_file_system(), names)
    if trail.target is not None and not trail.target.is_directory:
        return Trail(trail.nodes[:-1], (names[-1],))
    return trail


def _entries(call: Call, directory: Node, names: _Path, prefix: str, recursive: bool, after: _Path) -> Iterator[_Entry]:
    """Entries of a directory from behind `after` on; raises ServiceError 403 at a directory that may not be listed."""
    if not recursive:
        for node in call.store.children(directory.id, after[0] if after else "", prefix):
            yield _Entry("/".join((*names, node.name)), node, (node.name,))
        return
    _require_listable(call, directory, after)
    for path, node in call.store.walk(directory, after, prefix):
        yield _Entry("/".join((*names, *path)), node, path)
        if node.is_directory:
            call.require(call.guard.may_list_below(node))


def _from(entries: Iterator[_Entry], start: _Path) -> Iterator[_Entry]:
    """The entries from a path on, that path included."""
    return (each for each in entries if tuple(each.name.split("/")) >= start)


def _require_listable(call: Call, directory: Node, after: _Path) -> None:
    """A token leads into directories: they are asked again, since anybody can write a token."""
    for name in after:
        found = call.store.child(directory.id, name)
        if found is None or not found.is_directory:
            return
        call.require(call.guard.may_list_below(found))
        directory = found


def _path_item(entry: _Entry) -> dict[str, str]:
    node = entry.node
    if node is None:
        raise RuntimeError(f"internal-error: listing {entry.name}: a path without a node")
    item = {
        "contentLength": str(node.size),
        "creationTime": str(node.created * 10 + FILETIME_OFFSET),
        "etag": node.etag,
        "group": node.group,
        "lastModified": http_date(node.modified),
        "name": entry.name,
        "owner": node.owner,
        "permissions": permissions_text(node),
    }
    if node.expires:
        item["expiryTime"] = str(node.expires * 10 + FILETIME_OFFSET)
    return item | ({"isDirectory": "true"} if node.is_directory else {})


def list_blobs(call: Call) -> Response:
    """A page of the blobs whose names begin with `prefix`, folded at `delimiter` where one is given."""
    if call.account.is_hierarchical and call.query("showonly").lower() == "deleted":
        return list_deleted(call, lambda node: _blob_properties(call, node, frozenset(), call.store.now()))
    include = _included(call)
    delimiter, size = call.query("delimiter"), call.count("maxresults", _LARGEST_PAGE)
    after = _after(call, "marker")
    with call.store.transaction():
        if "uncommittedblobs" in include:
            _require_committed(call)
        if call.account.is_hierarchical:
            entries = _hierarchical_blobs(call, delimiter, after)
        else:
            entries = _flat_blobs(call, delimiter, after, include)
        page = list(islice(entries, size + 1))
    token = continuation.encode(page[size - 1].resume) if len(page) > size else ""
    given = {"Prefix": "prefix", "Marker": "marker", "MaxResults": "maxresults", "Delimiter": "delimiter"}
    parts = [Xml(name, call.query(key)) for name, key in given.items() if call.query(key)]
    now = call.store.now()
    parts.append(Xml("Blobs", [_blob_item(call, each, bool(delimiter), include, now) for each in page[:size]]))
    parts.append(Xml("NextMarker", token))
    endpoint = {"ServiceEndpoint": f"https://{call.request.host}/", "ContainerName": call.file_system}
    return xml_response(Xml("EnumerationResults", parts, **endpoint))


def _require_committed(call: Call) -> None:
    """Raises ServiceError 501 where a blob has blocks but no content yet, which the listing would have to show."""
    file_system = call.open_file_system()
    for segment in call.store.segments(blocks_prefix(file_system, call.query("prefix"))):
        path = path_of_block(file_system, segment.name)
        if call.store.trail(file_system, call.names_of(path)).target is None:
            raise errors.refused("blob", f"listing {path}, which is not committed (query parameter include)")


def _included(call: Call) -> frozenset[str]:
    """What the listing shall include; with hierarchy deleted blobs are none where soft delete is off, else unknown."""
    names = frozenset(filter(None, call.query("include").lower().split(",")))
    if call.query("showonly"):
        raise errors.refused(call.surface, f"showing {call.query('showonly')} only (query parameter showonly)")
    if names & _OF_SOFT_DELETE and call.account.is_hierarchical and call.accounts.soft_delete_is_on(call.account):
        raise errors.refused(call.surface, "listing soft-deleted blobs among others (query parameter include)")
    unknown = names - _INCLUDED - _OF_SOFT_DELETE
    if "tags" in names:
        call.require(call.guard.may_read_tags())
    if unknown:
        raise errors.refused(call.surface, f"including {', '.join(sorted(unknown))} (query parameter include)")
    return names


def _hierarchical_blobs(call: Call, delimiter: str, after: _Path) -> Iterator[_Entry]:
    if delimiter not in ("", "/"):
        raise errors.refused("blob", f"delimiter {delimiter!r} in an account with hierarchy")
    above, _, prefix = call.query("prefix").rpartition("/")
    names = call.names_of(above)
    trail = _open_directory(call, names)
    if trail.target is None:
        call.require(call.guard.may_see(trail))
        return iter(())
    call.require(call.guard.may_list(trail, trail.target))
    start = call.names_of(call.query("startFrom"))
    if delimiter and len(start) > len(names) + 1:  # documented: one level where the listing is not recursive
        raise call.failure("InvalidQueryParameterValue", "QueryParameterName: startFrom")
    return _from(_entries(call, trail.target, names, prefix, not delimiter, after), start)


def _flat_blobs(call: Call, delimiter: str, after: _Path, include: frozenset[str]) -> Iterator[_Entry]:
    root = call.store.trail(call.open_file_system(), ()).nodes[0]
    call.require(call.guard.may_list_flat())
    prefix, start, position = call.query("prefix"), call.query("startFrom"), after[0] if after else ""
    if len(after) > 1:
        begun = call.store.child(root.id, position)
        yield from (
            each for each in _versions(call, position, begun, include) if each.resume > after or not each.resume[1:]
        )
    while True:
        folded = ""
        for name, node in _named(call, root, position, prefix, bool(include & _OF_SOFT_DELETE)):
            if name < start:
                continue
            head, found, _ = name[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            if found:
                folded = f"{prefix}{head}{delimiter}"
                break
            yield from _versions(call, name, node, include)
        if not folded:
            return
        position = folded + _LAST
        yield _Entry(folded, None, (position,))


def _named(call: Call, root: Node, after: str, prefix: str, with_deleted: bool) -> Iterator[tuple[str, Node | None]]:
    """The names of blobs in order, with those of which only something deleted is left where that is wanted."""
    present = ((node.name, node) for node in call.store.children(root.id, after, prefix))
    if not with_deleted:
        yield from present
        return
    gone = ((path, None) for path in call.store.deleted_paths(call.open_file_system(), after, prefix))
    both: Iterator[tuple[str, Node | None]] = merge(present, gone, key=itemgetter(0))
    for name, found in groupby(both, itemgetter(0)):
        yield name, next((node for _, node in found if node is not None), None)


def _versions(call: Call, name: str, node: Node | None, include: frozenset[str]) -> Iterator[_Entry]:
    """The snapshots of a blob where they are wanted, oldest first, and the blob; deleted ones, too, if wanted."""
    found = [] if node is None else [_Entry(name, node, (name,))]
    if "snapshots" not in include and not include & _OF_SOFT_DELETE:
        yield from found
        return
    file_system = call.open_file_system()
    if "snapshots" in include:
        found += [_Entry(name, each, (name, each.snapshot)) for each in call.store.snapshots(file_system, (name,))]
    if include & _OF_SOFT_DELETE:
        for kept in call.store.deleted_at(file_system, name):
            if not kept.node.snapshot:
                found.append(_Entry(name, kept.node, (name,), kept))
            elif "snapshots" in include:
                found.append(_Entry(name, kept.node, (name, kept.node.snapshot), kept))
    yield from sorted(found, key=lambda each: (not each.resume[1:], each.resume))


def _blob_item(call: Call, entry: _Entry, is_folded: bool, include: frozenset[str], now: int) -> Xml:
    node = entry.node
    if node is None:
        return Xml("BlobPrefix", [_name(entry.name)])
    if node.is_directory and is_folded:
        return Xml("BlobPrefix", [_name(entry.name + "/")])
    parts = [_name(entry.name)]
    if node.snapshot:
        parts.append(Xml("Snapshot", node.snapshot))
    properties = _blob_properties(call, node, include, now)
    if entry.kept is not None:
        parts.append(Xml("Deleted", "true"))
        properties = {key: value for key, value in properties.items() if not key.startswith("Lease")}
        properties |= shown_retention(entry.kept.moment, entry.kept.ends, now)
    parts.append(Xml("Properties", elements(properties)))
    if "metadata" in include:
        parts.append(Xml("Metadata", elements(shown_metadata(node))))
    if "tags" in include and node.tags:
        parts.append(Xml("Tags", [tags_element(node.tags)]))
    return Xml("Blob", [*parts, Xml("OrMetadata")])


def _name(name: str) -> Xml:
    """The name of a blob; one that XML cannot hold is encoded as in an address."""
    return Xml("Name", quote(name), Encoded="true") if _NO_XML.search(name) else Xml("Name", name)


def _blob_properties(call: Call, node: Node, include: frozenset[str], now: int) -> dict[str, Any]:
    headers, lease = node.headers, lease_headers(node.lease, now)
    values: dict[str, Any] = {
        "Creation-Time": http_date(node.created),
        "Last-Modified": http_date(node.modified),
        "Etag": node.etag,
    }
    if call.account.is_hierarchical:
        values["ResourceType"] = "directory" if node.is_directory else "file"
        if "permissions" in include:
            values |= {"Owner": node.owner, "Group": node.group, "Permissions": permissions_text(node)}
            values["Acl"] = node.acl_text
    values |= {
        "Content-Length": node.size,
        "Content-Type": headers.get("content-type", DEFAULT_CONTENT_TYPE),
        "Content-Encoding": headers.get("content-encoding", ""),
        "Content-Language": headers.get("content-language", ""),
        "Content-CRC64": "",
        "Content-MD5": node.md5,
        "Cache-Control": headers.get("cache-control", ""),
        "Content-Disposition": headers.get("content-disposition", ""),
        "BlobType": node.blob_type,
    }
    values |= _tier(node)
    if not node.snapshot:
        values |= {"LeaseStatus": lease["x-ms-lease-status"], "LeaseState": lease["x-ms-lease-state"]}
    if "x-ms-lease-duration" in lease:
        values["LeaseDuration"] = lease["x-ms-lease-duration"]
    if node.expires:
        values["Expiry-Time"] = http_date(node.expires)
    if "copy" in include:
        values |= {name: node.copy[header] for name, header in _COPY_PROPERTIES.items() if header in node.copy}
    if node.tags and call.guard.may_read_tags():
        values["TagCount"] = len(node.tags)
    return values | {"ServerEncrypted": "true"}


def _tier(node: Node) -> dict[str, str]:
    if node.blob_type == APPEND_BLOB:
        return {}
    values = {"AccessTier": node.tier or "Hot"}
    if not node.tier:
        values["AccessTierInferred"] = "true"
    if node.tier_changed:
        values["AccessTierChangeTime"] = http_date(node.tier_changed)
    return values
