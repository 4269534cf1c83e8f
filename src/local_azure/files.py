"""The files in a state folder that others than the stand-in read; light, for callers that only look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ENDPOINTS_FILE = "endpoints.json"
"""There while the stand-in is ready: how to reach it."""
CREDENTIALS_FILE = "credentials.json"
"""What each built-in service principal signs in with; mode 0600."""
PORTS_FILE = "ports.json"
"""The ports of the last time, which the next start takes again where they are free."""
LOCK_FILE = "lock"
"""Locked by the process that runs on the folder; holds its id."""
LOG_FILE = "local_azure.log"
"""What the process wrote, if it was started by `lifecycle.start`."""
ADMIN_TOKEN_FILE = "admin_token"  # noqa: S105 a file name
"""Bearer token of the admin host; mode 0600."""
CA_FILE = "ca.pem"
"""Certificate of the private authority."""


def write_json(path: Path, value: Any) -> None:
    """Writes a file at once, so that readers see the old or the new one; readable by its owner alone."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)
