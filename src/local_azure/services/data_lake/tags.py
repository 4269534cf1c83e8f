"""Tags of blobs, by which blobs are found: read, replaced, and set by the request that writes a blob.

https://learn.microsoft.com/rest/api/storageservices/set-blob-tags
https://learn.microsoft.com/rest/api/storageservices/get-blob-tags
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from local_azure.http import Response
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.conditions import check_tags
from local_azure.services.data_lake.lease_handlers import check_lease, require_lease
from local_azure.services.data_lake.nodes import Node
from local_azure.services.data_lake.wire import Xml, tags_element, xml_response

HEADER = "x-ms-tags"
_MOST = 10
_LONGEST_NAME, _LONGEST_VALUE = 128, 256
_TEXT = re.compile(r"[A-Za-z0-9 +\-./:=_]*")


def get_tags(call: Call) -> Response:
    """All tags of a blob."""
    with call.store.transaction():
        node = call.open_version(call.open_trail())
        call.require(call.guard.may_read_tags())
    check_lease(call, node)
    check_tags(call, node)
    return xml_response(Xml("Tags", [tags_element(node.tags)]))


def set_tags(call: Call) -> Response:
    """Replaces the tags of a blob, which stays the version that it is."""
    call.checked_body()
    tags = _of_document(call, call.xml_body())
    with call.store.transaction():
        node = call.open_version(call.open_trail())
        call.require(call.guard.may_write_tags())
        check_tags(call, node)
        require_lease(call, node)
        call.store.put_version(replace(node, tags=tags))
    return Response(204)


def given_tags(call: Call) -> dict[str, str]:
    """The tags that a write gives the blob with the header x-ms-tags; raises ServiceError."""
    text = call.header(HEADER)
    if not text:
        return {}
    call.require(call.guard.may_write_tags())
    return _checked(call, parse_qsl(text, keep_blank_values=True))


def tag_headers(call: Call, node: Node) -> dict[str, str]:
    """How many tags a blob has, told to those who may read them."""
    return {"x-ms-tag-count": str(len(node.tags))} if node.tags and call.guard.may_read_tags() else {}


def _of_document(call: Call, root: ElementTree.Element) -> dict[str, str]:
    tag_set = root.find("TagSet")
    if root.tag != "Tags" or tag_set is None:
        raise call.failure("InvalidXmlDocument")
    return _checked(call, [(each.findtext("Key", ""), each.findtext("Value", "")) for each in tag_set.findall("Tag")])


def _checked(call: Call, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if not name:
            raise call.failure("EmptyTagName")
        if name in found:
            raise call.failure("DuplicateTagNames")
        if len(name) > _LONGEST_NAME or len(value) > _LONGEST_VALUE:
            raise call.failure("TagsTooLarge")
        if not _TEXT.fullmatch(name) or not _TEXT.fullmatch(value):
            raise call.failure("InvalidTag")
        found[name] = value
    if len(found) > _MOST:
        raise call.failure("TagsTooLarge")
    return found


def copied_tags(call: Call, source: Node) -> Mapping[str, str]:
    """The tags of a copy: those that the request gives, or those of the source where it says so."""
    option = call.header("x-ms-copy-source-tag-option").upper() or "REPLACE"
    if option not in ("REPLACE", "COPY") or (option == "COPY" and call.header(HEADER)):
        raise call.failure("InvalidHeaderValue", "HeaderName: x-ms-copy-source-tag-option")
    return given_tags(call) if option == "REPLACE" else source.tags
