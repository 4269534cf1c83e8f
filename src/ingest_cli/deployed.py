"""What a stack has deployed, counted from its state."""

import json
from collections.abc import Mapping

from ingest_cli.errors import CommandError
from ingest_cli.stack import pulumi
from synapse_artifacts.packed import documents_of

_ARTIFACTS_TYPE = "dataplane:index:WorkspaceArtifacts"


def deployed_counts(environment: Mapping[str, str]) -> tuple[int, int]:
    """How many resources and how many artifacts the stack's state holds. Raises CommandError without a state."""
    answer = pulumi(["stack", "export"], environment)
    if answer.returncode != 0:
        raise CommandError("reading the state of the stack", answer.stderr.strip())
    resources = json.loads(answer.stdout)["deployment"].get("resources", [])
    custom = [each for each in resources if each.get("custom") and not each["type"].startswith("pulumi:")]
    published = [each for each in custom if each["type"] == _ARTIFACTS_TYPE]
    return len(custom), sum(len(documents_of(each["inputs"]["documents"])) for each in published)
