"""The pools of a Synapse workspace, which are read only: nothing makes one here, so each list is short or empty.

https://learn.microsoft.com/rest/api/synapse/resourcemanager/big-data-pools
https://learn.microsoft.com/rest/api/synapse/resourcemanager/sql-pools
"""

from __future__ import annotations

from local_azure.resources import SYNAPSE_WORKSPACE
from local_azure.services.resource_manager import api_versions
from local_azure.services.resource_manager.handlers import Route, listing_below, telling
from local_azure.services.resource_manager.store import ArmStore
from local_azure.services.resource_manager.types.workspaces import WORKSPACE, workspace_id

_COLLECTIONS = (
    "bigDataPools",
    "kustoPools",
    "libraries",
    "recoverableSqlPools",
    "restorableDroppedSqlPools",
    "sparkconfigurations",
    "sqlPools",
)


def routes(store: ArmStore) -> list[Route]:
    """The lists and reads of BigDataPools-, SqlPools-, KustoPools-, Libraries- and SparkConfigurationsOperations."""
    return [route for collection in _COLLECTIONS for route in _routes(collection)]


def _routes(collection: str) -> list[Route]:
    resource_type = f"{SYNAPSE_WORKSPACE}/{collection}"
    listed = listing_below(workspace_id, resource_type)
    told = telling(lambda call: workspace_id(call).child(collection, call.names["pool"]))
    path, action = f"{WORKSPACE}/{collection}", f"{resource_type}/read"
    return [
        Route("GET", path, listed, action, WORKSPACE, api_versions.SYNAPSE, resource_type),
        Route("GET", f"{path}/{{pool}}", told, action, WORKSPACE, api_versions.SYNAPSE, resource_type),
    ]
