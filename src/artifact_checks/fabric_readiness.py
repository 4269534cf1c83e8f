"""What of a folder of artifacts Microsoft Fabric lacks, artifact by artifact; the rules are `fabric_rules.py`.

A report, not a judgement: everything that the table knows is told, also what is easily made anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifact_checks.fabric_rules import RULES, Rule, Verdict
from synapse_artifacts.documents import Artifact
from synapse_artifacts.errors import Problem
from synapse_artifacts.load import places_in, read_folder

READY = "ready"
_ORDER = list(Verdict)


@dataclass(frozen=True)
class Gap:
    """One place of an artifact that Fabric lacks something for."""

    rule: Rule
    pointer: str
    found: str
    line: int | None
    column: int | None

    @property
    def lacks(self) -> str:
        """What Fabric lacks, in words."""
        return self.rule.lacks.replace("{type}", self.found)

    def as_json(self) -> dict[str, Any]:
        """The gap as JSON data."""
        return {
            "rule": self.rule.name,
            "verdict": self.rule.verdict.value,
            "pointer": self.pointer,
            "line": self.line,
            "column": self.column,
            "lacks": self.lacks,
            "instead": self.rule.instead,
            "page": self.rule.page.address,
            "pageDated": self.rule.page.dated or None,
        }


@dataclass(frozen=True)
class ArtifactReadiness:
    """One artifact with everything that Fabric lacks for it, in the order of the places."""

    artifact: Artifact
    gaps: tuple[Gap, ...]

    @property
    def verdict(self) -> str:
        """The hardest verdict of its gaps; `ready` if there is none."""
        hardest = max((_ORDER.index(gap.rule.verdict) for gap in self.gaps), default=None)
        return READY if hardest is None else _ORDER[hardest].value


@dataclass(frozen=True)
class ReadinessReport:
    """All artifacts of a folder that can be read, and the problems of the files that cannot."""

    artifacts: tuple[ArtifactReadiness, ...]
    unreadable: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as JSON data."""
        return {
            "artifacts": [
                {
                    "artifact": each.artifact.id,
                    "file": None if each.artifact.file is None else str(each.artifact.file),
                    "verdict": each.verdict,
                    "gaps": [gap.as_json() for gap in each.gaps],
                }
                for each in self.artifacts
            ],
            "verdicts": dict(self.verdicts),
            "unreadable": [str(problem) for problem in self.unreadable],
        }

    @property
    def verdicts(self) -> Counter[str]:
        """How many artifacts have which verdict."""
        return Counter(each.verdict for each in self.artifacts)

    def lines(self) -> Iterator[str]:
        """The report as text: each artifact that is not ready with its gaps, then the numbers."""
        for each in self.artifacts:
            if each.gaps:
                yield f"{each.artifact.id}: {each.verdict}"
                for gap in each.gaps:
                    yield from _told(each.artifact, gap)
        known = [READY, *(verdict.value for verdict in Verdict)]
        numbers = ", ".join(f"{self.verdicts[name]} {name}" for name in known if self.verdicts[name])
        yield f"{len(self.artifacts)} artifacts" + (f": {numbers}" if numbers else "")


def _told(artifact: Artifact, gap: Gap) -> Iterator[str]:
    line = "" if gap.line is None else f":{gap.line}:{gap.column}"
    place = f"{artifact.file}{line} {gap.pointer}".rstrip()
    dated = f" ({gap.rule.page.dated})" if gap.rule.page.dated else ""
    yield f"  {gap.rule.verdict.value}: Fabric lacks {gap.lacks}"
    yield f"    at {place}"
    yield f"    instead: {gap.rule.instead}"
    yield f"    see {gap.rule.page.address}{dated}"


def readiness_of_folder(folder: Path) -> ReadinessReport:
    """Reads a folder in Studio's Git layout and applies every rule; raises nothing about its content."""
    workspace, problems = read_folder(folder)
    unreadable = [each for each in problems if not workspace.artifacts or each.subject.lower() in workspace.unreadable]
    return ReadinessReport(tuple(_readiness(each) for each in workspace.artifacts), tuple(unreadable))


def _readiness(artifact: Artifact) -> ArtifactReadiness:
    found = [
        (rule, pointer, type)
        for rule in RULES
        if rule.kind == artifact.kind
        for pointer, type in dict.fromkeys(rule.find(artifact))
    ]
    is_inside = any(pointer for _, pointer, _ in found)
    places = places_in(artifact.file) if is_inside and artifact.file is not None else None
    gaps = []
    for rule, pointer, type in found:
        position = None if places is None else places.find(pointer)
        line, column = (position.line, position.column) if position else (None, None)
        gaps.append(Gap(rule, pointer, type, line, column))
    return ArtifactReadiness(artifact, tuple(sorted(gaps, key=lambda gap: (gap.line or 0, gap.column or 0))))
