"""Names of the files in a state folder that others than the stand-in read; light, for callers that only look."""

from __future__ import annotations

ENDPOINTS_FILE = "endpoints.json"
"""There while the stand-in is ready: how to reach it."""
CREDENTIALS_FILE = "credentials.json"
"""What each built-in service principal signs in with; mode 0600."""
LOCK_FILE = "lock"
"""Locked by the process that runs on the folder; holds its id."""
LOG_FILE = "local_azure.log"
"""What the process wrote, if it was started by `lifecycle.start`."""
ADMIN_TOKEN_FILE = "admin_token"  # noqa: S105 a file name
"""Bearer token of the admin host; mode 0600."""
CA_FILE = "ca.pem"
"""Certificate of the private authority."""
