"""What artifacts run on and the folder does not make: pools, their configurations, runtimes other than Azure's own."""

from __future__ import annotations

from collections.abc import Iterable

from synapse_artifacts.documents import Artifact
from synapse_artifacts.references import references_of

_NOUNS = {
    "bigDataPool": "Spark pool",
    "sparkConfiguration": "Spark configuration",
    "sqlPool": "SQL pool",
    "integrationRuntime": "integration runtime",
}
_EVERYWHERE = "autoresolveintegrationruntime"


def needed_compute(artifacts: Iterable[Artifact]) -> list[str]:
    """A sentence for each, with how many artifacts need it.

    Azure refuses an artifact whose pool is not there (MicrosoftDocs/azure-docs#76364).
    """
    users: dict[tuple[str, str], set[str]] = {}
    given = list(artifacts)
    published = {each.key for each in given if each.kind == "sparkConfiguration"}
    for artifact in given:
        for each in references_of(artifact):
            made = each.name.lower() == _EVERYWHERE or f"{each.kind}/{each.name}".lower() in published
            if each.kind in _NOUNS and not made:
                users.setdefault((each.kind, each.name), set()).add(artifact.id)
    return [
        f"{len(users[kind, name])} artifacts need the {_NOUNS[kind]} '{name}' (such as {min(users[kind, name])})\n"
        "  this stack does not make it; Azure refuses them where it is missing"
        for kind, name in sorted(users)
    ]
