"""Access-control lists of whole trees of a filesystem, a batch or a page at a time, each with the token to go on.

https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/update
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from azure_ids.acl import Acl, format_acl, parse_acl
from dataplane_provider.clients.data_lake import DataLakeClient, is_throttling
from dataplane_provider.errors import ServiceFailure

Mode = Literal["modify", "remove"]
PATHS_OF_A_PAGE = 1000


@dataclass(frozen=True)
class Batch:
    """What one step did: paths that have their list now, paths that were refused with the reason, where to go on."""

    directories: int = 0
    files: int = 0
    refused: tuple[str, ...] = ()
    continuation: str = ""


def change_tree(client: DataLakeClient, file_system: str, path: str, mode: Mode, acl: str, continuation: str) -> Batch:
    """One request for up to 2000 paths of a tree, its top included; refused paths do not stop it.

    Default entries go to directories only. Raises ServiceFailure.
    """
    directory = client.service.get_directory_client(file_system, path or "/")
    change = (
        directory.update_access_control_recursive if mode == "modify" else directory.remove_access_control_recursive
    )
    seen: list[Any] = []

    def send() -> Any:
        seen.clear()
        return change(
            acl,
            continuation_token=continuation or None,
            max_batches=1,
            continue_on_failure=True,
            progress_hook=seen.append,
        )

    result = client.attempt(f"changing the ACLs below {client.id_of(file_system, path)}", send)
    refused = [f"{each.name}: {each.error_message}" for changes in seen for each in changes.batch_failures]
    counters = result.counters
    return Batch(counters.directories_successful, counters.files_successful, tuple(refused), result.continuation or "")


@dataclass(frozen=True)
class Page:
    """Paths below a directory, each with whether it is a directory, and where the next page begins."""

    paths: tuple[tuple[str, bool], ...]
    continuation: str


def list_tree(client: DataLakeClient, file_system: str, path: str, continuation: str) -> Page:
    """One page of all that is below a directory. Raises ServiceFailure."""

    def send() -> Page:
        lake = client.service.get_file_system_client(file_system)
        pages: Any = lake.get_paths(path=path or None, recursive=True, max_results=PATHS_OF_A_PAGE).by_page(
            continuation or None
        )
        found = tuple((str(each.name), bool(each.is_directory)) for each in next(pages, ()))
        return Page(found, str(pages.continuation_token or ""))

    return client.attempt(f"listing {client.id_of(file_system, path)}", send)


def change_path(client: DataLakeClient, file_system: str, path: str, change: Callable[[Acl], Acl]) -> str:
    """Give one path the list that `change` makes of its own; what refused it, "" if nothing; one that is gone is fine.

    Raises ServiceFailure for anything but a refusal of this one path.
    """
    at_once = replace(client, what_to_wait_for=is_throttling)  # a role is in force: this one path is refused
    try:
        text = at_once.acl(file_system, path)
        if text is None:
            return ""
        wanted = change(parse_acl(text))
        if wanted != parse_acl(text):
            at_once.set_access(file_system, path, acl=format_acl(wanted))
    except ServiceFailure as failure:
        if failure.status == 404:
            return ""
        if failure.status in (400, 403, 409, 412):
            return f"{path}: {failure.status} {failure.code}"
        raise
    return ""
