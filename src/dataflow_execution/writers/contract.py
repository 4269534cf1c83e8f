"""What a sink with ``validateSchema`` asks of its table: the columns that it declares, with their types.

https://learn.microsoft.com/azure/data-factory/data-flow-sink
"""

from __future__ import annotations

from collections.abc import Mapping

from dataflow_execution.errors import DataFlowRunError
from mapping_dataflow import CompiledSink


def check_contract(sink: CompiledSink, found: Mapping[str, str]) -> None:
    """Raises DataFlowRunError when a table that exists, with columns of these types, breaks the sink's contract.

    Names of columns are the same in upper and lower case. A table that is made anew, or not there, has nothing to keep.
    """
    if sink.settings.recreate or not found:
        return
    types = {name.lower(): kind for name, kind in found.items()}
    for name, kind in sink.settings.contract.items():
        own = types.get(name.lower())
        if own is None:
            raise DataFlowRunError(
                f"at Sink '{sink.stream}': the table has no column {name!r}, which the sink declares",
                expected="one of " + ", ".join(found),
                hint=_HINT,
            )
        if own != kind:
            raise DataFlowRunError(
                f"at Sink '{sink.stream}': the column {name!r} of the table is {own}", expected=kind, hint=_HINT
            )


_HINT = "import the schema of the sink anew, or validateSchema: false"
