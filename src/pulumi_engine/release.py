"""Downloads the official release archive and verifies its checksum.

Source: https://www.pulumi.com/docs/iac/download-install/versions/ (archives and their SHA-256 list per release).
"""

import hashlib
import http.client
import platform
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from pulumi_engine.errors import EngineError
from pulumi_engine.versions import EngineVersion

_ARCHIVES = "https://get.pulumi.com/releases/sdk"
_CHECKSUMS = "https://github.com/pulumi/pulumi/releases/download"
_TIMEOUT_SECONDS = 20.0
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
_SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}


def archive_name(version: EngineVersion, system: str, machine: str) -> str:
    """The file name of the release archive for a platform (`platform.system()`, `platform.machine()`)."""
    if system not in _SYSTEMS or machine.lower() not in _MACHINES:
        raise EngineError(f"choosing the release archive: no official archive is known for {system} on {machine}")
    return f"pulumi-v{version}-{_SYSTEMS[system]}-{_MACHINES[machine.lower()]}.tar.gz"


def expected_checksum(listing: str, archive: str) -> str:
    """The SHA-256 (hex) of an archive, out of the release's checksum list."""
    for line in listing.splitlines():
        fields = line.split()
        if len(fields) == 2 and fields[1].lstrip("*") == archive:
            return fields[0].lower()
    raise EngineError(f"verifying {archive}: the release's checksum list does not name it")


def verify(content: bytes, checksum: str, archive: str) -> None:
    """Refuses content whose SHA-256 differs from the published one."""
    found = hashlib.sha256(content).hexdigest()
    if found != checksum:
        raise EngineError(f"verifying {archive}: SHA-256 is {found}\nexpected {checksum}")


def download(version: EngineVersion, folder: Path) -> None:
    """Fills `folder` with the release's executables. Raises EngineError where no download reaches or none fits."""
    archive = archive_name(version, platform.system(), platform.machine())
    listing = _fetch(f"{_CHECKSUMS}/v{version}/pulumi-{version}-checksums.txt").decode()
    content = _fetch(f"{_ARCHIVES}/{archive}")
    verify(content, expected_checksum(listing, archive), archive)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        packed = Path(temporary) / archive
        packed.write_bytes(content)
        with tarfile.open(packed) as members:
            members.extractall(temporary, filter="data")
        for executable in (Path(temporary) / "pulumi").iterdir():
            shutil.move(str(executable), folder / executable.name)


def _fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 (constant https addresses)
            content: bytes = answer.read()
    except urllib.error.HTTPError as error:
        error.close()
        raise EngineError(f"downloading {url}: {error}") from error
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise EngineError(f"downloading {url}: {error}") from error
    return content
