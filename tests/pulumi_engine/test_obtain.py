"""The order in which the engine is looked for: PATH, the cache, the release, a build; and that it is made once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import release_host
from fake_programs import builds_of, search_path, write_go, write_program, write_pulumi
from release_host import ReleaseHost

from pulumi_engine.cache import engine_folder
from pulumi_engine.obtain import find_on_path, obtain
from pulumi_engine.versions import PINNED, EngineVersion

VERSION = EngineVersion(3, 100, 2)
PROGRAMS = {"pulumi": "#!/bin/sh\n# of the release\n", "pulumi-language-python": "#!/bin/sh\n# of the release\n"}


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ReleaseHost]:
    with release_host.serving(tmp_path) as found:
        yield found


def _run(host: ReleaseHost, *path: Path) -> subprocess.CompletedProcess[str]:
    """`python -m pulumi_engine` with a PATH of these folders."""
    environment = {**os.environ, **host.environment, "PATH": search_path(*path)}
    command = [sys.executable, "-m", "pulumi_engine"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", ["v3.100.2", "v3.101.0"])
def test_an_engine_on_the_path_that_fits_is_taken(
    version: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pulumi(tmp_path / "mine", version)
    monkeypatch.setenv("PATH", search_path(tmp_path / "nothing", tmp_path / "mine"))
    assert find_on_path(VERSION) == tmp_path / "mine"
    assert obtain(VERSION) == tmp_path / "mine"
    assert not cache.exists()


def test_its_language_host_may_be_in_another_folder_of_the_path(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pulumi(tmp_path / "mine", "v3.100.2", language_host=False)
    write_program(tmp_path / "hosts", "pulumi-language-python", "exit 1")
    monkeypatch.setenv("PATH", search_path(tmp_path / "mine", tmp_path / "hosts"))
    assert find_on_path(VERSION) == tmp_path / "mine"


def test_an_engine_without_a_language_host_is_not_taken(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pulumi(tmp_path / "mine", "v3.100.2", language_host=False)
    monkeypatch.setenv("PATH", search_path(tmp_path / "mine"))
    assert find_on_path(VERSION) is None


@pytest.mark.parametrize("version", ["v3.100.1", "v2.200.0", "v4.0.0"])
def test_an_engine_that_does_not_fit_is_named_and_not_taken(
    version: str,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    pulumi = write_pulumi(tmp_path / "mine", version)
    monkeypatch.setenv("PATH", search_path(tmp_path / "mine"))
    assert find_on_path(VERSION) is None
    assert capfd.readouterr().err == f"pulumi on PATH ({pulumi}) is {version}; 3.100.2 or a later 3.x is needed\n"


def test_an_engine_in_the_cache_is_taken_as_it_is(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_go(tmp_path / "go")
    monkeypatch.setenv("PATH", search_path(tmp_path / "go"))
    write_pulumi(engine_folder(VERSION), "v3.100.2")
    assert obtain(VERSION) == engine_folder(VERSION)
    assert not (tmp_path / "go" / "go.log").exists()


def test_a_cache_without_a_language_host_gets_one_that_runs_the_projects_python(cache: Path, tmp_path: Path) -> None:
    write_pulumi(engine_folder(VERSION), "v3.100.2", language_host=False)
    language_host = obtain(VERSION) / "pulumi-language-python"
    python = write_program(tmp_path / "a folder", "python", 'echo "$@"')
    called = subprocess.run(
        [language_host, "127.0.0.1:1"],
        env={"INGEST_PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert called.stdout == "-m pulumi_engine.language_host 127.0.0.1:1\n"


def test_the_release_is_taken_before_anything_is_built(cache: Path, host: ReleaseHost, tmp_path: Path) -> None:
    write_go(tmp_path / "go")
    host.publish(PINNED, PROGRAMS)
    answer = _run(host, tmp_path / "go")
    folder = engine_folder(PINNED)
    assert (answer.returncode, answer.stdout) == (0, f"{folder}\n"), answer.stderr
    assert {each.name: each.read_text() for each in folder.iterdir()} == PROGRAMS
    assert builds_of(tmp_path / "go") == []
    assert _run(host, tmp_path / "go").stdout == f"{folder}\n"
    assert len(host.asked) == 2


def test_without_a_release_it_is_built_once(cache: Path, host: ReleaseHost, tmp_path: Path) -> None:
    write_go(tmp_path / "go")
    answer = _run(host, tmp_path / "go")
    folder = engine_folder(PINNED)
    assert (answer.returncode, answer.stdout) == (0, f"{folder}\n"), answer.stderr
    assert "HTTP Error 404: Not Found" in answer.stderr
    assert f"building pulumi {PINNED} from its Go module … (about 4 minutes on 2 cores, once per user)" in answer.stderr
    assert sorted(each.name for each in folder.iterdir()) == ["pulumi", "pulumi-language-python"]
    assert _run(host, tmp_path / "go").stdout == f"{folder}\n"
    assert len(builds_of(tmp_path / "go")) == 1


def test_an_archive_with_a_wrong_checksum_is_not_used(cache: Path, host: ReleaseHost, tmp_path: Path) -> None:
    write_go(tmp_path / "go")
    host.publish(PINNED, PROGRAMS, checksum="0" * 64)
    answer = _run(host, tmp_path / "go")
    assert f"expected {'0' * 64}" in answer.stderr
    assert (engine_folder(PINNED) / "pulumi").read_text() == "built\n"


def test_where_no_way_works_every_one_is_told(cache: Path, host: ReleaseHost, tmp_path: Path) -> None:
    go = write_go(tmp_path / "go", build="echo no compiler; exit 1")
    write_pulumi(tmp_path / "mine", "v3.1.0")
    answer = _run(host, tmp_path / "go", tmp_path / "mine")
    assert (answer.returncode, answer.stdout) == (1, "")
    checksums = f"https://github.com/pulumi/pulumi/releases/download/v{PINNED}/pulumi-{PINNED}-checksums.txt"
    assert answer.stderr.endswith(
        f"obtaining pulumi {PINNED}: none on PATH fits, and neither other way worked\n"
        f"- downloading {checksums}: HTTP Error 404: Not Found\n"
        f"- building pulumi {PINNED}: {go} ended with 1\n"
        "no compiler\n"
        "hint: install it from https://www.pulumi.com/docs/install/ and put it on PATH\n"
    )
    assert not (engine_folder(PINNED) / "pulumi").exists()


def test_two_that_want_it_at_once_build_it_once(cache: Path, host: ReleaseHost, tmp_path: Path) -> None:
    write_go(tmp_path / "go", build='/bin/sleep 0.5; echo built > "$target"')
    answers: list[str] = []
    both = [threading.Thread(target=lambda: answers.append(_run(host, tmp_path / "go").stdout)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert answers == [f"{engine_folder(PINNED)}\n"] * 2
    assert len(builds_of(tmp_path / "go")) == 1
