"""GetMetadata and Delete.

https://learn.microsoft.com/azure/data-factory/control-flow-get-metadata-activity
https://learn.microsoft.com/azure/data-factory/delete-activity
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import duckdb

from dataflow_execution.readers.columnar_files import parquet_relation
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.datasets import Dataset, SqlLocation
from local_azure.services.synapse_workspace.file_selection import Selected, select_files
from local_azure.services.synapse_workspace.lake import Entry, LakePath
from pipeline_runtime.errors import ActivityFailure

_RUNTIME = "AutoResolveIntegrationRuntime (Local)"
_STRUCTURE_FIELDS = frozenset({"structure", "columnCount"})
_FOLDER_FIELDS = frozenset({"childItems"})
_FILE_FIELDS = frozenset({"size", "contentMD5", "structure", "columnCount"})


def get_metadata(work: Work) -> Mapping[str, Any]:
    """Execute one GetMetadata; the fields asked for."""
    fields = [str(each) for each in work.call.properties["fieldList"]]
    dataset = work.datasets.resolve(work.call.properties["dataset"])
    if isinstance(dataset.location, SqlLocation):
        return {**_sql_fields(work, dataset, fields), "effectiveIntegrationRuntime": _RUNTIME}
    path = dataset.files.path
    headers = work.lake.properties(path)
    if headers is None:
        if "exists" in fields:
            return {"exists": False, "effectiveIntegrationRuntime": _RUNTIME}
        raise ActivityFailure(
            "2011",
            f"The required Blob is missing. FileSystem: '{path.file_system}', path: '{path.path}'.",
        )
    is_folder = not path.path or headers.get("x-ms-resource-type") == "directory"
    misfit = set(fields) & (_FILE_FIELDS if is_folder else _FOLDER_FIELDS)
    if misfit:
        what = "folder" if is_folder else "file"
        raise ActivityFailure("2010", f"The field '{sorted(misfit)[0]}' is not supported for a {what}.")
    shown = {field: _field(work, dataset, path, headers, field) for field in fields}
    return {**shown, "effectiveIntegrationRuntime": _RUNTIME}


def _field(work: Work, dataset: Dataset, path: LakePath, headers: Mapping[str, str], field: str) -> Any:
    is_folder = not path.path or headers.get("x-ms-resource-type") == "directory"
    if field == "exists":
        return True
    if field == "itemName":
        return path.name or path.file_system
    if field == "itemType":
        return "Folder" if is_folder else "File"
    if field == "size":
        return int(headers.get("content-length", "0"))
    if field == "lastModified":
        return _seconds(parsedate_to_datetime(headers["last-modified"]))
    if field == "contentMD5":
        return headers.get("content-md5")
    if field == "childItems":
        return [_child(each) for each in work.lake.list(path, recursive=False) if _in_window(work, each)]
    if field in _STRUCTURE_FIELDS:
        structure = _file_structure(work, dataset, path)
        return structure if field == "structure" else len(structure)
    raise ActivityFailure("2010", f"The field '{field}' is not supported.")


def _child(entry: Entry) -> Mapping[str, str]:
    return {"name": entry.location.name, "type": "Folder" if entry.is_folder else "File"}


def _in_window(work: Work, entry: Entry) -> bool:
    settings = work.call.properties.get("storeSettings") or {}
    start, end = settings.get("modifiedDatetimeStart"), settings.get("modifiedDatetimeEnd")
    text = _seconds(entry.modified)
    return entry.is_folder or ((not start or text >= str(start)) and (not end or text < str(end)))


def _seconds(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _file_structure(work: Work, dataset: Dataset, path: LakePath) -> list[Mapping[str, str]]:
    local = work.folder / "structure"
    work.lake.download(path, local)
    return _structure(work.relation(dataset, [local]))


def _structure(query: str) -> list[Mapping[str, str]]:
    names = {"VARCHAR": "String", "BIGINT": "Int64", "INTEGER": "Int32", "DOUBLE": "Double", "BOOLEAN": "Boolean"}
    with duckdb.connect() as connection:
        rows = connection.execute(f"DESCRIBE {query}").fetchall()
    return [{"name": str(name), "type": names.get(str(kind), _date_or_text(str(kind)))} for name, kind, *_ in rows]


def _date_or_text(kind: str) -> str:
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return "DateTime"
    return "Decimal" if kind.startswith("DECIMAL") else "String"


def _sql_fields(work: Work, dataset: Dataset, fields: list[str]) -> Mapping[str, Any]:
    location = dataset.sql
    query = f"SELECT TOP 0 * FROM [{location.schema}].[{location.table}]"
    try:
        structure = _structure(parquet_relation([work.query_text(dataset, query, work.folder / "table.parquet")]))
    except ActivityFailure as failure:
        if "SqlErrorNumber=208" in failure.message and "exists" in fields:
            return {"exists": False}
        raise
    values = {"exists": True, "structure": structure, "columnCount": len(structure)}
    unknown = [field for field in fields if field not in values]
    if unknown:
        raise ActivityFailure("2010", f"The field '{unknown[0]}' is not supported for a table.")
    return {field: values[field] for field in fields}


def delete(work: Work) -> Mapping[str, Any]:
    """Execute one Delete: a file, a folder with what is in it, or what wildcards match."""
    dataset = work.datasets.resolve(work.call.properties["dataset"])
    settings = dict(work.call.properties.get("storeSettings") or {})
    recursive = settings.get("recursive", work.call.properties.get("recursive", False)) is True
    settings["recursive"] = recursive
    wild = bool(settings.get("wildcardFileName") or settings.get("wildcardFolderPath"))
    selected: list[Selected] = select_files(work.lake, dataset.files, settings)
    filtered = bool(settings.get("modifiedDatetimeStart") or settings.get("modifiedDatetimeEnd"))
    if dataset.files.file or wild or filtered or not recursive or not dataset.files.folder:
        for each in selected:
            work.lake.delete(each.entry.location, recursive=False)
    else:
        work.lake.delete(dataset.files.folder_path, recursive=True)
    return {
        "datasetName": dataset.name,
        "prefix": dataset.files.path.path,
        "recursive": recursive,
        "isWildcardUsed": wild,
        "filesDeleted": len(selected),
        "effectiveIntegrationRuntime": _RUNTIME,
    }
