"""A copy of the project beside a local Azure, in which commands run as its users run them, and what they wrote."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_stack import ROOT, Answer, LocalStack, copy_project

_WRITING = ("PUT", "PATCH", "POST", "DELETE")
_TOKENS = "login.microsoftonline.com"


@dataclass(frozen=True)
class Checkout:
    """A copy of the project with its source, and one stack of it."""

    local: LocalStack
    project: Path
    stack: str
    source_ip: str = ""
    """Where its commands come from; empty: from where the shell of `ingest local env` does."""

    @staticmethod
    @contextmanager
    def make(local: LocalStack, project: Path, stack: str) -> Iterator[Checkout]:
        """A copy of the project in a new folder, and an empty stack until the end; the caller writes its settings."""
        copy_project(project)
        shutil.copytree(ROOT / "src", project / "src", ignore=shutil.ignore_patterns("__pycache__"))
        found = Checkout(local, project, stack)
        made = found.run(["pulumi", "--non-interactive", "stack", "init", stack])
        assert made.code == 0, made.text
        yield found
        removed = found.run(["pulumi", "--non-interactive", "stack", "rm", stack, "--yes", "--force"])
        assert removed.code == 0, removed.text

    def ingest(self, command: str, *arguments: str) -> Answer:
        """A command of the copy for its stack."""
        return self.run([sys.executable, "-m", "ingest_cli.main", command, "--stack", self.stack, *arguments])

    def pulumi(self, command: str, *arguments: str) -> Answer:
        """Plain `pulumi` for the stack."""
        options = ["--non-interactive", "--color", "never", "--stack", self.stack]
        return self.run(["pulumi", command, *options, *arguments])

    def run(self, command: list[str]) -> Answer:
        """Any command in the copy, as the deployer."""
        environment = self.local.shell_environment()
        environment["PYTHONPATH"] = os.pathsep.join((str(self.project / "src"), str(self.project)))
        if self.source_ip:
            proxy = environment["HTTPS_PROXY"].rpartition("@")[2].removeprefix("http://")
            environment |= dict.fromkeys(("HTTPS_PROXY", "https_proxy"), f"http://{self.source_ip}:any@{proxy}")
        executable = shutil.which(command[0], path=environment["PATH"]) or command[0]
        answer = subprocess.run(
            [executable, *command[1:]], cwd=self.project, env=environment, capture_output=True, text=True, check=False
        )
        return Answer(answer.returncode, answer.stdout, answer.stderr)

    def preview(self) -> Answer:
        """Whether files, state and Azure are one."""
        return self.pulumi("preview", "--refresh", "--expect-no-changes", "--diff")

    def edit(self, file: str, old: str, new: str) -> None:
        """Changes the first place of a text in a file of the project."""
        path = self.project / file
        text = path.read_text(encoding="utf-8")
        assert old in text, (file, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def commit(self) -> None:
        """Everything in the copy, in Git."""
        for arguments in (
            ["init", "-q"],
            ["add", "-A"],
            ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"],
        ):
            subprocess.run(["git", "-C", str(self.project), *arguments], check=True, capture_output=True)


def written(log: Iterable[Mapping[str, Any]], below: str = "") -> list[str]:
    """Requests that changed something, without their queries, by what follows a prefix of their paths."""
    paths = ((each, str(each["path"]).partition("?")[0]) for each in log if each["host"] != _TOKENS)
    return [
        f"{each['method']} {path.removeprefix(below)}"
        for each, path in paths
        if each["method"] in _WRITING and path.startswith(below)
    ]
