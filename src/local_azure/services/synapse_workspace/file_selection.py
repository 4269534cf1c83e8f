"""Which files an activity means: a path, a folder, or wildcards, optionally by time of change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local_azure.services.synapse_workspace.datasets import FileLocation
from local_azure.services.synapse_workspace.lake import Entry, Lake, LakeFailure, LakePath
from pipeline_runtime.errors import ActivityFailure
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.timestamp_texts import parse_timestamp

_WILD = re.compile(r"[*?\[{]")


@dataclass(frozen=True)
class Selected:
    """A chosen file; `relative` is its path below the folder that the selection starts from."""

    entry: Entry
    relative: str


def select_files(lake: Lake, location: FileLocation, settings: Mapping[str, Any]) -> list[Selected]:
    """Files of a Copy, Lookup or Delete by dataset and store settings, in order of their paths.

    Raises ActivityFailure when a path without wildcard does not exist.
    """
    recursive = settings.get("recursive") is not False
    wild_folder, wild_file = settings.get("wildcardFolderPath"), settings.get("wildcardFileName")
    if wild_file or wild_folder:
        folder = str(wild_folder if wild_folder is not None else location.folder).strip("/")
        pattern = f"{folder}/{wild_file or '*'}".strip("/")
        found = list(match_files(lake, location.root, pattern, deep=recursive and not _WILD.search(folder)))
    elif location.file:
        found = [_single(lake, location.path)]
    else:
        entries = lake.list(location.folder_path, recursive)
        found = [Selected(each, _below(each.location.path, location.folder)) for each in entries if not each.is_folder]
    return sorted(filter(_changed_between(settings), found), key=lambda each: each.entry.location.path)


def match_files(lake: Lake, root: LakePath, pattern: str, deep: bool = False) -> Iterator[Selected]:
    """Files whose path matches a glob (`*` `**` `?` `[…]` `{a,b}`); a folder that does not exist holds none.

    With `deep` the last part of the pattern is looked for in all folders below as well.
    """
    parts = pattern.split("/")
    static: list[str] = []
    for part in parts[:-1]:
        if _WILD.search(part):
            break
        static.append(part)
    start = "/".join(static)
    rest = "/".join(parts[len(static) :])
    expression = glob_expression(f"**/{rest}" if deep else rest)
    try:
        for entry in lake.list(root.child(start), recursive=True):
            relative = _below(entry.location.path, start)
            if not entry.is_folder and expression.fullmatch(relative):
                yield Selected(entry, relative)
    except LakeFailure as failure:
        if failure.status != 404:
            raise


def glob_expression(pattern: str) -> re.Pattern[str]:
    """A glob as a regular expression over a relative path; `*` and `?` do not cross a slash, `**` does."""
    pieces: list[str] = []
    position = 0
    depth = 0
    while position < len(pattern):
        character = pattern[position]
        if pattern.startswith("**/", position):
            pieces.append("(?:[^/]+/)*")
            position += 2
        elif pattern.startswith("**", position):
            pieces.append(".*")
            position += 1
        elif character == "[" and "]" in pattern[position + 1 :]:
            end = pattern.index("]", position + 1)
            pieces.append("[" + pattern[position + 1 : end].replace("\\", "\\\\").replace("!", "^", 1) + "]")
            position = end
        elif character in _GLOB:
            depth += {"{": 1, "}": -1}.get(character, 0)
            pieces.append(_GLOB[character] if character != "," or depth else re.escape(character))
        else:
            pieces.append(re.escape(character))
        position += 1
    return re.compile("".join(pieces))


_GLOB = {"*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}


def _single(lake: Lake, path: LakePath) -> Selected:
    headers = lake.properties(path)
    if headers is None:
        raise ActivityFailure(
            "2200",
            "ErrorCode=UserErrorFileNotFound,'Type=Microsoft.DataTransfer.Common.Shared.HybridDeliveryException,"
            f"Message=The required Blob is missing. Account: '{path.account}'. FileSystem: '{path.file_system}'. "
            f"Path: '{path.path}'.",
        )
    entry = Entry(path, False, int(headers.get("content-length", "0")), datetime.now(UTC))
    return Selected(entry, path.name)


def _below(path: str, folder: str) -> str:
    return path[len(folder) :].strip("/") if folder else path


def _changed_between(settings: Mapping[str, Any]) -> Any:
    start = _moment(settings.get("modifiedDatetimeStart"))
    end = _moment(settings.get("modifiedDatetimeEnd"))

    def chosen(selected: Selected) -> bool:
        modified = selected.entry.modified
        return (start is None or modified >= start) and (end is None or modified < end)

    return chosen


def _moment(value: Any) -> datetime | None:
    if not value:
        return None
    try:
        return parse_timestamp(str(value)).moment.replace(tzinfo=UTC)
    except ExpressionError as error:
        raise ActivityFailure("2200", f"The time '{value}' is not valid: {error.cause}.") from error
