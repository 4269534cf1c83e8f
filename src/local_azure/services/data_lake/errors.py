"""Errors of the Data Lake endpoint (JSON) and of the Blob endpoint (XML), by the service's own codes and words.

https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/create#other-status-codes
https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from local_azure.directory import TENANT_ID
from local_azure.http import ErrorShape, ServiceError

Surface = Literal["dfs", "blob"]
"""The endpoint that a request came to."""

_SHAPES: Mapping[Surface, ErrorShape] = {"dfs": "storage", "blob": "storage_xml"}

_NAMED_DETAIL = re.compile(r"(HeaderName|QueryParameterName|XmlNodeName): ([^\s;]+)")
_CONDITION = "The condition specified using HTTP conditional header(s) is not met."
_TYPE_CONFLICT = (
    "The specified path, or an element of the path, exists and its resource type is invalid for this operation."
)
_MESSAGES: Mapping[str, tuple[int, str]] = {
    "AppendPositionConditionNotMet": (412, "The append position condition specified was not met."),
    "AuthenticationFailed": (
        403,
        "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly "
        "including the signature.",
    ),
    "AuthorizationFailure": (403, "This request is not authorized to perform this operation."),
    "AuthorizationServiceMismatch": (
        403,
        "This request is not authorized to perform this operation using this service.",
    ),
    "AuthorizationSourceIPMismatch": (
        403,
        "This request is not authorized to perform this operation using this source IP.",
    ),
    "AuthorizationPermissionMismatch": (
        403,
        "This request is not authorized to perform this operation using this permission.",
    ),
    "BlobAlreadyExists": (409, "The specified blob already exists."),
    "BlobNotFound": (404, "The specified blob does not exist."),
    "BlobOperationNotSupported": (409, "Blob operation is not supported."),
    "BlockCountExceedsLimit": (409, "The committed block count cannot exceed the maximum limit of 50,000 blocks."),
    "CannotVerifyCopySource": (404, "The specified blob does not exist."),
    "ConditionNotMet": (412, _CONDITION),
    "ContainerAlreadyExists": (409, "The specified container already exists."),
    "ContainerNotFound": (404, "The specified container does not exist."),
    "Crc64Mismatch": (
        400,
        "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.",
    ),
    "DuplicateTagNames": (400, "The tags specified contain duplicate names."),
    "DirectoryIsNotEmpty": (409, "This operation is not permitted on a non-empty directory."),
    "DirectoryNotEmpty": (
        409,
        "The recursive query parameter value must be true to delete a non-empty directory.",
    ),
    "EmptyTagName": (400, "The name of one of the tag key-value pairs is empty."),
    "ExceedsMaxBatchRequestCount": (400, "The batch operation exceeds maximum number of allowed subrequests."),
    "FilesystemAlreadyExists": (409, "The specified filesystem already exists."),
    "FilesystemNotFound": (404, "The specified filesystem does not exist."),
    "HierarchicalNamespaceNotEnabled": (400, "The account has no hierarchical namespace."),
    "InvaldAccessControlList": (400, "The access control list value is invalid."),  # the service spells it so
    "InvalidAppendOperation": (
        409,
        "The resource was created or modified by the Azure Blob Service API and cannot be appended to by the Azure "
        "Data Lake Storage Service API.",
    ),
    "InvalidBlobOrBlock": (400, "The specified blob or block content is invalid."),
    "InvalidBlobType": (409, "The blob type is invalid for this operation."),
    "InvalidBlockId": (400, "The specified block ID is invalid. The block ID must be Base64-encoded."),
    "InvalidBlockList": (400, "The specified block list is invalid."),
    "InvalidFlushOperation": (
        409,
        "The resource was created or modified by the Azure Blob Service API and cannot be written to by the Azure "
        "Data Lake Storage Service API.",
    ),
    "InvalidFlushPosition": (
        400,
        "The uploaded data is not contiguous or the position query parameter value is not equal to the length of the "
        "file after appending the uploaded data.",
    ),
    "InvalidHeaderValue": (400, "The value for one of the HTTP headers is not in the correct format."),
    "InvalidInput": (400, "One of the request inputs is not valid."),
    "InvalidMd5": (400, "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64."),
    "InvalidPropertyName": (400, "The property name contains invalid characters."),
    "InvalidQueryParameterValue": (
        400,
        "Value for one of the query parameters specified in the request URI is invalid.",
    ),
    "InvalidRange": (416, "The range specified is invalid for the current size of the resource."),
    "InvalidRenameSourcePath": (
        409,
        "The source directory cannot be the same as the destination directory, nor can the destination be a "
        "subdirectory of the source directory.",
    ),
    "InvalidResourceName": (400, "The specified resource name contains invalid characters."),
    "InvalidSourceOrDestinationResourceType": (409, "The source and destination resource type must be identical."),
    "InvalidSourceUri": (400, "The source URI is invalid."),
    "InvalidTag": (400, "The tags specified are invalid. It contains characters that are not permitted."),
    "InvalidUri": (400, "The request URI is invalid."),
    "InvalidXmlDocument": (400, "XML specified is not syntactically valid."),
    "InvalidXmlNodeValue": (400, "The value for one of the XML nodes is not in the correct format."),
    "KeyBasedAuthenticationNotPermitted": (
        403,
        "Key based authentication is not permitted on this storage account.",
    ),
    "LeaseAlreadyPresent": (409, "There is already a lease present."),
    "LeaseIdMismatchWithBlobOperation": (
        412,
        "The lease ID specified did not match the lease ID for the blob.",
    ),
    "LeaseIdMismatchWithContainerOperation": (
        412,
        "The lease ID specified did not match the lease ID for the container.",
    ),
    "LeaseIdMismatchWithLeaseOperation": (409, "The lease ID specified did not match the lease ID for the resource."),
    "LeaseIdMissing": (
        412,
        "There is currently a lease on the resource and no lease ID was specified in the request.",
    ),
    "LeaseIsBreakingAndCannotBeAcquired": (
        409,
        "The lease ID matched, but the lease is currently in breaking state and cannot be acquired until it is broken.",
    ),
    "LeaseIsBreakingAndCannotBeChanged": (
        409,
        "The lease ID matched, but the lease is currently in breaking state and cannot be changed.",
    ),
    "LeaseIsBrokenAndCannotBeRenewed": (
        409,
        "The lease ID matched, but the lease has been broken explicitly and cannot be renewed.",
    ),
    "LeaseLost": (412, "A lease ID was specified, but the lease for the resource has expired."),
    "LeaseNotPresentWithBlobOperation": (412, "There is currently no lease on the blob."),
    "LeaseNotPresentWithContainerOperation": (412, "There is currently no lease on the container."),
    "LeaseNotPresentWithLeaseOperation": (409, "There is currently no lease on the resource."),
    "MaxBlobSizeConditionNotMet": (412, "The max blob size condition specified was not met."),
    "Md5Mismatch": (
        400,
        "The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
    ),
    "MissingRequiredHeader": (400, "An HTTP header that's mandatory for this request is not specified."),
    "MissingRequiredXmlNode": (400, "A required XML node is not specified in the request body."),
    "MissingRequiredQueryParameter": (
        400,
        "A query parameter that's mandatory for this request is not specified.",
    ),
    "NoPendingCopyOperation": (409, "There is currently no pending copy operation."),
    "OutOfRangeInput": (400, "The specified resource name length is not within the permissible limits."),
    "OutOfRangeQueryParameterValue": (
        400,
        "One of the query parameters specified in the request URI is outside the permissible range.",
    ),
    "PathAlreadyExists": (409, "The specified path already exists."),
    "PathConflict": (409, _TYPE_CONFLICT),
    "PathNotFound": (404, "The specified path does not exist."),
    "PublicAccessNotPermitted": (409, "Public access is not permitted on this storage account."),
    "RenameDestinationParentPathNotFound": (404, "The parent directory of the destination path does not exist."),
    "RequestBodyTooLarge": (413, "The request body is too large and exceeds the maximum permissible limit."),
    "ResourceNotFound": (404, "The specified resource does not exist."),
    "ResourceTypeMismatch": (409, "The specified resource type does not match the type of the existing resource."),
    "SourceConditionNotMet": (
        412,
        "The source condition specified using HTTP conditional header(s) is not met.",
    ),
    "SourcePathNotFound": (404, "The source path for a rename operation does not exist."),
    "SnapshotsPresent": (409, "This operation is not permitted because the blob has snapshots."),
    "TagsTooLarge": (400, "The tags specified exceed the maximum permissible limit."),
    "UnsupportedRestVersion": (400, "The specified Rest Version is Unsupported."),
}
_BLOB_NAMES: Mapping[str, str] = {
    "PathNotFound": "BlobNotFound",
    "PathAlreadyExists": "BlobAlreadyExists",
    "FilesystemNotFound": "ContainerNotFound",
    "FilesystemAlreadyExists": "ContainerAlreadyExists",
    "DirectoryNotEmpty": "DirectoryIsNotEmpty",
    "UnsupportedRestVersion": "InvalidHeaderValue",
}
"""What the Blob endpoint calls the same cause."""


def failure(surface: Surface, code: str, detail: str = "") -> ServiceError:
    """The error of that code, by its Blob name on the Blob endpoint; `detail` goes after the service's own words.

    A detail such as `HeaderName: x-ms-version` is an element of its own, too, on the Blob endpoint: clients read it.
    """
    name = _BLOB_NAMES.get(code, code) if surface == "blob" else code
    status, message = _MESSAGES[name]
    named = _NAMED_DETAIL.match(detail) if surface == "blob" else None
    details = {named[1]: named[2]} if named else {}
    return ServiceError(status, name, f"{message} {detail}".rstrip(), shape=_SHAPES[surface], details=details)


def unauthenticated(surface: Surface, detail: str) -> ServiceError:
    """A key or a signature that opens nothing; the Blob endpoint tells why in an element of its own.

    https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2
    """
    if surface == "dfs":
        return failure(surface, "AuthenticationFailed", f"AuthenticationErrorDetail: {detail}")
    error = failure(surface, "AuthenticationFailed")
    error.details = {"AuthenticationErrorDetail": detail}
    return error


def not_modified(surface: Surface, headers: Mapping[str, str]) -> ServiceError:
    """A read whose condition says that the caller has the content already; it has no body."""
    named = {"x-ms-error-code": "ConditionNotMet", **headers}
    return ServiceError(304, "ConditionNotMet", "", named, _SHAPES[surface])


def challenge(surface: Surface, code: str, detail: str) -> ServiceError:
    """No usable token: says where one is to be had."""
    where = f"https://login.microsoftonline.com/{TENANT_ID}/oauth2/authorize"
    headers = {"www-authenticate": f"Bearer authorization_uri={where} resource_id=https://storage.azure.com"}
    message = (
        "Server failed to authenticate the request. Please refer to the information in the www-authenticate header."
    )
    return ServiceError(401, code, f"{message} {detail}".rstrip(), headers, _SHAPES[surface])


def source_without_signature() -> ServiceError:
    """A source that is to be copied while the request waits, and that says nothing about who may read it.

    https://learn.microsoft.com/rest/api/storageservices/copy-blob-from-url
    """
    unnamed = challenge("blob", "NoAuthenticationInformation", "The source needs a signature of its own.")
    headers = {"x-ms-copy-source-status-code": "401", "x-ms-copy-source-error-code": unnamed.code}
    return ServiceError(unnamed.status, unnamed.code, unnamed.message, {**unnamed.headers, **headers}, unnamed.shape)


def source_not_verified(status: int) -> ServiceError:
    """A source that is not as the conditions of a request want it; 304 has no body."""
    return ServiceError(status, "CannotVerifyCopySource", _CONDITION, shape=_SHAPES["blob"])


def refused(surface: Surface, what: str) -> ServiceError:
    """Something that Azure knows and the stand-in does not: named, so that nobody takes silence for success."""
    return ServiceError(501, "NotImplementedLocally", f"{what}: not in the local stand-in", shape=_SHAPES[surface])


def host_unknown(surface: Surface, host: str) -> ServiceError:
    """No account of that name: on Azure the name does not resolve."""
    message = f"The host name '{host}' does not resolve: there is no such storage account."
    return ServiceError(404, "HostNotFound", message, shape=_SHAPES[surface])


def in_shape_of(surface: Surface, error: ServiceError, trailer: str) -> ServiceError:
    """The error in the endpoint's shape, with the lines that end every message of the service.

    The service's own words stand in the status line, too (recorded in the messages of clients: "Operation returned an
    invalid status 'The specified blob does not exist.'").
    """
    message, shape = error.message + trailer, _SHAPES[surface]
    words = _MESSAGES[error.code][1] if error.code in _MESSAGES else ""
    reason = words if error.message.startswith(words) else ""
    return ServiceError(error.status, error.code, message, error.headers, shape, error.details, reason)
