"""The private certificate authority of a state folder, and the certificate of the TLS listener for Azure names."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

CERTIFICATE_NAMES = (
    "*.dfs.core.windows.net",
    "*.blob.core.windows.net",
    "*.vault.azure.net",
    "*.dev.azuresynapse.net",
    "*.database.windows.net",
    "login.microsoftonline.com",
    "graph.microsoft.com",
    "management.azure.com",
    "local-azure.internal",
)
"""Names on the certificate; a host outside this list cannot be served."""


def load_or_create_authority(folder: Path) -> trustme.CA:
    """The authority of a state folder, made at the first call; its certificate for clients is `ca.pem`."""
    certificate, key = folder / "ca.pem", folder / "ca_key.pem"
    if certificate.exists() and key.exists():
        return trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
    authority = trustme.CA(organization_name="local Azure of one state folder")
    key.touch(mode=0o600)
    key.write_bytes(authority.private_key_pem.bytes())
    certificate.write_bytes(authority.cert_pem.bytes())
    return authority


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    """TLS settings of the listener, with a fresh certificate for all names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert(*CERTIFICATE_NAMES).configure_cert(context)
    return context
