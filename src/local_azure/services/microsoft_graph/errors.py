"""Errors of Microsoft Graph: https://learn.microsoft.com/graph/errors"""

from __future__ import annotations

import uuid
from datetime import datetime

from local_azure.http import Request, ServiceError


def graph_error(request: Request, now: datetime, status: int, code: str, message: str) -> ServiceError:
    """An error with the ids that real answers carry."""
    request_id = str(uuid.uuid4())
    inner = {
        "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": request.headers.get("client-request-id", request_id),
    }
    return ServiceError(status, code, message, {"request-id": request_id}, "key_vault", {"innerError": inner})
