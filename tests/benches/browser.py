"""A real Chromium that shows a file and reaches nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, Request, sync_playwright

from tools.obtain_chromium import found

# The sandbox of a browser needs rights that containers do not give; the pages are our own.
_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Shown:
    """A page, what it complained of and what it asked for beside itself."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextmanager
def shown(file: Path, width: int = 1500, height: int = 900) -> Iterator[Shown]:
    """The file in a window of so many pixels."""
    executable = found()
    assert executable is not None, "no Chromium: make browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(_OPTIONS))
        result = Shown(browser.new_page(viewport={"width": width, "height": height}))
        result.page.on("pageerror", lambda error: result.complaints.append(str(error)))
        result.page.on("console", lambda told: result.complaints.append(told.text))
        result.page.on("request", lambda request: _note(result, request, file))
        result.page.goto(file.as_uri())
        yield result
        browser.close()


def _note(result: Shown, request: Request, file: Path) -> None:
    if request.url != file.as_uri():
        result.asked.append(request.url)
