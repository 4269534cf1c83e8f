"""Blobs found by their tags, in one container or in all of an account.

https://learn.microsoft.com/rest/api/storageservices/find-blobs-by-tags
https://learn.microsoft.com/rest/api/storageservices/find-blobs-by-tags-container
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from local_azure.http import Response
from local_azure.services.data_lake import continuation, errors, tag_expressions
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.nodes import FileSystem, Node
from local_azure.services.data_lake.tag_expressions import CONTAINER, Expression
from local_azure.services.data_lake.wire import Xml, tags_element, xml_response

_LARGEST_PAGE = 5000
_Found = tuple[FileSystem, Node]


def find_blobs(call: Call) -> Response:
    """A page of the blobs whose tags are as the query wants them, with the tags that it names."""
    if call.account.is_hierarchical:
        raise errors.refused("blob", "finding blobs by tags in an account with hierarchy (query parameter comp)")
    call.require(call.guard.may_find())
    expression = _expression(call)
    after = continuation.decode(call.query("marker"))
    if after is None:
        raise call.failure("InvalidQueryParameterValue", "QueryParameterName: marker")
    size = call.count("maxresults", _LARGEST_PAGE)
    with call.store.transaction():
        page = list(islice(_found(call, expression, after), size + 1))
    token = continuation.encode([page[size - 1][0].name, page[size - 1][1].name]) if len(page) > size else ""
    blobs = [_described(file_system, node, expression) for file_system, node in page[:size]]
    parts = [Xml("Where", call.query("where")), Xml("Blobs", blobs), Xml("NextMarker", token)]
    return xml_response(Xml("EnumerationResults", parts, ServiceEndpoint=f"https://{call.request.host}/"))


def _expression(call: Call) -> Expression:
    if not call.query("where"):
        raise call.failure("MissingRequiredQueryParameter", "QueryParameterName: where")
    try:
        return tag_expressions.parse(call.query("where"), tag_expressions.OF_SEARCHES)
    except tag_expressions.ExpressionError as error:
        raise call.failure("InvalidQueryParameterValue", f"QueryParameterName: where; {error}") from error


def _found(call: Call, expression: Expression, after: tuple[str, ...]) -> Iterator[_Found]:
    """Blobs in order of their containers and names, from behind (container, name) on."""
    for file_system in _searched(call):
        if after and file_system.name < after[0]:
            continue
        last = after[1] if after and file_system.name == after[0] else ""
        for node in call.store.children(file_system.id, last):
            if node.tags and expression.holds({**node.tags, CONTAINER: file_system.name}):
                yield file_system, node


def _searched(call: Call) -> Iterator[FileSystem]:
    if call.file_system:
        return iter([call.open_file_system()])
    return call.store.file_systems(call.account.name)


def _described(file_system: FileSystem, node: Node, expression: Expression) -> Xml:
    named = {name: value for name, value in node.tags.items() if name in expression.names}
    parts = [Xml("Name", node.name), Xml("ContainerName", file_system.name), Xml("Tags", [tags_element(named)])]
    return Xml("Blob", parts)
