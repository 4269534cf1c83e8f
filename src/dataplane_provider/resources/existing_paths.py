"""What a directory's list means to the paths that exist below it: what they would inherit if they were made now.

Default entries become access and default entries of directories, and access entries of files; default entries that the
directory no longer has are taken away below, whoever gave them. Not for the directory's own list.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from azure_ids.acl import (
    Acl,
    AclError,
    EntryKey,
    computed_mask,
    entries_of,
    format_acl,
    merge_acl,
    parse_acl,
    parse_removal,
    remove_from_acl,
)
from dataplane_provider.clients.lake_trees import Mode

NONE, DIRECTORIES, ALL = "none", "directories", "all"
CHOICES = (NONE, DIRECTORIES, ALL)
APPLIED = "applied"
"""Output: the default entries that have been given to what exists; a failure leaves all that may be somewhere below."""
UNFINISHED = "unfinished"
"""Output of a failed change: its goal, the passes that are left, and the token where the first of them goes on."""


@dataclass(frozen=True)
class Pass:
    """One way through the tree. `as_tree`: by the service itself, else path by path."""

    mode: Mode
    acl: str
    existing: str
    as_tree: bool

    def __str__(self) -> str:
        how = "tree" if self.as_tree else f"paths ({self.existing})"
        return f"{self.mode} {self.acl} of {how}"

    def changed(self, acl: Acl, is_directory: bool) -> Acl:
        """The list of a path after this pass, as the service makes it. Raises AclError."""
        if self.mode == "remove":
            keys = parse_removal(self.acl)
            return remove_from_acl(acl, [key for key in keys if is_directory or key[0] == "access"])
        given = parse_acl(self.acl)
        return merge_acl(acl, given if is_directory else entries_of(given, "access"))


@dataclass(frozen=True)
class Plan:
    """The passes to make; the first begins at `token`. `may_exist` are all entries that may be below meanwhile."""

    passes: tuple[Pass, ...]
    token: str
    may_exist: tuple[str, ...]


def applied_entries(acl: Acl) -> list[str]:
    """What the state holds under APPLIED once all that exists has what the list means."""
    return [str(entry) for entry in entries_of(acl, "default")]


def is_settled(state: Mapping[str, Any], wanted: Acl, existing: str) -> bool:
    """Whether the state says that what exists below has what the list means."""
    reached = state.get("existing", NONE)
    covers = CHOICES.index(reached) >= CHOICES.index(existing)
    return covers and UNFINISHED not in state and list(state.get(APPLIED, ())) == applied_entries(wanted)


def planned(state: Mapping[str, Any], live: Acl, wanted: Acl, existing: str) -> Plan:
    """How what exists gets from the state to what `wanted` means; `live` is the list the directory has now.

    The live list is known too, since an update that was killed after it was set left no state.
    """
    known = {*state.get(APPLIED, ()), *_default_texts(state.get("acl", ())), *applied_entries(live)}
    passes = tuple(_passes(state, known, wanted, existing))
    may_exist = tuple(sorted(known | set(applied_entries(wanted))))
    unfinished = state.get(UNFINISHED, {})
    left = tuple(each for each in passes if str(each) in unfinished.get("passes", ()))
    # for the same goal only: passes that are not left were made for it
    if unfinished.get("goal") == applied_entries(wanted) and [str(each) for each in left] == unfinished["passes"]:
        return Plan(left, str(unfinished["token"]), may_exist)
    return Plan(passes, "", may_exist)


def failed_state(
    inputs: Mapping[str, Any], plan: Plan, wanted: Acl, left: Sequence[Pass], token: str
) -> dict[str, Any]:
    """The state after a change that was not carried out to its end."""
    unfinished = {"goal": applied_entries(wanted), "passes": [str(each) for each in left], "token": token}
    return {**inputs, APPLIED: list(plan.may_exist), UNFINISHED: unfinished}


def _passes(state: Mapping[str, Any], known: Iterable[str], wanted: Acl, existing: str) -> Iterator[Pass]:
    goal = applied_entries(wanted)
    covers = CHOICES.index(state.get("existing", NONE)) >= CHOICES.index(existing)
    if not covers or UNFINISHED in state or set(goal) - set(state.get(APPLIED, ())):
        yield _pass("modify", format_acl(_inherited(wanted)), wanted, existing)
    gone = sorted({_key(text) for text in known} - {_key(text) for text in goal})
    named = [key for key in gone if key[2]]
    if named:
        texts = [f"{prefix}{kind}:{id}" for _, kind, id in named for prefix in ("", "default:")]
        yield _pass("remove", ",".join(texts), wanted, existing)


def _pass(mode: Mode, acl: str, wanted: Acl, existing: str) -> Pass:
    """The service goes through a tree with its top, so it may only if the top has its own list afterwards too."""
    tree = Pass(mode, acl, existing, as_tree=True)
    try:
        keeps_top = tree.changed(wanted, is_directory=True) == wanted
    except AclError:
        keeps_top = False
    return tree if existing == ALL and keeps_top else replace(tree, as_tree=False)


def _inherited(acl: Acl) -> Acl:
    """The default entries, for both scopes; a mask only where it is narrower than computed, or nothing computes it."""
    entries = entries_of(acl, "default")
    is_computed = any(entry.id for entry in entries)
    mask = computed_mask(entries, "default")
    kept = [entry for entry in entries if entry.type != "mask" or not is_computed or entry.permissions != mask]
    return (*(replace(entry, scope="access") for entry in kept), *kept)


def _default_texts(texts: Iterable[str]) -> Iterator[str]:
    return (text for text in texts if text.startswith("default:"))


def _key(text: str) -> EntryKey:
    return parse_acl(text)[0].key
