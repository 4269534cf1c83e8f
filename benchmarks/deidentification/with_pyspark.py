"""The same with PySpark on this machine, start included: `python with_pyspark.py OBSERVATIONS CURATED_FOLDER KEY`."""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

DATES_AND_AGES = r"(?i)[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|\b(?:9[0-9]|1[0-9]{2})[ -]*years?\b"
AGES = ["a", "y", "years", "{age}"]


def main(observations: str, curated: str, key: str) -> None:
    """Reads, changes and writes."""
    builder = SparkSession.builder.master("local[*]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    session = builder.config("spark.sql.ansi.enabled", "false").config("spark.driver.memory", "4g").getOrCreate()
    rows = session.read.csv(observations, header=True, escape='"')
    too_old = f.coalesce("UNITS", f.lit("")).isin(AGES) & (f.col("VALUE").cast("double") > 89)
    rows.select(
        f.sha2(f.concat(f.lit(f"{key}:"), "PATIENT"), 256).alias("PATIENT"),
        f.sha2(f.concat(f.lit(f"{key}:"), "ENCOUNTER"), 256).alias("ENCOUNTER"),
        f.substring("DATE", 1, 4).cast("int").alias("YEAR"),
        "CATEGORY",
        "CODE",
        f.when(~f.col("DESCRIPTION").rlike(DATES_AND_AGES), f.col("DESCRIPTION")).alias("DESCRIPTION"),
        f.when((f.col("TYPE") == "numeric") & ~f.coalesce(too_old, f.lit(False)), f.col("VALUE")).alias("VALUE"),
        "UNITS",
        "TYPE",
    ).write.mode("overwrite").csv(curated, header=True, escape='"')
    session.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
