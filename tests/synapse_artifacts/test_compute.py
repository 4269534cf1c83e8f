"""What artifacts run on and nobody publishes is told by name."""

from typing import Any

from synapse_artifacts.compute import needed_compute
from synapse_artifacts.documents import Artifact


def notebook(name: str, **properties: Any) -> Artifact:
    return Artifact("notebook", name, {"name": name, "properties": properties})


def test_a_pool_is_told_once_with_how_many_need_it() -> None:
    pool = {"referenceName": "small", "type": "BigDataPoolReference"}
    artifacts = [notebook("b", bigDataPool=pool), notebook("a", bigDataPool=pool), notebook("c")]
    assert needed_compute(artifacts) == [
        "2 artifacts need the Spark pool 'small' (such as notebook/a)\n"
        "  this stack does not make it; Azure refuses them where it is missing"
    ]


def test_the_runtime_that_every_workspace_has_is_not_told() -> None:
    runtime = {"referenceName": "AutoResolveIntegrationRuntime", "type": "IntegrationRuntimeReference"}
    service = Artifact("linkedService", "lake", {"name": "lake", "properties": {"connectVia": runtime}})
    assert needed_compute([service]) == []
