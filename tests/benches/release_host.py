"""The hosts of Pulumi's releases, reached through a proxy on 127.0.0.1, with the files that a test puts there."""

from __future__ import annotations

import hashlib
import io
import platform
import socketserver
import ssl
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import trustme

from pulumi_engine.release import archive_name
from pulumi_engine.versions import EngineVersion

HOSTS = ("get.pulumi.com", "github.com")


@dataclass
class ReleaseHost:
    """What the hosts serve by address, what was asked for, and the environment that leads clients here."""

    environment: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict)
    cut_off: set[str] = field(default_factory=set)
    """Addresses whose answer ends in the middle."""
    asked: list[str] = field(default_factory=list)

    def publish(self, version: EngineVersion, programs: Mapping[str, str], checksum: str | None = None) -> str:
        """A release for this platform; returns the address of its archive. `checksum`: a wrong one, for once."""
        name = archive_name(version, platform.system(), platform.machine())
        archive = archive_of(programs)
        listed = checksum or hashlib.sha256(archive).hexdigest()
        address = f"https://get.pulumi.com/releases/sdk/{name}"
        folder = f"https://github.com/pulumi/pulumi/releases/download/v{version}"
        self.files[f"{folder}/pulumi-{version}-checksums.txt"] = f"{listed}  {name}\n".encode()
        self.files[address] = archive
        return address

    def answer(self, address: str) -> bytes:
        """The bytes of the HTTP answer to a GET."""
        self.asked.append(address)
        if address not in self.files:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        content = self.files[address]
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode()
        return head + (content[: len(content) // 2] if address in self.cut_off else content)


def archive_of(programs: Mapping[str, str]) -> bytes:
    """A release archive: one folder `pulumi` with executables, here scripts."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, script in programs.items():
            member = tarfile.TarInfo(f"pulumi/{name}")
            member.size, member.mode = len(script.encode()), 0o755
            archive.addfile(member, io.BytesIO(script.encode()))
    return packed.getvalue()


@contextmanager
def serving(folder: Path) -> Iterator[ReleaseHost]:
    """Serves nothing yet; `folder` gets the certificate authority that clients must trust."""
    authority, trusted = trustme.CA(), folder / "release-hosts.pem"
    authority.cert_pem.write_to_path(str(trusted))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(context)
    host = ReleaseHost({"SSL_CERT_FILE": str(trusted), "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"})

    class Tunnel(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            name = _request_target(self.rfile).removesuffix(":443")
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            # A client that does not trust the certificate ends the handshake.
            with suppress(ssl.SSLError), context.wrap_socket(self.connection, server_side=True) as channel:
                with channel.makefile("rb") as stream:
                    target = _request_target(stream)
                channel.sendall(host.answer(f"https://{name}{target}"))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        host.environment |= dict.fromkeys(
            ("https_proxy", "HTTPS_PROXY"), f"http://127.0.0.1:{server.server_address[1]}"
        )
        try:
            yield host
        finally:
            server.shutdown()
            thread.join()


def _request_target(stream: BinaryIO | Any) -> str:
    """The second word of a request's first line; its headers are read and left aside."""
    first = stream.readline().decode()
    while stream.readline().strip():
        pass
    return str(first.split()[1])
