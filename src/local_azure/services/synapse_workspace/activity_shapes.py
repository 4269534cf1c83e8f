"""What the activities that reach services may say here, checked before a run starts. Mostly tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline_runtime.definition import Activity
from pipeline_runtime.errors import Problem

_STORE_READ = frozenset(
    "type recursive wildcardFolderPath wildcardFileName modifiedDatetimeStart modifiedDatetimeEnd "
    "enablePartitionDiscovery maxConcurrentConnections deleteFilesAfterCompletion".split()
)
_STORE_WRITE = frozenset("type copyBehavior maxConcurrentConnections blockSizeInMB".split())
STORE_SETTINGS: dict[str, frozenset[str]] = {
    "AzureBlobFSReadSettings": _STORE_READ,
    "AzureBlobStorageReadSettings": _STORE_READ,
    "AzureBlobFSWriteSettings": _STORE_WRITE,
    "AzureBlobStorageWriteSettings": _STORE_WRITE,
}
FORMAT_SETTINGS: dict[str, frozenset[str]] = {
    "DelimitedTextReadSettings": frozenset({"type", "skipLineCount"}),
    "JsonReadSettings": frozenset({"type"}),
    "ParquetReadSettings": frozenset({"type"}),
    "BinaryReadSettings": frozenset({"type"}),
    "DelimitedTextWriteSettings": frozenset({"type", "quoteAllText", "fileExtension"}),
    "JsonWriteSettings": frozenset({"type", "filePattern"}),
    "ParquetWriteSettings": frozenset({"type"}),
}
_FILE_SOURCE = frozenset({"type", "storeSettings", "formatSettings"})
_FILE_SINK = frozenset({"type", "storeSettings", "formatSettings"})
SOURCES: dict[str, frozenset[str]] = {
    "AzureSqlSource": frozenset({"type", "sqlReaderQuery", "queryTimeout", "partitionOption", "isolationLevel"}),
    "DelimitedTextSource": _FILE_SOURCE,
    "JsonSource": _FILE_SOURCE,
    "ParquetSource": _FILE_SOURCE,
    "BinarySource": _FILE_SOURCE,
}
SINKS: dict[str, frozenset[str]] = {
    "DelimitedTextSink": _FILE_SINK,
    "JsonSink": _FILE_SINK,
    "ParquetSink": _FILE_SINK,
    "BinarySink": _FILE_SINK,
}
_REFUSED_VALUES: dict[str, dict[str, tuple[Any, ...]]] = {
    "Copy": {
        "enableStaging": (None, False),
        "enableSkipIncompatibleRow": (None, False),
        "validateDataConsistency": (None, False),
        "skipErrorFile": (None,),
        "logSettings": (None,),
        "logStorageSettings": (None,),
        "redirectIncompatibleRowSettings": (None,),
        "stagingSettings": (None,),
        "preserveRules": (None,),
    },
    "Delete": {"enableLogging": (None, False), "logStorageSettings": (None,)},
    "WebActivity": {"disableCertValidation": (None, False), "linkedServices": (None, []), "datasets": (None, [])},
    "ExecuteDataFlow": {"staging": (None, {}), "continuationSettings": (None,), "cacheSinks": (None, {})},
}
_TRANSLATOR = frozenset({"type", "mappings", "typeConversion", "typeConversionSettings"})
_METADATA_FIELDS = frozenset(
    "itemName itemType size lastModified childItems contentMD5 structure columnCount exists".split()
)
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def activity_problems(activity: Activity) -> Iterator[Problem]:
    """Everything about an activity that cannot be executed as written."""
    kind, pointer = activity.type.name, f"{activity.pointer}/typeProperties"
    for key, accepted in _REFUSED_VALUES.get(kind, {}).items():
        if activity.properties.get(key) not in accepted:
            yield Problem(f"{pointer}/{key}", f"the property '{key}' of {kind} is not supported locally")
    if kind == "Copy":
        yield from _copy(activity, pointer)
    elif kind == "Lookup":
        yield from _typed(activity.properties.get("source"), SOURCES, f"{pointer}/source", "source")
        yield from _settings(activity.properties.get("source"), f"{pointer}/source")
    elif kind == "GetMetadata":
        for index, field in enumerate(activity.properties.get("fieldList") or []):
            if isinstance(field, str) and not field.startswith("@") and field not in _METADATA_FIELDS:
                expected = ", ".join(sorted(_METADATA_FIELDS))
                yield Problem(f"{pointer}/fieldList/{index}", f"unknown field '{field}'; expected one of {expected}")
    elif kind == "WebActivity":
        yield from _web(activity.properties, pointer)
    if kind in ("GetMetadata", "Delete"):
        yield from _settings(activity.properties, pointer)


def _copy(activity: Activity, pointer: str) -> Iterator[Problem]:
    source, sink = activity.properties.get("source"), activity.properties.get("sink")
    yield from _typed(source, SOURCES, f"{pointer}/source", "source")
    yield from _typed(sink, SINKS, f"{pointer}/sink", "sink")
    yield from _settings(source, f"{pointer}/source")
    yield from _settings(sink, f"{pointer}/sink")
    for name in ("inputs", "outputs"):
        if len(getattr(activity, name)) != 1:
            yield Problem(f"{activity.pointer}/{name}", "expected exactly one dataset reference")
    if isinstance(source, Mapping) and isinstance(sink, Mapping):
        binary = [each.get("type") in ("BinarySource", "BinarySink") for each in (source, sink)]
        if binary[0] != binary[1]:
            yield Problem(f"{pointer}/sink/type", "a binary source can only be copied to a binary sink")
    translator = activity.properties.get("translator")
    if isinstance(translator, Mapping):
        if translator.get("type") != "TabularTranslator":
            yield Problem(f"{pointer}/translator/type", f"unknown translator '{translator.get('type')}'")
        for key in translator:
            if key not in _TRANSLATOR:
                yield Problem(f"{pointer}/translator/{key}", f"the translator's '{key}' is not supported locally")


def _typed(value: Any, table: Mapping[str, frozenset[str]], pointer: str, word: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(pointer, "expected an object")
        return
    known = table.get(str(value.get("type")))
    if known is None:
        yield Problem(
            f"{pointer}/type", f"unknown {word} type '{value.get('type')}'; expected {', '.join(sorted(table))}"
        )
        return
    for key in value:
        if key not in known:
            yield Problem(f"{pointer}/{key}", f"the property '{key}' of {value['type']} is not supported locally")


def _settings(value: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        return
    for name, table in (("storeSettings", STORE_SETTINGS), ("formatSettings", FORMAT_SETTINGS)):
        if value.get(name) is not None:
            yield from _typed(value[name], table, f"{pointer}/{name}", name)


def _web(properties: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    method = properties.get("method")
    if isinstance(method, str) and not method.startswith("@") and method.upper() not in _METHODS:
        yield Problem(f"{pointer}/method", f"unknown method '{method}'; expected one of {', '.join(sorted(_METHODS))}")
    if isinstance(method, str) and method.upper() in ("POST", "PUT", "PATCH") and "body" not in properties:
        yield Problem(f"{pointer}/body", f"the property 'body' is missing; the method {method.upper()} needs one")
    authentication = properties.get("authentication")
    if isinstance(authentication, Mapping) and authentication.get("type") != "MSI":
        kind = authentication.get("type")
        yield Problem(
            f"{pointer}/authentication/type", f"the authentication '{kind}' is not supported locally; use MSI"
        )
