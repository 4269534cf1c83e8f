"""JSON as XML and back: attributes are properties with `@`, text is `#text`, what repeats is an array.

The rules are those of Json.NET, which the service converts with: https://learn.microsoft.com/azure/data-factory/control-flow-expression-language-functions#xml
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.values import Value, is_array, is_object, to_text
from pipeline_runtime.expressions.xml_tree import (
    PREDECLARED,
    Comment,
    Document,
    Element,
    Instruction,
    Node,
    Text,
    declaration,
    declared_prefixes,
    is_of_name,
)

_JSON_NAMESPACE = "http://james.newtonking.com/projects/json"
_METADATA = ("$id", "$ref", "$type", "$value", "$values")
_TEXTS = ("#text", "#whitespace", "#significant-whitespace")
_CDATA = "#cdata-section"
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""An underscore that would be taken for the begin of an encoded character."""
_ENCODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DECLARED = re.compile(r'(\w+)="([^"]*)"')


def xml_of_json(value: Mapping[str, Value]) -> Document:
    """The document of an object with one property. Raises ExpressionError for what cannot be XML."""
    document = Document()
    for name, each in value.items():
        document.children.extend(_nodes(name, each, frozenset(PREDECLARED)))
    roots = [child for child in document.children if isinstance(child, Element)]
    if len(roots) > 1:
        raise ExpressionError("the object has several roots; the root of XML is one property that is no array")
    return document


def _nodes(name: str, value: Value, prefixes: frozenset[str]) -> list[Node]:
    """What a property becomes: one node, or one for each item of an array."""
    if name == "?xml":
        return [declaration({key.removeprefix("@"): _scalar(each) for key, each in _object(name, value).items()})]
    if name.startswith("!DOCTYPE"):
        raise ExpressionError("a document type declaration (!DOCTYPE) is not taken")
    if name.startswith("?"):
        return [_instruction(name[1:], _scalar(value))]
    items = value if is_array(value) else [value]
    if name in _TEXTS:
        return [Text(_scalar(item)) for item in items]
    if name == _CDATA:
        return [Text(_without("]]>", _scalar(item)), is_cdata=True) for item in items]
    return [_element(name, item, prefixes) for item in items]


def _instruction(target: str, value: str) -> Instruction:
    if not target or _encoded_part(target) != target:
        raise ExpressionError(f"'{target}' is no name of a processing instruction of XML")
    return Instruction(target, _without("?>", value))


def _without(end: str, value: str) -> str:
    if end in value:
        raise ExpressionError(f"'{end}' ends what it would stand in")
    return value


def _element(name: str, value: Value, prefixes: frozenset[str]) -> Element:
    attributes = _attributes(value, prefixes) if is_object(value) else {}
    inner = prefixes | declared_prefixes(attributes)
    element = Element(_encoded(name, inner), attributes)
    if is_object(value):
        for key, each in value.items():
            if not key.startswith("@") and key not in _METADATA:
                element.children.extend(_nodes(key, each, inner))
    elif is_array(value):
        element.children.extend(_element(name, item, inner) for item in value)
    elif value is not None:
        element.children.append(Text(_scalar(value)))
    element.is_closed = not element.children
    return element


def _attributes(value: Mapping[str, Value], above: frozenset[str]) -> dict[str, str]:
    names = {key: key[1:] for key in value if key.startswith("@")}
    prefixes = above | declared_prefixes(dict.fromkeys(names.values(), ""))
    found: dict[str, str] = {}
    for key, each in value.items():
        if key in _METADATA:
            found |= {"xmlns:json": _JSON_NAMESPACE, f"json:{key[1:]}": _scalar(each)}
        elif key in names:
            found[_encoded(names[key], prefixes)] = _scalar(each)
    return found


def _object(name: str, value: Value) -> Mapping[str, Value]:
    if not is_object(value):
        raise ExpressionError(f"the property '{name}' is an object of attributes, such as '@version'")
    return value


def _scalar(value: Value) -> str:
    if is_object(value) or is_array(value):
        raise ExpressionError("an attribute, or text, of XML is a string, a number, a boolean or null")
    return to_text(value).lower() if isinstance(value, bool) else to_text(value)


def _encoded(name: str, prefixes: frozenset[str]) -> str:
    """A name of XML; characters that names do not have are written by their numbers, prefixes not declared left out."""
    prefix, colon, local = name.rpartition(":")
    if not local or ":" in prefix or (colon and not prefix):
        raise ExpressionError(f"the name '{name}' has no place in XML: it is empty, or its colon parts no two names")
    return f"{prefix}:{_encoded_part(local)}" if prefix in prefixes else _encoded_part(local)


def _encoded_part(name: str) -> str:
    given = _ESCAPE.sub("_x005F_", name)
    return "".join(each if is_of_name(each, at == 0) else f"_x{ord(each):04X}_" for at, each in enumerate(given))


def _decoded(name: str) -> str:
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), name)


def json_of_xml(document: Document) -> Value:
    """The object of a document."""
    result: dict[str, Value] = {}
    for child in document.children:
        if isinstance(child, Instruction) and child.target == "xml":
            result["?xml"] = {f"@{name}": value for name, value in _DECLARED.findall(child.value)}
        elif isinstance(child, Instruction):
            result[f"?{child.target}"] = child.value
        elif isinstance(child, Element):
            result[_decoded(child.name)] = _value(child)
    return result


def _value(element: Element) -> Value:
    attributes = dict(filter(None, map(_attribute, element.attributes.items())))
    children = [child for child in element.children if not isinstance(child, Comment)]
    if not attributes and not element.children:
        return None if element.is_closed else ""
    only = children[0] if len(children) == 1 else None
    if not attributes and isinstance(only, Text) and not only.is_cdata and not only.is_space:
        return only.value
    result: dict[str, Value] = dict(attributes)
    groups: dict[str, list[Node]] = {}
    for child in children:
        groups.setdefault(_key(child), []).append(child)
    for key, nodes in groups.items():
        values = [_of_node(node) for node in nodes]
        result[key] = values if len(values) > 1 or any(map(_is_marked_array, nodes)) else values[0]
    return result


def _key(node: Node) -> str:
    if isinstance(node, Element):
        return _decoded(node.name)
    if isinstance(node, Instruction):
        return f"?{node.target}"
    if isinstance(node, Text) and node.is_space:
        return "#significant-whitespace"
    return _CDATA if isinstance(node, Text) and node.is_cdata else "#text"


def _of_node(node: Node) -> Value:
    return _value(node) if isinstance(node, Element) else node.value


def _attribute(given: tuple[str, str]) -> tuple[str, str] | None:
    """The property of an attribute; none for one that only tells how JSON becomes XML."""
    name, value = given
    if name.startswith("json:"):
        key = f"${name.removeprefix('json:')}"
        return (key, value) if key in _METADATA else None
    return None if name == "xmlns:json" and value == _JSON_NAMESPACE else (f"@{_decoded(name)}", value)


def _is_marked_array(node: Node) -> bool:
    return isinstance(node, Element) and node.attributes.get("json:Array") == "true"
