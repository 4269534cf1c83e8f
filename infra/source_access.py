"""What only a person can do at the patient database: let the workspace's identity read the source tables."""

import json
import re
from collections.abc import Mapping
from typing import Any

_TABLE = re.compile(r"\bFROM\s+\[([^\]]+)\]\.\[([^\]]+)\]", re.IGNORECASE)


def source_tables(documents: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Tables that the queries of pipelines name as `[schema].[table]`, in alphabetical order."""
    found = set()
    for id, document in documents.items():
        if id.startswith("pipeline/"):
            found |= {f"[{schema}].[{table}]" for schema, table in _TABLE.findall(json.dumps(document))}
    return tuple(sorted(found))


def grant_script(workspace_name: str, database: str, tables: tuple[str, ...]) -> str:
    """T-SQL for an Entra administrator of the server; running it again changes nothing.

    https://learn.microsoft.com/azure/azure-sql/database/authentication-azure-ad-user-assigned-managed-identity-create-server
    """
    lines = [
        f"-- Run in the database {database} as an Entra administrator of its server.",
        f"IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = N'{workspace_name}')",
        f"    CREATE USER [{workspace_name}] FROM EXTERNAL PROVIDER;",
        *(f"GRANT SELECT ON OBJECT::{table} TO [{workspace_name}];" for table in tables),
    ]
    return "\n".join(lines) + "\n"
