"""The activities of pipelines that reach services, executed on the local Azure."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from local_azure.context import ServiceContext
from local_azure.services.synapse_workspace import copy_activity, file_activities, lookup_activity, web_activity
from local_azure.services.synapse_workspace.activity_shapes import activity_problems
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.data_flow_activity import run_data_flow
from local_azure.services.synapse_workspace.datasets import Datasets
from local_azure.services.synapse_workspace.lake import Lake
from local_azure.services.synapse_workspace.sql_source import SqlDatabases
from local_azure.services.synapse_workspace.store import Artifacts
from local_azure.services.synapse_workspace.workspace import Workspace
from pipeline_runtime.definition import Activity
from pipeline_runtime.errors import ActivityFailure, Problem
from pipeline_runtime.ports import ActivityCall


class LocalActivities:
    """The activity port of one workspace; each execution has its own temporary folder, removed at its end."""

    def __init__(
        self, context: ServiceContext, artifacts: Artifacts, databases: SqlDatabases, workspace: Workspace
    ) -> None:
        self._context = context
        self._artifacts = artifacts
        self._databases = databases
        self._workspace = workspace

    def check(self, activity: Activity) -> Sequence[Problem]:
        """What cannot be executed about an activity as written."""
        return list(activity_problems(activity))

    def copy(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute Copy."""
        return self._with_work(call, copy_activity.copy)

    def run_data_flow(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute ExecuteDataFlow."""
        return self._with_work(call, lambda work: run_data_flow(work, self._artifacts))

    def request_web(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute WebActivity."""
        return self._with_work(call, web_activity.request_web)

    def look_up(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute Lookup."""
        return self._with_work(call, lookup_activity.look_up)

    def get_metadata(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute GetMetadata."""
        return self._with_work(call, file_activities.get_metadata)

    def delete(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute Delete."""
        return self._with_work(call, file_activities.delete)

    def _with_work(self, call: ActivityCall, execute: Callable[[Work], Mapping[str, Any]]) -> Mapping[str, Any]:
        folder = Path(tempfile.mkdtemp(prefix="activity-", dir=self._context.state.temporary_folder))
        work = Work(
            self._context,
            self._workspace,
            call,
            Datasets(self._context, self._artifacts, self._workspace),
            Lake(self._context, self._workspace, call.cancellation),
            self._databases,
            folder,
        )
        try:
            return execute(work)
        except duckdb.Error as error:
            raise ActivityFailure("2200", f"The data could not be read or written: {error}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
