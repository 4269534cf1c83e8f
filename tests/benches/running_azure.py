"""The stand-in as the process that users start, once for a test session, and clients that reach it like Azure."""

from __future__ import annotations

import json
import os
import ssl
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from azure.identity import ClientSecretCredential

from local_azure import lifecycle
from local_azure.files import ADMIN_TOKEN_FILE
from local_azure.lifecycle import RunningAzure

ADMIN_URL = "https://local-azure.internal"


@dataclass(frozen=True)
class AzureBench:
    """A stand-in that runs in a process of its own; `environment` is all that a client needs."""

    state_folder: Path
    endpoints: RunningAzure
    _credentials: dict[str, ClientSecretCredential] = field(default_factory=dict, compare=False, repr=False)

    def network_environment(self, source_ip: str | None = None) -> dict[str, str]:
        """What leads any client here; `source_ip`: the public address it appears to come from."""
        proxy = self.endpoints.proxy_from(source_ip) if source_ip else self.endpoints.proxy
        return {
            **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
            **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), self.endpoints.ca_file),
        }

    def environment(self, identity: str, source_ip: str | None = None) -> dict[str, str]:
        """What `ingest local env --as IDENTITY` exports, without the engine's PATH."""
        found = lifecycle.credentials(self.state_folder, identity)
        signed_in = {name.upper(): value for name, value in found.items()}
        return {
            **self.network_environment(source_ip),
            **{f"AZURE_{name}": value for name, value in signed_in.items()},
            **{f"ARM_{name}": value for name, value in signed_in.items()},
            "AZURE_SUBSCRIPTION_ID": self.endpoints.subscription_id,
            "ARM_SUBSCRIPTION_ID": self.endpoints.subscription_id,
            "PULUMI_BACKEND_URL": (self.state_folder / "pulumi").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "INGEST_PYTHON": sys.executable,
            **self._plugins(identity),
        }

    def _plugins(self, identity: str) -> dict[str, str]:
        port = self.endpoints.provider_ports.get(identity)
        return {} if port is None else {"PULUMI_DEBUG_PROVIDERS": f"azure-native:{port}"}

    @contextmanager
    def acting_as(self, identity: str, source_ip: str | None = None) -> Iterator[None]:
        """The environment of an identity in this process, for clients that read it (DefaultAzureCredential)."""
        with patch.dict(os.environ, self.environment(identity, source_ip)):
            yield

    def credential(self, identity: str) -> ClientSecretCredential:
        """A credential of an identity, the same at each call; its requests need `network_environment`."""
        if identity not in self._credentials:
            found = lifecycle.credentials(self.state_folder, identity)
            made = ClientSecretCredential(found["tenant_id"], found["client_id"], found["client_secret"])
            self._credentials[identity] = made
        return self._credentials[identity]

    def object_id(self, name: str) -> str:
        """Object id of a built-in principal or group."""
        return str(self.endpoints.identities[name]["object_id"])

    def requests(self) -> list[dict[str, Any]]:
        """The request log, oldest first."""
        lines = (self.state_folder / "requests.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def admin(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A call of the admin host, as the owner of the state folder."""
        token = (self.state_folder / ADMIN_TOKEN_FILE).read_text(encoding="utf-8").strip()
        return self.call(method, ADMIN_URL + path, body, {"Authorization": f"Bearer {token}"})

    def call(self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """A plain HTTPS request through the proxy, JSON both ways; raises urllib.error.HTTPError from 400 on."""
        context = ssl.create_default_context(cafile=self.endpoints.ca_file)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({"https": self.endpoints.proxy}), urllib.request.HTTPSHandler(context=context)
        )
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(url, data, dict(headers or {}), method=method)  # noqa: S310 our own https URLs
        with opener.open(request) as answer:
            content = answer.read()
        return json.loads(content) if content else None


@contextmanager
def running_azure(options: Sequence[str] = (), state_folder: Path | None = None) -> Iterator[AzureBench]:
    """A stand-in in a temporary folder (or a given one), stopped at the end; `options` of `python -m local_azure`."""
    with tempfile.TemporaryDirectory(prefix="local-azure-") as temporary:
        folder = state_folder or Path(temporary) / "state"
        endpoints = lifecycle.start(folder, options)
        try:
            yield AzureBench(folder, endpoints)
        finally:
            lifecycle.stop(folder)
