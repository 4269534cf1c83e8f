"""Checks .github/workflows without a network service of GitHub's: actionlint for mistakes, zizmor for security.

`python tools/check_workflows.py [FOLDER]`; ends with 1 where either finds something, after both have run. actionlint
comes as its Go module (a module proxy is asked once, then the module cache answers).
"""

import shutil
import subprocess
import sys
from pathlib import Path

from pulumi_engine.build import go_command
from pulumi_engine.errors import EngineError

ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"
WORKFLOWS = Path(__file__).resolve().parent.parent / ".github" / "workflows"


def commands(files: list[Path], go: str, environment_folder: Path) -> dict[str, list[str]]:
    """Each checker's name and command. What other programs are installed (shellcheck, pyflakes) decides nothing."""
    names = [str(file) for file in files]
    zizmor = shutil.which("zizmor", path=str(environment_folder)) or "zizmor"
    return {
        "actionlint": [go, "run", ACTIONLINT, "-no-color", "-shellcheck=", "-pyflakes=", *names],
        "zizmor": [zizmor, "--offline", "--no-config", "--no-progress", "--color=never", *names],
    }


def check(folder: Path) -> list[str]:
    """What is wrong with the workflows of a folder, one text a checker that found something."""
    files = sorted(each for each in folder.iterdir() if each.suffix in {".yml", ".yaml"}) if folder.is_dir() else []
    if not files:
        return [f"checking workflows: {folder} holds none"]
    problems = []
    for name, command in commands(files, go_command(), Path(sys.executable).parent).items():
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            problems.append(f"{name} ended with {answer.returncode}\n{answer.stdout}{answer.stderr}")
    return problems


def main(arguments: list[str]) -> int:
    """Entry point."""
    folder = Path(arguments[0]) if arguments else WORKFLOWS
    try:
        problems = check(folder)
    except EngineError as error:
        problems = [str(error)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
