"""The local stack's own state backend, made ready for plain `pulumi` commands."""

import json
from pathlib import Path

from ingest_cli.errors import CommandError
from ingest_cli.local_session import STACK, LocalSession, backend_folder, child_environment
from ingest_cli.stack import pulumi


def prepare_stack(session: LocalSession, engine_folder: Path, identity: str = "deployer") -> dict[str, str]:
    """Makes the stack `local` in the session's backend unless it is there; returns the environment for `pulumi`."""
    backend_folder(session.folder).mkdir(parents=True, exist_ok=True)
    environment = child_environment(session.environment(identity, engine_folder))
    known = pulumi(["stack", "ls", "--json"], environment)
    if known.returncode != 0:
        raise CommandError("listing the stacks of the local backend", known.stderr.strip())
    if not any(each["name"] == STACK for each in json.loads(known.stdout)):
        made = pulumi(["stack", "init", STACK], environment)
        if made.returncode != 0:
            raise CommandError(f"making stack {STACK}", made.stderr.strip())
    return environment
