"""The process of `python -m local_azure`: arguments to settings, start, wait for a signal, stop."""

from __future__ import annotations

import argparse
import importlib
import math
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, cast

from local_azure.directory import SUBSCRIPTION_ID, TENANT_ID, Principal
from local_azure.endpoints import remove_endpoints, write_files
from local_azure.http import Request
from local_azure.ports import read_ports
from local_azure.server import LocalAzure
from local_azure.settings import Settings

SOURCE_DATABASE_VARIABLE = "LOCAL_SOURCE_DB"
MANAGEMENT = "https://management.azure.com"


class PluginServers(Protocol):
    """What the azure-native plugin's stand-in offers to the process that hosts it."""

    ports: Mapping[str, int]

    def stop(self) -> None:
        """Stops all servers."""


def main(arguments: list[str]) -> int:
    """Runs until SIGTERM or SIGINT, or until the admin host asks for a shutdown; the exit code is 0 then."""
    options = _parser().parse_args(arguments)
    try:
        local_azure = _started(options)
    except (OSError, RuntimeError) as error:
        sys.stderr.write(f"local_azure: {error}\n")
        return 1
    stop = local_azure.shutdown_requested
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    servers = _start_plugin_servers(options.plugin_module, local_azure)
    try:
        write_files(local_azure, servers.ports if servers else {})
        print(f"local Azure is ready: proxy {local_azure.proxy_url}, state {local_azure.state_folder}", flush=True)
        while not stop.wait(1.0):
            pass
    finally:
        remove_endpoints(local_azure.state_folder)
        if servers:
            servers.stop()
        local_azure.stop()
    return 0


def _started(options: argparse.Namespace) -> LocalAzure:
    local_azure = LocalAzure(options.state_folder, _settings(options))
    try:
        local_azure.start()
    except (OSError, RuntimeError):
        local_azure.stop()
        raise
    return local_azure


def _parser() -> argparse.ArgumentParser:
    defaults = Settings()
    parser = argparse.ArgumentParser(prog="local_azure", description=__doc__)
    parser.add_argument("--state-folder", type=Path, required=True)
    parser.add_argument("--role-lag-seconds", type=_lag, default=defaults.role_lag_seconds)
    parser.add_argument("--synapse-role-lag-seconds", type=_lag, default=defaults.synapse_role_lag_seconds)
    parser.add_argument("--public-ip", default=defaults.public_ip)
    parser.add_argument("--lro-polls", type=int, default=defaults.lro_polls)
    parser.add_argument(
        "--source-database",
        default=os.environ.get(SOURCE_DATABASE_VARIABLE) or defaults.source_database,
        help=f"postgresql://…; by default what {SOURCE_DATABASE_VARIABLE} holds, since a command line is no secret",
    )
    parser.add_argument("--sample-folder", type=Path, default=defaults.sample_folder)
    parser.add_argument("--proxy-port", type=int, default=defaults.proxy_port)
    parser.add_argument("--tls-port", type=int, default=defaults.tls_port)
    parser.add_argument("--worker-threads", type=int, default=defaults.worker_threads)
    parser.add_argument("--latency-seconds", type=_lag, default=defaults.latency_seconds)
    parser.add_argument("--most-at-once", type=int, default=defaults.most_at_once)
    parser.add_argument("--page-size", type=int, default=defaults.page_size)
    parser.add_argument("--assume-compute", action="store_true", default=defaults.assume_compute)
    parser.add_argument(
        "--plugin-module",
        default="azure_native_standin.server",
        help="module with start_servers(…) for the azure-native plugin's stand-in; empty for none",
    )
    return parser


def _lag(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no lag; expected 0 or more seconds")
    return seconds


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(
        role_lag_seconds=options.role_lag_seconds,
        synapse_role_lag_seconds=options.synapse_role_lag_seconds,
        public_ip=options.public_ip,
        lro_polls=options.lro_polls,
        source_database=options.source_database,
        sample_folder=options.sample_folder,
        proxy_port=options.proxy_port,
        tls_port=options.tls_port,
        worker_threads=options.worker_threads,
        latency_seconds=options.latency_seconds,
        most_at_once=options.most_at_once,
        page_size=options.page_size,
        assume_compute=options.assume_compute,
    )


def transport(
    local_azure: LocalAzure, principal: Principal
) -> Callable[[str, str, Mapping[str, str], bytes], tuple[int, Mapping[str, str], bytes]]:
    """Sends Resource Manager requests as one identity: (method, path, query, body) to (status, headers, body)."""

    token = tokens_of(local_azure, principal)

    def send(method: str, path: str, query: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        headers = {"authorization": f"Bearer {token()}", "content-type": "application/json"}
        host = MANAGEMENT.removeprefix("https://")
        response = local_azure.dispatcher.handle(Request(method, host, path, query, headers, body))
        return response.status, response.headers, response.content()

    return send


def tokens_of(local_azure: LocalAzure, principal: Principal) -> Callable[[], str]:
    """Gives a fresh token of Resource Manager for an identity, each time it is called."""
    return lambda: local_azure.tokens.issue(principal, MANAGEMENT)


def _start_plugin_servers(module: str, local_azure: LocalAzure) -> PluginServers | None:
    """Starts the stand-in that `module` holds; by name, since neither package knows the other."""
    if not module:
        return None
    identities = [
        (each.name, str(each.client_id), each.object_id, transport(local_azure, each), tokens_of(local_azure, each))
        for each in local_azure.directory.principals()
        if each.kind == "ServicePrincipal"
    ]
    start = importlib.import_module(module).start_servers
    last_ports = read_ports(local_azure.state_folder).plugins
    return cast(PluginServers, start(identities, TENANT_ID, SUBSCRIPTION_ID, last_ports))
