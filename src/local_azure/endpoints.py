"""The files that tell how to reach a stand-in: endpoints, credentials and, for the next start, ports."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from local_azure.directory import Directory
from local_azure.files import CREDENTIALS_FILE, ENDPOINTS_FILE, write_json
from local_azure.ports import Ports, write_ports
from local_azure.server import LocalAzure


def write_files(local_azure: LocalAzure, provider_ports: Mapping[str, int]) -> None:
    """Writes all files, each at once; `endpoints.json` last, so that its being there means ready."""
    folder, directory = local_azure.state_folder, local_azure.directory
    write_json(folder / CREDENTIALS_FILE, credentials(directory))
    endpoints = {
        "pid": os.getpid(),
        "proxy": local_azure.proxy_url,
        "ca_file": str(local_azure.ca_file),
        "provider_ports": dict(provider_ports),
        "tenant_id": directory.tenant_id,
        "subscription_id": directory.subscription_id,
        "identities": {
            each.name: {"client_id": each.client_id, "object_id": each.object_id}
            for each in directory.principals()
            if each.kind != "ManagedIdentity"
        },
    }
    write_ports(folder, Ports(local_azure.proxy_port, provider_ports))
    write_json(folder / ENDPOINTS_FILE, endpoints)


def credentials(directory: Directory) -> dict[str, dict[str, str]]:
    """What each built-in service principal signs in with."""
    return {
        each.name: {
            "tenant_id": directory.tenant_id,
            "client_id": str(each.client_id),
            "client_secret": directory.client_secret(each.name),
        }
        for each in directory.principals()
        if each.kind == "ServicePrincipal"
    }


def remove_endpoints(folder: Path) -> None:
    """Takes `endpoints.json` away: nothing runs any more."""
    (folder / ENDPOINTS_FILE).unlink(missing_ok=True)
