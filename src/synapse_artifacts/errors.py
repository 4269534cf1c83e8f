"""What can be wrong with artifacts, as text for people: what, where (file, line and JSON pointer), expected, hint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One problem. `doing` is what was being done ("reading", "checking"), `subject` the artifact's id or the file."""

    doing: str
    subject: str
    cause: str
    file: Path | None = None
    pointer: str = ""
    line: int | None = None
    column: int | None = None
    expected: str = ""
    hint: str = ""
    fails_at_run: bool = False
    """True where Azure publishes the artifact all the same, and only what runs it fails."""
    is_ignored: bool = False
    """True where Azure publishes the artifact, keeps what is told of and does nothing with it."""

    def __str__(self) -> str:
        lines = [f"{self.doing} {self.subject}: {self.cause}"]
        place = self.place
        if place:
            lines.append(f"  at {place}")
        if self.expected:
            lines.append(f"  expected {self.expected}")
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)

    @property
    def place(self) -> str:
        """`file:line:column /pointer` as far as known."""
        where = "" if self.file is None else str(self.file)
        if where and self.line is not None:
            where += f":{self.line}:{self.column}"
        return " ".join(part for part in (where, self.pointer) if part)


class ArtifactErrors(Exception):
    """Everything that is wrong with a folder or a set of artifacts, at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class CyclicReferencesError(ArtifactErrors):
    """Artifacts that refer to each other in a circle; `cycle` holds their ids, the first one again at the end."""

    def __init__(self, cycle: Sequence[str]) -> None:
        self.cycle = tuple(cycle)
        cause = f"it leads back to itself: {' -> '.join(self.cycle)}"
        super().__init__(
            [
                Problem(
                    "ordering",
                    self.cycle[0],
                    cause,
                    expected="references without a circle",
                )
            ]
        )
