"""The few requests to GitHub's REST API that the workflows make: standard library only, so that a job needs no install.

Not for: deciding anything; what is written where is for the module that calls. https://docs.github.com/rest
"""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

API_VERSION = "2022-11-28"
BOT = "github-actions[bot]"
"""Whom the token of a workflow writes as; what others wrote is never changed, whatever it says."""
MAXIMUM_BODY_CHARACTERS = 65_536
"""Longest text of a comment or an issue."""
_PAGE_SIZE = 100
_TIMEOUT_SECONDS = 30.0


class GitHubError(Exception):
    """GitHub refused a request or could not be reached; the text names the request and the answer."""


@dataclass(frozen=True)
class GitHubApi:
    """One repository (`owner/name`), as the holder of a token."""

    address: str
    repository: str
    token: str = field(repr=False)

    @classmethod
    def of_workflow(cls, environment: Mapping[str, str] = os.environ) -> "GitHubApi":
        """From the variables that a workflow's step has. Raises GitHubError naming all that are missing."""
        names = ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN")
        missing = [name for name in names if not environment.get(name)]
        if missing:
            raise GitHubError(
                f"connecting to GitHub: {', '.join(missing)} not set\nhint: run this in a workflow's step"
            )
        return cls(*(environment[name] for name in names))

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Sends one request below `/repos/OWNER/NAME` and returns the JSON of its answer."""
        request = urllib.request.Request(  # noqa: S310 (the address is GitHub's, given by the runner)
            f"{self.address.rstrip('/')}/repos/{self.repository}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": API_VERSION,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            raise GitHubError(f"sending {method} {path}: GitHub answered {error.code}\n{text}") from error
        except (urllib.error.URLError, TimeoutError) as error:
            raise GitHubError(f"sending {method} {path}: {error}") from error

    def items(self, path: str) -> Iterator[dict[str, Any]]:
        """All items of a list, page by page; `path` may carry a query."""
        separator = "&" if "?" in path else "?"
        page = 1
        while True:
            found: list[dict[str, Any]] = self.send("GET", f"{path}{separator}per_page={_PAGE_SIZE}&page={page}")
            yield from found
            if len(found) < _PAGE_SIZE:
                return
            page += 1


def written_by_workflow(item: Mapping[str, Any]) -> bool:
    """Whether a comment or an issue was written by a workflow of this repository."""
    return bool((item.get("user") or {}).get("login") == BOT)


def fenced(text: str, room: int) -> str:
    """A text as a block of code that nothing in it can end, cut to `room` characters with a line that says so."""
    longest, run = 0, 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    frame = f"{fence}text\n\n{fence}\n"
    if len(text) + len(frame) <= room:
        return f"{fence}text\n{text.rstrip()}\n{fence}\n"
    note = "The rest is in the log of the run.\n"
    kept = text[: max(0, room - len(frame) - len(note))].rsplit("\n", 1)[0]
    return f"{fence}text\n{kept}\n{fence}\n{note}"
