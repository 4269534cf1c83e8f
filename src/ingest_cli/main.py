"""The command `ingest`: its groups, and how its errors reach the terminal."""

import sys

import typer

import ingest_cli.local_commands as local_commands
from ingest_cli import artifact_commands
from ingest_cli.errors import CommandError
from ingest_cli.run_commands import run

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Data ingestion for machine learning on Azure: prove it, run it locally, run it on Azure.",
)
app.add_typer(local_commands.app, name="local")
app.add_typer(artifact_commands.app, name="artifacts")
app.command("run")(run)


def main() -> None:
    """Runs one command; problems go to standard error with exit code 1 (2 for a wrong command line)."""
    try:
        app()
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
