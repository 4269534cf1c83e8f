"""The T-SQL for the source database names the tables that pipelines read."""

from program_bench import settings_of

from infra.components.published_artifacts import read_artifacts
from infra.source_access import source_tables
from sample_data.source_schema import SCHEMA_NAME


def test_tables_are_those_that_queries_of_pipelines_name() -> None:
    found = source_tables(read_artifacts(settings_of(), "local").documents)
    assert found == tuple(f"[{SCHEMA_NAME}].[{name}]" for name in ("encounters", "observations", "patients"))


def test_only_pipelines_are_looked_at() -> None:
    query = {"properties": {"query": "SELECT * FROM [dbo].[a] JOIN x; select 1 from [s 1].[b] -- FROM plain"}}
    assert source_tables({"pipeline/p": query, "dataset/d": {"query": "FROM [dbo].[c]"}}) == ("[dbo].[a]", "[s 1].[b]")
