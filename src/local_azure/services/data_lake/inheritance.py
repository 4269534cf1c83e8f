"""Owner, group and permissions of a new file or directory.

https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control#default-permissions-on-new-files-and-directories
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from azure_ids.acl import (
    AccessControlEntry,
    Acl,
    Mode,
    Permissions,
    acl_of_mode,
    entries_of,
    replace_acl,
)

DIRECTORY_MODE = Mode.of_bits(0o777)
FILE_MODE = Mode.of_bits(0o666)
_UMASK = Mode.of_bits(0o027)
"""Holds where the parent has no default ACL and the request says nothing."""
_UMASK_WITH_DEFAULT_ACL = Mode.of_bits(0o007)
"""Holds where the parent has a default ACL and the request gives no permissions; a given umask is ignored then."""


@dataclass(frozen=True)
class Wishes:
    """What a create request says about access; None where it says nothing."""

    permissions: Mode | None = None
    umask: Mode | None = None
    acl: Acl | None = None


def new_access(parent_acl: Acl, is_directory: bool, wishes: Wishes) -> tuple[Acl, bool]:
    """The ACL of a new item in a directory with `parent_acl`, and its sticky bit. Raises AclError."""
    usual = DIRECTORY_MODE if is_directory else FILE_MODE
    default = entries_of(parent_acl, "default")
    if default:
        wanted = wishes.permissions or _without(usual, _UMASK_WITH_DEFAULT_ACL)
        acl = tuple(_filtered(each, wanted, default) for each in default)
        acl += default if is_directory else ()
    else:
        wanted = _without(wishes.permissions or usual, wishes.umask or _UMASK)
        acl = acl_of_mode(wanted)
    if wishes.acl is not None:
        acl = replace_acl(entries_of(acl, "access"), wishes.acl)
    return acl, bool(wishes.permissions and wishes.permissions.sticky)


def root_access() -> Acl:
    """The ACL of a new filesystem's root directory."""
    return acl_of_mode(_without(DIRECTORY_MODE, _UMASK))


def _without(mode: Mode, umask: Mode) -> Mode:
    return Mode.of_bits(mode.bits & ~(umask.bits & 0o777))


def _filtered(entry: AccessControlEntry, wanted: Mode, default: Acl) -> AccessControlEntry:
    """A default entry as an access entry: named ones stay, of the others only what the wanted permissions allow."""
    has_mask = any(each.type == "mask" for each in default)
    limits: dict[str, Permissions] = {"user": wanted.owner, "other": wanted.other}
    limits["mask" if has_mask else "group"] = wanted.group
    access = replace(entry, scope="access")
    if entry.id or entry.type not in limits:
        return access
    return replace(access, permissions=entry.permissions & limits[entry.type])
