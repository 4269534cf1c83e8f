"""The same with pandas, as a data scientist writes it: `python with_pandas.py OBSERVATIONS CURATED KEY`."""

import hashlib
import sys

import pandas as pd

DATES_AND_AGES = r"(?i)[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|\b(?:9[0-9]|1[0-9]{2})[ -]*years?\b"
AGES = ["a", "y", "years", "{age}"]


def pseudonyms(ids: pd.Series, key: str) -> pd.Series:
    """SHA-256 of key, colon and id."""
    start = f"{key}:"
    return ids.map(lambda one: hashlib.sha256((start + one).encode()).hexdigest(), na_action="ignore")


def main(observations: str, curated: str, key: str) -> None:
    """Reads, changes and writes."""
    rows = pd.read_csv(observations, dtype="str", keep_default_na=False, na_values=[""])
    too_old = rows["UNITS"].isin(AGES) & (pd.to_numeric(rows["VALUE"], errors="coerce") > 89)
    result = pd.DataFrame(
        {
            "PATIENT": pseudonyms(rows["PATIENT"], key),
            "ENCOUNTER": pseudonyms(rows["ENCOUNTER"], key),
            "YEAR": pd.to_numeric(rows["DATE"].str[:4], errors="coerce").astype("Int32"),
            "CATEGORY": rows["CATEGORY"],
            "CODE": rows["CODE"],
            "DESCRIPTION": rows["DESCRIPTION"].mask(
                rows["DESCRIPTION"].str.contains(DATES_AND_AGES, regex=True, na=False)
            ),
            "VALUE": rows["VALUE"].where((rows["TYPE"] == "numeric") & ~too_old),
            "UNITS": rows["UNITS"],
            "TYPE": rows["TYPE"],
        }
    )
    result.to_csv(curated, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
