"""HTTPS as the environment has it: through its proxy if there is one, trusting its certificate authorities."""

import base64
import http.client
import os
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

TIMEOUT_SECONDS = 10.0


def connection_to(host: str) -> http.client.HTTPSConnection:
    """A connection to a host, not yet opened; the caller closes it."""
    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
    proxy = None if proxy_bypass(host) else urlsplit(getproxies().get("https", ""))
    if proxy is None or proxy.hostname is None:
        return http.client.HTTPSConnection(host, timeout=TIMEOUT_SECONDS, context=context)
    connection = http.client.HTTPSConnection(proxy.hostname, proxy.port or 80, timeout=TIMEOUT_SECONDS, context=context)
    connection.set_tunnel(host, 443, _proxy_authorization(proxy.username, proxy.password))
    return connection


def _proxy_authorization(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    pair = base64.b64encode(f"{user}:{password or ''}".encode()).decode()
    return {"Proxy-Authorization": f"Basic {pair}"}
