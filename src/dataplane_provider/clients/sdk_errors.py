"""Exceptions of the Azure SDKs as `ServiceFailure`, with the service's own code."""

import re
import socket
from collections.abc import Callable
from typing import TypeVar

from azure.core.exceptions import (
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from dataplane_provider.errors import ServiceFailure, unreachable

DETAIL_LIMIT = 2000
NAME_UNKNOWN = "name unknown"
"""Code of a failure to find the address of a host."""
_PROXY_FOUND_NOTHING = re.compile(r"Tunnel connection failed: 50[234]")
"""How http.client says that a proxy could not connect to a host: behind a proxy names are looked up there."""
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
        code = NAME_UNKNOWN if _is_about_a_name(error) else "connection failed"
        raise ServiceFailure(doing, 0, code, str(error.message)[:DETAIL_LIMIT], unreachable("its host")) from error


def _is_about_a_name(error: BaseException) -> bool:
    """Whether an error goes back to a host that no name server knows; clients wrap such errors in several ways."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, socket.gaierror) or (isinstance(one, OSError) and _PROXY_FOUND_NOTHING.search(str(one))):
            return True
        wrapped = (getattr(one, name, None) for name in ("inner_exception", "reason", "__cause__", "__context__"))
        waiting += [*wrapped, *one.args]
    return False
