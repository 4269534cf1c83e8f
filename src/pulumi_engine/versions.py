"""The pinned engine version and the rule which other versions fit."""

import re
from dataclasses import dataclass

_PATTERN = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, order=True)
class EngineVersion:
    """A released version of the Pulumi command line."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> "EngineVersion | None":
        """The version that `pulumi version` printed, or None where the text holds none."""
        found = _PATTERN.match(text.strip())
        return cls(*(int(part) for part in found.groups())) if found else None

    def __str__(self) -> str:
        """The bare form, without a leading `v`."""
        return f"{self.major}.{self.minor}.{self.patch}"

    def fits(self, found: "EngineVersion") -> bool:
        """Whether an engine of version `found` can run programs of the SDK of this version.

        The engine keeps its protocol stable within a major version and only adds to it, so a newer engine serves an
        older SDK; an older one may lack what the SDK asks for.
        """
        return found.major == self.major and found >= self


PINNED = EngineVersion(3, 259, 0)
"""The engine that the locked Python SDK (`pulumi` in pyproject.toml) was tried with."""
