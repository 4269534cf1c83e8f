"""The order of a deployment: everything that can be found wrong is told before the first resource is declared."""

import pulumi

from infra import preflight, settings
from infra.components.published_artifacts import read_artifacts
from infra.ingestion import build
from infra.naming import Names
from infra.setting_reader import SettingsError
from infra.target import WrongTarget, check_target, current_credential
from synapse_artifacts.errors import ArtifactErrors


def deploy() -> None:
    """Runs the program of the current stack. Raises RunError, which the engine shows without a traceback."""
    try:
        stack = settings.load()
        artifacts = read_artifacts(stack)
        check_target(stack, current_credential())
        names = Names.of(stack)
        unreachable = preflight.unreachable(stack, names)
        if unreachable and not pulumi.runtime.is_dry_run():
            raise preflight.Unreachable(unreachable)
        for each in unreachable:
            pulumi.log.warn(each)
        build(stack, names, artifacts).export()
    except (SettingsError, ArtifactErrors, WrongTarget, preflight.Unreachable) as error:
        raise pulumi.RunError(str(error)) from error
