"""The official archive: chosen for the platform, verified, and unpacked whole or not at all."""

from __future__ import annotations

import hashlib
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import release_host
from release_host import ReleaseHost

from pulumi_engine.errors import EngineError
from pulumi_engine.release import archive_name, download, expected_checksum, verify
from pulumi_engine.versions import EngineVersion

VERSION = EngineVersion(3, 100, 2)
PROGRAMS = {"pulumi": "#!/bin/sh\necho v3.100.2\n", "pulumi-language-python": "#!/bin/sh\n"}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReleaseHost]:
    with release_host.serving(tmp_path) as found:
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        urllib.request.install_opener(None)  # else that of an earlier environment is used
        yield found
    urllib.request.install_opener(None)


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [
        ("Linux", "x86_64", "pulumi-v3.100.2-linux-x64.tar.gz"),
        ("Linux", "aarch64", "pulumi-v3.100.2-linux-arm64.tar.gz"),
        ("Linux", "AMD64", "pulumi-v3.100.2-linux-x64.tar.gz"),
        ("Darwin", "arm64", "pulumi-v3.100.2-darwin-arm64.tar.gz"),
        ("Darwin", "x86_64", "pulumi-v3.100.2-darwin-x64.tar.gz"),
    ],
)
def test_the_archive_is_that_of_the_platform(system: str, machine: str, expected: str) -> None:
    assert archive_name(VERSION, system, machine) == expected


@pytest.mark.parametrize(("system", "machine"), [("Windows", "AMD64"), ("Linux", "riscv64")])
def test_a_platform_without_an_archive_is_named(system: str, machine: str) -> None:
    with pytest.raises(EngineError) as caught:
        archive_name(VERSION, system, machine)
    assert str(caught.value) == (
        f"choosing the release archive: no official archive is known for {system} on {machine}"
    )


@pytest.mark.parametrize("line", ["{}  a.tar.gz", "{} *a.tar.gz"])
def test_the_checksum_is_found_in_both_forms_of_the_list(line: str) -> None:
    listing = "\n".join(["0" * 64 + "  b.tar.gz", line.format("ABC123"), "something else"])
    assert expected_checksum(listing, "a.tar.gz") == "abc123"


def test_an_archive_that_is_not_in_the_list_is_refused() -> None:
    with pytest.raises(EngineError, match=r"^verifying a\.tar\.gz: the release's checksum list does not name it$"):
        expected_checksum("abc  aa.tar.gz\n", "a.tar.gz")


def test_content_with_the_published_checksum_is_accepted_and_any_other_refused() -> None:
    published = hashlib.sha256(b"content").hexdigest()
    verify(b"content", published, "a.tar.gz")
    found = hashlib.sha256(b"kontent").hexdigest()
    with pytest.raises(EngineError) as caught:
        verify(b"kontent", published, "a.tar.gz")
    assert str(caught.value) == f"verifying a.tar.gz: SHA-256 is {found}\nexpected {published}"


def test_a_download_fills_the_folder_with_the_executables_alone(host: ReleaseHost, tmp_path: Path) -> None:
    host.publish(VERSION, PROGRAMS)
    folder = tmp_path / "3.100.2" / "bin"
    download(VERSION, folder)
    assert {each.name: each.read_text() for each in folder.iterdir()} == PROGRAMS
    assert all(os.access(each, os.X_OK) for each in folder.iterdir())
    assert list(folder.parent.iterdir()) == [folder]


def _left_over(folder: Path) -> list[Path]:
    return list(folder.rglob("*")) if folder.exists() else []


def test_a_wrong_checksum_is_refused_and_leaves_nothing(host: ReleaseHost, tmp_path: Path) -> None:
    host.publish(VERSION, PROGRAMS, checksum="0" * 64)
    with pytest.raises(EngineError, match=r"^verifying pulumi-v3\.100\.2-.*: SHA-256 is [0-9a-f]{64}\nexpected 0{64}$"):
        download(VERSION, tmp_path / "3.100.2" / "bin")
    assert _left_over(tmp_path / "3.100.2") == []


def test_a_release_that_is_not_there_is_told_by_its_address(host: ReleaseHost, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        download(VERSION, tmp_path / "3.100.2" / "bin")
    assert str(caught.value) == (
        "downloading https://github.com/pulumi/pulumi/releases/download/v3.100.2/pulumi-3.100.2-checksums.txt: "
        "HTTP Error 404: Not Found"
    )
    assert _left_over(tmp_path / "3.100.2") == []


def test_a_download_that_is_cut_off_is_told_and_leaves_nothing(host: ReleaseHost, tmp_path: Path) -> None:
    address = host.publish(VERSION, PROGRAMS)
    host.cut_off.add(address)
    with pytest.raises(EngineError, match=r"^downloading https://get\.pulumi\.com/.*: IncompleteRead"):
        download(VERSION, tmp_path / "3.100.2" / "bin")
    assert _left_over(tmp_path / "3.100.2") == []


def test_a_host_that_is_not_the_official_one_is_not_believed(
    host: ReleaseHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.publish(VERSION, PROGRAMS)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(EngineError, match="certificate verify failed"):
        download(VERSION, tmp_path / "3.100.2" / "bin")
    assert host.asked == []
