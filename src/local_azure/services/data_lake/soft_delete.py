"""Files and directories that an account with hierarchy keeps for some days after they were deleted.

What accounts without hierarchy keep is in `deleted_blobs.py`.

https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview#how-soft-delete-works
https://learn.microsoft.com/rest/api/storageservices/undelete-blob
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from local_azure.http import Response
from local_azure.services.data_lake import continuation, deleted_blobs
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.nodes import DeletedPath, Node
from local_azure.services.data_lake.retention import end_of_retention, shown_retention
from local_azure.services.data_lake.store import FILETIME_OFFSET
from local_azure.services.data_lake.wire import Xml, elements, http_date, xml_response

SOURCE = "x-ms-undelete-source"
Described = Callable[[Node], Mapping[str, Any]]
_LARGEST_PAGE = 5000


def removed(call: Call, node: Node) -> dict[str, str]:
    """Deletes a file or directory with all in it, for good or for some days; what the answer says of that.

    Belongs into a transaction.
    """
    ends = end_of_retention(call)
    if ends is None:
        call.store.remove(node)
        return {"x-ms-delete-type-permanent": "true"}
    if not call.account.is_hierarchical:
        deleted_blobs.set_aside(call, node, ends)
        return {"x-ms-delete-type-permanent": "false"}
    now, file_system = call.store.now(), call.open_file_system()
    kept = DeletedPath("/".join(call.names), str(now * 10 + FILETIME_OFFSET), now, node, ends)
    call.store.set_aside(file_system, node, kept)
    call.store.sweep_deleted(file_system)
    return {"x-ms-delete-type-permanent": "false", "x-ms-deletion-id": kept.id}


def undelete(call: Call) -> Response:
    """Gives a path back what was deleted there; raises ServiceError where something is there again."""
    if not call.account.is_hierarchical:
        if call.header(SOURCE):
            raise call.failure("HierarchicalNamespaceNotEnabled")
        return deleted_blobs.undelete(call)
    path, _, query = call.header(SOURCE).partition("?")
    deletion_id = parse_qs(query).get("deletionid", [""])[0]
    if not deletion_id:
        raise call.failure("InvalidHeaderValue", f"HeaderName: {SOURCE}")
    with call.store.transaction():
        trail = call.open_trail()
        call.require(call.guard.may_create(trail))
        wanted = "/".join(call.names_of(unquote(path)) or call.names)  # JavaScript's client names the deletion alone
        found = next((each for each in _kept(call, wanted) if each.id == deletion_id and each.path == wanted), None)
        if found is None or len(trail.missing) > 1:
            raise call.failure("PathNotFound")
        if trail.target is not None:
            raise call.failure("PathAlreadyExists")
        call.store.bring_back(call.open_file_system(), found, trail.parents[-1].id, trail.missing[-1])
    kind = "directory" if found.node.is_directory else "file"
    return Response(200, {"x-ms-resource-type": kind, "x-ms-creation-time": http_date(found.node.created)})


def list_deleted(call: Call, described: Described) -> Response:
    """A page of what is kept below a prefix, by path; `described` gives the properties that a listing tells."""
    call.require(call.guard.may_list_flat())
    prefix, delimiter, size = call.query("prefix"), call.query("delimiter"), call.count("maxresults", _LARGEST_PAGE)
    after = continuation.decode(call.query("marker"))
    if after is None:
        raise call.failure("InvalidQueryParameterValue", "QueryParameterName: marker")
    with call.store.transaction():
        found = _folded(call, prefix, delimiter, described)
        entries = [each for each in found if each[0] > "/".join(after)]
    page = entries[:size]
    token = continuation.encode(page[-1][0].split("/")) if len(entries) > size else ""
    given = {"Prefix": "prefix", "Marker": "marker", "MaxResults": "maxresults", "Delimiter": "delimiter"}
    parts = [Xml(name, call.query(key)) for name, key in given.items() if call.query(key)]
    parts += [Xml("Blobs", [item for _, item in page]), Xml("NextMarker", token)]
    endpoint = {"ServiceEndpoint": f"https://{call.request.host}/", "ContainerName": call.file_system}
    return xml_response(Xml("EnumerationResults", parts, **endpoint))


def _folded(call: Call, prefix: str, delimiter: str, described: Described) -> Iterator[tuple[str, Xml]]:
    """(what comes where in the list, the item)."""
    last = ""
    for each in _kept(call, prefix):
        head, found, _ = each.path[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        name = f"{prefix}{head}{delimiter}"
        if found and name != last:
            last = name
            yield name, Xml("BlobPrefix", [Xml("Name", name)])
        elif not found:
            yield f"{each.path}?{each.id}", _item(call, each, described)


def _kept(call: Call, prefix: str) -> list[DeletedPath]:
    return call.store.deleted(call.open_file_system(), prefix)


def _item(call: Call, kept: DeletedPath, described: Described) -> Xml:
    properties = {name: value for name, value in described(kept.node).items() if not name.startswith("Lease")}
    properties["Expiry-Time"] = http_date(kept.ends)
    properties |= shown_retention(kept.moment, kept.ends, call.store.now())
    named = {"Name": kept.path, "DeletionId": kept.id, "Deleted": "true"}
    return Xml("Blob", [*elements(named), Xml("Properties", elements(properties)), Xml("OrMetadata")])
