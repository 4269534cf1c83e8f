"""The order of a deployment: everything that can be found wrong is told before the first resource is declared."""

import pulumi

from infra import preflight, settings
from infra.artifact_settings import PROJECT_FOLDER
from infra.components.published_artifacts import Artifacts, PublishedArtifacts, read_artifacts, trigger_names
from infra.git_settings import require_only_connection
from infra.ingestion import build
from infra.naming import PROJECT, Names
from infra.setting_reader import SettingsError
from infra.target import WrongTarget, check_target, current_credential
from infra.vault_presence import VaultUnknown, vault_presence
from synapse_artifacts.errors import ArtifactErrors


def deploy() -> None:
    """Runs the program of the current stack. Raises RunError, which the engine shows without a traceback."""
    try:
        stack = settings.load(trigger_names)
        artifacts = read_artifacts(stack, pulumi.get_stack())
        check_target(stack, current_credential())
        if isinstance(stack, settings.Publication):
            publish(stack, artifacts)
            return
        require_only_connection(stack.git, pulumi.get_stack(), PROJECT_FOLDER, PROJECT)
        names = Names.of(stack)
        check_endpoints(stack, names)
        build(stack, names, artifacts, vault_presence(stack, names)).export()
    except (SettingsError, ArtifactErrors, WrongTarget, preflight.Unreachable, VaultUnknown) as error:
        raise pulumi.RunError(str(error)) from error


def publish(stack: settings.Publication, artifacts: Artifacts) -> None:
    """Declares the artifacts of a workspace or factory that is there, and nothing else."""
    PublishedArtifacts(str(stack.host), artifacts, {})
    pulumi.export("workspace", stack.host.name)
    pulumi.export("artifactHost", str(stack.host))


def check_endpoints(stack: settings.Settings, names: Names) -> None:
    """Warns in a preview, which needs no data, and where this deployment changes the rules; else raises Unreachable."""
    problems = preflight.unreachable(stack, names)
    refused_now = any(preflight.REFUSED in each for each in problems)
    is_final = not (refused_now and preflight.rules_change(stack, preflight.live_rules(names)))
    if problems and is_final and not pulumi.runtime.is_dry_run():
        raise preflight.Unreachable(problems)
    if not problems and preflight.lake_answers(names):
        problems = (preflight.closing(stack, names, preflight.live_rules(names)),)
    for each in filter(None, problems):
        pulumi.log.warn(each)
