"""Filesystems and directories of the data lake, and the access-control list of each: who may read what, as a table.

Roles open nothing here but for the workspace and the deployer (role_table.py); people read by these lists alone.
https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from azure_ids.acl import MAXIMUM_ENTRIES_PER_SCOPE
from infra.artifact_settings import Target
from infra.setting_reader import SettingsError
from infra.settings import CURATED_FOLDERS, Settings

RAW, CURATED, LANDING, WORKSPACE = "raw", "curated", "landing", "synapse"
STAGING = "_staging"
READ, CHANGE, PASS = "r-x", "rwx", "--x"
_BASE_ENTRIES_AND_MASK = 4


@dataclass(frozen=True)
class Entry:
    """What one principal may do with a directory (`access`) and with what is made in it later (`default`)."""

    kind: str
    """`group` or `user`; a service principal is a user here."""
    object_id: str
    label: str
    access: str = ""
    default: str = ""


@dataclass(frozen=True)
class Folder:
    """A directory, or with the path "" the root of a filesystem, and its entries."""

    file_system: str
    path: str
    entries: tuple[Entry, ...]

    @property
    def name(self) -> str:
        """`curated/patients`; `curated` for the root."""
        return f"{self.file_system}/{self.path}".rstrip("/")

    @property
    def existing(self) -> str:
        """Which paths below follow a changed list: all of them, so that a new group reads what was published before.

        A root's entries stay its own: the directories below it have their own rows.
        """
        return "all" if self.path else "none"

    @property
    def acl(self) -> list[str]:
        """The complete list in short form; owner and owning group are the deployer, others get nothing."""
        access = [f"{each.kind}:{each.object_id}:{each.access}" for each in self.entries if each.access]
        default = [f"default:{each.kind}:{each.object_id}:{each.default}" for each in self.entries if each.default]
        base = ["user::rwx", "group::r-x", "other::---"]
        return [*base, *access, *(f"default:{each}" for each in base), *default]


def folders(settings: Settings) -> tuple[Folder, ...]:
    """All directories, parents before children. Raises SettingsError if a list would be longer than Azure allows."""
    result = tuple(_folders(settings))
    problems = [problem for each in result for problem in _length_problems(each)]
    if problems:
        raise SettingsError(problems)
    return result


def _folders(settings: Settings) -> Iterator[Folder]:
    groups, watchers = settings.groups, tuple(_watchers(settings))
    engineers = _group(groups.data_engineers.object_id, groups.data_engineers.label, READ, READ)
    providers = _group(groups.data_engineers.object_id, groups.data_engineers.label, CHANGE, CHANGE)
    for path in ("", STAGING, "patient_database", "images"):
        yield Folder(RAW, path, (engineers, *watchers))
    for path in ("", "telemetry", "images"):
        yield Folder(LANDING, path, (providers, *watchers))
    readers = tuple(_readers_of_all(settings, READ, READ))
    yield Folder(CURATED, "", (engineers, *readers, *_some_readers(settings, CURATED_FOLDERS, PASS, ""), *watchers))
    # A renamed file keeps the list it got here: readers get it from the default entries and cannot come in themselves.
    staged = (*_readers_of_all(settings, "", READ), *_some_readers(settings, CURATED_FOLDERS, "", READ))
    yield Folder(CURATED, STAGING, (engineers, *staged, *watchers))
    for path in CURATED_FOLDERS:
        yield Folder(CURATED, path, (engineers, *readers, *_some_readers(settings, (path,), READ, READ), *watchers))
    if settings.artifacts.target is Target.SYNAPSE:  # a factory keeps no files of its own
        yield Folder(WORKSPACE, "", watchers)


def _group(object_id: str, label: str, access: str, default: str) -> Entry:
    return Entry("group", object_id, label, access, default)


def _watchers(settings: Settings) -> Iterator[Entry]:
    """Previews read lists of access, which needs the way there and nothing else."""
    for each in (settings.identities.preview, settings.identities.drift):
        yield Entry("user", each.object_id, each.label, PASS)


def _readers_of_all(settings: Settings, access: str, default: str) -> Iterator[Entry]:
    for each in (settings.groups.data_scientists, settings.groups.auditors):
        yield _group(each.object_id, each.label, access, default)


def _some_readers(settings: Settings, paths: Iterable[str], access: str, default: str) -> Iterator[Entry]:
    wanted = set(paths)
    for each in settings.curated_readers:
        if wanted.intersection(each.folders):
            yield _group(each.group.object_id, each.group.label, access, default)


def _length_problems(folder: Folder) -> Iterator[str]:
    for scope in ("access", "default"):
        named = sum(1 for each in folder.entries if getattr(each, scope))
        if named + _BASE_ENTRIES_AND_MASK > MAXIMUM_ENTRIES_PER_SCOPE:
            yield (
                f"making the access-control list of {folder.name}: it has {named} named {scope} entries\n"
                f"expected at most {MAXIMUM_ENTRIES_PER_SCOPE - _BASE_ENTRIES_AND_MASK}, "
                f"since Azure takes {MAXIMUM_ENTRIES_PER_SCOPE} with owner, group, others and mask\n"
                "hint: put groups of curated_readers that read the same folders into one group"
            )
