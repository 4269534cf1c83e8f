"""Masters of Spark: Java of this machine, or a cluster (https://spark.apache.org/docs/latest/submitting-applications.html)."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from ipaddress import ip_address

from dataflow_execution.spark_process import SparkProcessError

_FORM = re.compile(r"local(\[.+\])?|local-cluster\[.+\]|spark://.+|k8s://.+|yarn")
_ADDRESS = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<name>[^:\[\]]+)):(?P<port>\d+)")
_SECONDS_TO_CONNECT = 5.0


def is_cluster(master: str) -> bool:
    """True when rows are computed by other processes than the one of the session."""
    return not re.fullmatch(r"local(\[.+\])?", master)


def is_on_this_machine(master: str) -> bool:
    """True when nobody outside of this machine needs to reach the session."""
    if not master.startswith("spark://"):
        return master.startswith("local")
    return all(_is_loopback(host) for host, _ in _addresses(master))


def check_master(master: str) -> None:
    """Raises SparkProcessError for what names no master, and when none listens there: Spark would try for a minute."""
    if not _FORM.fullmatch(master):
        raise SparkProcessError(
            f"{master!r} is no master of Spark", expected="local[*], local[4], spark://HOST:PORT, yarn or k8s://URL"
        )
    if not master.startswith("spark://"):
        return
    failures: list[str] = []
    for host, port in _addresses(master):
        try:
            socket.create_connection((host, port), _SECONDS_TO_CONNECT).close()
        except OSError as error:
            failures.append(f"{host}:{port}: {error.strerror or error}")
        else:
            return
    raise SparkProcessError(f"no master of Spark listens at {'; '.join(failures)}", hint="start it, or name another")


def _addresses(master: str) -> Iterator[tuple[str, int]]:
    """Host and port of all masters of a standalone cluster: spark://one:7077,two:7077."""
    for text in master.removeprefix("spark://").split(","):
        found = _ADDRESS.fullmatch(text)
        if found is None:
            raise SparkProcessError(f"{master!r} is no master of Spark", expected="spark://HOST:PORT")
        yield found["six"] or found["name"], int(found["port"])


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
