"""The source database's side of a local run: its tables, and the grants that only its administrator can make."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import requests
from azure.core.credentials import TokenCredential

from ingest_cli.errors import CommandError
from sample_data.errors import SampleDataError
from sample_data.source_database import load_postgresql, needs_sample

_SCOPE = "https://database.windows.net/.default"
_TIMEOUT_SECONDS = 60


def prepare_source(source_database: str | None, samples: Path) -> bool:
    """Loads the samples into a PostgreSQL that has no tables yet or those of another sample; says whether it did.

    Tables that this did not load stay as they are. Raises CommandError.
    """
    if source_database is None:
        return False
    doing = "preparing the source database"
    try:
        with psycopg.connect(source_database, connect_timeout=10) as connection:
            is_needed = needs_sample(connection, samples)
        if is_needed:
            load_postgresql(source_database, samples)
    except psycopg.Error as error:
        hint = "check LOCAL_SOURCE_DB, such as postgresql://user@host:5432/database"
        raise CommandError(doing, str(error).strip(), hint=hint) from error
    except SampleDataError as error:
        raise CommandError(doing, str(error)) from error
    return is_needed


def grant(outputs: Mapping[str, Any], administrator: TokenCredential) -> None:
    """Runs the T-SQL that the stack prints, as the database's administrator. Raises CommandError if it is refused."""
    server, database = str(outputs["sourceSqlServer"]), str(outputs["sourceSqlDatabase"])
    token = administrator.get_token(_SCOPE).token
    answer = requests.post(
        f"https://{server}/databases/{database}/script",
        data=str(outputs["grantSourceAccess"]).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "text/plain; charset=utf-8"},
        timeout=_TIMEOUT_SECONDS,
    )
    if not answer.ok:
        raise CommandError(f"granting the workspace access to {database} on {server}", answer.text)
