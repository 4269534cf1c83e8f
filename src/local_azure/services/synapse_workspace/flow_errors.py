"""Failures of data flows in the service's shape: a code of its own inside a JSON message.

https://learn.microsoft.com/azure/data-factory/data-flow-troubleshoot-guide
"""

from __future__ import annotations

import json

from dataflow_execution.errors import DataFlowRunError
from pipeline_runtime.errors import ActivityFailure


def flow_failure(code: str, cause: str) -> ActivityFailure:
    """A failed data flow; `code` is the service's (DF-…), `cause` begins with the place where known."""
    message = {"StatusCode": code, "Message": f"Job failed due to reason: {cause}", "Details": ""}
    return ActivityFailure(code, json.dumps(message, separators=(",", ":"), ensure_ascii=False))


def run_failure(error: DataFlowRunError) -> ActivityFailure:
    """The failure of a run that could not go on."""
    return flow_failure(error.code, error.cause)
