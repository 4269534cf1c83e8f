"""Texts as dates, timestamps, numbers and booleans where no pattern is given: as Spark's own cast reads them.

The rule in Python, the columns of DuckDB and those of Spark are compared with that cast on texts that are almost right.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from dataflow_bench import data_type
from random_rows import alike
from spark_bench import spark

from dataflow_execution.duckdb_functions import register
from mapping_dataflow import DUCKDB, SPARK, TextTypes, text_as_column
from mapping_dataflow.java import text_casts

_DATES = (
    "2020 2020-3 2020-03-05 2020-3-5T 2020-03-05T10 2020-03-05T10:11 2020-03-05T10:11:12 2020-03-05T24:00:00 20200305 "
    "2020-03-05T10:11:12.123456789Z 2020-03-05T10:11:12+01:00 2020-03-05T1:2:3.4-5 2020-03-05T10:11:12GMT-3 2020-02-30 "
    "2020-03-05T10:11:12PST 2020-03-05T10:11:12America/New_York 02020-03-05 -0044-3-15 12020-01-01 1234567-01-01 "
    "9999-12-31T23:59:59.999999 0001-01-01T00:00:00+18:00 2020/03/05 epoch infinity 1900-02-29 2000-02-29 1582-10-10"
).split()
_NUMBERS = (
    "1 -1 +1 1.5 .5 1. . - -.5 1e3 1E-3 1e400 1d 1.5F 1L 0x1F 0x1p3 0x1.8p-1 1_000 1,000 NaN +NaN -nan inf -Infinity "
    "2147483648 -9223372036854775808 9223372036854775808 127 128 99999999.995 0.005 3.4028223e8 1e39 "
    "99999999999999999999 t T TRUE yes off 0 f １"
).split()


def _almost(texts: list[str], characters: str, count: int) -> list[str]:
    """The texts and others that differ from them in up to two places; always the same ones."""
    chance = random.Random(20)
    found = dict.fromkeys(["", " ", *texts, *(f"\t{text} \x01" for text in texts), *(f"\xa0{text}" for text in texts)])
    while len(found) < count:
        text = chance.choice(texts).replace("T", chance.choice("T "))
        for _ in range(chance.randint(1, 2)):
            place, cut = chance.randint(0, len(text)), chance.randint(0, 1)
            text = text[:place] + chance.choice([*characters, ""]) + text[place + cut :]
        found[text] = None
    return list(found)


DATES = _almost(_DATES, "0123456789-: T+.ZUGMCPSE/\t\x7f", 1500)
NUMBERS = _almost(_NUMBERS, "0123456789.eE+-dDfFxXpP_ na\t\x01\x7f", 1500)


def _within(bits: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        value = text_casts.whole_number(text)
        return value if value is not None and -(1 << bits - 1) <= value < 1 << bits - 1 else None

    return read


RULES: Mapping[str, Callable[[str], Any]] = {
    "date": text_casts.date_days,
    "timestamp": lambda text: None if (found := text_casts.timestamp_microseconds(text)) is None else found // 1000,
    "boolean": text_casts.boolean,
    "byte": _within(8),
    "short": _within(16),
    "integer": _within(32),
    "long": _within(64),
    "float": text_casts.single,
    "double": text_casts.double,
}
_SHOWN = {
    "duckdb": {"date": "{0} - DATE '1970-01-01'", "timestamp": "epoch_ms({0})"},
    "spark": {"date": "datediff({0}, DATE '1970-01-01')", "timestamp": "unix_millis({0})"},
}
"""Dates and timestamps as numbers, since Python lacks most years."""


def _texts(kind: str) -> list[str]:
    return DATES if kind in ("date", "timestamp") else NUMBERS


def _table(kind: str) -> pa.Table:
    texts = _texts(kind)
    return pa.table({"place": range(len(texts)), "text": texts})


def _on_duckdb(kind: str) -> list[Any]:
    compiled = text_as_column("text", kind, TextTypes(), DUCKDB)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Seoul'")
        register(connection, compiled.python_functions)
        connection.register("texts", _table(kind))
        shown = _SHOWN["duckdb"].get(kind, "{0}").format(compiled.sql)
        return [row[0] for row in connection.execute(f"SELECT {shown} FROM texts ORDER BY place").fetchall()]


def _on_spark(kind: str, sql: str) -> list[Any]:
    spark().add_table("texts", _table(kind))
    shown = _SHOWN["spark"].get(kind, "{0}").format(sql)
    try:
        return list(spark().rows(f"SELECT {shown} AS value FROM texts ORDER BY place").column("value").to_pylist())
    finally:
        spark().drop_table("texts")


_CLOCK_ALONE = re.compile(r"[\x00-\x20\x7f]*(T|[0-9]+:)")
"""What Spark takes for a time of the present day."""


def _different(kind: str, found: list[Any]) -> list[tuple[str, Any, Any]]:
    """The texts that Spark's own cast reads otherwise, with both values."""
    texts = _texts(kind)
    expected = _on_spark(kind, f"CAST(text AS {SPARK.type_name(data_type(kind))})")
    rows = [row for row in zip(texts, expected, found, strict=True) if not _CLOCK_ALONE.match(row[0])]
    return [row for row in rows if not alike(row[1], row[2])]


@pytest.mark.parametrize("kind", RULES)
def test_the_rule_is_that_of_sparks_cast(kind: str) -> None:
    found = [RULES[kind](text) for text in _texts(kind)]
    assert len([one for one in found if one is not None]) > 30
    assert _different(kind, found) == []


@pytest.mark.parametrize("kind", [*RULES, "decimal(10,2)", "decimal(38,10)"])
def test_a_column_of_text_in_duckdb_is_read_so(kind: str) -> None:
    assert _different(kind, _on_duckdb(kind)) == []


@pytest.mark.parametrize("kind", [*RULES, "decimal(10,2)"])
def test_a_column_of_text_in_spark_is_read_so(kind: str) -> None:
    assert _different(kind, _on_spark(kind, text_as_column("text", kind, TextTypes(), SPARK).sql)) == []


@pytest.mark.parametrize("text", ["10:11", "T10", " 1:2:3.4 ", "epoch", "today", "now"])
def test_a_clock_or_word_alone_is_no_timestamp_on_any_engine(text: str) -> None:
    assert text_casts.timestamp_microseconds(text) is None
    table = pa.table({"text": [text]})
    spark().add_table("texts", table)
    sql = text_as_column("text", "timestamp", TextTypes(), SPARK).sql
    assert spark().rows(f"SELECT {sql} AS value FROM texts").column("value").to_pylist() == [None]
    spark().drop_table("texts")
