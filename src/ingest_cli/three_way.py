"""What changed between two documents, put into a third one that differs from the first in values of its environment.

`base` is what was deployed, `theirs` what Studio made of it, `ours` the file: bound fields hold placeholders there, and
overlaid ones the file's own values. What Studio left as it was is not touched, so these stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ingest_cli.json_rewriting import equal
from synapse_artifacts.documents import names_of, path_step

_NOTHING = object()


@dataclass
class Merge:
    """The paths at which both sides changed; there the file's own value stays."""

    conflicts: list[str] = field(default_factory=list)

    def merged(self, base: Any, ours: Any, theirs: Any, path: str = "") -> Any:
        """`ours` with what `theirs` changed of `base`."""
        if equal(base, theirs):
            return ours
        if equal(base, ours) or equal(ours, theirs):
            return theirs
        if isinstance(base, dict) and isinstance(ours, dict) and isinstance(theirs, dict):
            return self._objects(base, ours, theirs, path)
        if isinstance(base, list) and isinstance(ours, list) and isinstance(theirs, list):
            return self._lists(base, ours, theirs, path)
        self.conflicts.append(path)
        return ours

    def _objects(self, base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], path: str) -> dict[str, Any]:
        result = {}
        for key in [*ours, *(key for key in theirs if key not in ours)]:
            before, own, other = (each.get(key, _NOTHING) for each in (base, ours, theirs))
            value = self.merged(before, own, other, path + path_step(key))
            if value is not _NOTHING:
                result[key] = value
        return result

    def _lists(self, base: list[Any], ours: list[Any], theirs: list[Any], path: str) -> list[Any]:
        of_base, of_ours, of_theirs = (names_of(each) for each in (base, ours, theirs))
        if of_base is not None and of_theirs is not None and of_base == of_ours:
            known = {name: index for index, name in enumerate(of_base)}
            return [
                self.merged(base[known[name]], ours[known[name]], theirs[index], path + path_step(index))
                if name in known
                else theirs[index]
                for index, name in enumerate(of_theirs)
            ]
        if len(base) == len(ours) == len(theirs) and of_base is None:
            return [
                self.merged(base[index], ours[index], theirs[index], path + path_step(index))
                for index in range(len(ours))
            ]
        self.conflicts.append(path)
        return ours
