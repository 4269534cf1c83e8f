"""Files as DuckDB can read them: compressed and encoded ones are written anew where it has no decoder of its own."""

from __future__ import annotations

import bz2
import codecs
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

from dataflow_execution.errors import DataFlowRunError, not_supported

_CHUNK = 1 << 20
ARCHIVES = ("zipdeflate", "tar", "targzip")
"""Compressions of several files in one."""
_NATIVE_COMPRESSIONS = ("none", "gzip")
_NATIVE_ENCODINGS = {"utf-8": "utf-8", "iso8859-1": "latin-1"}
_UTF8_NAMES = {"utf-8 without bom": "utf-8", "utf-8-sig": "utf-8", "": "utf-8"}


def decoded(
    files: list[Path],
    compression: str,
    encoding: str,
    folder: Path,
    encodings: Sequence[str] = ("utf-8", "latin-1"),
) -> tuple[list[Path], str, str]:
    """The files, and the compression and encoding that are left for DuckDB (its names, among ``encodings``).

    Raises DataFlowRunError for a compression or an encoding that is not known.
    """
    native = native_encoding(encoding)
    if compression in _NATIVE_COMPRESSIONS and native is not None and native in encodings:
        return files, compression, native
    anew = [
        _written_anew(file, compression, encoding, folder / str(index) / file.name) for index, file in enumerate(files)
    ]
    return anew, "none", "utf-8"


def native_encoding(name: str) -> str | None:
    """DuckDB's name of an encoding, None when it must be decoded first. Raises DataFlowRunError for unknown ones."""
    try:
        found = codecs.lookup(_UTF8_NAMES.get(name.lower(), name)).name
    except LookupError:
        raise not_supported(f"the encoding {name!r} is unknown") from None
    return _NATIVE_ENCODINGS.get(found)


def plain(files: list[Path], compression: str, folder: Path) -> list[Path]:
    """The files without their compression."""
    if compression == "none":
        return files
    return [
        _written_anew(file, compression, "utf-8", folder / str(index) / file.name) for index, file in enumerate(files)
    ]


def unpacked(files: list[Path], compression: str, folder: Path) -> list[tuple[Path, Path]]:
    """What is in archives, each entry as a file of its own, beside the archive that it comes from.

    Raises DataFlowRunError for what is no archive.
    """
    found: list[tuple[Path, Path]] = []
    for file in files:
        with _told(file, f"cannot be read as {compression}"):
            found += [
                (stored(stream, folder / str(len(found) + number) / file.name), file)
                for number, stream in enumerate(_OPENERS[compression](file))
            ]
    return found


def stored(stream: IO[bytes], target: Path) -> Path:
    """The rest of a stream as a file at the target."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        shutil.copyfileobj(stream, out, _CHUNK)
    return target


@contextmanager
def _told(file: Path, cause: str) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, UnicodeError) as error:
        raise DataFlowRunError(f"{file.name} {cause}: {error}") from error


def _written_anew(file: Path, compression: str, encoding: str, target: Path) -> Path:
    if compression not in _OPENERS:
        raise not_supported(
            f"{file.name}: the compression {compression!r} is not supported", expected="one of " + ", ".join(_OPENERS)
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    transcodes = native_encoding(encoding) not in ("utf-8",)
    with _told(file, f"cannot be read as {compression} in {encoding}"), target.open("wb") as out:
        for stream in _OPENERS[compression](file):
            _copy(stream, out, encoding if transcodes else "")
    return target


def _copy(stream: IO[bytes], out: IO[bytes], encoding: str) -> None:
    if not encoding:
        shutil.copyfileobj(stream, out, _CHUNK)
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    while chunk := stream.read(_CHUNK):
        out.write(decoder.decode(chunk).encode())
    out.write(decoder.decode(b"", final=True).encode())


def _opened_plain(file: Path) -> Iterator[IO[bytes]]:
    with file.open("rb") as stream:
        yield stream


def _opened_bzip2(file: Path) -> Iterator[IO[bytes]]:
    with bz2.open(file) as stream:
        yield stream


def _opened_by_arrow(name: Literal["gzip", "lz4", "zstd"]) -> Callable[[Path], Iterator[IO[bytes]]]:
    def opened(file: Path) -> Iterator[IO[bytes]]:
        import pyarrow as pa

        with pa.CompressedInputStream(pa.OSFile(str(file), "rb"), name) as stream:
            yield stream  # type: ignore[misc]  # it reads like a file

    return opened


def _opened_deflate(file: Path) -> Iterator[IO[bytes]]:
    """A stream of zlib or of bare deflate, as files called ``.deflate`` have either."""
    with file.open("rb") as stream:
        head = stream.read(2)
        stream.seek(0)
        has_header = len(head) == 2 and head[0] & 15 == 8 and int.from_bytes(head) % 31 == 0
        yield _Inflated(stream, zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)  # type: ignore[misc]


class _Inflated:
    """Reads a deflated stream."""

    def __init__(self, stream: IO[bytes], window: int) -> None:
        self._stream = stream
        self._inflate = zlib.decompressobj(window)

    def read(self, size: int) -> bytes:
        """At least one byte, at most about ``size``; nothing at the end."""
        while not self._inflate.eof:
            data = self._inflate.unconsumed_tail or self._stream.read(_CHUNK)
            found = self._inflate.decompress(data, size)
            if found:
                return found
            if not data:
                raise EOFError("the stream ends too early")
        return b""


def _opened_zip(file: Path) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(file) as archive:
        for entry in [each for each in archive.infolist() if not each.is_dir()]:
            with archive.open(entry) as stream:
                yield stream


def _opened_tar(file: Path) -> Iterator[IO[bytes]]:
    with tarfile.open(file) as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if stream is not None:
                yield stream


_OPENERS: dict[str, Callable[[Path], Iterator[IO[bytes]]]] = {
    "none": _opened_plain,
    "gzip": _opened_by_arrow("gzip"),
    "zstd": _opened_by_arrow("zstd"),
    "lz4": _opened_by_arrow("lz4"),
    "bzip2": _opened_bzip2,
    "deflate": _opened_deflate,
    "zipdeflate": _opened_zip,
    "tar": _opened_tar,
    "targzip": _opened_tar,
}
