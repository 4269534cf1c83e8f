"""A random secret in a key vault: made once, never read; its value is in no state, log or message."""

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from dataplane_provider import properties
from dataplane_provider.errors import message
from dataplane_provider.resources.base import READ_PATIENCE_SECONDS, Resource, without_slash
from dataplane_provider.resources.file_system import name_problems
from dataplane_provider.resources.records import GeneratedSecretArgs
from provider_wire.values import UNKNOWN, Properties
from provider_wire.verbs import (
    CheckFailure,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    ProviderError,
    ReadAnswer,
    ReadRequest,
    Session,
    Severity,
    UpdateAnswer,
    UpdateRequest,
)

FEWEST_BYTES, MOST_BYTES = 16, 1024
# https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#objects-identifiers-and-versioning
_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")
_VAULT = re.compile(r"https://[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]\.vault\.azure\.net/?")
_ID = re.compile(rf"(https://[a-zA-Z0-9-]+\.vault\.azure\.net)/secrets/({_NAME.pattern})/?")


class GeneratedSecret(Resource):
    """`dataplane:index:GeneratedSecret`; the id is the versionless address of the secret."""

    arguments = GeneratedSecretArgs

    def problems(self, inputs: Properties, known: Properties) -> list[CheckFailure]:
        """Names that the vault would refuse, and secrets too short to be one."""
        rules = {
            "vaultUri": (_VAULT, "https://<vault>.vault.azure.net"),
            "name": (_NAME, "1 to 127 letters, digits and hyphens"),
        }
        failures = name_problems(inputs, rules)
        size = inputs["bytes"]
        if size != UNKNOWN and not FEWEST_BYTES <= size <= MOST_BYTES:
            failures.append(CheckFailure("bytes", f"bytes is {size}\nexpected {FEWEST_BYTES} to {MOST_BYTES}"))
        return failures

    def canonical_forms(self) -> Mapping[str, Callable[[Any], Any]]:
        """A vault's address with and without a slash is one."""
        return {"vaultUri": without_slash}

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Make the secret if it is absent; one that exists, or was deleted and can be recovered, keeps its value."""
        args = properties.read(GeneratedSecretArgs, request.inputs)
        vault_uri = _address(args.vault_uri)
        client = self._services.key_vault(vault_uri, session, args.propagation_timeout_seconds).of_new_vault()
        id = f"{vault_uri}/secrets/{args.name}"
        if client.exists(args.name):
            session.log(Severity.INFO, f"creating {id}: it exists, taken over with its value")
        elif not client.make(args.name, secrets.token_urlsafe(args.bytes)):
            session.log(Severity.INFO, f"creating {id}: it was deleted, recovered with its value")
        return CreateAnswer(id, {**request.inputs, "secretUri": id})

    def preview_create(self, request: CreateRequest) -> CreateAnswer:
        """The address is known when vault and name are."""
        vault, name = request.inputs["vaultUri"], request.inputs["name"]
        uri = UNKNOWN if UNKNOWN in (vault, name) else f"{_address(vault)}/secrets/{name}"
        return CreateAnswer("", {**request.inputs, "secretUri": uri})

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """Look whether the secret exists, without reading its value; an import needs the id alone."""
        match = _ID.fullmatch(request.id)
        if match is None:
            expected = "https://<vault>.vault.azure.net/secrets/<name>"
            raise ProviderError(message(f"reading secret {request.id!r}", "it is not an id of one", expected))
        vault_uri, name = match.groups()
        if not self._services.key_vault(_address(vault_uri), session, READ_PATIENCE_SECONDS).exists(name):
            return ReadAnswer("")
        fresh = properties.write(GeneratedSecretArgs(vault_uri=vault_uri, name=name))
        inputs = dict(request.old_inputs) or fresh
        state = dict(request.old_state) or {**fresh, "secretUri": f"{_address(vault_uri)}/secrets/{name}"}
        return ReadAnswer(request.id, state, inputs)

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """A secret that exists keeps its value: changed settings hold for the next one that is made."""
        return self.preview_update(request)

    def delete(self, request: DeleteRequest, session: Session) -> None:
        """Delete the secret; the vault keeps it recoverable, and a new creation recovers it."""
        args = properties.read(GeneratedSecretArgs, request.old_state)
        client = self._services.key_vault(_address(args.vault_uri), session, args.propagation_timeout_seconds)
        client.delete(args.name)


def _address(vault_uri: str) -> str:
    return str(without_slash(vault_uri))
