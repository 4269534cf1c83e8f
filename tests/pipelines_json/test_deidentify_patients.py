"""What the patients' data flow writes: on rows made to be hard, and on the whole sample."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import duckdb
import pytest
from flow_run import EVERYTHING, KEY, Written

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.flow_case import DataFlowCase, FlowRows

CURATED = ("curatedPatients", "curatedEncounters", "curatedObservations")
Rows = list[dict[str, str | None]]
PERSON = {
    "Id": "person",
    "BIRTHDATE": "1980-05-06 00:00:00",
    "ZIP": "02139",
    "FIRST_ENCOUNTER": "2010-01-10 08:00:00",
}
VISIT = {
    "Id": "visit",
    "PATIENT": "person",
    "START": "2012-03-04 10:00:00",
    "DESCRIPTION": "Check up (procedure)",
}
READING = {
    "PATIENT": "person",
    "ENCOUNTER": "visit",
    "DATE": "2012-03-04 10:05:00",
    "CODE": "29463-7",
    "DESCRIPTION": "Body Weight",
    "VALUE": "80.5",
    "UNITS": "kg",
    "TYPE": "numeric",
}


class Flow:
    """The data flow over rows given as dictionaries."""

    def __init__(self, make: Callable[..., DataFlowCase]) -> None:
        self._make = make

    def run(self, parameters: Mapping[str, object] | None = None, **tables: Rows) -> dict[str, FlowRows]:
        """The rows of every sink."""
        case = self._make("pipelines_json/dataflow/deidentify_patients.json", {**EVERYTHING, **(parameters or {})})
        for stream, rows in tables.items():
            case.source(stream, rows)
        return {sink: case.sink(sink) for sink in ("rawEncounters", "rawObservations", *CURATED)}


@pytest.fixture
def flow(dataflow_case: Callable[..., DataFlowCase]) -> Flow:
    """The data flow, ready to take rows."""
    return Flow(dataflow_case)


def _pseudonym(id: str) -> str:
    return hashlib.sha256(f"{KEY}:{id}".encode()).hexdigest()


def _patient(flow: Flow, **values: str | None) -> dict[str, Any]:
    (row,) = flow.run(patients=[{**PERSON, **values}])["curatedPatients"]
    return row


def _reading(flow: Flow, person: Rows | None = None, **values: str | None) -> dict[str, Any]:
    (row,) = flow.run(patients=person or [{**PERSON}], newObservations=[{**READING, **values}])["curatedObservations"]
    return row


def test_ids_become_keyed_pseudonyms_that_join(flow: Flow) -> None:
    written = flow.run(
        patients=[{**PERSON}],
        newEncounters=[{**VISIT, "PAYER": "payer"}],
        newObservations=[{**READING}],
    )
    assert [row["Id"] for row in written["curatedPatients"]] == [_pseudonym("person")]
    assert [(row["Id"], row["PATIENT"], row["PAYER"]) for row in written["curatedEncounters"]] == [
        (_pseudonym("visit"), _pseudonym("person"), _pseudonym("payer"))
    ]
    assert [(row["PATIENT"], row["ENCOUNTER"]) for row in written["curatedObservations"]] == [
        (_pseudonym("person"), _pseudonym("visit"))
    ]


def test_a_reference_to_nothing_stays_nothing(flow: Flow) -> None:
    assert _reading(flow, ENCOUNTER=None)["ENCOUNTER"] is None


@pytest.mark.parametrize("key", ["", "short"])
def test_a_missing_or_short_key_stops_the_run(flow: Flow, key: str) -> None:
    with pytest.raises(DataFlowRunError, match="the pseudonym key is missing or shorter than 32 characters"):
        flow.run({"pseudonymKey": key}, patients=[{**PERSON}])


@pytest.mark.parametrize(
    ("birth", "death", "expected"),
    [
        ("1980-05-06", None, (1980, None, "46")),
        ("1937-12-31", None, (1937, None, "89")),
        ("1936-12-31", None, (None, None, "90+")),
        ("1901-01-01", None, (None, None, "90+")),
        ("1900-01-01", "1989-12-31", (1900, 1989, "89")),
        ("1900-01-01", "1990-01-01", (None, 1990, "90+")),
    ],
)
def test_birth_and_death_are_years_and_ages_over_89_are_one_group(
    flow: Flow,
    birth: str,
    death: str | None,
    expected: tuple[int | None, int | None, str],
) -> None:
    row = _patient(flow, BIRTHDATE=f"{birth} 00:00:00", DEATHDATE=death and f"{death} 00:00:00")
    assert (row["BIRTH_YEAR"], row["DEATH_YEAR"], row["AGE"]) == expected


@pytest.mark.parametrize(
    ("zip_code", "expected"),
    [
        ("02139", "021"),
        ("02139-4307", "021"),
        ("03601", "000"),
        ("89312", "000"),
        ("00000", "000"),
        (None, None),
        ("SW1A 1AA", None),
        ("2139", None),
        ("021391", None),
    ],
)
def test_zip_codes_keep_three_digits_where_enough_people_live(
    flow: Flow, zip_code: str | None, expected: str | None
) -> None:
    assert _patient(flow, ZIP=zip_code)["ZIP3"] == expected


def test_events_show_their_year_alone(flow: Flow) -> None:
    written = flow.run(patients=[{**PERSON}], newEncounters=[{**VISIT}], newObservations=[{**READING}])
    for sink in ("curatedEncounters", "curatedObservations"):
        (row,) = written[sink]
        assert (row["YEAR"], row["DAYS_SINCE_FIRST_ENCOUNTER"]) == (2012, None)
        assert row["file"] == f"_staging/run/{sink.removeprefix('curated').lower()}/year=2012.csv"


def test_offsets_count_days_from_the_first_encounter_when_asked_for(flow: Flow) -> None:
    written = flow.run(
        {"includeEventOffsets": True},
        patients=[{**PERSON}],
        newEncounters=[{**VISIT, "START": "2010-03-01 00:30:00"}],
    )
    assert [row["DAYS_SINCE_FIRST_ENCOUNTER"] for row in written["curatedEncounters"]] == [50]


OLD = {
    "Id": "person",
    "BIRTHDATE": "1920-01-01 00:00:00",
    "FIRST_ENCOUNTER": "1930-01-01 00:00:00",
}


def test_a_year_that_tells_an_age_over_89_is_not_shown(flow: Flow) -> None:
    visits: Rows = [
        {**VISIT, "Id": year, "START": f"{year}-06-01 00:00:00"} for year in ("1930", "1936", "1937", "2012")
    ]
    rows = flow.run({"includeEventOffsets": True}, patients=[{**OLD}], newEncounters=visits)["curatedEncounters"]
    shown = {
        row["Id"]: (
            row["YEAR"],
            row["file"].rpartition("/")[2],
            row["DAYS_SINCE_FIRST_ENCOUNTER"],
        )
        for row in rows
    }
    assert shown == {
        _pseudonym("1930"): (None, "earlier.csv", None),
        _pseudonym("1936"): (None, "earlier.csv", None),
        _pseudonym("1937"): (1937, "year=1937.csv", None),
        _pseudonym("2012"): (2012, "year=2012.csv", None),
    }


def test_for_the_dead_the_year_of_death_counts(flow: Flow) -> None:
    dead: dict[str, str | None] = {**OLD, "DEATHDATE": "1960-01-01 00:00:00"}
    visit: dict[str, str | None] = {**VISIT, "START": "1930-06-01 00:00:00"}
    (row,) = flow.run(patients=[dead], newEncounters=[visit])["curatedEncounters"]
    assert row["YEAR"] == 1930


def test_an_event_of_an_unknown_person_is_treated_as_of_the_oldest(flow: Flow) -> None:
    (visit,) = flow.run(newEncounters=[{**VISIT, "START": "1930-06-01 00:00:00"}], patients=[])["curatedEncounters"]
    assert (visit["YEAR"], visit["PATIENT"]) == (None, _pseudonym("person"))
    (reading,) = flow.run(newObservations=[{**READING, "VALUE": "50", "UNITS": "a"}], patients=[])[
        "curatedObservations"
    ]
    assert reading["VALUE"] is None


IDENTIFYING = [
    "born 1945-03-02",
    "seen on 3/4/1999",
    "12.5.98",
    "since March 5, 2010",
    "5 March 2010",
    "on 5th may 2001",
    "Mar 2010",
    "20100305",
    "a 93 year old",
    "95 yo man",
    "aged 94",
    "999-12-3456",
    "(617) 555-1234",
    "someone@example.org",
]


@pytest.mark.parametrize("text", IDENTIFYING)
def test_descriptions_that_hold_a_date_an_age_or_a_number_of_a_person_are_emptied(flow: Flow, text: str) -> None:
    visits: Rows = [
        {
            **VISIT,
            "DESCRIPTION": text,
            "REASONDESCRIPTION": f"because {text}, they said",
        }
    ]
    readings: Rows = [{**READING, "DESCRIPTION": text, "UNITS": text, "CATEGORY": text}]
    written = flow.run(patients=[{**PERSON}], newEncounters=visits, newObservations=readings)
    (visit,), (reading,) = written["curatedEncounters"], written["curatedObservations"]
    assert (visit["DESCRIPTION"], visit["REASONDESCRIPTION"]) == (None, None)
    assert (reading["DESCRIPTION"], reading["UNITS"], reading["CATEGORY"]) == (
        None,
        None,
        None,
    )


@pytest.mark.parametrize("value", ["80.5", "-3", "0", "1.5e3", ".5", "120"])
def test_numbers_stay(flow: Flow, value: str) -> None:
    assert _reading(flow, VALUE=value)["VALUE"] == value


@pytest.mark.parametrize("value", ["19450302", "20100305.0", "80.5 on Monday", "John", "1945-03-02", ""])
def test_numeric_observations_that_are_no_number_or_a_date_are_emptied(flow: Flow, value: str) -> None:
    assert _reading(flow, VALUE=value)["VALUE"] is None


def test_coded_answers_stay_and_other_texts_are_emptied(flow: Flow) -> None:
    smoker = _reading(flow, CODE="72166-2", TYPE="text", VALUE="Ex-smoker (finding)")
    assert smoker["VALUE"] == "Ex-smoker (finding)"
    assert _reading(flow, CODE="56799-0", TYPE="text", VALUE="1000 Koss Forge Suite 94")["VALUE"] is None
    assert _reading(flow, CODE="72166-2", TYPE="text", VALUE="smoked since 1999-01-02")["VALUE"] is None
    assert _reading(flow, CODE="72166-2", TYPE="remark", VALUE="anything")["TYPE"] is None


@pytest.mark.parametrize(
    ("birth", "value", "expected"),
    [
        ("1980", "46.2", "46.2"),
        ("1980", "89", "89"),
        ("1980", "89.5", None),
        ("1930", "60", None),
    ],
)
def test_numbers_of_years_do_not_tell_an_age_over_89(flow: Flow, birth: str, value: str, expected: str | None) -> None:
    person: Rows = [{**PERSON, "BIRTHDATE": f"{birth}-01-01 00:00:00"}]
    assert _reading(flow, person, CODE="QALY", UNITS="a", VALUE=value)["VALUE"] == expected


def test_a_window_is_replaced_and_the_rest_of_its_years_is_kept(flow: Flow) -> None:
    window = {
        "windowStart": "2012-03-04 00:00:00",
        "windowEnd": "2012-03-05 00:00:00",
        "existingYears": "2012",
    }
    old: Rows = [
        {**VISIT, "Id": "before", "START": "2012-03-03 23:59:59"},
        {**VISIT, "Id": "replaced", "START": "2012-03-04 00:00:00"},
        {**VISIT, "Id": "after", "START": "2012-03-05 00:00:00"},
    ]
    new: Rows = [{**VISIT, "Id": "new", "START": "2012-03-04 12:00:00"}]
    written = flow.run(window, patients=[{**PERSON}], newEncounters=new, oldEncounters=old)
    assert sorted(row["Id"] for row in written["rawEncounters"]) == [
        "after",
        "before",
        "new",
    ]
    expected = sorted(_pseudonym(id) for id in ("after", "before", "new"))
    assert [row["Id"] for row in written["curatedEncounters"]] == expected
    assert {row["file"] for row in written["rawEncounters"]} == {"_staging/run/encounters/year=2012.csv"}


def test_raw_rows_are_what_the_database_holds(flow: Flow) -> None:
    (row,) = flow.run(patients=[{**PERSON}], newObservations=[{**READING, "VALUE": "John"}])["rawObservations"]
    assert {key: value for key, value in row.items() if value is not None} == {
        **READING,
        "VALUE": "John",
        "file": "_staging/run/observations/year=2012.csv",
    }


def test_the_sample_keeps_every_row(whole_sample: dict[str, Written], sample: duckdb.DuckDBPyConnection) -> None:
    for table in ("patients", "encounters", "observations"):
        counted = sample.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert counted is not None
        assert len(whole_sample[f"curated{table.title()}"].rows) == counted[0]


def test_pseudonyms_of_the_sample_join(whole_sample: dict[str, Written]) -> None:
    patients = {row["Id"] for row in whole_sample["curatedPatients"].dicts()}
    assert len(patients) == len(whole_sample["curatedPatients"].rows)
    for sink in CURATED[1:]:
        assert {row["PATIENT"] for row in whole_sample[sink].dicts()} <= patients


def _texts(written: Written) -> Iterator[str]:
    places = [written.columns.index(column) for column in written.data_columns]
    for row in written.rows:
        for place in places:
            if isinstance(row[place], str):
                yield row[place]


REMOVED = [
    "Id",
    "SSN",
    "DRIVERS",
    "PASSPORT",
    "FIRST",
    "MIDDLE",
    "LAST",
    "MAIDEN",
    "BIRTHPLACE",
    "ADDRESS",
    "CITY",
    "COUNTY",
    "FIPS",
    "LAT",
    "LON",
]


def test_no_identifying_value_of_the_sample_is_in_a_curated_file(
    whole_sample: dict[str, Written], sample: duckdb.DuckDBPyConnection
) -> None:
    forbidden: set[str] = set()
    for column in REMOVED:
        found = sample.execute(f'SELECT DISTINCT "{column}" FROM patients WHERE "{column}" IS NOT NULL').fetchall()
        forbidden |= {row[0] for row in found}
    for query in (
        "SELECT Id FROM encounters",
        "SELECT DISTINCT ORGANIZATION FROM encounters",
        "SELECT DISTINCT PROVIDER FROM encounters",
        "SELECT DISTINCT PAYER FROM encounters",
    ):
        forbidden |= {row[0] for row in sample.execute(query).fetchall()}
    for sink in CURATED:
        assert forbidden.isdisjoint(_texts(whole_sample[sink]))


def test_no_full_date_is_in_a_curated_file_of_the_sample(
    whole_sample: dict[str, Written],
) -> None:
    date = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4}")
    for sink in CURATED:
        assert [text for text in _texts(whole_sample[sink]) if date.search(text)] == []


def test_no_age_over_89_can_be_told_from_the_sample(
    whole_sample: dict[str, Written],
) -> None:
    patients = {row["Id"]: row for row in whole_sample["curatedPatients"].dicts()}
    assert sum(row["AGE"] == "90+" for row in patients.values()) == 23
    for row in patients.values():
        if row["AGE"] == "90+":
            assert row["BIRTH_YEAR"] is None
        else:
            assert (row["DEATH_YEAR"] or 2026) - row["BIRTH_YEAR"] == int(row["AGE"]) <= 89
    for sink in CURATED[1:]:
        for row in whole_sample[sink].dicts():
            last = patients[row["PATIENT"]]["DEATH_YEAR"] or 2026
            assert row["YEAR"] is None or row["YEAR"] > last - 90
            if sink == "curatedObservations" and row["UNITS"] == "a" and row["VALUE"] is not None:
                assert float(row["VALUE"]) <= 89
                assert patients[row["PATIENT"]]["AGE"] != "90+"


def test_clinical_values_of_the_sample_stay(whole_sample: dict[str, Written]) -> None:
    emptied = [row for row in whole_sample["curatedObservations"].dicts() if row["VALUE"] is None]
    assert {row["CODE"] for row in emptied} == {"56799-0", "29554-3", "QALY", "DALY"}
    encounters = whole_sample["curatedEncounters"].dicts()
    assert all(row["DESCRIPTION"] for row in encounters)
    assert sum(row["file"].endswith("/earlier.csv") for row in encounters) == 14
