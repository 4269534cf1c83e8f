"""Carries out what existing_paths.py plans: batch by batch, told while it goes on, and resumable where it stopped."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from azure_ids.acl import Acl
from dataplane_provider.clients.data_lake import DataLakeClient
from dataplane_provider.clients.lake_trees import Batch, change_path, change_tree, list_tree
from dataplane_provider.errors import ServiceFailure, message
from dataplane_provider.resources import existing_paths
from dataplane_provider.resources.existing_paths import Pass, Plan
from dataplane_provider.resources.records import DirectoryArgs
from provider_wire.verbs import Cancelled, PartialFailure, Severity

_AT_ONCE = 8
_REFUSALS_SHOWN = 10


@dataclass
class TreeChange:
    """One plan for one directory, while it is carried out. `inputs` are those of the request."""

    plan: Plan
    wanted: Acl
    args: DirectoryArgs
    inputs: Mapping[str, Any]
    client: DataLakeClient
    _directories: int = 0
    _files: int = 0
    _refused: list[str] = field(default_factory=list)

    def carry_out(self) -> dict[str, Any]:
        """Make all passes; the state then. Raises PartialFailure with the state from which the next update goes on."""
        for number, each in enumerate(self.plan.passes):
            self._go_through(each, self.plan.passes[number:], "" if number else self.plan.token)
        if self._refused:
            raise self._failure([self._refusals()], self.plan.passes, "")
        if self.plan.passes:
            self.client.waiter.session.log(Severity.INFO, f"{self._doing}: {self._done}")
        return {**self.inputs, existing_paths.APPLIED: existing_paths.applied_entries(self.wanted)}

    def _go_through(self, each: Pass, left: tuple[Pass, ...], token: str) -> None:
        """One pass from where `token` says to its end; a token that the service takes no more means from the start."""
        is_old = bool(token)
        while True:
            try:
                self.client.waiter.check(self._doing)
                batch = self._step(each, token)
            except (ServiceFailure, Cancelled) as failure:
                if not (is_old and isinstance(failure, ServiceFailure) and failure.status == 400):
                    raise self._stopped(failure, left, token) from failure
                self.client.waiter.report(f"{self._doing}: it cannot go on where it stopped, it begins anew")
                is_old, token = False, ""
                continue
            self._count(batch)
            is_old, token = False, batch.continuation
            if not token:
                return

    def _step(self, each: Pass, token: str) -> Batch:
        file_system, path = self.args.file_system, self.args.path
        if each.as_tree:
            return change_tree(self.client, file_system, path, each.mode, each.acl, token)
        page = list_tree(self.client, file_system, path, token)
        chosen = [item for item in page.paths if item[1] or each.existing == existing_paths.ALL]

        def change(item: tuple[str, bool]) -> str:
            name, is_directory = item
            return change_path(self.client, file_system, name, lambda acl: each.changed(acl, is_directory))

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            refused = list(pool.map(change, chosen))
        done = [is_directory for (_, is_directory), reason in zip(chosen, refused, strict=True) if not reason]
        return Batch(sum(done), len(done) - sum(done), tuple(filter(None, refused)), page.continuation)

    def _count(self, batch: Batch) -> None:
        self._directories += batch.directories
        self._files += batch.files
        self._refused.extend(batch.refused)
        self.client.waiter.session.status(f"{self._doing}: {self._done}")

    @property
    def _doing(self) -> str:
        return f"giving what exists below {self._id} its access"

    @property
    def _id(self) -> str:
        return self.client.id_of(self.args.file_system, self.args.path)

    @property
    def _done(self) -> str:
        return f"{self._directories} directories and {self._files} files done"

    def _refusals(self) -> str:
        shown = self._refused[:_REFUSALS_SHOWN]
        more = len(self._refused) - len(shown)
        listed = "\n".join([*shown, *([f"and {more} more"] if more else [])])
        return message(
            self._doing,
            f"{self._done}, {len(self._refused)} refused:\n{listed}",
            "the role Storage Blob Data Owner, or to own each of these paths",
            "the next pulumi up tries all of them again",
        )

    def _failure(self, reasons: list[str], left: tuple[Pass, ...], token: str) -> PartialFailure:
        state = existing_paths.failed_state(self.inputs, self.plan, self.wanted, left, token)
        return PartialFailure(self._id, state, reasons)

    def _stopped(self, failure: Exception, left: tuple[Pass, ...], token: str) -> PartialFailure:
        """The next update goes on at the token, unless paths were refused: it must come by those again."""
        reason = f"{self._doing}: {self._done}, then it stopped\n{failure}"
        if self._refused:
            return self._failure([reason, self._refusals()], self.plan.passes, "")
        return self._failure([reason], left, token)
