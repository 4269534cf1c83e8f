"""The settings `artifacts`: the folder that is published, what differs in this stack, what stacks share on purpose."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from azure_ids.data_factory import FACTORY_ID_FORM, ArtifactHost, FactoryId, FactoryIdError
from azure_ids.synapse import WorkspaceEndpoint
from infra.setting_reader import SettingReader
from synapse_artifacts.json_paths import EXPECTED, JsonPath, JsonPathError
from synapse_artifacts.overlays import Overlay

PROJECT_FOLDER = Path(__file__).parents[1]
DEFAULT_FOLDER = "pipelines_json"
_WORKSPACE_NAME = r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?"
_FACTORY = f"the id of a factory: {FACTORY_ID_FORM}"
_ONE_HOST = "a stack publishes to one of them: leave one out"
_FOLDER = "a folder in Studio's layout"
_OVERLAYS = "values by artifact id, then by JSON path"


class Target(Enum):
    """What the artifacts are published to."""

    SYNAPSE = "synapse"
    DATA_FACTORY = "datafactory"


@dataclass(frozen=True)
class SharedValue:
    """A host or id that another stack has and artifacts of this one may hold, and why."""

    value: str
    reason: str


@dataclass(frozen=True)
class ArtifactSettings:
    """Where artifacts come from and what they hold in this stack."""

    folder: Path
    overlays: tuple[Overlay, ...]
    shared_values: tuple[SharedValue, ...]
    host: ArtifactHost | None = None
    """The workspace or factory that is there; None where the stack makes its own."""
    target: Target = Target.SYNAPSE


def read_artifact_settings(reader: SettingReader) -> ArtifactSettings:
    """The settings inside `artifacts`; problems go to the reader."""
    if "artifacts" in reader.source.secrets:
        hint = "keep it in the vault, and refer to it in a linked service by an AzureKeyVaultSecret"
        reader.refuse("artifacts", "[secret]", "no secret: what artifacts hold is in the state in clear", hint)
        return ArtifactSettings(PROJECT_FOLDER / DEFAULT_FOLDER, (), ())
    inside = reader.group("artifacts")
    folder = PROJECT_FOLDER / Path(inside.text_or("folder", DEFAULT_FOLDER, _FOLDER)).expanduser()
    if not folder.is_dir():
        inside.refuse("folder", str(folder), _FOLDER, "there is no such folder")
    chosen = inside.text_or("target", Target.SYNAPSE.value, "synapse or datafactory", r"synapse|datafactory")
    target = Target(chosen) if chosen else Target.SYNAPSE
    host = _host(inside, target)
    overlays = tuple(_overlays(inside))
    shared = tuple(_shared_value(each) for each in inside.items("shared_values"))
    inside.finish()
    if isinstance(host, FactoryId):
        target = Target.DATA_FACTORY
    return ArtifactSettings(folder, overlays, shared, host, target)


def _host(inside: SettingReader, target: Target) -> ArtifactHost | None:
    """What is there already and is published to, if the stack names it."""
    workspace = inside.text_or("workspace", "", "the name of a Synapse workspace", _WORKSPACE_NAME)
    factory = inside.text_or("factory", "", _FACTORY)
    if workspace and (target is Target.DATA_FACTORY or factory):
        other = "artifacts.factory" if factory else "target datafactory"
        inside.refuse("workspace", workspace, f"none with {other}", _ONE_HOST)
        return None
    if not factory:
        return WorkspaceEndpoint(workspace) if workspace else None
    if inside.is_given("target") and target is Target.SYNAPSE:
        inside.refuse("factory", factory, "none with target synapse", _ONE_HOST)
        return None
    try:
        return FactoryId.parse(factory)
    except FactoryIdError as error:
        inside.refuse("factory", factory, _FACTORY, str(error).partition("\n")[0])
        return None


def _overlays(inside: SettingReader) -> Iterator[Overlay]:
    by_artifact = inside.mapping("overlays", _OVERLAYS)
    for artifact, by_path in by_artifact.items():
        key = f"overlays.{artifact}"
        if not isinstance(by_path, dict):
            inside.refuse(key, by_path, _OVERLAYS)
            continue
        for text, value in by_path.items():
            try:
                yield Overlay(artifact, JsonPath.parse(text), value)
            except JsonPathError as error:
                inside.refuse(key, text, EXPECTED, str(error))


def _shared_value(reader: SettingReader) -> SharedValue:
    value = reader.text("value", "a host or id of another stack, as the leak guard tells it")
    reason = reader.text("reason", "why stacks share it")
    reader.finish()
    return SharedValue(value, reason)
