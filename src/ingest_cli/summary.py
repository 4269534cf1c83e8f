"""The end of the main job: what is deployed, what each run read and wrote, and who may read the result."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from azure.core.credentials import TokenCredential
from rich.console import Console

from ingest_cli.column_treatment import PUBLISHED_FILE_SYSTEM, ColumnTreatment, treatments
from ingest_cli.lake_report import LakeReport, WrittenFile, by_folder
from ingest_cli.pipeline_runs import PipelineRun
from ingest_cli.project import ARTIFACT_FOLDER
from ingest_cli.run_progress import amount_read

_FILE_SYSTEMS = ("raw", PUBLISHED_FILE_SYSTEM)
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
    )
    for run in runs:
        files = [file for file_system in _FILE_SYSTEMS for file in lake.files(file_system, *_window(run))]
        published = [file for file in files if _is_below(file, run.published_folders)]
        _print_run(console, run, published, columns[run.pipeline])
        for line in _folder_lines(lake, published, names):
            console.print(f"    {line}")


def _print_run(console: Console, run: PipelineRun, files: list[WrittenFile], treatment: ColumnTreatment) -> None:
    rows_out = sum(file.rows or 0 for file in files if file.file_system == PUBLISHED_FILE_SYSTEM)
    console.print(
        f"\n  [bold]{run.pipeline}[/] {run.status} in {run.seconds:.1f} s: {amount_read(run)} in, "
        f"{rows_out:,} rows out to {PUBLISHED_FILE_SYSTEM}, {len(files)} files written"
    )
    for word, found in (
        ("dropped", treatment.dropped),
        ("generalised", treatment.generalised),
        ("pseudonymised", treatment.pseudonymised),
    ):
        if found:
            console.print(f"    {len(found):>2} columns {word}: {' '.join(found)}")


def _window(run: PipelineRun) -> tuple[datetime, datetime]:
    start = datetime.fromisoformat(run.start.split(".")[0].rstrip("Z")).replace(tzinfo=UTC)
    return start, start + timedelta(seconds=run.seconds) + _CLOCK_RESOLUTION


def _is_below(file: WrittenFile, folders: frozenset[tuple[str, str]]) -> bool:
    return any(
        file.file_system == file_system and PurePosixPath(file.path).is_relative_to(folder)
        for file_system, folder in folders
    )


def _folder_lines(lake: LakeReport, files: list[WrittenFile], names: Mapping[str, str]) -> list[str]:
    lines = []
    for folder, each in by_folder(files).items():
        rows = f"{sum(file.rows or 0 for file in each):>9,} rows" if each[0].rows is not None else " " * 14
        readers = sorted(names.get(reader, reader) for reader in lake.readers(each[0]))
        lines.append(f"{folder:<36}{len(each):>5} files {rows}  readable by {', '.join(readers) or 'nobody'}")
    return lines
