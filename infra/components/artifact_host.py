"""What runs the pipelines, whichever it is: a Synapse workspace or a factory of Data Factory."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class ArtifactHost:
    """Names and addresses of it; `ready` is what artifacts have to wait for."""

    name: pulumi.Output[str]
    id: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    """Where artifacts are published: the development endpoint of a workspace, the id of a factory."""
    principal_id: pulumi.Output[str]
    """Object id of its identity."""
    studio_url: pulumi.Output[str]
    ready: Sequence[pulumi.Resource]
