"""The Pulumi program without an engine: settings of a stack from its file, and a recorder of what is declared."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_pulumi_func

from infra.components.published_artifacts import read_artifacts, trigger_names
from infra.ingestion import build
from infra.naming import Names
from infra.setting_reader import Source
from infra.settings import Settings, read
from infra.vault_presence import VaultPresence

ROOT = Path(__file__).parents[2]
PROJECT = "azure-ml-ingestion"
GRANTED_ID = "3c5f0d3e-4b1c-4f4e-8f0a-0d7c1b2a9e11"
"""Object id that a declared workspace's identity gets."""


def values_of(stack: str, **changes: object) -> dict[str, Any]:
    """What the program gets for a stack: defaults of Pulumi.yaml, its file, then changes; texts, as the engine does."""
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    values: dict[str, Any] = {key: each["default"] for key, each in declared.items()}
    configured = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]
    values |= {key.removeprefix(f"{PROJECT}:"): value for key, value in configured.items()} | changes
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


SERVER_ID = (
    "/subscriptions/2f0c9a4e-5b1d-4c8e-9a57-2f1f0c6f7a11/resourceGroups/rg/providers/Microsoft.Sql/servers/hospital"
)
"""The server with the patient database, in a subscription of its own."""


SUBNET_ID = (
    f"/subscriptions/{values_of('local')['subscription_id']}/resourceGroups/network/providers/Microsoft.Network"
    "/virtualNetworks/spoke/subnets/endpoints"
)
ZONES_GROUP_ID = "/subscriptions/9b1c6f0e-5b1d-4c8e-9a57-2f1f0c6f7a11/resourceGroups/dns"
"""Zones that others keep."""


def complete_values(stack: str, **changes: object) -> dict[str, Any]:
    """The values of a stack, with what only an owner knows taken from the local stack where its file has it not."""
    local = values_of("local")
    known = ("tenant_id", "subscription_id", "groups", "identities", "source")
    given: dict[str, object] = {
        key: json.loads(local[key]) if local[key].startswith("{") else local[key] for key in known
    }
    if stack == "prod":
        given["source"] = {**json.loads(local["source"]), "server_id": SERVER_ID}
        given["private_endpoints"] = {"subnet_id": SUBNET_ID, "dns_zones_group_id": ZONES_GROUP_ID}
    if stack == "dev":
        given["allowed_ip_ranges"] = ["198.51.100.7"]
    return values_of(stack, **{**given, **changes})


def settings_of(stack: str = "local", **changes: object) -> Settings:
    """The settings of a stack, complete and with changes."""
    return read(Source(PROJECT, stack), complete_values(stack, **changes), trigger_names)


class Recorder(pulumi.runtime.Mocks):
    """Answers like providers on an empty subscription, and keeps what was declared."""

    def __init__(self, entra_only: object = True) -> None:
        """`entra_only` is what the workspace says about its sign-in."""
        self.declared: list[pulumi.runtime.MockResourceArgs] = []
        self.outputs: dict[str, Any] = {}
        self._entra_only = entra_only

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """The inputs as outputs, with the few things that only a service knows."""
        self.declared.append(args)
        outputs = dict(args.inputs)
        answer = _ANSWERS.get(args.typ)
        if answer:
            outputs |= answer(args.inputs)
        return f"/ids/{args.name}", outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]]]:
        """The sign-in of the workspace; nothing else is asked."""
        assert args.token == "azure-native:resources:getResource"
        return {"properties": {"azureADOnlyAuthentication": self._entra_only}}, []

    def of_type(self, type_: str) -> dict[str, Mapping[str, Any]]:
        """Inputs of the resources of a type, by name."""
        return {each.name: each.inputs for each in self.declared if each.typ == type_}


def _account(inputs: Mapping[str, Any]) -> dict[str, Any]:
    name = inputs["accountName"]
    return {"name": name, "primaryEndpoints": {"dfs": f"https://{name}.dfs.core.windows.net/"}}


def _vault(inputs: Mapping[str, Any]) -> dict[str, Any]:
    uri = f"https://{inputs['vaultName']}.vault.azure.net/"
    return {"name": inputs["vaultName"], "properties": {**inputs["properties"], "vaultUri": uri}}


def _workspace(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": inputs["workspaceName"], "identity": {"type": "SystemAssigned", "principalId": GRANTED_ID}}


def _factory(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": inputs["factoryName"], "identity": {"type": "SystemAssigned", "principalId": GRANTED_ID}}


_ANSWERS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "azure-native:resources:ResourceGroup": lambda inputs: {"name": inputs["resourceGroupName"]},
    "azure-native:storage:StorageAccount": _account,
    "azure-native:keyvault:Vault": _vault,
    "azure-native:synapse:Workspace": _workspace,
    "azure-native:datafactory:Factory": _factory,
    "azure-native:network:PrivateEndpoint": lambda inputs: {"name": inputs["privateEndpointName"]},
    "dataplane:index:GeneratedSecret": lambda inputs: {
        "secretUri": f"{inputs['vaultUri'].rstrip('/')}/secrets/{inputs['name']}"
    },
}


def declare(settings: Settings, recorder: Recorder, presence: VaultPresence = VaultPresence.ABSENT) -> dict[str, Any]:
    """Runs the program with a recorder as its providers, and waits for all of it; the values of the outputs."""
    known: dict[str, Any] = {}

    def program() -> None:
        artifacts = read_artifacts(settings, settings.environment)
        outputs = build(settings, Names.of(settings), artifacts, presence).named()
        pulumi.Output.all(**outputs).apply(known.update)

    loops: list[asyncio.AbstractEventLoop] = []

    def enter_thread() -> None:
        """The mock monitor makes a loop in each thread it runs in and leaves it open."""
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    async def run() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(4, initializer=enter_thread))
        loop.set_exception_handler(lambda *_: None)  # what waited for a resource that failed repeats its error
        pulumi.runtime.set_mocks(recorder, PROJECT, settings.environment, preview=False)
        SETTINGS.rpc_manager.clear()
        SETTINGS.outputs.clear()
        await run_pulumi_func(program)

    try:
        asyncio.run(run())
    finally:
        for each in loops:
            each.close()
    return known


def leaves(value: Any) -> Iterator[Any]:
    """Every text and number in a JSON value."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value
