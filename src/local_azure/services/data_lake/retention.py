"""For how long an account keeps what is deleted, and what lists say of it.

https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview
https://learn.microsoft.com/azure/storage/blobs/soft-delete-container-overview
"""

from __future__ import annotations

from typing import Any

from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.wire import http_date

DAY = 24 * 3600 * 1_000_000
"""In microseconds."""


def end_of_retention(call: Call) -> int | None:
    """Until when a blob is kept that is deleted now; None where the account keeps none."""
    days = call.accounts.soft_delete_days(call.account)
    return None if days is None else call.store.now() + days * DAY


def shown_retention(moment: int, ends: int, now: int) -> dict[str, Any]:
    """When a blob was deleted, and for how many whole days it is kept still."""
    return {"DeletedTime": http_date(moment), "RemainingRetentionDays": max(ends - now, 0) // DAY}


def begun_days(ends: int, now: int) -> int:
    """For how many days a container is kept still, the one that has begun counted (recorded: 7 of 7 after an hour)."""
    return -(-max(ends - now, 0) // DAY)
