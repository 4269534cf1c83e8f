"""Shows a pipeline run while it goes on: a line for every activity when it ends, and what runs now below them."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from ingest_cli.pipeline_runs import ActivityRun, PipelineRun

_MARKS = {"Succeeded": "[green]✓[/]", "Failed": "[red]✗[/]", "Cancelled": "[yellow]■[/]", "Skipped": "[dim]-[/]"}


def show(console: Console, runs: Iterable[PipelineRun]) -> PipelineRun:
    """Shows until the run is over and returns how it ended."""
    told: set[str] = set()
    last: PipelineRun | None = None
    with console.status("waiting for the first activity") as status:
        for run in runs:
            last = run
            for activity in _newly_ended(run, told):
                told.add(activity.id)
                console.print(_line(activity), emoji=False)
            now = [each.name for each in run.activities if each.status not in _MARKS]
            status.update(escape(f"{run.pipeline}: {', '.join(now) or run.status}"))
    if last is None:
        raise AssertionError("internal-error: following a run ended before it began")
    return last


def _newly_ended(run: PipelineRun, told: set[str]) -> list[ActivityRun]:
    return [each for each in run.activities if each.status in _MARKS and each.id not in told]


def amount_read(run: PipelineRun) -> str:
    """What the run's activities read, as far as the run history shows it (secure outputs do not): rows, else files."""
    rows = sum(_rows(activity) for activity in run.activities)
    files = sum(int(activity.output.get("filesRead") or 0) for activity in run.activities)
    return f"{rows:,} rows" if rows else f"{files:,} files"


def _line(activity: ActivityRun) -> str:
    parts = [
        f"  {_MARKS[activity.status]} {escape(f'{activity.name:<42}')} {activity.kind:<16} {activity.seconds:6.1f} s"
    ]
    rows, files = _rows(activity), activity.output.get("filesRead")
    parts += [f"{rows:>9,} rows"] if rows else []
    parts += [f"{files:>9,} files"] if files and not rows else []
    parts += [f"\n    [red]{escape(activity.error)}[/]"] if activity.status == "Failed" else []
    return " ".join(parts)


def _rows(activity: ActivityRun) -> int:
    direct = activity.output.get("rowsRead")
    if isinstance(direct, int):
        return direct
    metrics = (activity.output.get("runStatus") or {}).get("metrics") or {}
    sources: dict[str, int] = {}
    for sink in metrics.values():
        sources |= {name: int(each.get("rowsRead") or 0) for name, each in (sink.get("sources") or {}).items()}
    return sum(sources.values())
