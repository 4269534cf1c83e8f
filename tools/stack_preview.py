"""Previews a stack for a workflow and writes what came of it where later jobs find it.

`python -m tools.stack_preview dev --folder previews` writes `previews/dev.json` (the outcome) and `previews/dev.txt`
(the plan as `pulumi` printed it); `--drift` compares the state with what is deployed. Where the workflow has a job
summary the plan is added to it. Ends with pulumi's own exit code where the preview failed: a difference is an outcome,
not a failure. Not for: changing anything; the stack's identity could not.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from tools.github_api import fenced

_DIFFERENCE_EXIT_CODE = 7
"""`--expect-no-changes` and there were some: part of the contract of pulumi's command line since its exit codes have
meanings (`ExitNoChanges` in sdk/go/common/util/cmdutil/exit.go)."""
_SUMMARY_CHARACTERS = 1_000_000
"""A job summary takes 1 MiB: https://docs.github.com/actions/reference/workflow-commands-for-github-actions"""


class Outcome(Enum):
    """What a preview found."""

    PLANNED = "planned"
    UNCHANGED = "unchanged"
    DIFFERENT = "different"


def command(stack: str, drift: bool) -> list[str]:
    """The command whose output is the plan."""
    shown = ["--diff", "--non-interactive", "--color", "never", "--suppress-progress"]
    compared = ["--refresh", "--expect-no-changes"] if drift else []
    return ["pulumi", "preview", "--stack", stack, *shown, *compared]


def outcome(exit_code: int, drift: bool) -> Outcome | None:
    """What an exit code of that command means; None where the preview itself failed."""
    if exit_code == 0:
        return Outcome.UNCHANGED if drift else Outcome.PLANNED
    return Outcome.DIFFERENT if drift and exit_code == _DIFFERENCE_EXIT_CODE else None


def preview(stack: str, drift: bool, folder: Path) -> int:
    """Runs the preview, prints its output and writes the outcome; returns the exit code of this program."""
    answer = subprocess.run(
        command(stack, drift), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    print(answer.stdout, end="", flush=True)
    found = outcome(answer.returncode, drift)
    _add_to_summary(stack, found, answer.stdout)
    if found is None:
        print(f"previewing {stack}: pulumi ended with {answer.returncode}", file=sys.stderr)
        return answer.returncode
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stack}.txt").write_text(answer.stdout)
    (folder / f"{stack}.json").write_text(json.dumps({"stack": stack, "outcome": found.value}) + "\n")
    return 0


def _add_to_summary(stack: str, found: Outcome | None, plan: str) -> None:
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a") as text:
            text.write(f"## Preview of `{stack}`: {found.value if found else 'failed'}\n\n")
            text.write(fenced(plan, _SUMMARY_CHARACTERS))


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="stack_preview", description=__doc__)
    parser.add_argument("stack")
    parser.add_argument("--folder", type=Path, required=True, help="where the outcome and the plan are written")
    parser.add_argument("--drift", action="store_true", help="read every resource and expect no change")
    options = parser.parse_args(arguments)
    return preview(options.stack, options.drift, options.folder)


if __name__ == "__main__":
    sys.exit(main())
