"""An authenticated call of the development endpoint, and the rows of the table of its routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from local_azure.directory import Principal
from local_azure.http import Request, Response
from local_azure.services.synapse_workspace.workspace import Workspace

SEGMENT = r"([^/]+)"
"""A segment of a path, in the patterns of routes."""


@dataclass(frozen=True)
class Call:
    """One authenticated call."""

    workspace: Workspace
    principal: Principal
    request: Request


Answer = Callable[..., Response]
Row = tuple[str, str, Answer]
"""Method, pattern of the path, and what answers: it gets the call and the groups of the pattern."""
Require = Callable[..., None]
"""Raises 403 unless the caller may: call, action of Synapse RBAC, and the scope if it is not the workspace."""
