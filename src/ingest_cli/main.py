"""The command `ingest`: its groups, and how its errors reach the terminal."""

import errno
import gc
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from ingest_cli.errors import CommandError
from pulumi_protocol.process_end import leave

COMMANDS: Mapping[str, str] = {
    "local": "ingest_cli.local_commands",
    "artifacts": "ingest_cli.artifact_commands",
    "run": "ingest_cli.run_commands",
    "drift": "ingest_cli.drift_commands",
    "pull": "ingest_cli.pull_commands",
    "adopt": "ingest_cli.adopt_commands",
    "recover": "ingest_cli.recover_commands",
}
DATAFLOW_COMMANDS: Mapping[str, str] = {
    "diff": "ingest_cli.dataflow_diff",
    "fmt": "ingest_cli.dataflow_fmt",
    "eval": "ingest_cli.dataflow_eval",
    "lineage": "ingest_cli.dataflow_lineage",
    "parse": "ingest_cli.dataflow_parse",
    "run": "ingest_cli.dataflow_run",
}
"""Command or group -> the module that adds it. A call imports its own alone, so that none waits for the others."""
_DISTRIBUTION = "azure-ml-ingestion"
_VERSION = "--version"
_INTERRUPTED = "Query interrupted"
"""What DuckDB says of Ctrl-C within a query, by a RuntimeError."""
_OF_OUTPUT = (errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPIPE)
"""Errors of writing, which name no file where it is standard output."""
NEW_OBJECTS_A_COLLECTION = 50_000
"""Imports and the compiler make many objects that stay and few cycles: Python's 700 let them be looked at in vain."""


def application(arguments: Sequence[str]) -> typer.Typer:
    """The command line for these arguments: the command they name, or all of them (for help and unknown names)."""
    app = _group("Data ingestion for machine learning on Azure: prove it, run it locally, run it on Azure.", _program)
    name, following = _first(arguments), _first(arguments[1:])
    if name == _VERSION:
        return app
    if name != "dataflow":
        _add(app, name, COMMANDS)
    if name not in COMMANDS:
        flows = _group("Mapping data flows: parse, run, trace, compare and format them without Azure.", lambda: None)
        _add(flows, following, DATAFLOW_COMMANDS)
        app.add_typer(flows, name="dataflow")
    return app


def _group(help: str, options: Callable[..., None]) -> typer.Typer:
    group = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=help, rich_markup_mode="markdown")
    group.callback()(options)  # with one it stays a group while it has one command
    return group


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"ingest {version(_DISTRIBUTION)}")
        raise typer.Exit


def _program(
    _: Annotated[
        bool, typer.Option(_VERSION, callback=_tell_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options of the program itself."""


def _first(arguments: Sequence[str]) -> str:
    return arguments[0] if arguments else ""


def _add(parent: typer.Typer, named: str, commands: Mapping[str, str]) -> None:
    for name in [named] if named in commands else commands:
        import_module(commands[name]).add_to(parent)


def main() -> None:
    """Runs one command; problems go to standard error with exit code 1 (2 for a wrong command line)."""
    gc.set_threshold(NEW_OBJECTS_A_COLLECTION)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is temporary is removed then
    try:
        application(sys.argv[1:])()
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except (KeyboardInterrupt, RuntimeError) as error:
        if isinstance(error, RuntimeError) and str(error) != _INTERRUPTED:
            raise
        sys.stderr.write("Aborted.\n")
        sys.exit(130)
    except OSError as error:  # a full disk, a name that is too long: nothing that this program could do otherwise
        if error.filename is None and error.errno not in _OF_OUTPUT:
            raise
        place = "standard output" if error.filename is None else str(error.filename)
        sys.stderr.write(f"using {place}: {error.strerror or error}\n")
        sys.exit(1)


def command() -> NoReturn:
    """The program: ``main``, with which the process ends at once. To take an interpreter apart first, module by module
    and with looks for cycles, took a fifth of the time of a short command."""
    code: int | str | None = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
        code = 1
    leave(code or 0)


if __name__ == "__main__":
    command()
