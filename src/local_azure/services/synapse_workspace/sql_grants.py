"""Who may do what in a database: the few T-SQL statements a person runs to let an identity in.

https://learn.microsoft.com/azure/azure-sql/database/authentication-aad-configure#create-contained-users-mapped-to-microsoft-entra-identities
https://learn.microsoft.com/sql/relational-databases/security/authentication-access/database-level-roles
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dataflow_execution.sql_dialect import SqlError
from local_azure.context import ServiceContext
from local_azure.directory import Principal, group_id

ADMINISTRATORS = "sql-administrators"
DATABASE = "*"
"""The database as what a permission is granted on."""
_NAME = r"\[?([^\]\s;]+)\]?"
SELECT, INSERT, UPDATE, DELETE, ALTER, CONTROL = "SELECT", "INSERT", "UPDATE", "DELETE", "ALTER", "CONTROL"
CREATE_TABLE = "CREATE TABLE"
_ROLES: Mapping[str, frozenset[str]] = {
    "db_datareader": frozenset({SELECT}),
    "db_datawriter": frozenset({INSERT, UPDATE, DELETE}),
    "db_ddladmin": frozenset({ALTER, CREATE_TABLE}),
    "db_owner": frozenset({SELECT, INSERT, UPDATE, DELETE, ALTER, CONTROL, CREATE_TABLE}),
}
"""What the roles of every database let their members do to each table."""
_ON_TABLES = "|".join((SELECT, INSERT, UPDATE, DELETE, ALTER, CONTROL))
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_GUARD = re.compile(r"IF\s+NOT\s+EXISTS\s*\(.*\)\s*(?:BEGIN\s+)?(?=CREATE\s+USER)", re.IGNORECASE | re.DOTALL)


class Grants:
    """Users, role members and grants by server and database."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._collection = context.state.collection("sql-grants")
        self._statements: list[tuple[re.Pattern[str], Callable[..., None]]] = [
            (re.compile(pattern, re.IGNORECASE), action) for pattern, action in self._table()
        ]

    def execute_script(self, server: str, database: str, text: str, principal: Principal) -> int:
        """Run a script as a principal; returns the number of statements.

        Raises SqlError for a principal that is no administrator of the server, and at the first statement that cannot
        be run; nothing of the script is kept then.
        """
        if group_id(ADMINISTRATORS) not in self._context.directory.groups_of(principal.object_id):
            raise login_failed()
        with self._context.state.transaction():
            statements = list(_statements(text))
            document = self._collection.get(_key(server, database)) or {"users": {}, "roles": {}, "grants": []}
            for statement in statements:
                self._execute(document, statement)
            self._collection.put(_key(server, database), document)
        return len(statements)

    def require(self, server: str, database: str, principal: Principal, permission: str, tables: Iterable[str]) -> None:
        """Raise SqlError unless the principal may log in and do that to every table (`schema.table`, lower case)."""
        if group_id(ADMINISTRATORS) in self._context.directory.groups_of(principal.object_id):
            return
        document = self._collection.get(_key(server, database)) or {"users": {}, "roles": {}, "grants": []}
        holders = {principal.object_id, *self._context.directory.groups_of(principal.object_id)}
        names = {name for name, user in document["users"].items() if user["objectId"] in holders}
        if not names:
            raise login_failed()
        if any(names & set(document["roles"].get(role, [])) for role, given in _ROLES.items() if permission in given):
            return
        granted = {
            each["object"]
            for each in document["grants"]
            if each["user"] in names and each.get("permission", SELECT) in (permission, CONTROL)
        }
        for table in tables:
            schema = table.partition(".")[0]
            if not granted & {table, f"schema::{schema}", DATABASE}:
                raise _denied(permission, database, schema, table.partition(".")[2])

    def _table(self) -> list[tuple[str, Callable[..., None]]]:
        permissions = rf"((?:{_ON_TABLES})(?: ?, ?(?:{_ON_TABLES}))*)"
        securable = r"(?:(SCHEMA)\s*::\s*|OBJECT\s*::\s*)?([\[\]\w.]+)"
        return [
            (rf"CREATE USER {_NAME} FROM EXTERNAL PROVIDER", self._create_user),
            (rf"DROP USER (?:IF EXISTS )?{_NAME}", self._drop_user),
            (rf"ALTER ROLE {_NAME} ADD MEMBER {_NAME}", self._add_member),
            (rf"ALTER ROLE {_NAME} DROP MEMBER {_NAME}", self._drop_member),
            (rf"GRANT {permissions} ON {securable} TO {_NAME}", self._grant),
            (rf"REVOKE {permissions} ON {securable} (?:FROM|TO) {_NAME}", self._revoke),
            (rf"GRANT ({CREATE_TABLE}) TO {_NAME}", self._grant_on_database),
            (rf"REVOKE ({CREATE_TABLE}) (?:FROM|TO) {_NAME}", self._revoke_on_database),
        ]

    def _execute(self, document: dict[str, Any], statement: str) -> None:
        for pattern, action in self._statements:
            match = pattern.fullmatch(statement)
            if match:
                action(document, *match.groups())
                return
        raise SqlError(102, f"Incorrect syntax, or a statement that is not supported locally: '{statement}'.")

    def _create_user(self, document: dict[str, Any], name: str) -> None:
        principal = self._context.directory.by_name(name)
        if principal is None:
            raise SqlError(33130, f"Principal '{name}' could not be found or this principal type is not supported.")
        document["users"][name] = {"objectId": principal.object_id}

    def _drop_user(self, document: dict[str, Any], name: str) -> None:
        document["users"].pop(name, None)
        document["grants"] = [each for each in document["grants"] if each["user"] != name]
        for members in document["roles"].values():
            if name in members:
                members.remove(name)

    def _add_member(self, document: dict[str, Any], role: str, name: str) -> None:
        _require_user(document, name)
        if role.lower() not in _ROLES:
            raise SqlError(
                15151, f"Cannot alter the role '{role}', because it does not exist or is not supported locally."
            )
        members = document["roles"].setdefault(role.lower(), [])
        if name not in members:
            members.append(name)

    def _drop_member(self, document: dict[str, Any], role: str, name: str) -> None:
        members = document["roles"].get(role.lower(), [])
        if name in members:
            members.remove(name)

    def _grant(
        self, document: dict[str, Any], permissions: str, schema_word: str | None, securable: str, name: str
    ) -> None:
        _add(document, name, _object(schema_word, securable), permissions)

    def _revoke(
        self, document: dict[str, Any], permissions: str, schema_word: str | None, securable: str, name: str
    ) -> None:
        _remove(document, name, _object(schema_word, securable), permissions)

    def _grant_on_database(self, document: dict[str, Any], permission: str, name: str) -> None:
        _add(document, name, DATABASE, permission)

    def _revoke_on_database(self, document: dict[str, Any], permission: str, name: str) -> None:
        _remove(document, name, DATABASE, permission)


