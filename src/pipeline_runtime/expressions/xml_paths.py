"""XPath 1.0 over a document: https://www.w3.org/TR/1999/REC-xpath-19991116/, computed by libxml2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from lxml import etree

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.xml_tree import Document, Element, outlined, written

Selected: TypeAlias = float | str | bool | list[str | bytes]
"""A number, text or truth; or nodes: attributes (`name="value"`) and texts, and elements as the bytes of their XML."""
_XML = {"xml": "http://www.w3.org/XML/1998/namespace"}
_ABSOLUTE = re.compile(r"""(?:^|[^\w)\].*'"/])\s*/""")
"""A slash that begins a path."""


def selected(document: Document, path: str) -> Selected:
    """What a path gives. Raises ExpressionError for a path that is none, and for nodes of other kinds."""
    root = document.root
    if root is None:
        raise ExpressionError("the document is empty")
    tree = _tree(root)
    if path.strip() == "/":
        return [_alone(tree, root)]
    elements = dict(zip(tree.iter(etree.Element), root.elements(), strict=True))
    found = _found(tree, path)
    if isinstance(found, list):
        return [_node(each, elements) for each in found]
    return found if isinstance(found, bool | float) else str(found)


def _tree(root: Element) -> etree._Element:
    """The root for libxml2, which is stricter about namespaces."""
    try:
        return etree.fromstring(written(root))
    except etree.XMLSyntaxError as error:
        raise ExpressionError(f"paths cannot select of the document: {error}") from error


def _found(tree: etree._Element, path: str) -> object:
    """What libxml2 gives. A relative path begins above the root, where libxml2 knows no element to begin at."""
    context = tree
    if not _ABSOLUTE.search(path):
        context = etree.Element("document")
        context.append(tree)
    try:
        return context.xpath(path)
    except etree.XPathError as error:
        raise ExpressionError(f"'{path}' is no XPath expression: {error}") from error


def _node(found: object, elements: Mapping[etree._Element, Element]) -> str | bytes:
    if isinstance(found, etree._Element) and found in elements:
        return _alone(found, elements[found])
    parent = found.getparent() if isinstance(found, etree._ElementUnicodeResult) else None
    if parent is None or not isinstance(found, etree._ElementUnicodeResult):
        raise ExpressionError("the XPath expression selects a node that is no element, attribute or text")
    return f'{_qualified(found.attrname, parent)}="{found}"' if found.attrname else str(found)


def _qualified(name: str, parent: etree._Element) -> str:
    """A name as it stands in the text, of one that has its namespace before it in braces."""
    namespace, _, local = name.rpartition("}")
    if not namespace:
        return name
    known = [*_XML.items(), *parent.nsmap.items()]
    return f"{next(prefix for prefix, uri in known if prefix and uri == namespace[1:])}:{local}"


def _alone(found: etree._Element, element: Element) -> bytes:
    """The text of an element outside its document: names declare the namespaces that were declared above."""
    return outlined(_declaring(found, element, {})).encode()


def _declaring(found: etree._Element, element: Element, above: Mapping[str | None, str]) -> Element:
    """The element with a declaration of each prefix in its names that none `above` it declares."""
    own = {name.removeprefix("xmlns").lstrip(":") or None for name in element.attributes if name.startswith("xmlns")}
    known = {**above, **{prefix: found.nsmap.get(prefix, "") for prefix in own}}
    attributes = dict(element.attributes)
    names = (element.name, *(name for name in element.attributes if ":" in name))
    for prefix in dict.fromkeys(name.rpartition(":")[0] or None for name in names):
        uri = found.nsmap.get(prefix, "")
        if prefix not in ("xml", "xmlns") and known.get(prefix, "") != uri:
            attributes["xmlns" if prefix is None else f"xmlns:{prefix}"] = uri
            known[prefix] = uri
    inner = iter(found.iterchildren(etree.Element))
    children = [
        _declaring(next(inner), child, known) if isinstance(child, Element) else child for child in element.children
    ]
    return Element(element.name, attributes, children, element.is_closed)
