"""The ports of the last time: shells that know them still reach a stand-in that was started again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from local_azure.files import PORTS_FILE, write_json


@dataclass(frozen=True)
class Ports:
    """Ports on 127.0.0.1 that clients are told; 0 where there was none yet."""

    proxy: int = 0
    plugins: Mapping[str, int] = field(default_factory=dict)
    """Port of the azure-native plugin's stand-in by identity."""


def read_ports(folder: Path) -> Ports:
    """The ports of the last stand-in that was ready on a state folder."""
    try:
        return Ports(**json.loads((folder / PORTS_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Ports()


def write_ports(folder: Path, ports: Ports) -> None:
    """Keeps them for the next start."""
    write_json(folder / PORTS_FILE, asdict(ports))
