"""Sequences that Apache's own tests run against the service: every ACL operation of a Hadoop client, one after another.

The client reads an ACL, merges and sends it whole; here the service's own merge and removal stand in for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lake_bench import Bench, refused

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "azure" / "hadoop_acl_vectors.txt"
FOO, BAR = "f0000000-0000-0000-0000-00000000000f", "b0000000-0000-0000-0000-00000000000b"
REFUSED = {
    "testModifyAclEntriesDefaultOnFile": "modifyAclEntries",
    "testSetAclDefaultOnFile": "setAcl",
    "testModifyAclEntriesWithDuplicateEntries": "modifyAclEntries",
    "testSetAclWithDuplicateEntries": "setAcl",
    "testRemoveAclEntriesAccessMask": "removeAclEntries",
    "testRemoveAclEntriesDefaultMask": "removeAclEntries",
    "testRemoveAclEntriesWithDuplicateEntries": "removeAclEntries",
}
"""Tests whose last operation must fail."""
OTHER_TESTS = re.compile(r"NonNamespaceEnabledAccount|PathNotFound|WorksForRoot|DefaultAclRenamed")
"""Not sequences on one path; they have tests of their own."""


def _vectors() -> Iterator[tuple[str, list[str]]]:
    if not VECTORS.exists():  # a checkout without its neighbours: the same rules are tested one by one elsewhere
        return
    for line in VECTORS.read_text(encoding="utf-8").splitlines():
        name, *words = line.split()
        if not OTHER_TESTS.search(name):
            yield name, words


class Player:
    """Plays one sequence on the directory or file `item`, as a Hadoop client would."""

    def __init__(self, bench: Bench, name: str) -> None:
        self._data = bench.made_file_system()
        self._refused = REFUSED.get(name, "")
        self._item: Any = None
        self._given: list[str] = []

    def play(self, words: list[str]) -> None:
        for word in words:
            if word == "=perm":
                self._compare()
            elif word.startswith(">"):
                getattr(self, f"_{word.removeprefix('>')}")()
                if word != ">getAclStatus":
                    self._given = []
            else:
                self._given.append(word.replace("FOO", FOO).replace("BAR", BAR))

    @property
    def _acl(self) -> str:
        return ",".join(each for each in self._given if ":" in each)

    def _mode(self, usual: str) -> str:
        """A mode as Hadoop's driver sends it: octal digits, at least four (what Java writes as 01750 goes as 1750)."""
        return f"{int(self._given[0]):04}" if self._given else usual

    def _mkdirs(self) -> None:
        path = "item" if self._item is None else f"{self._item.path_name}/below"
        self._item = self._data.create_directory(path, permissions=self._mode("0777"), umask="0022")
        if self._given:
            self._item.set_access_control(permissions=self._mode(""))

    def _create(self) -> None:
        path = "item" if self._item is None else f"{self._item.path_name}/below"
        mode = self._mode("0644")
        self._item = self._data.create_file(path, permissions=mode, umask="0022")

    def _setPermission(self) -> None:
        self._item.set_access_control(permissions=self._mode(""))

    def _setAcl(self) -> None:
        self._try("setAcl", lambda: self._item.set_access_control(acl=self._acl))

    def _modifyAclEntries(self) -> None:
        is_file = type(self._item).__name__ == "DataLakeFileClient"
        if is_file and "default:" in self._acl:  # a recursive change passes over files: the refusal is that of a set
            self._try("modifyAclEntries", lambda: self._item.set_access_control(acl=self._acl))
        else:
            self._try("modifyAclEntries", lambda: self._item.update_access_control_recursive(acl=self._acl))

    def _removeAclEntries(self) -> None:
        keys = [re.sub(r":+", ":", each).strip(":") for each in self._given]
        removal = ",".join(re.sub(r":(---|rw-)$", "", each) for each in keys)
        self._try("removeAclEntries", lambda: self._item.remove_access_control_recursive(acl=removal))

    def _removeDefaultAcl(self) -> None:
        acl = self._item.get_access_control()["acl"]
        access = [each for each in acl.split(",") if not each.startswith("default:")]
        self._item.set_access_control(acl=",".join(access))

    def _removeAcl(self) -> None:
        acl = self._item.get_access_control()["acl"].split(",")
        self._item.set_access_control(acl=",".join(each for each in acl if re.match(r"(user|group|other)::", each)))

    def _getAclStatus(self) -> None:
        self._given = []

    def _try(self, name: str, act: Any) -> None:
        if self._refused == name and (name != "setAcl" or "default" in self._acl or "mask::--x,mask" in self._acl):
            with refused(400, "InvaldAccessControlList"):
                act()
        else:
            act()

    def _compare(self) -> None:
        *entries, mode = self._given
        found = self._item.get_access_control()
        permissions = found["permissions"].removesuffix("+")
        assert _octal(permissions) == mode.zfill(5)
        all_entries = found["acl"].split(",")
        shown = [each for each in all_entries if each.startswith("default:")]
        if any(each.startswith("mask:") for each in all_entries):
            access = [each for each in all_entries if each not in shown]
            shown += [each for each in access if re.match(r"group::|(user|group):[^:]", each)]
        assert sorted(shown) == sorted(entries)


def _octal(permissions: str) -> str:
    bits = sum(1 << (8 - index) for index, letter in enumerate(permissions) if letter not in "-T")
    return f"{bits | (0o1000 if permissions[8] in 'tT' else 0):05o}"


@pytest.mark.parametrize(("name", "words"), [pytest.param(*each, id=each[0]) for each in _vectors()])
def test_a_sequence_of_a_hadoop_client_ends_as_on_the_service(bench: Bench, name: str, words: list[str]) -> None:
    Player(bench, name).play(words)
