"""A running local Azure as its clients see it: endpoints, credentials, and the environment variables that lead there.

The variables are those that every official client reads; nothing in the program, the provider or the documents
knows of them. The state backend and the Azure CLI's configuration are the session's own, so that a command in such a
shell cannot reach a real subscription.
"""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest_cli.errors import CommandError

STACK = "local"
_AUTHORITIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
"""Where clients look for whom to trust: OpenSSL and Go, requests of Python, curl, Node. Each has a variable before the
first, which a shell may have set already."""
_NOT_PROXIED = "127.0.0.1,localhost"
_CLEARED = (
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_PASSWORD",
    "AZURE_TOKEN_CREDENTIALS",
    "AZURE_USERNAME",
    "ARM_OIDC_TOKEN",
    "ARM_USE_MSI",
    "ARM_USE_OIDC",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
)
"""Variables of other ways to sign in or to keep state: with them set, a client might not act as the chosen identity."""


@dataclass(frozen=True)
class Identity:
    """Who signs in, with a client secret."""

    name: str
    tenant_id: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class LocalSession:
    """The folder of a running local Azure and what its files say."""

    folder: Path
    endpoints: Mapping[str, Any]
    credentials: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, folder: Path) -> "LocalSession":
        """Reads the files that a running local Azure keeps. Raises CommandError where none runs."""
        state = azure_state_folder(folder)
        try:
            endpoints = json.loads((state / "endpoints.json").read_text(encoding="utf-8"))
            credentials = json.loads((state / "credentials.json").read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            doing = f"reading the local Azure in {folder}"
            raise CommandError(doing, "it is not running", hint="ingest local start") from error
        return cls(folder, endpoints, credentials)

    def identity(self, name: str) -> Identity:
        """The credential of a built-in identity. Raises CommandError that lists the known ones."""
        if name not in self.credentials:
            known = ", ".join(sorted(self.credentials))
            raise CommandError(f"acting as {name!r}", "the local directory has no such identity", f"one of {known}")
        found = self.credentials[name]
        return Identity(name, found["tenant_id"], found["client_id"], found["client_secret"])

    def network_environment(self) -> dict[str, str]:
        """What leads any client to the local Azure, whoever it acts as."""
        proxy, authority = str(self.endpoints["proxy"]), str(self.endpoints["ca_file"])
        return {
            **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), _NOT_PROXIED),
            **dict.fromkeys(_AUTHORITIES, authority),
        }

    def identity_environment(self, name: str) -> dict[str, str]:
        """What makes any client act as that identity. Raises CommandError for an unknown one."""
        identity, subscription = self.identity(name), str(self.endpoints["subscription_id"])
        return {
            "AZURE_TENANT_ID": identity.tenant_id,
            "AZURE_CLIENT_ID": identity.client_id,
            "AZURE_CLIENT_SECRET": identity.client_secret,
            "AZURE_SUBSCRIPTION_ID": subscription,
            "AZURE_CONFIG_DIR": str(self.folder / "azure-cli"),
            "ARM_TENANT_ID": identity.tenant_id,
            "ARM_CLIENT_ID": identity.client_id,
            "ARM_CLIENT_SECRET": identity.client_secret,
            "ARM_SUBSCRIPTION_ID": subscription,
        }

    def engine_environment(self, name: str, engine_folder: Path) -> dict[str, str]:
        """What makes plain `pulumi` use the session's own state and the stand-in of the azure-native plugin."""
        environment = Path(sys.prefix) / "bin"
        port = self.endpoints["provider_ports"][name]
        return {
            "PATH": os.pathsep.join([str(environment), str(engine_folder), _path_without(environment, engine_folder)]),
            # The engine writes the files beside its state that this leaves out in place: a kill leaves them empty, and
            # the state cannot be read then ("failed to load checkpoint: EOF").
            "PULUMI_BACKEND_URL": f"{backend_folder(self.folder).as_uri()}?metadata=skip",
            "PULUMI_HOME": str(self.folder / "pulumi-home"),
            "PULUMI_STACK": STACK,
            # The local stack keeps no secret in its configuration or state, so there is nothing to protect.
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_DEBUG_PROVIDERS": f"azure-native:{port}",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_SUPPRESS_NEO_LINK": "true",
            "INGEST_PYTHON": sys.executable,
            "INGEST_LOCAL_FOLDER": str(self.folder),
        }

    def environment(self, name: str, engine_folder: Path) -> dict[str, str]:
        """Everything that a shell needs to act as that identity against the local Azure."""
        return {
            **self.network_environment(),
            **self.identity_environment(name),
            **self.engine_environment(name, engine_folder),
        }


def shell_exports(environment: Mapping[str, str]) -> str:
    """Lines for `eval` in a POSIX shell."""
    lines = [f"unset {' '.join(name for name in _CLEARED if name not in environment)}"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    return "\n".join(lines)


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child process: this one's, without other ways to sign in, then the given variables."""
    inherited = {name: value for name, value in os.environ.items() if name not in _CLEARED}
    return {**inherited, **environment}


def azure_state_folder(folder: Path) -> Path:
    """Where the local Azure keeps its state."""
    return folder / "azure"


def backend_folder(folder: Path) -> Path:
    """Where the engine keeps the state of the local stack."""
    return folder / "pulumi"


def _path_without(*folders: Path) -> str:
    left_out = {str(folder) for folder in folders}
    return os.pathsep.join(each for each in os.environ.get("PATH", "").split(os.pathsep) if each not in left_out)
