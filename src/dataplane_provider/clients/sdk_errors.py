"""Exceptions of the Azure SDKs as `ServiceFailure`, with the service's own code."""

from collections.abc import Callable
from typing import TypeVar

from azure.core.exceptions import (
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from dataplane_provider.errors import ServiceFailure

DETAIL_LIMIT = 2000
Result = TypeVar("Result")


def translated(
    doing: str, call: Callable[[], Result], code_and_detail: Callable[[HttpResponseError], tuple[str, str]]
) -> Result:
    """Run an SDK call; what it raises becomes ServiceFailure. `code_and_detail` knows the service's error shape."""
    try:
        return call()
    except HttpResponseError as error:
        code, detail = code_and_detail(error)
        raise ServiceFailure(doing, error.status_code or 0, code, detail[:DETAIL_LIMIT]) from error
    except (ServiceRequestError, ServiceResponseError) as error:
        raise ServiceFailure(doing, 0, "connection failed", str(error.message)[:DETAIL_LIMIT]) from error
