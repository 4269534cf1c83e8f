"""What devices and scanners would deliver: the sample files, put into the file system `landing`."""

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.filedatalake import ContentSettings, DataLakeFileClient, DataLakeServiceClient

from ingest_cli.errors import CommandError
from sample_data.errors import SampleDataError
from sample_data.landing import landing_files

_FILE_SYSTEM = "landing"


def upload(outputs: Mapping[str, Any], engineer: TokenCredential, samples: Path) -> int:
    """Uploads the files that are not there with this content; returns how many.

    Raises CommandError where the sample is not whole.
    """
    service = DataLakeServiceClient(str(outputs["dataLakeEndpoint"]), credential=engineer)
    client = service.get_file_system_client(_FILE_SYSTEM)
    changed = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in _collected(samples, Path(folder)):
            content = path.read_bytes()
            digest = bytearray(hashlib.md5(content, usedforsecurity=False).digest())
            file = client.get_file_client(str(path.relative_to(folder)))
            if _digest(file) != digest:
                file.upload_data(content, overwrite=True, content_settings=ContentSettings(content_md5=digest))
                changed += 1
    return changed


def _collected(samples: Path, folder: Path) -> list[Path]:
    try:
        return landing_files(samples, folder)
    except SampleDataError as error:
        raise CommandError("filling the landing zone", str(error)) from error


def _digest(file: DataLakeFileClient) -> bytearray | None:
    try:
        properties = file.get_file_properties()
    except ResourceNotFoundError:
        return None
    found: bytearray | None = properties.content_settings.content_md5
    return found
