"""The tables of the patient database: one description, rendered for Azure SQL, DuckDB and PostgreSQL.

Names and order of the columns are those of Synthea's CSV export
(https://github.com/synthetichealth/synthea/wiki/CSV-File-Data-Dictionary). No rows here: see source_database.
"""

import re
from dataclasses import dataclass
from typing import Literal

Dialect = Literal["tsql", "duckdb", "postgres"]
ColumnKind = Literal["text", "date", "datetime", "number", "integer"]

SCHEMA_NAME = "dbo"

_FIXED_TYPES: dict[Dialect, dict[ColumnKind, str]] = {
    "tsql": {"date": "DATE", "datetime": "DATETIME2(0)", "number": "FLOAT", "integer": "INT"},
    "duckdb": {"text": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP", "number": "DOUBLE", "integer": "INTEGER"},
    "postgres": {"date": "DATE", "datetime": "TIMESTAMP(0)", "number": "DOUBLE PRECISION", "integer": "INTEGER"},
}
_TEXT_TYPES: dict[Dialect, str] = {"tsql": "NVARCHAR({})", "postgres": "VARCHAR({})"}
_COLUMN_PATTERN = re.compile(
    r"(?P<name>\w+) (?P<kind>text|date|datetime|number|integer)(\((?P<length>\d+)\))?(?P<required>!)?"
)


@dataclass(frozen=True)
class SourceColumn:
    """One column: name as Synthea writes it, kind, length in characters (text only), whether NULL may occur."""

    name: str
    kind: ColumnKind
    length: int
    nullable: bool

    def type_in(self, dialect: Dialect) -> str:
        """The type's name in the dialect. Date-times have no zone and are UTC; FLOAT is 64 bits wide."""
        if self.kind == "text" and dialect in _TEXT_TYPES:
            return _TEXT_TYPES[dialect].format(self.length)
        return _FIXED_TYPES[dialect][self.kind]

    def declaration(self, dialect: Dialect) -> str:
        """The column's line in CREATE TABLE. PostgreSQL's names are unquoted, so that it folds them to lower case."""
        name = {"tsql": f"[{self.name}]", "duckdb": f'"{self.name}"', "postgres": self.name.lower()}[dialect]
        return f"{name} {self.type_in(dialect)} {'NULL' if self.nullable else 'NOT NULL'}"


@dataclass(frozen=True)
class SourceTable:
    """One table of the patient database: its columns in order, and those by which the sample sorts its rows."""

    name: str
    columns: tuple[SourceColumn, ...]
    row_order: tuple[str, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The header line of Synthea's CSV file."""
        return tuple(column.name for column in self.columns)

    def create_statement(self, dialect: Dialect) -> str:
        """CREATE TABLE dbo.<name> in the dialect."""
        name = f"[{SCHEMA_NAME}].[{self.name}]" if dialect == "tsql" else f"{SCHEMA_NAME}.{self.name}"
        lines = ",\n".join(f"    {column.declaration(dialect)}" for column in self.columns)
        return f"CREATE TABLE {name} (\n{lines}\n)"


def _table(name: str, row_order: str, columns: str) -> SourceTable:
    parsed = []
    for text in columns.split(", "):
        match = _COLUMN_PATTERN.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"internal-error: {text!r} does not describe a column of {name}")
        kind: ColumnKind = match["kind"]  # type: ignore[assignment]  # the pattern allows these words only
        parsed.append(SourceColumn(match["name"], kind, int(match["length"] or 0), match["required"] is None))
    return SourceTable(name, tuple(parsed), tuple(row_order.split()))


# "!" means NOT NULL. Lengths leave room over the longest value of 1,000 patients.
PATIENTS = _table(
    "patients",
    "Id",
    "Id text(36)!, BIRTHDATE date!, DEATHDATE date, SSN text(11)!, DRIVERS text(20), PASSPORT text(20), "
    "PREFIX text(10), FIRST text(60)!, MIDDLE text(60), LAST text(60)!, SUFFIX text(10), MAIDEN text(60), "
    "MARITAL text(1), RACE text(20)!, ETHNICITY text(20)!, GENDER text(1)!, BIRTHPLACE text(200)!, "
    "ADDRESS text(200)!, CITY text(60)!, STATE text(40)!, "
    "COUNTY text(60)!, FIPS text(5), ZIP text(5)!, LAT number!, LON number!, HEALTHCARE_EXPENSES number!, "
    "HEALTHCARE_COVERAGE number!, INCOME integer!",
)
ENCOUNTERS = _table(
    "encounters",
    "PATIENT START Id",
    "Id text(36)!, START datetime!, STOP datetime!, PATIENT text(36)!, ORGANIZATION text(36)!, PROVIDER text(36)!, "
    "PAYER text(36)!, ENCOUNTERCLASS text(20)!, CODE text(20)!, DESCRIPTION text(400)!, BASE_ENCOUNTER_COST number!, "
    "TOTAL_CLAIM_COST number!, PAYER_COVERAGE number!, REASONCODE text(20), REASONDESCRIPTION text(400)",
)
CONDITIONS = _table(
    "conditions",
    "PATIENT START ENCOUNTER CODE STOP DESCRIPTION SYSTEM",
    "START date!, STOP date, PATIENT text(36)!, ENCOUNTER text(36)!, SYSTEM text(20)!, CODE text(20)!, "
    "DESCRIPTION text(400)!",
)
OBSERVATIONS = _table(
    "observations",
    "PATIENT DATE ENCOUNTER CODE DESCRIPTION VALUE UNITS TYPE CATEGORY",
    "DATE datetime!, PATIENT text(36)!, ENCOUNTER text(36), CATEGORY text(40), CODE text(20)!, DESCRIPTION text(400)!, "
    "VALUE text(400)!, UNITS text(40), TYPE text(10)!",
)
TABLES = (PATIENTS, ENCOUNTERS, CONDITIONS, OBSERVATIONS)


def schema_script() -> str:
    """The T-SQL script that makes the patient database on Azure SQL; committed as samples/patients/schema.sql."""
    statements = ";\n\n".join(table.create_statement("tsql") for table in TABLES)
    return (
        "-- The patient database as it looks on Azure SQL. Date-times are UTC; codes, ZIP and SSN keep leading zeros.\n"
        "-- Generated by `python -m sample_data schema`; columns: src/sample_data/source_schema.py.\n\n"
        f"{statements};\n"
    )
