"""What of a tumbling window trigger cannot change once it exists: start, frequency and interval fix its windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_azure.services.synapse_workspace.errors import bad_request

_TUMBLING = "TumblingWindowTrigger"


def refuse_other_windows(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Raise 400 (ServiceError) if a tumbling window would get other windows; both as they are stored.

    Codes and the text of the first as reported in MicrosoftDocs/azure-docs#69307 and Azure/Azure-DataFactory#177.
    """
    if old["type"] != _TUMBLING or new["type"] != _TUMBLING:
        return
    before, after = old["typeProperties"], new["typeProperties"]
    if before.get("startTime") != after.get("startTime"):
        raise bad_request(
            "Start time cannot be updated for Tumbling Window Trigger.",
            "TumblingWindowTriggerStartTimeUpdateNotAllowed",
        )
    if _recurrence(before) != _recurrence(after):
        raise bad_request(
            "Frequency or interval cannot be updated for Tumbling Window Trigger.",
            "TumblingWindowTriggerFrequencyOrIntervalUpdateNotAllowed",
        )


def _recurrence(inside: Mapping[str, Any]) -> tuple[str, Any]:
    return str(inside.get("frequency")).lower(), inside.get("interval")
