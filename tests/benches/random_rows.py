"""Random rows of every type of the language, corner cases among them, from a seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from dataflow_bench import Table

_ALPHABET = "abcABC xyzÄäßé€😀-1.,%_\n\t"
_TEXTS = """|a|abc|ABC|aBc| abc |abc, abc|ä|Straße|ß|😀|a,b,,c|,|12|-7.5|+3|.5|12.| 42 |1e3|99999999999|true|No|Y|f
2020-02-29|2020-2-9|2021-02-29|2020-02|1999|2020-02-29T12:30:00|2020-02-29 12:30:45.678|12/31/2016|31.12.2016|null|NaN
%|a_c|Robert|Rupert|Tymczak|Pfister|Honeyman|aaa|abab|61|YWJj|ff""".replace("\n", "|").split("|")
_DAYS = [
    date(2020, 2, 29),
    date(2016, 9, 30),
    date(1970, 1, 1),
    date(1969, 12, 31),
    date(2000, 12, 31),
    date(1900, 3, 1),
]
NULLS = 0.1
"""The share of nulls."""

Maker = Callable[[Random], Any]


def _whole(bits: int) -> Maker:
    """Whole numbers with room for a sum: one that does not fit is an error in DuckDB, and wraps around in Spark."""
    corners = [0, 1, -1, 2, 7, 10, -10, (1 << bits - 1) - 1, -(1 << bits - 1)]
    return lambda random: (
        random.choice(corners) if random.random() < 0.3 else random.getrandbits(bits) - (1 << bits - 1)
    )


def _double(random: Random) -> Any:
    corners = [0.0, 0.5, 1.5, 2.5, -2.5, 1.0, -1.0, 0.1, 1e-4, 1e7, 123456.789, -1234567.891, 1e15]
    if random.random() < 0.3:
        return random.choice(corners)
    return round(random.uniform(-1, 1) * 10 ** random.randint(0, 8), random.randint(0, 6))


def _decimal(precision: int, scale: int) -> Maker:
    def made(random: Random) -> Decimal:
        digits = random.choice([1, 2, precision // 2, precision])
        return Decimal(random.randrange(-(10**digits) + 1, 10**digits)).scaleb(-scale)

    return made


def _text(random: Random) -> str:
    if random.random() < 0.4:
        return random.choice(_TEXTS)
    return "".join(random.choice(_ALPHABET) for _ in range(random.randint(0, 9)))


def _day(random: Random) -> date:
    if random.random() < 0.3:
        return random.choice(_DAYS)
    return date(1900, 1, 1) + timedelta(days=random.randrange(73_000))


def _moment(random: Random) -> datetime:
    start = datetime(1900, 1, 1)  # noqa: DTZ001 - timestamps have no zone
    kept = random.choice([86_400_000, 60_000, 1000, 1])
    return start + timedelta(milliseconds=random.randrange(73_000 * 86_400_000) // kept * kept)


def _list(item: Maker, nulls: float = NULLS) -> Maker:
    return lambda random: [
        None if random.random() < nulls else item(random) for _ in range(random.choice([0, 1, 2, 3, 5]))
    ]


def _small(random: Random) -> int:
    return random.randint(-4, 12)


def _word(random: Random) -> str:
    return random.choice(["a", "b", "c", "abc", "", "ß"])


MAKERS: Mapping[str, Maker] = {
    "boolean": lambda random: random.random() < 0.5,
    "byte": _whole(8),
    "short": _whole(16),
    "integer": _whole(31),
    "long": _whole(60),
    "float": lambda random: random.choice([0.5, -1.25, 3.0, 1e5, 0.1875, -7.75]),
    "double": _double,
    "decimal(10,2)": _decimal(10, 2),
    "decimal(18,2)": _decimal(18, 2),
    "decimal(38,18)": _decimal(30, 18),
    "string": _text,
    "binary": lambda random: random.randbytes(random.choice([0, 1, 3, 8])),
    "date": _day,
    "timestamp": _moment,
    "integer[]": _list(_small),
    "string[]": _list(_word),
    "double[]": _list(_double),
    "byte[]": _list(_whole(8), 0),
    "long[]": _list(lambda random: random.randint(0, 100), 0),
    "integer[][]": _list(_list(_small), 0),
    "[string,integer]": lambda random: {_word(random): _small(random) for _ in range(random.randint(0, 4))},
    "(a as integer, b as string)": lambda random: {"a": _small(random), "b": _text(random)},
}
"""How a value of a type is made."""


def random_table(columns: Mapping[str, str], count: int, seed: int) -> Table:
    """Rows with these columns; ``small`` in a name keeps numbers small, ``place`` is the row's own number from 1."""
    random = Random(seed)
    rows = [tuple(_cell(name, kind, place, random) for name, kind in columns.items()) for place in range(1, count + 1)]
    return Table(columns, rows)


def _cell(name: str, kind: str, place: int, random: Random) -> Any:
    if name == "place":
        return place
    if random.random() < NULLS:
        return None
    return _small(random) if "small" in name else MAKERS[kind](random)


def alike(one: Any, other: Any) -> bool:
    """Equal values; fractions may differ in the last bits, and what is no number equals itself."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return type(one) is type(other) and bool(one == other)
