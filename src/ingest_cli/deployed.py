"""What a stack has deployed, counted from its state."""

from collections.abc import Mapping

from ingest_cli.stack import exported_resources
from synapse_artifacts.packed import documents_of

_ARTIFACTS_TYPE = "dataplane:index:WorkspaceArtifacts"


def deployed_counts(environment: Mapping[str, str]) -> tuple[int, int]:
    """How many resources and how many artifacts the stack's state holds. Raises CommandError without a state."""
    resources = exported_resources("reading the state of the stack", environment=environment)
    custom = [each for each in resources if each.get("custom") and not each["type"].startswith("pulumi:")]
    published = [each for each in custom if each["type"] == _ARTIFACTS_TYPE]
    return len(custom), sum(len(documents_of(each["inputs"]["documents"])) for each in published)
