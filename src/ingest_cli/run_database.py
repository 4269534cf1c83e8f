"""The database of a run, which is opened while the flow is read and closed while the process ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future

    import duckdb

Setting = str | bool | int | float | list[str]


@dataclass(frozen=True)
class RunDatabase:
    """A database for one run, and a folder for all that is temporary."""

    folder: Path
    opening: Future[duckdb.DuckDBPyConnection]

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Waits until it is open. Raises duckdb.Error for a setting that it does not know."""
        return self.opening.result()


@contextmanager
def run_database(settings: Mapping[str, Setting]) -> Iterator[RunDatabase]:
    """A database with these settings, whose files are removed afterwards.

    To load and open DuckDB, and to give its memory back, take a tenth of a short run: a thread does both.
    """
    with tempfile.TemporaryDirectory(prefix="ingest-dataflow-", ignore_cleanup_errors=True) as name:
        folder, thread = Path(name), ThreadPoolExecutor(1)
        opening = thread.submit(_opened, folder, settings)
        try:
            yield RunDatabase(folder, opening)
        finally:
            wait([opening])
            thread.submit(lambda: opening.result().close())
            thread.shutdown(wait=False)


def _opened(folder: Path, settings: Mapping[str, Setting]) -> duckdb.DuckDBPyConnection:
    import duckdb

    config = {"temp_directory": str(folder / "spill"), **settings}
    connection = duckdb.connect(str(folder / "rows.duckdb"), config=config)
    connection.execute("SET TimeZone = 'UTC'")
    return connection
