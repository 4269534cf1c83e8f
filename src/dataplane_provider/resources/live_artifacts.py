"""What a workspace holds at one moment, listed by kind: requests grow with pages, not with artifacts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from azure_ids.synapse import ArtifactId, ArtifactKind
from dataplane_provider.clients.artifact_service import ArtifactService
from dataplane_provider.resources.resume_note import is_note, names_in


@dataclass(frozen=True)
class LiveArtifacts:
    """Artifacts as the service tells them, by kind and name."""

    by_kind: Mapping[ArtifactKind, Mapping[str, Mapping[str, Any]]]

    def find(self, artifact: ArtifactId) -> Mapping[str, Any] | None:
        """The artifact of that name, however its case is written: the service does not tell upper from lower case."""
        return self._by_key.get(str(artifact).lower())

    def of(self, kind: ArtifactKind) -> Mapping[str, Mapping[str, Any]]:
        """The artifacts of a kind by name; none of a kind that was not listed."""
        return self.by_kind.get(kind, {})

    def ids(self) -> Iterator[ArtifactId]:
        """Every artifact, by kind and name, but for notes of triggers to resume, which nobody made."""
        for kind in ArtifactKind:
            for name in sorted(self.of(kind)):
                if not is_note(artifact := ArtifactId(kind, name)):
                    yield artifact

    def to_resume(self, note: ArtifactId | None = None) -> frozenset[str]:
        """The triggers that are there and a note names; without one: any note."""
        notes = [
            item
            for name, item in self.of(ArtifactKind.PIPELINE).items()
            if is_note(each := ArtifactId(ArtifactKind.PIPELINE, name)) and note in (None, each)
        ]
        noted = {name.lower() for item in notes for name in names_in(item)}
        return frozenset(name for name in self.of(ArtifactKind.TRIGGER) if name.lower() in noted)

    @cached_property
    def _by_key(self) -> dict[str, Mapping[str, Any]]:
        return {
            f"{kind.value}/{name}".lower(): item for kind, items in self.by_kind.items() for name, item in items.items()
        }


def list_live(
    client: ArtifactService,
    kinds: Iterable[ArtifactKind],
    look: Callable[[ArtifactKind, Mapping[str, Mapping[str, Any]]], None] | None = None,
) -> LiveArtifacts:
    """What the workspace holds of some kinds; kinds are listed side by side, the pages of each one after another.

    The first ones are asked for first: those of many pages should be, whose answers end last.
    `look` is told the artifacts of each page by name, in one thread of its own, as soon as they are there: what it does
    takes place while other pages are under way.
    """
    wanted = list(dict.fromkeys(kinds))
    if not wanted:
        return LiveArtifacts({})

    def listed(kind: ArtifactKind) -> Mapping[str, Mapping[str, Any]]:
        items: dict[str, Mapping[str, Any]] = {}
        looks: list[Future[None]] = []
        for page in client.artifact_pages(kind):
            items |= page
            if look is not None:
                looks.append(looking.submit(look, kind, page))
        for each in looks:
            each.result()
        return items

    with (
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="looking") as looking,
        ThreadPoolExecutor(max_workers=len(wanted), thread_name_prefix="listing") as pool,
    ):
        return LiveArtifacts(dict(zip(wanted, pool.map(listed, wanted), strict=True)))
