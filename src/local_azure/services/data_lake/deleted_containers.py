"""Containers that an account keeps for some days after they were deleted.

https://learn.microsoft.com/azure/storage/blobs/soft-delete-container-overview
https://learn.microsoft.com/rest/api/storageservices/restore-container
"""

from __future__ import annotations

from local_azure.http import Response
from local_azure.services.data_lake.accounts import AccountDirectory, StorageAccount
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.nodes import FileSystem
from local_azure.services.data_lake.retention import DAY
from local_azure.services.data_lake.store import LakeStore

NAME, VERSION = "x-ms-deleted-container-name", "x-ms-deleted-container-version"
"""Headers: what is to be restored."""


def remove(store: LakeStore, accounts: AccountDirectory, account: StorageAccount, found: FileSystem) -> None:
    """Deletes a container with all that is in it, for good or for as long as the account keeps containers."""
    days = accounts.container_delete_days(account)
    if days is None:
        store.remove_file_system(found)
    else:
        store.set_file_system_aside(found, days * DAY)


def restore(call: Call) -> Response:
    """Gives a deleted container its name back, with all that is in it; raises ServiceError where the name is taken.

    It cannot come back under another name (the Java client has marked that option as one that works no more).
    """
    call.require(call.guard.may_manage_containers("write"))
    for header in (NAME, VERSION):
        if not call.header(header):
            raise call.failure("MissingRequiredHeader", f"HeaderName: {header}")
    if call.header(NAME) != call.file_system:
        raise call.failure("InvalidHeaderValue", f"HeaderName: {NAME}")
    store, account = call.store, call.account.name
    with store.transaction():
        kept = store.deleted_file_systems(account, call.file_system)
        wanted = (call.file_system, call.header(VERSION))
        found = next((each for each in kept if (each.file_system.name, each.version) == wanted), None)
        if found is None:
            raise call.failure("FilesystemNotFound")
        if store.file_system(account, call.file_system) is not None:
            raise call.failure("FilesystemAlreadyExists")
        store.bring_file_system_back(found)
    return Response(201)
