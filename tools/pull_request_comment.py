"""Keeps the plan of a stack in one comment of a pull request: written once, then updated in place.

`python -m tools.pull_request_comment dev --folder previews --pull-request 12` reads what tools/stack_preview.py wrote.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.github_api import MAXIMUM_BODY_CHARACTERS, GitHubApi, GitHubError, fenced, written_by_workflow


def marker(stack: str) -> str:
    """The invisible line by which the comment of a stack is found again."""
    return f"<!-- plan of stack {stack} -->"


def body(stack: str, commit: str, plan: str) -> str:
    """The text of the comment."""
    head = f"{marker(stack)}\n### Plan for `{stack}` at {commit}\n\n"
    return head + fenced(plan, MAXIMUM_BODY_CHARACTERS - len(head))


def write_comment(api: GitHubApi, pull_request: int, stack: str, text: str) -> str:
    """Writes or updates the comment and returns its address. Raises GitHubError where GitHub refuses."""
    own = (
        comment
        for comment in api.items(f"/issues/{pull_request}/comments")
        if written_by_workflow(comment) and str(comment["body"]).startswith(marker(stack))
    )
    existing = next(own, None)
    if existing is None:
        made = api.send("POST", f"/issues/{pull_request}/comments", {"body": text})
    else:
        made = api.send("PATCH", f"/issues/comments/{existing['id']}", {"body": text})
    return str(made["html_url"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="pull_request_comment", description=__doc__)
    parser.add_argument("stack")
    parser.add_argument("--folder", type=Path, required=True, help="where tools/stack_preview.py wrote")
    parser.add_argument("--pull-request", type=int, required=True, help="its number")
    parser.add_argument("--commit", required=True, help="the commit that was previewed")
    options = parser.parse_args(arguments)
    try:
        plan = (options.folder / f"{options.stack}.txt").read_text()
        text = body(options.stack, options.commit, plan)
        print(write_comment(GitHubApi.of_workflow(), options.pull_request, options.stack, text))
    except (GitHubError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
