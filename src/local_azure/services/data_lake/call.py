"""One request to an account, with typed access to its headers and query."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree import ElementTree

from local_azure.context import ServiceContext
from local_azure.http import Request, Response, ServiceError
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.access import Caller, Guard
from local_azure.services.data_lake.accounts import AccountDirectory, StorageAccount
from local_azure.services.data_lake.crc64 import crc64
from local_azure.services.data_lake.errors import Surface
from local_azure.services.data_lake.nodes import FileSystem, Node, Trail
from local_azure.services.data_lake.store import LakeStore
from local_azure.services.data_lake.structured_bodies import FORM, StructureError, decoded

_META = "x-ms-meta-"
CRC64 = "x-ms-content-crc64"
"""The header with a checksum of the body."""
STRUCTURED, STRUCTURED_LENGTH = "x-ms-structured-body", "x-ms-structured-content-length"
"""Headers: the form of a body that holds checksums, and how long the content in it is."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z")
"""How the moment of a snapshot is named."""


@dataclass(frozen=True)
class Call:
    """A request whose sender is known; `file_system` and `path` are decoded, "" where the request names none."""

    context: ServiceContext
    store: LakeStore
    accounts: AccountDirectory
    request: Request
    surface: Surface
    account: StorageAccount
    caller: Caller
    guard: Guard
    answer: Callable[[Request], Response]
    """What the service answers to another request, which a batch holds; an error is an answer too."""
    reader_of: Callable[[StorageAccount, Mapping[str, str], str], Caller]
    """Who reads what is copied, for a path of an account: the holder of the signature in a query, or of the token that
    the request has for it; raises ServiceError."""
    file_system: str
    path: str

    def failure(self, code: str, detail: str = "") -> ServiceError:
        """An error in the shape of the endpoint."""
        return errors.failure(self.surface, code, detail)

    def require(self, is_allowed: bool) -> None:
        """Raises ServiceError 403 unless it is allowed."""
        if not is_allowed:
            raise self.failure("AuthorizationPermissionMismatch")

    def header(self, name: str) -> str:
        """A header's value, "" when it is missing."""
        return self.request.headers.get(name, "")

    def query(self, name: str) -> str:
        """A query parameter's value, "" when it is missing; clients write its name in any case."""
        return self.request.parameter(name.lower())

    def flag(self, name: str) -> bool:
        """A query parameter that is true or false; false when it is missing."""
        value = self.query(name).lower() or "false"
        if value not in ("true", "false"):
            raise self.failure("InvalidQueryParameterValue", f"QueryParameterName: {name}")
        return value == "true"

    def count(self, name: str, largest: int) -> int:
        """A query parameter that is a number of results from 1 on; more than `largest` means `largest`."""
        text = self.query(name)
        if not text:
            return largest
        if not text.removeprefix("-").isdecimal():
            raise self.failure("InvalidQueryParameterValue", f"QueryParameterName: {name}")
        if int(text) < 1:
            raise self.failure("OutOfRangeQueryParameterValue", f"QueryParameterName: {name}")
        return min(int(text), largest)

    def position(self) -> int:
        """The query parameter `position`, an offset in bytes; it must be there."""
        text = self.query("position")
        if not text:
            raise self.failure("MissingRequiredQueryParameter", "QueryParameterName: position")
        if not text.isdecimal():
            raise self.failure("InvalidQueryParameterValue", "QueryParameterName: position")
        return int(text)

    @property
    def metadata(self) -> dict[str, str]:
        """x-ms-meta-… headers, without their prefix; on the Data Lake endpoint what x-ms-properties says.

        Names keep their case (https://learn.microsoft.com/rest/api/storageservices/set-blob-metadata#remarks).
        """
        if self.surface == "dfs":
            return self._properties()
        headers, names = self.request.headers, self.request.names
        return {names.get(name, name)[len(_META) :]: value for name, value in headers.items() if name.startswith(_META)}

    def _properties(self) -> dict[str, str]:
        text = self.header("x-ms-properties")
        result: dict[str, str] = {}
        for part in filter(None, text.split(",")):
            name, equals, value = part.strip().partition("=")
            if not equals or not name:
                raise self.failure("InvalidPropertyName")
            try:
                result[name] = base64.b64decode(value, validate=True).decode("latin-1")
            except binascii.Error as error:
                raise self.failure("InvalidHeaderValue", "HeaderName: x-ms-properties") from error
        return result

    @property
    def names(self) -> tuple[str, ...]:
        """The path's parts; in an account without hierarchy the whole name is one part."""
        return self.names_of(self.path)

    def names_of(self, path: str) -> tuple[str, ...]:
        """The parts of any path in this account."""
        if self.account.is_hierarchical:
            return tuple(part for part in path.split("/") if part)
        return (path,) if path else ()

    def open_file_system(self) -> FileSystem:
        """The filesystem of the request; raises ServiceError 404."""
        found = self.store.file_system(self.account.name, self.file_system)
        if found is None:
            raise self.failure("FilesystemNotFound")
        return found

    def open_trail(self) -> Trail:
        """How far the request's path exists; raises ServiceError when a part of it above the end is a file."""
        trail = self.store.trail(self.open_file_system(), self.names)
        if trail.missing and not trail.nodes[-1].is_directory:
            self.require(self.guard.may_traverse(trail.nodes))
            raise self.failure("PathConflict" if self.request.method == "PUT" else "PathNotFound")
        return trail

    def existing(self, trail: Trail, is_allowed: bool | None = None) -> Node:
        """The node at the end of a trail; whoever may not see that it is missing gets 403 instead of 404."""
        if trail.target is None:
            self.require(self.guard.may_see(trail) if is_allowed is None else is_allowed)
            raise self.failure("PathNotFound")
        return trail.target

    def open_version(self, trail: Trail) -> Node:
        """The blob at the end of a trail, or the snapshot of it that the query names; raises ServiceError 404."""
        moment = self.query("snapshot")
        if not moment:
            return self.existing(trail)
        if not _MOMENT.fullmatch(moment):
            raise self.failure("InvalidQueryParameterValue", "QueryParameterName: snapshot")
        found = self.store.snapshot(self.open_file_system(), self.names, moment)
        if found is None:
            self.require(self.guard.may_see(trail))
            raise self.failure("PathNotFound")
        return found

    def checked_body(self) -> bytes:
        """The content of the body, after its checksums were compared; raises ServiceError 400."""
        body = self.request.body
        given, crc = self.header("content-md5"), self.header(CRC64)
        if given and crc:
            raise self.failure("InvalidInput", "Content-MD5 and x-ms-content-crc64 exclude each other.")
        if given:
            self.compare_md5(given, body)
        if crc and crc != crc64(body):
            raise self.failure("Crc64Mismatch")
        return self._structured(body) if self.header(STRUCTURED) else body

    def _structured(self, body: bytes) -> bytes:
        if self.header(STRUCTURED) != FORM:
            raise self.failure("InvalidHeaderValue", f"HeaderName: {STRUCTURED}")
        try:
            content = decoded(body)
        except StructureError as error:
            raise self.failure("InvalidInput", f"The structured body is not sound: {error}.") from error
        if self.header(STRUCTURED_LENGTH) != str(len(content)):
            raise self.failure("InvalidHeaderValue", f"HeaderName: {STRUCTURED_LENGTH}")
        return content

    def checked_headers(self, content: bytes) -> dict[str, str]:
        """What an answer says of the content that it took, to those who want it checked."""
        if self.header(STRUCTURED):
            return {STRUCTURED: FORM, CRC64: crc64(content)}
        return {CRC64: crc64(content)} if self.header("content-md5") or self.header(CRC64) else {}

    def xml_body(self) -> ElementTree.Element:
        """The body as XML; raises ServiceError 400."""
        try:
            return ElementTree.fromstring(self.request.body)  # noqa: S314 - expat limits entities; clients are local
        except ElementTree.ParseError as error:
            raise self.failure("InvalidXmlDocument") from error

    def compare_md5(self, given: str, body: bytes) -> None:
        """Raises ServiceError 400 unless `given` is the MD5 of the body in base64."""
        try:
            digest = base64.b64decode(given, validate=True)
        except binascii.Error as error:
            raise self.failure("InvalidMd5") from error
        if len(digest) != 16:
            raise self.failure("InvalidMd5")
        if digest != hashlib.md5(body, usedforsecurity=False).digest():
            raise self.failure("Md5Mismatch")


def split_path(raw_path: str) -> tuple[str, str]:
    """Filesystem and path of a request's path, decoded; slashes at the ends of the path belong to a blob's name."""
    file_system, _, path = raw_path.removeprefix("/").partition("/")
    return unquote(file_system), unquote(path)
