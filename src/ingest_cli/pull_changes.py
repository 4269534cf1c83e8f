"""What a pull does to files, collected before anything is written; one file merged with what Studio changed."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from azure_ids.synapse import ArtifactId
from ingest_cli.json_rewriting import rewritten
from ingest_cli.three_way import Merge
from synapse_artifacts.errors import Problem

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class FileChange:
    """A file that gets another text; None: it goes."""

    artifact: str
    file: Path
    text: str | None

    @property
    def verb(self) -> str:
        """What is done to it."""
        return "delete" if self.text is None else "change" if self.file.exists() else "add"


@dataclass
class PullPlan:
    """The files to change, and what cannot be pulled; `remarks` do not keep anything from being pulled.

    `deployed` is what the state holds afterwards, by artifact id: what the workspace has now; None: it has it no more.
    """

    changes: list[FileChange] = field(default_factory=list)
    deployed: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    conflicts: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)


def merge_into(plan: PullPlan, artifact: ArtifactId, file: Path, sides: Callable[[Any], tuple[Any, Any]]) -> None:
    """Puts what Studio changed into a file; `sides` says, for the file's value, what was deployed and what is now."""
    text = file.read_bytes().decode()
    bare = text.removeprefix(_BYTE_ORDER_MARK)
    merge = Merge()
    ours = json.loads(bare)
    deployed, seen = sides(ours)
    document = merge.merged(deployed, ours, seen)
    changed = text[: len(text) - len(bare)] + rewritten(bare, document)
    if changed != text:
        plan.changes.append(FileChange(str(artifact), file, changed))
    plan.conflicts.extend(_conflicts(artifact, file, merge))


def _conflicts(artifact: ArtifactId, file: Path, merge: Merge) -> Iterator[Problem]:
    for path in merge.conflicts:
        cause = f"Studio changed {path.removeprefix('.')}, and so does the file: by an output, an overlay or an edit"
        hint = "change environment.json, the overlay or the file by hand; pulumi up makes the workspace as the file is"
        yield Problem("pulling", str(artifact), cause, file, hint=hint)
