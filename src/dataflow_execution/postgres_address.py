"""The address of a PostgreSQL database as a person names it, whose password nobody is ever shown.

The parts are given to libpq one by one: it would repeat pieces of an address that it cannot read, the password's too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from dataflow_execution.errors import WRONG_PATH, DataFlowRunError

_SCHEMES = ("postgresql", "postgres")
_HIDDEN = "***"


@dataclass(frozen=True)
class PostgresAddress:
    """``shown`` is the address without its password; ``settings`` are libpq's, by name."""

    shown: str
    settings: dict[str, str] = field(repr=False, hash=False)

    def __str__(self) -> str:
        return self.shown

    @property
    def conninfo(self) -> str:
        """What libpq connects with."""
        from psycopg.conninfo import make_conninfo

        return make_conninfo(**self.settings)

    def told(self, error: Exception) -> str:
        """What an error of the database says in one line, without the password."""
        lines = str(error).strip().splitlines() or [type(error).__name__]
        password = self.settings.get("password")
        return lines[0].replace(password, _HIDDEN) if password else lines[0]


def postgres_address(place: str | Path) -> PostgresAddress | None:
    """The address that a text is, None for a path. Raises DataFlowRunError for an address that cannot be read."""
    text = str(place)
    if text.partition("://")[0].lower() not in _SCHEMES or "://" not in text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # its words are pieces of the address
        raise _unreadable() from None
    settings = dict(parse_qsl(parts.query))
    given = {
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "host": unquote(parts.hostname or ""),
        "port": "" if port is None else str(port),
        "dbname": unquote(parts.path.lstrip("/")),
    }
    settings = {**{name: value for name, value in given.items() if value}, **settings}
    if not settings.get("dbname"):
        raise _unreadable()
    return PostgresAddress(_shown(settings), settings)


def _unreadable() -> DataFlowRunError:
    return DataFlowRunError(
        "the address of the database cannot be read", expected="postgresql://USER@HOST:PORT/DATABASE", code=WRONG_PATH
    )


def _shown(settings: dict[str, str]) -> str:
    user = f"{settings['user']}@" if "user" in settings else ""
    port = f":{settings['port']}" if "port" in settings else ""
    return f"postgresql://{user}{settings.get('host', '')}{port}/{settings['dbname']}"