def _add(document: dict[str, Any], name: str, securable: str, permissions: str) -> None:
    _require_user(document, name)
    for entry in _entries(name, securable, permissions):
        if entry not in document["grants"]:
            document["grants"].append(entry)


def _remove(document: dict[str, Any], name: str, securable: str, permissions: str) -> None:
    gone = _entries(name, securable, permissions)
    document["grants"] = [each for each in document["grants"] if {"permission": SELECT, **each} not in gone]


def login_failed() -> SqlError:
    """What SQL Server says to an identity that has no user in the database."""
    return SqlError(18456, "Login failed for user '<token-identified principal>'.")


def _denied(permission: str, database: str, schema: str, table: str) -> SqlError:
    """What SQL Server says: https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors"""
    if permission == CREATE_TABLE:
        return SqlError(262, f"CREATE TABLE permission denied in database '{database}'.")
    if permission == ALTER:
        told = f'Cannot find the object "{table}" because it does not exist or you do not have permissions.'
        return SqlError(1088, told)
    where = f"the object '{table}', database '{database}', schema '{schema}'"
    return SqlError(229, f"The {permission} permission was denied on {where}.")


def _entries(name: str, securable: str, permissions: str) -> list[dict[str, str]]:
    listed = (" ".join(each.split()).upper() for each in permissions.split(","))
    return [{"user": name, "object": securable, "permission": each} for each in listed]


def _require_user(document: dict[str, Any], name: str) -> None:
    if name not in document["users"]:
        raise SqlError(
            15151, f"Cannot find the user '{name}', because it does not exist or you do not have permission."
        )


def _object(schema_word: str | None, securable: str) -> str:
    bare = securable.replace("[", "").replace("]", "").lower()
    if schema_word:
        return f"schema::{bare}"
    return bare if "." in bare else f"dbo.{bare}"


def _statements(text: str) -> Iterable[str]:
    without_comments = _COMMENT.sub(" ", text)
    for batch in re.split(r"^\s*GO\s*$", without_comments, flags=re.IGNORECASE | re.MULTILINE):
        for piece in batch.split(";"):
            bare = re.sub(r"\s+", " ", _GUARD.sub("", piece)).strip()
            if bare and bare.upper() not in ("END", "BEGIN"):
                yield bare


def _key(server: str, database: str) -> str:
    return f"{server.lower()}|{database.lower()}"
