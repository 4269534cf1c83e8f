"""The end of the main job: what is deployed, what each run read and wrote, and who may read the result."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.core.credentials import TokenCredential
from rich.console import Console
from rich.table import Table

from ingest_cli.column_treatment import treatments
from ingest_cli.lake_report import LakeReport, WrittenFile, by_folder
from ingest_cli.pipeline_runs import PipelineRun
from ingest_cli.project import ARTIFACT_FOLDER
from ingest_cli.run_progress import rows_read

_FILE_SYSTEMS = ("raw", "curated")
_CLOCK_RESOLUTION = timedelta(seconds=1)
"""Times of files in the lake have whole seconds."""


def print_summary(
    console: Console,
    outputs: Mapping[str, Any],
    deployed: tuple[int, int],
    runs: list[PipelineRun],
    names: Mapping[str, str],
    engineer: TokenCredential,
) -> None:
    """Prints the summary; everything in it is asked of the services or derived from the scripts.

    `deployed` counts resources and artifacts, `names` are those of principals by object id.
    """
    lake = LakeReport(str(outputs["dataLakeEndpoint"]), engineer)
    columns = treatments(ARTIFACT_FOLDER)
    console.print("\n[bold]Summary[/]")
    console.print(
        f"  {deployed[0]} resources in {outputs['resourceGroup']}, {deployed[1]} artifacts in {outputs['workspace']}",
        highlight=False,
    )
    for run in runs:
        files = [file for file_system in _FILE_SYSTEMS for file in lake.files(file_system, *_window(run))]
        rows_out = sum(file.rows or 0 for file in files if file.file_system == "curated")
        console.print(
            f"\n  [bold]{run.pipeline}[/] {run.status} in {run.seconds:.1f} s: {rows_read(run):,} rows in, "
            f"{rows_out:,} rows out to curated, {len(files)} files written",
            highlight=False,
        )
        treatment = columns[run.pipeline]
        for word in ("dropped", "generalised", "pseudonymised"):
            found: tuple[str, ...] = getattr(treatment, word)
            console.print(f"    {word:<14}{len(found):>3} columns  {' '.join(found)}", highlight=False)
        console.print(_written(lake, files, names))


def _window(run: PipelineRun) -> tuple[datetime, datetime]:
    start = datetime.fromisoformat(run.start.split(".")[0].rstrip("Z")).replace(tzinfo=UTC)
    return start, start + timedelta(seconds=run.seconds) + _CLOCK_RESOLUTION


def _written(lake: LakeReport, files: list[WrittenFile], names: Mapping[str, str]) -> Table:
    table = Table(box=None, padding=(0, 2), show_header=True, header_style="dim")
    for title in ("    folder", "files", "rows", "may read"):
        table.add_column(title, justify="right" if title in ("files", "rows") else "left")
    for folder, each in by_folder(files).items():
        rows = sum(file.rows or 0 for file in each)
        readers = sorted(names.get(reader, reader) for reader in lake.readers(each[0]))
        table.add_row(f"    {folder}", str(len(each)), f"{rows:,}" if rows else "", ", ".join(readers) or "-")
    return table
