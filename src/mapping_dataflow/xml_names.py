"""What elements and attributes of XML are called, in files and in columns.

https://learn.microsoft.com/azure/data-factory/format-xml: what is in a namespace is called ``URI,name``, or
``prefix:name`` by the prefix that the flow gives the namespace. Without namespaces names are what is written, and what
declares namespaces are attributes like others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_DECLARES = "xmlns"


@dataclass(frozen=True)
class NamedElement:
    """An element's name and its attributes by theirs. ``space`` is what stands before the name of what is in its
    namespace; ``spaces`` are the namespaces of the prefixes in it."""

    name: str
    space: str
    attributes: Mapping[str, str]
    spaces: Mapping[str, str]


@dataclass(frozen=True)
class XmlNames:
    """How names are made: whether namespaces count, their given prefixes by URI, and the mark of attributes."""

    namespaces: bool = True
    prefixes: Mapping[str, str] = field(default_factory=dict)
    mark: str = "@"

    def element(self, name: str, attributes: Mapping[str, str], outer: Mapping[str, str]) -> NamedElement:
        """An element with its names; ``outer`` are the namespaces around it by prefix."""
        if not self.namespaces:
            return NamedElement(name, "", {f"{self.mark}{key}": value for key, value in attributes.items()}, {})
        declared = {key[len(_DECLARES) :].lstrip(":"): value for key, value in attributes.items() if _declares(key)}
        spaces = {**outer, **declared}
        space, local = self._split(name, spaces)
        named: dict[str, str] = {}
        for key, value in attributes.items():
            if not _declares(key):
                own_space, own = self._split(key, spaces) if ":" in key else ("", key)
                named[f"{own_space}{self.mark}{own}"] = value
        return NamedElement(space + local, space, named, spaces)

    def _split(self, name: str, spaces: Mapping[str, str]) -> tuple[str, str]:
        """What stands before a name for its namespace, and the name in it; a prefix of no namespace is part of it."""
        prefix, _, local = name.rpartition(":")
        uri = spaces.get(prefix, "")
        if not uri:
            return "", name
        given = self.prefixes.get(uri)
        return (f"{given}:" if given else f"{uri},"), local


def _declares(attribute: str) -> bool:
    return attribute == _DECLARES or attribute.startswith(f"{_DECLARES}:")
