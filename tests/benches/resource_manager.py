"""Requests of Resource Manager as the deployer, for what owners of other resources keep."""

from __future__ import annotations

from typing import Any

import requests
from local_stack import LocalStack

_ARM = "https://management.azure.com"


def send(local: LocalStack, method: str, id: str, version: str, body: Any = None) -> Any:
    """A request that must succeed, for use within `reachable`; the JSON of its answer."""
    token = local.credential("deployer").get_token(f"{_ARM}/.default").token
    headers, query = {"Authorization": f"Bearer {token}"}, {"api-version": version}
    answer = requests.request(method, f"{_ARM}{id}", params=query, json=body, headers=headers, timeout=60)
    assert answer.ok, answer.text
    return answer.json() if answer.content else None
