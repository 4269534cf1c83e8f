"""Settings of a running stand-in: everything about it that a caller may choose at its start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What a stand-in is started with; the defaults suit fast tests, not a rehearsal of Azure's delays."""

    role_lag_seconds: float = 0.0
    """Seconds until a new role assignment of Resource Manager counts; up to 1800 on Azure."""
    synapse_role_lag_seconds: float = 0.0
    """Seconds until a new Synapse role assignment counts; 120 to 300 on Azure."""
    public_ip: str = "203.0.113.10"
    """The public address that callers appear to have when the proxy URL names none."""
    lro_polls: int = 1
    """How many times a long-running operation answers 'still running' before it is done."""
    source_database: str | None = None
    """Where the named source databases live: None for embedded, else postgresql://…"""
    sample_folder: Path | None = None
    """Folder with the sample data that the embedded source database is loaded from."""
    proxy_port: int = 0
    """Port of the CONNECT proxy on 127.0.0.1; 0: that of the last time if it is free, else the system chooses."""
    tls_port: int = 0
    """Port of the TLS listener on 127.0.0.1; 0 lets the system choose."""
    worker_threads: int = 32
    """Requests that are handled at the same time."""
    latency_seconds: float = 0.0
    """How long each answer of a workspace's development endpoint takes at least; some 0.15 s on Azure."""
    most_at_once: int = 0
    """Requests that a development endpoint answers at the same time; more are refused with 429. 0: no limit."""
    page_size: int = 50
    """Artifacts in one page of a list of a development endpoint."""
    assume_compute: bool = False
    """Whether pools, Spark configurations and integration runtimes that documents refer to are taken to be there.

    Azure refuses such a document. Nothing makes a Spark pool here, so workspaces that need one could not be rehearsed.
    """
