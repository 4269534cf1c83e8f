"""`ingest dataflow eval`: values of expressions that are read from standard input, one a line."""

import json
import queue
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from dataflow_execution.expression_values import ExpressionValue
from dataflow_execution.sessions import ENGINES, SessionError, open_session
from ingest_cli.errors import CommandError

_MOST_AT_ONCE = 100


def add_to(parent: typer.Typer) -> None:
    """Makes `eval` a command of the parent."""
    parent.command(name="eval")(evaluate)


def evaluate(
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    engine: Annotated[str, typer.Option(help="Which engine computes: " + " or ".join(ENGINES) + ".")] = ENGINES[0],
) -> None:
    """Evaluate the expressions of standard input, one a line; a line of output for each, as soon as it is there."""
    if engine not in ENGINES:
        raise typer.BadParameter(f"there is no engine {engine!r}", param_hint="--engine")
    try:
        session = open_session(engine)
    except SessionError as error:
        raise CommandError(f"starting {engine}", str(error)) from error
    with closing(session):
        for expressions in _batches():
            for text, found in zip(expressions, session.evaluate(expressions), strict=True):
                sys.stdout.write((_json_line(found) if json_lines else _readable(text, found)) + "\n")
            sys.stdout.flush()


def _batches() -> Iterator[list[str]]:
    """The lines of standard input: each time all that are there already, at least one. Empty lines are left out.

    Raises CommandError for what cannot be read, once the lines before it are given.
    """
    lines: queue.Queue[str | _End] = queue.Queue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    end: _End | None = None
    while end is None:
        batch: list[str] = []
        while end is None and (not batch or (len(batch) < _MOST_AT_ONCE and not lines.empty())):
            one = lines.get()
            if isinstance(one, str):
                batch.append(one)
            else:
                end = one
        if batch:
            yield batch
    if end.why:
        raise CommandError("reading standard input", end.why)


@dataclass(frozen=True)
class _End:
    """The end of standard input; ``why`` it is no good one, else nothing."""

    why: str = ""


def _read(lines: "queue.Queue[str | _End]") -> None:
    end = _End()
    try:
        for line in sys.stdin or ():  # a process may have none
            if line.strip():
                lines.put(line.rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        end = _End(str(error))
    lines.put(end)  # whatever comes, somebody waits for it


def _json_line(found: ExpressionValue) -> str:
    if found.error is not None:
        return json.dumps({"error": found.error}, ensure_ascii=False)
    return json.dumps({"type": found.type, "value": _written(found)}, ensure_ascii=False, allow_nan=False)


def _written(found: ExpressionValue) -> Any:
    """The value as JSON can hold it; a float with the fewest digits that make it, not those of the double it became."""
    value = found.value
    if found.type == "float" and isinstance(value, float):
        shorter = (float(f"{value:.{digits}g}") for digits in range(6, 9))
        value = next((one for one in shorter if struct.pack("f", one) == struct.pack("f", value)), value)
    return plain(value)


def plain(value: Any) -> Any:
    """A value as JSON can hold it: times as ISO 8601, decimals and what is no number as text, bytes as hexadecimal."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, float) and value != value:
        return "NaN"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {_key(key): plain(item) for key, item in value.items()}
    return value


def _key(key: object) -> str:
    known = plain(key)
    return known if isinstance(known, str) else json.dumps(known, ensure_ascii=False)


def _readable(text: str, found: ExpressionValue) -> str:
    if found.error is not None:
        return found.error
    return f"{text} = {json.dumps(_written(found), ensure_ascii=False)} : {found.type}"
