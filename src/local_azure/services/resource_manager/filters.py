"""The `$filter` of the lists of resource groups and resources: comparisons with `eq`, joined by `and`.

https://learn.microsoft.com/rest/api/resources/resources/list
https://learn.microsoft.com/rest/api/resources/resource-groups/list
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from azure_ids.arm import ArmId
from local_azure.services.resource_manager import errors

_AND = re.compile(r"\s+and\s+(?=\w+\s+\w+\s+')", re.IGNORECASE)
_COMPARISON = re.compile(r"(\w+)\s+eq\s+'((?:[^']|'')*)'", re.IGNORECASE)
_TAG_NAME, _TAG_VALUE = "tagName", "tagValue"


@dataclass(frozen=True)
class Filter:
    """What documents have to have: properties with their values, and a tag with its value (None: any value)."""

    properties: tuple[tuple[str, str], ...] = ()
    tag: tuple[str, str | None] | None = None

    def lets(self, document: Mapping[str, Any]) -> bool:
        """Whether a document is wanted; names and properties match without regard to case, values of tags with it."""
        values = {
            "resourcetype": document["type"],
            "name": document["name"],
            "location": document.get("location", ""),
            "resourcegroup": ArmId.parse(document["id"]).resource_group,
        }
        return self._has_tag(document) and all(
            str(values[name]).lower() == value.lower() for name, value in self.properties
        )

    def _has_tag(self, document: Mapping[str, Any]) -> bool:
        if self.tag is None:
            return True
        name, value = self.tag
        found = {key.lower(): text for key, text in (document.get("tags") or {}).items()}
        return name.lower() in found and value in (None, found[name.lower()])


def parse(text: str, properties: Collection[str]) -> Filter:
    """The filter that a text means, by any of the properties or by a tag alone; raises BadRequest for all else."""
    if not text.strip():
        return Filter()
    parts = [_COMPARISON.fullmatch(part.strip()) for part in _AND.split(text)]
    found = [(part[1].lower(), part[2].replace("''", "'")) for part in parts if part]
    names = [name for name, _ in found]
    if len(found) == len(parts):
        if set(names) <= {each.lower() for each in properties}:
            return Filter(tuple(found))
        if names in ([_TAG_NAME.lower()], [_TAG_NAME.lower(), _TAG_VALUE.lower()]):
            values = [value for _, value in found]
            return Filter(tag=(values[0], values[1] if len(values) > 1 else None))
    served = f"{', '.join(properties)} with eq '…', joined by and, or " if properties else ""
    raise errors.bad_request(
        f"The filter '{text}' is not served by the local stand-in; expected {served}{_TAG_NAME} eq '…', "
        f"alone or followed by and {_TAG_VALUE} eq '…'."
    )
