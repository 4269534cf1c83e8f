"""Time zones by the names that Java takes: regions, three letters such as ``PST``, and offsets."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

SHORT_NAMES = {
    "ACT": "Australia/Darwin",
    "AET": "Australia/Sydney",
    "AGT": "America/Argentina/Buenos_Aires",
    "ART": "Africa/Cairo",
    "AST": "America/Anchorage",
    "BET": "America/Sao_Paulo",
    "BST": "Asia/Dhaka",
    "CAT": "Africa/Harare",
    "CNT": "America/St_Johns",
    "CST": "America/Chicago",
    "CTT": "Asia/Shanghai",
    "EAT": "Africa/Addis_Ababa",
    "ECT": "Europe/Paris",
    "EST": "Etc/GMT+5",
    "GMT": "UTC",
    "HST": "Etc/GMT+10",
    "IET": "America/Indiana/Indianapolis",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "MIT": "Pacific/Apia",
    "MST": "Etc/GMT+7",
    "NET": "Asia/Yerevan",
    "NST": "Pacific/Auckland",
    "PLT": "Asia/Karachi",
    "PNT": "America/Phoenix",
    "PRT": "America/Puerto_Rico",
    "PST": "America/Los_Angeles",
    "SST": "Pacific/Guadalcanal",
    "UT": "UTC",
    "VST": "Asia/Ho_Chi_Minh",
    "Z": "UTC",
}
"""java.time.ZoneId.SHORT_IDS; three of them have no summer time."""

_IN_TEXTS = {"PDT": -7, "MDT": -6, "CDT": -5, "EDT": -4, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1}
"""Names that texts carry for an offset of their own, in hours."""
_OFFSET = re.compile(
    r"(?:GMT|UTC|UT)?([+-])(?:([0-9]{1,2})(?::([0-9]{1,2}|[0-9]{2}:[0-9]{2}))?|([0-9]{2})([0-9]{2}(?:[0-9]{2})?))\Z"
)
_MOST = timedelta(hours=18)


class UnknownZoneError(ValueError):
    """There is no time zone of that name."""


@lru_cache(maxsize=256)
def zone_of(name: str) -> str | timedelta:
    """The region of a name, or its fixed offset from UTC. Raises UnknownZoneError."""
    region = SHORT_NAMES.get(name, name)
    found = _OFFSET.match(region)
    if found is not None:
        hours, rest = found[2] or found[4], (found[3] or found[5] or "0").replace(":", "")
        minutes, seconds = int(rest[:2]), int(rest[2:] or 0)
        offset = timedelta(hours=int(hours), minutes=minutes, seconds=seconds)
        if offset <= _MOST and minutes < 60 and seconds < 60:
            return offset * (-1 if found[1] == "-" else 1)
    try:
        return ZoneInfo(region).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZoneError(f"there is no time zone {name!r}") from error


def zone_in_another_case(name: str) -> str | None:
    """The name of a zone that differs from this one in the case of its letters alone: Java tells them apart."""
    known = {one.lower(): one for one in (*available_timezones(), *SHORT_NAMES)}
    if name.lower() in known:
        return known[name.lower()]
    return name.upper() if _OFFSET.match(name.upper()) else None


def offset_at(name: str, wall_clock: datetime) -> timedelta:
    """How far the wall clock of a zone is ahead of UTC. Raises UnknownZoneError."""
    if name.upper() in _IN_TEXTS:
        return timedelta(hours=_IN_TEXTS[name.upper()])
    zone = zone_of(name.upper() if len(name) <= 3 else name)
    if isinstance(zone, timedelta):
        return zone
    return zone_offset(zone, wall_clock)


def zone_offset(region: str, wall_clock: datetime) -> timedelta:
    """How far the wall clock of a region of the tz database is ahead of UTC."""
    return wall_clock.replace(tzinfo=ZoneInfo(region)).utcoffset() or timedelta()
