"""The command `ingest`: its groups, and how its errors reach the terminal."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import typer

from ingest_cli.errors import CommandError

GROUPS: Mapping[str, str] = {
    "local": "ingest_cli.local_commands",
    "artifacts": "ingest_cli.artifact_commands",
    "run": "ingest_cli.run_commands",
}
"""Command or group -> the module that adds it. A call imports its own alone, so that none waits for the others."""


def application(arguments: Sequence[str]) -> typer.Typer:
    """The command line for these arguments: the group they name, or all of them (for help and unknown names)."""
    app = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="Data ingestion for machine learning on Azure: prove it, run it locally, run it on Azure.",
    )
    app.callback()(lambda: None)
    named = [name for name in arguments[:1] if name in GROUPS]
    for name in named or GROUPS:
        import_module(GROUPS[name]).add_to(app)
    return app


def main() -> None:
    """Runs one command; problems go to standard error with exit code 1 (2 for a wrong command line)."""
    try:
        application(sys.argv[1:])()
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
