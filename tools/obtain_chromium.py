"""`python tools/obtain_chromium.py`: a Chromium for tests of pages: the one that is there, else Debian's package."""

import os
import shutil
import subprocess
import sys

EXECUTABLES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Names on PATH, the first that is found is taken."""


def found() -> str | None:
    """The path of a Chromium, None if there is none."""
    return next((path for path in map(shutil.which, EXECUTABLES) if path), None)


def install() -> None:
    """Install Debian's package. Ends the process with what to do where that cannot be."""
    if shutil.which("apt-get") is None:
        sys.exit(f"obtaining Chromium: this system has no apt-get\nhint: install one of {', '.join(EXECUTABLES)}")
    privileged = [] if os.geteuid() == 0 else ["sudo", "-n"]
    print("installing Chromium by apt-get, for the tests of pages", file=sys.stderr)
    for command in (["update", "--quiet"], ["install", "--quiet", "--yes", "--no-install-recommends", "chromium"]):
        whole = [*privileged, "apt-get", *command]
        answer = subprocess.run(whole, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            told = (answer.stdout + answer.stderr)[-2000:]
            sys.exit(f"obtaining Chromium: {' '.join(whole)} failed\n{told}\nhint: install the package yourself")


if __name__ == "__main__":
    if found() is None:
        install()
    print(found() or sys.exit("obtaining Chromium: installed, but not on PATH"))
