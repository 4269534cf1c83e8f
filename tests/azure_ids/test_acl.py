"""Access-control lists: text and back, the mask, and what setting, merging and removing leave behind."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_ids.acl import (
    EVERYTHING,
    EXECUTE,
    READ,
    AccessControlEntry,
    Acl,
    AclError,
    EntryType,
    Mode,
    Permissions,
    Scope,
    acl_of_mode,
    change_mode,
    computed_mask,
    entries_of,
    format_acl,
    is_extended,
    merge_acl,
    mode_of,
    parse_acl,
    parse_removal,
    remove_from_acl,
    replace_acl,
)

FOO = "11111111-1111-1111-1111-111111111111"
BAR = "22222222-2222-2222-2222-222222222222"


def acl(text: str) -> Acl:
    return parse_acl(text.replace("FOO", FOO).replace("BAR", BAR))


def shown(entries: Acl) -> str:
    return format_acl(entries).replace(FOO, "FOO").replace(BAR, "BAR")


permissions = st.builds(Permissions, st.integers(0, 7))
named_types: st.SearchStrategy[EntryType] = st.sampled_from(("user", "group"))


@st.composite
def whole_acls(draw: st.DrawFn) -> Acl:
    """ACLs that a service could hold: base entries, some named ones, masks where needed, with or without defaults."""
    current = acl_of_mode(Mode.of_bits(draw(st.integers(0, 0o777))))
    scopes: tuple[Scope, ...] = ("access", "default")
    entries = [
        AccessControlEntry(scope, draw(named_types), identity, draw(permissions))
        for scope in scopes
        for identity in draw(st.lists(st.uuids().map(str), max_size=3, unique=True))
    ]
    return merge_acl(current, tuple(entries))


@given(whole_acls())
def test_an_acl_survives_being_written_and_read(entries: Acl) -> None:
    assert parse_acl(format_acl(entries)) == entries


@given(st.integers(0, 0o1777))
def test_a_mode_survives_being_written_and_read_in_both_forms(bits: int) -> None:
    mode = Mode.of_bits(bits)
    assert Mode.parse(str(mode)) == mode
    assert Mode.parse(f"{bits:04o}") == mode
    assert mode.bits == bits


@given(whole_acls())
def test_the_computed_mask_limits_no_entry_and_allows_nothing_that_no_entry_has(entries: Acl) -> None:
    mask = computed_mask(entries, "access")
    limited = [each.permissions for each in entries_of(entries, "access") if each.id or each.type == "group"]
    assert all(mask.covers(each) for each in limited)
    for bit in (1, 2, 4):
        assert bool(mask.bits & bit) == any(each.bits & bit for each in limited)


@given(whole_acls())
def test_setting_an_acl_to_itself_and_merging_nothing_change_nothing(entries: Acl) -> None:
    assert replace_acl(acl_of_mode(Mode.of_bits(0)), entries) == entries
    assert merge_acl(entries, ()) == entries
    assert remove_from_acl(entries, ()) == entries


@given(whole_acls(), st.integers(0, 0o777))
def test_chmod_shows_the_mode_and_leaves_named_and_default_entries_alone(entries: Acl, bits: int) -> None:
    changed = change_mode(entries, Mode.of_bits(bits))
    assert mode_of(changed).bits == bits
    for before, after in zip(entries, changed, strict=True):
        assert before.key == after.key
        if before.id or before.scope == "default":
            assert before == after


@given(whole_acls())
def test_removing_every_named_entry_leaves_no_named_entry(entries: Acl) -> None:
    left = remove_from_acl(entries, [each.key for each in entries if each.id])
    assert not any(each.id for each in left)


def test_entries_are_written_in_the_order_of_the_service() -> None:
    text = "default:other::---,mask::rwx,other::r--,group:FOO:r-x,group::r-x,default:user::rwx,user:FOO:rw-,user::rwx"
    assert shown(acl(text)) == (
        "user::rwx,user:FOO:rw-,group::r-x,group:FOO:r-x,mask::rwx,other::r--,default:user::rwx,default:other::---"
    )


def test_object_ids_compare_in_lower_case_and_other_names_as_they_are() -> None:
    entries = parse_acl("user:ABCDEF00-1111-1111-1111-111111111111:r--,user:Someone@example.com:r--")
    assert {each.id for each in entries} == {"abcdef00-1111-1111-1111-111111111111", "Someone@example.com"}


@pytest.mark.parametrize(
    ("before", "given_acl", "after"),
    [
        (
            "user::rwx,group::r-x,other::---",
            "user::rwx,user:FOO:rwx,group::r-x,other::---,default:user:FOO:rwx",
            "user::rwx,user:FOO:rwx,group::r-x,mask::rwx,other::---,"
            "default:user::rwx,default:user:FOO:rwx,default:group::r-x,default:mask::rwx,default:other::---",
        ),
        (
            "user::rwx,group::r-x,other::---",
            "default:user:FOO:rwx",
            "user::rwx,group::r-x,other::---,"
            "default:user::rwx,default:user:FOO:rwx,default:group::r-x,default:mask::rwx,default:other::---",
        ),
        (
            "user::rwx,group::r-x,other::---",
            "default:user::rwx,default:group::r-x,default:other::---",
            "user::rwx,group::r-x,other::---,default:user::rwx,default:group::r-x,default:other::---",
        ),
        (
            "user::rwx,group::r-x,other::---,default:user::rwx,default:group::r-x,default:mask::--x,default:other::---",
            "other::r-x",
            "user::rwx,group::r-x,other::r-x,default:user::rwx,default:group::r-x,default:mask::--x,default:other::---",
        ),
        (
            "user::rw-,group::r--,other::---",
            "user::rw-,user:FOO:r--,group::r--,mask::rwx,other::---",
            "user::rw-,user:FOO:r--,group::r--,mask::rwx,other::---",
        ),
        (
            "user::rw-,user:FOO:r--,group::r--,mask::r--,other::---,default:user::rwx,default:group::---,default:other::---",
            "user::rw-,group::r--,other::---",
            "user::rw-,group::r--,other::---",
        ),
    ],
)
def test_setting_replaces_all_and_fills_in_masks_and_default_base_entries(
    before: str, given_acl: str, after: str
) -> None:
    assert shown(replace_acl(acl(before), acl(given_acl))) == after


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        (
            "user::rw-,group::r--,other::---",
            "user:FOO:rw-",
            "user::rw-,user:FOO:rw-,group::r--,mask::rw-,other::---",
        ),
        (
            "user::rw-,group::r--,other::---",
            "user:FOO:rwx,mask::---",
            "user::rw-,user:FOO:rwx,group::r--,mask::---,other::---",
        ),
        (
            "user::rwx,user:FOO:rwx,group::r-x,mask::rwx,other::---",
            "user:FOO:r-x,default:user:FOO:r-x",
            "user::rwx,user:FOO:r-x,group::r-x,mask::r-x,other::---,"
            "default:user::rwx,default:user:FOO:r-x,default:group::r-x,default:mask::r-x,default:other::---",
        ),
        (
            "user::rwx,group::r-x,mask::--x,other::---",
            "user::rw-",
            "user::rw-,group::r-x,mask::--x,other::---",
        ),
    ],
)
def test_merging_adds_or_changes_and_computes_the_mask_anew_for_named_entries(
    before: str, changes: str, after: str
) -> None:
    assert shown(merge_acl(acl(before), acl(changes))) == after


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        (
            "user::rwx,user:FOO:rwx,user:BAR:rw-,group::rw-,mask::rwx,other::---",
            "user:FOO",
            "user::rwx,user:BAR:rw-,group::rw-,mask::rw-,other::---",
        ),
        (
            "user::rwx,user:FOO:rwx,group::r-x,mask::rwx,other::---,"
            "default:user::rwx,default:user:FOO:rwx,default:group::r-x,default:mask::rwx,default:other::---",
            "user:FOO,default:user:FOO",
            "user::rwx,group::r-x,mask::r-x,other::---,"
            "default:user::rwx,default:group::r-x,default:mask::r-x,default:other::---",
        ),
        (
            "user::rwx,user:FOO:rwx,group::r-x,mask::rwx,other::---,"
            "default:user::rwx,default:user:FOO:rwx,default:group::r-x,default:mask::rwx,default:other::---",
            "user:FOO,mask,default:user:FOO,default:mask",
            "user::rwx,group::r-x,other::---,default:user::rwx,default:group::r-x,default:other::---",
        ),
        (
            "user::rwx,group::r-x,other::---,default:user::rwx,default:group::---,default:other::---",
            "default:user,default:group,default:other,user:FOO",
            "user::rwx,group::r-x,other::---",
        ),
    ],
)
def test_removing_computes_the_mask_anew_and_unknown_entries_are_no_error(before: str, keys: str, after: str) -> None:
    removal = parse_removal(keys.replace("FOO", FOO))
    assert shown(remove_from_acl(acl(before), removal)) == after


def test_a_removal_may_be_written_with_or_without_trailing_colons() -> None:
    assert parse_removal("mask,default:group:,user:a:") == {
        ("access", "mask", ""),
        ("default", "group", ""),
        ("access", "user", "a"),
    }


@pytest.mark.parametrize("scope", ["", "default:"])
def test_a_mask_that_named_entries_need_cannot_be_removed(scope: str) -> None:
    before = merge_acl(acl("user::rwx,group::r-x,other::---"), acl("user:FOO:r--,default:user:FOO:r--"))
    expected = f"removing ACL entry {scope}mask:: named entries need it; hint: remove them too"
    with pytest.raises(AclError, match=re.escape(expected)):
        remove_from_acl(before, parse_removal(f"{scope}mask"))


@pytest.mark.parametrize(
    ("kind", "whose"), [("user", "the owning user"), ("group", "the owning group"), ("other", "all others")]
)
def test_a_base_entry_cannot_be_removed(kind: EntryType, whose: str) -> None:
    with pytest.raises(AclError, match=re.escape(f"removing ACL entry {kind}:: the entry of {whose} can't be removed")):
        remove_from_acl(acl("user::rwx,group::r-x,other::---"), parse_removal(kind))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("asdf", "parsing ACL entry 'asdf': unknown type ''\nexpected [default:]<user|group|mask|other>:<id>:<rwx>"),
        ("owner::rwx", "parsing ACL entry 'owner::rwx': unknown type 'owner'"),
        ("user:rwx", "parsing ACL entry 'user:rwx': it has not the right number of colons"),
        ("default:user:rwx", "parsing ACL entry 'default:user:rwx': it has not the right number of colons"),
        ("user:a:b:rwx", "parsing ACL entry 'user:a:b:rwx': it has too many parts"),
        ("mask:a:rwx", "parsing ACL entry 'mask:a:rwx': mask has no id"),
        (
            "user::rwz",
            "parsing ACL entry 'user::rwz': parsing permissions 'rwz': expected three characters such as r-x",
        ),
        ("user::rwx,user::r--", "parsing ACL: two entries for user:"),
        ("default:mask::r--,default:mask::r--", "parsing ACL: two entries for default:mask:"),
    ],
)
def test_another_text_is_refused_as_an_acl(text: str, cause: str) -> None:
    with pytest.raises(AclError, match=re.escape(cause)):
        parse_acl(text)


def test_a_removal_with_permissions_is_refused() -> None:
    expected = (
        "parsing ACL entry 'user:a:rwx': it has too many parts\nexpected [default:]<user|group|mask|other>[:<id>]"
    )
    with pytest.raises(AclError, match=re.escape(expected)):
        parse_removal("user:a:rwx")


def test_a_removal_names_nothing_twice() -> None:
    with pytest.raises(AclError, match="parsing ACL: two entries for default:user:"):
        parse_removal("default:user,mask,default:user:")


@pytest.mark.parametrize("text", ["", "9", "0800", "rwx", "rwxrwxrwz", "2750"])
def test_another_text_is_refused_as_a_mode(text: str) -> None:
    expected = f"parsing mode {text!r}: expected octal such as 0750 or symbolic such as rwxr-x---"
    with pytest.raises(AclError, match=re.escape(expected)):
        Mode.parse(text)


def test_permissions_are_three_bits() -> None:
    with pytest.raises(AclError, match="making permissions of 8: expected 0 to 7"):
        Permissions(8)


def test_permissions_combine_and_cover() -> None:
    assert Permissions.parse("r-x") == READ | EXECUTE
    assert EVERYTHING & READ == READ
    assert EVERYTHING.covers(READ) and not READ.covers(EVERYTHING)


def test_only_more_than_the_three_base_entries_is_an_extended_acl() -> None:
    assert not is_extended(acl_of_mode(Mode.of_bits(0o750)))
    assert is_extended(acl("user::rwx,group::r-x,mask::r-x,other::---"))
