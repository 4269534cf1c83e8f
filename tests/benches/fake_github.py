"""GitHub's REST API for the comments and issues of one repository, on 127.0.0.1; anything else is refused by name."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tools.github_api import BOT, GitHubApi

REPOSITORY = "example/ingestion"
TOKEN = "token-of-the-job"
_Answer = tuple[int, Any]


@dataclass
class FakeGitHub:
    """What the repository holds, and every request that changed it."""

    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    refuse_with: int | None = None
    address: str = ""

    def api(self, token: str = TOKEN) -> GitHubApi:
        """A client of this repository."""
        return GitHubApi(self.address, REPOSITORY, token)

    def add_issue(self, title: str, login: str = BOT, **more: Any) -> dict[str, Any]:
        """An open issue that somebody wrote."""
        number = len(self.issues) + 1
        url = f"https://github.com/{REPOSITORY}/issues/{number}"
        issue = {"number": number, "title": title, "state": "open", "user": {"login": login}, "html_url": url, **more}
        self.issues.append(issue)
        return issue

    def add_comment(self, issue: int, body: str, login: str = BOT) -> dict[str, Any]:
        """A comment that somebody wrote."""
        number = len(self.comments) + 1000
        url = f"https://github.com/{REPOSITORY}/pull/{issue}#issuecomment-{number}"
        comment = {"id": number, "issue": issue, "body": body, "user": {"login": login}, "html_url": url}
        self.comments.append(comment)
        return comment

    def answer(self, method: str, target: str, token: str, body: dict[str, Any]) -> _Answer:
        """The answer to one request."""
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        if self.refuse_with is not None:
            return self.refuse_with, {"message": "Resource not accessible by integration"}
        address = urlsplit(target)
        path = address.path.removeprefix(f"/repos/{REPOSITORY}")
        if method == "GET":
            return self._read(path, {name: values[0] for name, values in parse_qs(address.query).items()})
        self.changes.append(f"{method} {path}")
        return self._change(method, path, body)

    def _read(self, path: str, query: dict[str, str]) -> _Answer:
        if path == "/issues" and query["state"] == "open":
            found = [issue for issue in self.issues if issue["state"] == "open"]
        elif match := re.fullmatch(r"/issues/(\d+)/comments", path):
            found = [comment for comment in self.comments if comment["issue"] == int(match[1])]
        else:
            return 404, {"message": f"no such route: GET {path}"}
        size, page = int(query["per_page"]), int(query["page"])
        return 200, found[(page - 1) * size : page * size]

    def _change(self, method: str, path: str, body: dict[str, Any]) -> _Answer:
        if method == "POST" and path == "/issues":
            return 201, self.add_issue(body["title"], body=body["body"])
        if method == "POST" and (match := re.fullmatch(r"/issues/(\d+)/comments", path)):
            return 201, self.add_comment(int(match[1]), body["body"])
        if method == "PATCH" and (match := re.fullmatch(r"/issues/comments/(\d+)", path)):
            changed = next(comment for comment in self.comments if comment["id"] == int(match[1]))
        elif method == "PATCH" and (match := re.fullmatch(r"/issues/(\d+)", path)):
            changed = next(issue for issue in self.issues if issue["number"] == int(match[1]))
        else:
            return 404, {"message": f"no such route: {method} {path}"}
        changed.update(body)
        return 200, changed


@contextmanager
def serving() -> Iterator[FakeGitHub]:
    """Serves a new repository on a free port of 127.0.0.1."""
    fake = FakeGitHub()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            status, content = fake.answer(self.command, self.path, self.headers["Authorization"], body)
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 (names of http.server)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
