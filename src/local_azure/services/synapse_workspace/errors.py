"""Errors of the development endpoint, in the shapes that were recorded or reported from the service.

Not-found and artifact errors are flat (`{"code", "message"}`), errors of roles and network carry the `error` wrapper.
"""

from __future__ import annotations

import json

from local_azure.http import ServiceError
from local_azure.services.synapse_workspace.artifact_kinds import Kind, Missing
from local_azure.services.synapse_workspace.workspace import Workspace


def not_found(kind: Kind, name: str, workspace: Workspace) -> ServiceError:
    """An artifact that does not exist; recorded for pipelines, triggers, Spark jobs, SQL scripts and notebooks.

    A factory is named as one, in the words that are recorded of workspaces.
    """
    if kind.missing is not Missing.NAMED:
        return _document_not_found(kind, name, workspace)
    return ServiceError(
        404,
        f"{kind.noun}NotFound",
        f"The {kind.noun} {name} was not found in (subscription={workspace.subscription_id} "
        f"resourceGroup={workspace.resource_group} {workspace.noun}={workspace.name})",
        shape="flat",
    )


def _document_not_found(kind: Kind, name: str, workspace: Workspace) -> ServiceError:
    message = "The document could not be retrieved because it does not exist."
    target = f"{workspace.arm_id}/{kind.path}/{name}"
    details = {"target": target, "details": None, "error": None}
    if kind.missing is Missing.PLAIN:
        return ServiceError(404, "NotFound", message, shape="flat", details=details)
    quoted = json.dumps({"code": "NotFound", "message": message, **details}, separators=(",", ":"))
    told = (
        f"Get{kind.noun} failed [statusCode from ADF: NotFound, ErrorMessage: {quoted}, "
        f"workspace: {workspace.name}, {kind.noun.lower()}: {name}]"
    )
    message = "Failed Component = DataFactoryResourceProvider, ErrorCode = 404, Error = NotFound "
    wrapped = {"code": 404, "result": None, "target": None, "details": None, "error": told}
    return ServiceError(404, "NotFound", message, shape="flat", details=wrapped)


def bad_request(message: str, code: str = "BadRequest") -> ServiceError:
    """A document or a request that the service refuses."""
    return ServiceError(400, code, message, shape="flat")


def precondition_failed(name: str) -> ServiceError:
    """An If-Match header that does not hold the artifact's etag."""
    return ServiceError(
        412, "PreconditionFailed", f"The etag in the If-Match header is not the etag of '{name}'.", shape="flat"
    )


def run_not_found(run_id: str) -> ServiceError:
    """A run that does not exist."""
    return ServiceError(404, "PipelineRunNotFound", f"The pipeline run ID {run_id} could not be found.", shape="flat")


def trigger_run_not_found(run_id: str) -> ServiceError:
    """A trigger run that does not exist, or not of the trigger that a call names."""
    return ServiceError(404, "TriggerRunNotFound", f"The trigger run {run_id} could not be found.", shape="flat")


def unauthorized(principal_id: str, action: str, scope: str) -> ServiceError:
    """The caller lacks a Synapse role; wording from Azure/azure-sdk-for-net#24423."""
    return ServiceError(
        403,
        "Unauthorized",
        f"The principal '{principal_id}' does not have the required Synapse RBAC permission to perform this action. "
        f"Required permission: Action: {action}, Scope: {scope}.",
    )


def address_not_authorized(source_ip: str) -> ServiceError:
    """The workspace's firewall does not let the caller's address in."""
    return ServiceError(403, "ClientIpAddressNotAuthorized", f"Client Ip address : {source_ip}")
