-- What deidentify_observations.json does, as somebody who knows DuckDB writes it. $observations, $curated and $pseudonymKey are texts.
COPY (
    SELECT
        sha256($pseudonymKey || ':' || PATIENT) AS PATIENT,
        sha256($pseudonymKey || ':' || ENCOUNTER) AS ENCOUNTER,
        TRY_CAST(left(DATE, 4) AS INTEGER) AS YEAR,
        CATEGORY,
        CODE,
        CASE
            WHEN regexp_matches(DESCRIPTION, '(?i)[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|\b(9[0-9]|1[0-9]{2})[ -]*years?\b') THEN NULL
            ELSE DESCRIPTION
        END AS DESCRIPTION,
        CASE
            WHEN TYPE = 'numeric' AND NOT (coalesce(UNITS, '') IN ('a', 'y', 'years', '{age}') AND TRY_CAST(VALUE AS DOUBLE) > 89)
            THEN VALUE
        END AS VALUE,
        UNITS,
        TYPE
    FROM read_csv($observations, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')
) TO $curated (FORMAT csv, HEADER);
