"""Types of linked services and datasets that activities and data flows can use here, with their properties.

Everything else that Azure documents can be published, not used: a run says what it cannot use. The pages:
https://learn.microsoft.com/azure/data-factory/connector-azure-sql-database (and -azure-data-lake-storage,
-azure-blob-storage, store-credentials-in-key-vault), /format-delimited-text (and -json, -parquet, -binary).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

LINKED_SERVICES: dict[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "AzureSqlDatabase": "connectionString server database encrypt trustServerCertificate hostNameInCertificate "
        "authenticationType connectTimeout commandTimeout applicationIntent connectRetryCount connectRetryInterval",
        "AzureBlobFS": "url",
        "AzureBlobStorage": "serviceEndpoint accountKind",
        "AzureKeyVault": "baseUrl",
    }.items()
}
DATASETS: dict[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "AzureSqlTable": "schema table tableName",
        "DelimitedText": "location columnDelimiter rowDelimiter encodingName compressionCodec compressionLevel "
        "quoteChar escapeChar firstRowAsHeader nullValue",
        "Json": "location encodingName compression",
        "Parquet": "location compressionCodec",
        "Binary": "location compression",
    }.items()
}
LOCATIONS = frozenset({"AzureBlobFSLocation", "AzureBlobStorageLocation"})
_IDENTITY = "SystemAssignedManagedIdentity"


def unusable_linked_service(kind: str, properties: Mapping[str, Any]) -> Iterator[str]:
    """Why a linked service with these type properties cannot be used here; nothing when it can."""
    yield from _unusable(kind, properties, LINKED_SERVICES)
    if kind == "AzureSqlDatabase":
        if "connectionString" not in properties and not {"server", "database"} <= set(properties):
            yield "it has neither 'server' and 'database' nor 'connectionString'"
        found = properties.get("authenticationType")
        if found not in (None, _IDENTITY):
            yield f"the authentication type '{found}' is not {_IDENTITY}"


def unusable_dataset(kind: str, properties: Mapping[str, Any]) -> Iterator[str]:
    """Why a dataset with these type properties cannot be used here; nothing when it can."""
    yield from _unusable(kind, properties, DATASETS)
    location = properties.get("location")
    if isinstance(location, Mapping) and location.get("type") not in LOCATIONS:
        yield f"the location type '{location.get('type')}' is none of {', '.join(sorted(LOCATIONS))}"


def _unusable(kind: str, properties: Mapping[str, Any], table: Mapping[str, frozenset[str]]) -> Iterator[str]:
    if kind not in table:
        yield f"the type {kind} is none of {', '.join(sorted(table))}"
        return
    for key, value in properties.items():
        if key not in table[kind] and value is not None:
            yield f"the property '{key}' of {kind} is not supported locally"
