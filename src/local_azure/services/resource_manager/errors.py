"""Errors of Resource Manager and its resource providers, with their codes and their words.

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from arm_schema.validation import Problem
from azure_ids.arm import ArmId
from local_azure.directory import Principal
from local_azure.http import Request, ServiceError


def authorization_failed(principal: Principal, action: str, scope: str) -> ServiceError:
    """The caller has no role that allows the action on the scope."""
    return ServiceError(
        403,
        "AuthorizationFailed",
        f"The client '{principal.client_id}' with object id '{principal.object_id}' does not have "
        "authorization to perform "
        f"action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, "
        "please refresh "
        "your credentials.",
    )


def api_version_missing() -> ServiceError:
    """No api-version in the query."""
    return ServiceError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )


def api_version_unknown(resource_type: str, version: str, known: Collection[str]) -> ServiceError:
    """The type is served, but not in that version."""
    listed = ", ".join(sorted(known, reverse=True))
    return ServiceError(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for API version '{version}' for type '{resource_type}'. "
        f"The supported api-versions are '{listed}'.",
    )


def type_unknown(request: Request, namespace: str, resource_type: str) -> ServiceError:
    """A type that is not served. Status 501, not Azure's 404: a client must not read it as 'does not exist'."""
    return ServiceError(
        501,
        "InvalidResourceType",
        f"The resource type '{resource_type}' could not be found in the namespace '{namespace}': answering "
        f"{request.method} {request.path}: the local stand-in does not serve it.",
    )


def subscription_not_found(subscription_id: str) -> ServiceError:
    """Another subscription than the one there is."""
    return ServiceError(404, "SubscriptionNotFound", f"The subscription '{subscription_id}' could not be found.")


def group_not_found(name: str) -> ServiceError:
    """The resource group does not exist."""
    return ServiceError(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def resource_not_found(arm_id: ArmId) -> ServiceError:
    """The resource does not exist."""
    kind = f"{arm_id.provider}/" + "/".join(f"{kind}/{name}" for kind, name in arm_id.segments)
    return ServiceError(
        404,
        "ResourceNotFound",
        f"The Resource '{kind}' under resource group '{arm_id.resource_group}' was not found. For more "
        "details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
    )


def parent_not_found(arm_id: ArmId) -> ServiceError:
    """The resource that a child is asked for does not exist."""
    return ServiceError(
        404,
        "ParentResourceNotFound",
        f"Failed to perform 'write' on resource(s) of type '{arm_id.type}', because the parent resource "
        f"'{arm_id.parent}' could not be found.",
    )


def content_invalid(problems: Sequence[Problem]) -> ServiceError:
    """The body does not fit; every problem at once."""
    text = "; ".join(str(each) for each in problems)
    details = [{"code": "InvalidRequestContent", "target": each.path, "message": each.message} for each in problems]
    return ServiceError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: {text}",
        details={"details": details},
    )


def property_invalid(path: str, message: str) -> ServiceError:
    """One property whose value is not allowed."""
    return content_invalid([Problem(path, message)])


def precondition_failed(name: str) -> ServiceError:
    """An If-Match header that does not hold the resource's etag."""
    return ServiceError(412, "PreconditionFailed", f"The etag in the If-Match header is not the etag of '{name}'.")


def location_unknown(location: str, known: Collection[str]) -> ServiceError:
    """A region that is not known here."""
    listed = ",".join(sorted(known))
    return ServiceError(
        400,
        "LocationNotAvailableForResourceType",
        f"The provided location '{location}' is not available. List of available regions is '{listed}'.",
    )


def location_changed(name: str, group: str, there: str, wanted: str) -> ServiceError:
    """A resource does not move by being written."""
    return ServiceError(
        409,
        "InvalidResourceLocation",
        f"The resource '{name}' already exists in location '{there}' in resource group '{group}'. A resource "
        "with the same "
        f"name cannot be created in location '{wanted}'. Please select a new resource name.",
    )


def property_change_not_allowed(path: str) -> ServiceError:
    """A property that is set when the resource is created and never again."""
    return ServiceError(
        409, "PropertyChangeNotAllowed", f"Changing property '{path}' is not allowed.", details={"target": path}
    )


def subnet_in_use(name: str, user: str) -> ServiceError:
    """A subnet that something stands in does not go."""
    return ServiceError(
        400,
        "InUseSubnetCannotBeDeleted",
        f"Subnet {name} is in use by {user} and cannot be deleted. In order to delete the subnet, delete all the "
        "resources within the subnet. See aka.ms/deletesubnet.",
    )


def subnet_overlaps(name: str, other: str) -> ServiceError:
    """Two subnets of a network share no address."""
    return ServiceError(
        400,
        "NetcfgSubnetRangesOverlap",
        f"Subnet '{name}' is not valid because its IP address range "
        f"overlaps with that of an existing subnet '{other}'.",
    )


def bad_request(message: str) -> ServiceError:
    """The provider's general refusal."""
    return ServiceError(400, "BadRequest", message)
