"""Tells of drift in one issue for each stack: opened on a difference, updated in place, closed when there is none.

`python -m tools.drift_issue --folder previews` reads what `tools/stack_preview.py --drift` wrote. A stack that could
not be compared has written nothing, and its issue stays as it is: that nobody looked is no news of the stack.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.github_api import MAXIMUM_BODY_CHARACTERS, GitHubApi, GitHubError, fenced, written_by_workflow
from tools.stack_preview import Outcome


def title(stack: str) -> str:
    """The title by which the issue of a stack is found again."""
    return f"Drift: {stack}"


def body(stack: str, run: str, plan: str) -> str:
    """The text of an issue."""
    head = (
        f"What is deployed in `{stack}` differs from its state: somebody or something changed it past the program.\n"
        f"Either undo the change there, or bring it into the program. Found by {run}.\n\n"
    )
    return head + fenced(plan, MAXIMUM_BODY_CHARACTERS - len(head))


def report(api: GitHubApi, stack: str, outcome: Outcome, text: str, run: str) -> str:
    """Brings the issue of one stack up to date and returns a line that says what was done."""
    existing = _open_issue(api, stack)
    if outcome is Outcome.DIFFERENT and existing is None:
        made = api.send("POST", "/issues", {"title": title(stack), "body": text})
        return f"{stack}: opened {made['html_url']}"
    if outcome is Outcome.DIFFERENT and existing is not None:
        api.send("PATCH", f"/issues/{existing['number']}", {"body": text})
        return f"{stack}: updated {existing['html_url']}"
    if existing is None:
        return f"{stack}: no difference"
    api.send("POST", f"/issues/{existing['number']}/comments", {"body": f"No difference any more: {run}."})
    api.send("PATCH", f"/issues/{existing['number']}", {"state": "closed", "state_reason": "completed"})
    return f"{stack}: closed {existing['html_url']}"


def _open_issue(api: GitHubApi, stack: str) -> dict[str, Any] | None:
    """The open issue of a stack; GitHub lists pull requests as issues too."""
    return next(
        (
            issue
            for issue in api.items("/issues?state=open")
            if issue["title"] == title(stack) and "pull_request" not in issue and written_by_workflow(issue)
        ),
        None,
    )


def report_all(api: GitHubApi, folder: Path, run: str) -> list[str]:
    """Brings the issues of all stacks up to date that were compared. Raises GitHubError, ValueError, OSError."""
    lines = []
    for file in sorted(folder.glob("*.json")):
        found = json.loads(file.read_text())
        stack, outcome = str(found["stack"]), Outcome(found["outcome"])
        if outcome is Outcome.PLANNED:
            raise ValueError(f"reporting drift of {stack}: {file.name} is of a preview that did not look for it")
        plan = file.with_suffix(".txt").read_text()
        lines.append(report(api, stack, outcome, body(stack, run, plan), run))
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="drift_issue", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where tools/stack_preview.py wrote")
    parser.add_argument("--run", required=True, help="address of the run that compared")
    options = parser.parse_args(arguments)
    try:
        lines = report_all(GitHubApi.of_workflow(), options.folder, options.run)
    except (GitHubError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(lines) or "no stack was compared")
    return 0


if __name__ == "__main__":
    sys.exit(main())
