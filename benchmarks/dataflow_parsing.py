"""How many data flows a second are read, parsed and analysed on one core: the documents of the shared workspaces.

    .venv/bin/python benchmarks/dataflow_parsing.py [FOLDER]

Analysed is: names and types resolved, relations built, lineage traced. Each figure is the best of several runs. There
are more flows than the parser keeps trees of, so every run parses all of them anew. Python searches for cycles as
seldom as in the command.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ingest_cli.dataflow_files import flow_files
from ingest_cli.main import NEW_OBJECTS_A_COLLECTION
from mapping_dataflow.errors import MappingDataFlowErrors
from mapping_dataflow.flow import script_text
from mapping_dataflow.script.parser import parse_script
from mapping_dataflow.tracing import trace_flow

_CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
_RUNS = 5


def main(arguments: Sequence[str]) -> None:
    """Prints flows/s for parsing alone, and for parsing with analysis."""
    gc.set_threshold(NEW_OBJECTS_A_COLLECTION)
    folder = Path(arguments[0]) if arguments else _CORPUS
    documents = [flow.document for file in flow_files([folder]) for flow in file.flows if not flow.other_language]
    parsed = _rate(_parse, documents)
    analysed = _rate(_analyse, documents)
    refused = sum(not _analyse(document) for document in documents)
    print(f"{len(documents)} flows, {refused} of them refused in part")
    print(f"parsed:              {parsed:6.0f} flows/s")
    print(f"parsed and analysed: {analysed:6.0f} flows/s (goal: 200)")


def _parse(document: Mapping[str, object]) -> bool:
    try:
        parse_script(script_text(document).text)
    except MappingDataFlowErrors:
        return False
    return True


def _analyse(document: Mapping[str, object]) -> bool:
    try:
        trace_flow(document)
    except MappingDataFlowErrors:
        return False
    return True


def _rate(work: Callable[[Mapping[str, object]], bool], documents: Sequence[Mapping[str, object]]) -> float:
    best = 0.0
    for _ in range(_RUNS):
        start = time.process_time()
        for document in documents:
            work(document)
        best = max(best, len(documents) / (time.process_time() - start))
    return best


if __name__ == "__main__":
    main(sys.argv[1:])
