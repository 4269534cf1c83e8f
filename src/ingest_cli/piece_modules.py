"""What a process is that runs a flow on pieces of its source: imported there, and nowhere else.

It leaves interrupts to the process that started it. DuckDB and Arrow look for pandas with the first function in Python,
which takes longer to load than all of this and is of no use here: it is not found. NumPy and the allocators of Arrow
get no threads, which would be lost where processes are forked from one that has loaded this.
"""

import os
import signal
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _NoPandas(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Nothing, and for pandas no search elsewhere either."""
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not needed here", name=fullname)
        return None


signal.signal(signal.SIGINT, signal.SIG_IGN)
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
sys.meta_path.insert(0, _NoPandas())

import concurrent.futures.process  # noqa: E402, F401

import pyarrow  # noqa: E402, F401  # what stands above holds for what is loaded from here

import dataflow_execution.flow_run  # noqa: E402
import dataflow_execution.local_sinks  # noqa: E402
import dataflow_execution.local_sources  # noqa: E402, F401
import ingest_cli.flow_on_files  # noqa: E402
import ingest_cli.main  # noqa: E402, F401
