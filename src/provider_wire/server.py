"""gRPC in and out for a `Provider`: the only module that sees protobuf and gRPC.

It replaces the SDK's `pulumi.provider.experimental.server`, which sends Python tracebacks to the user, cannot return
the state of a half-done create or update, drops old inputs, and lacks `Attach`. Not for any knowledge of resources.
"""

import gc
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2

from provider_wire import values, verbs
from pulumi_protocol import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from pulumi_protocol.plugin_process import EndOfPlugin

_MESSAGE_LIMIT_BYTES = 400 * 1024 * 1024  # as the engine's own
_THREADS = 64
_LOG_DEADLINE_SECONDS = 10.0
_SWITCH_SECONDS = 0.0005
_OBJECTS_TO_COLLECT, _COLLECTIONS_TO_SEARCH_ALL = 50_000, 1_000
_SEVERITIES = {
    verbs.Severity.DEBUG: engine_pb2.DEBUG,
    verbs.Severity.INFO: engine_pb2.INFO,
    verbs.Severity.WARNING: engine_pb2.WARNING,
    verbs.Severity.ERROR: engine_pb2.ERROR,
}
_KINDS = {
    verbs.Change.ADD: provider_pb2.PropertyDiff.ADD,
    verbs.Change.ADD_REPLACE: provider_pb2.PropertyDiff.ADD_REPLACE,
    verbs.Change.DELETE: provider_pb2.PropertyDiff.DELETE,
    verbs.Change.DELETE_REPLACE: provider_pb2.PropertyDiff.DELETE_REPLACE,
    verbs.Change.UPDATE: provider_pb2.PropertyDiff.UPDATE,
    verbs.Change.UPDATE_REPLACE: provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
Answer = TypeVar("Answer")


def unmarshal(properties: struct_pb2.Struct, keep_secrets: bool = False) -> dict[str, Any]:
    """A protobuf property map as plain JSON; raises values.UnsupportedValue."""
    plain = {key: _plain(value) for key, value in properties.fields.items()}
    decoded: dict[str, Any] = values.decode(plain, keep_secrets=keep_secrets)
    return decoded


def _plain(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {key: _plain(item) for key, item in value.struct_value.fields.items()}
    if kind == "list_value":
        return [_plain(item) for item in value.list_value.values]
    if kind is None or kind == "null_value":
        return None
    return getattr(value, kind)


def marshal(properties: values.Properties) -> struct_pb2.Struct:
    """Plain JSON (with `Secret` wrappers where wanted) as a protobuf property map."""
    struct = struct_pb2.Struct()
    for key, value in values.encode(properties).items():
        _fill(struct.fields[key], value)
    return struct


def _fill(target: struct_pb2.Value, value: Any) -> None:
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, (int, float)):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        for key, item in value.items():
            _fill(target.struct_value.fields[key], item)
    else:
        target.list_value.SetInParent()
        for item in value:
            _fill(target.list_value.values.add(), item)


class _Engine:
    """Where log lines go: the engine that talks to this provider at the moment, if it told its address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._address = ""
        self._stub: engine_pb2_grpc.EngineStub | None = None
        self.cancellation = verbs.Cancellation()

    def attach(self, address: str) -> None:
        """Take over the address; a new engine starts with nothing cancelled."""
        with self._lock:
            self.cancellation = verbs.Cancellation()
            if address and address != self._address:
                # the proxy of HTTPS_PROXY is for Azure, never for the engine on this machine
                channel = grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)])
                self._address, self._stub = address, engine_pb2_grpc.EngineStub(channel)

    def log(self, severity: verbs.Severity, message: str, urn: str, ephemeral: bool) -> None:
        """Send one line; an engine that is gone loses it."""
        stub = self._stub
        if stub is None:
            return
        line = engine_pb2.LogRequest(severity=_SEVERITIES[severity], message=message, urn=urn, ephemeral=ephemeral)
        try:
            stub.Log(line, timeout=_LOG_DEADLINE_SECONDS)
        except grpc.RpcError as error:
            sys.stderr.write(f"{severity.value}: {message} (the engine does not listen: {type(error).__name__})\n")


class _EngineSession:
    """`verbs.Session` for one call of one resource."""

    def __init__(self, engine: _Engine, urn: str) -> None:
        self._engine, self._urn, self._cancellation = engine, urn, engine.cancellation

    @property
    def cancellation(self) -> verbs.Cancellation:
        return self._cancellation

    def log(self, severity: verbs.Severity, message: str) -> None:
        self._engine.log(severity, message, self._urn, ephemeral=False)

    def status(self, message: str) -> None:
        self._engine.log(verbs.Severity.INFO, message, self._urn, ephemeral=True)


def _abort(context: grpc.ServicerContext, code: grpc.StatusCode, message: str) -> NoReturn:
    context.abort(code, message)
    raise AssertionError("abort returns never")  # pragma: no cover


def _abort_with_state(context: grpc.ServicerContext, failure: verbs.PartialFailure) -> NoReturn:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=failure.id,
        properties=marshal(failure.state),
        reasons=list(failure.reasons),
        inputs=None if failure.inputs is None else marshal(failure.inputs),
    )
    status = status_pb2.Status(code=grpc.StatusCode.FAILED_PRECONDITION.value[0], message=str(failure))
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    _abort(context, grpc.StatusCode.FAILED_PRECONDITION, str(failure))


def _guarded(context: grpc.ServicerContext, doing: str, verb: Callable[[], Answer]) -> Answer:
    """Run a verb; what it raises becomes a status with a clean message. The one broad `except`: the process edge."""
    try:
        return verb()
    except verbs.PartialFailure as failure:
        _abort_with_state(context, failure)
    except verbs.Cancelled as error:
        _abort(context, grpc.StatusCode.CANCELLED, str(error))
    except (verbs.ProviderError, values.UnsupportedValue) as error:
        _abort(context, grpc.StatusCode.FAILED_PRECONDITION, str(error))
    except Exception as error:  # noqa: BLE001
        place = traceback.extract_tb(error.__traceback__)[-1]
        _abort(
            context,
            grpc.StatusCode.INTERNAL,
            f"internal-error: {doing}: {type(error).__name__}: {error} ({place.name}, line {place.lineno})",
        )


class _Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Each protocol method: unmarshal, call the verb, marshal."""

    def __init__(self, provider: verbs.Provider, engine: _Engine) -> None:
        self._provider, self._engine = provider, engine

    def _session(self, urn: str) -> _EngineSession:
        return _EngineSession(self._engine, urn)

    def _map(self, properties: struct_pb2.Struct) -> dict[str, Any]:
        return unmarshal(properties, keep_secrets=self._provider.capabilities.secrets)

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._engine.attach(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=self._provider.capabilities.secrets)

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._engine.attach(request.address)
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._engine.cancellation.request()
        _guarded(context, "cancelling", self._provider.cancel)
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=self._provider.version)

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        schema = _guarded(context, "describing the package", self._provider.schema)
        return provider_pb2.GetSchemaResponse(schema=schema)

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            old = verbs.Configuration(request.urn, self._map(request.olds))
            new = verbs.Configuration(request.urn, self._map(request.news))
            return _check_answer(self._provider.check_configuration(old, new))

        return _guarded(context, f"checking {request.urn}", run)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            old = verbs.Configuration(request.urn, self._map(request.olds))
            new = verbs.Configuration(request.urn, self._map(request.news))
            return _diff_answer(self._provider.diff_configuration(old, new))

        return _guarded(context, f"comparing {request.urn}", run)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            self._provider.configure(verbs.Configuration(request.urn, self._map(request.args)))
            return provider_pb2.ConfigureResponse(
                acceptSecrets=self._provider.capabilities.secrets, supportsPreview=True
            )

        return _guarded(context, "configuring the provider", run)

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            typed = verbs.CheckRequest(
                **_identity(request),
                old_inputs=self._map(request.olds),
                new_inputs=self._map(request.news),
                random_seed=request.randomSeed,
            )
            return _check_answer(self._provider.check(typed, self._session(request.urn)))

        return _guarded(context, f"checking {request.urn}", run)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            typed = verbs.DiffRequest(
                **_identity(request),
                id=request.id,
                old_inputs=self._map(request.old_inputs),
                old_state=self._map(request.olds),
                new_inputs=self._map(request.news),
                ignore_changes=tuple(request.ignoreChanges),
            )
            return _diff_answer(self._provider.diff(typed, self._session(request.urn)))

        return _guarded(context, f"comparing {request.urn}", run)

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            typed = verbs.CreateRequest(
                **_identity(request),
                inputs=self._map(request.properties),
                preview=request.preview,
                timeout_seconds=request.timeout,
            )
            answer = self._provider.create(typed, self._session(request.urn))
            return provider_pb2.CreateResponse(id=answer.id, properties=marshal(answer.state))

        return _guarded(context, f"creating {request.urn}", run)

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            typed = verbs.ReadRequest(
                **_identity(request),
                id=request.id,
                old_inputs=self._map(request.inputs),
                old_state=self._map(request.properties),
            )
            answer = self._provider.read(typed, self._session(request.urn))
            if not answer.id:
                return provider_pb2.ReadResponse(id="")
            return provider_pb2.ReadResponse(
                id=answer.id, properties=marshal(answer.state), inputs=marshal(answer.inputs)
            )

        return _guarded(context, f"reading {request.urn}", run)

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            typed = verbs.UpdateRequest(
                **_identity(request),
                id=request.id,
                old_inputs=self._map(request.old_inputs),
                old_state=self._map(request.olds),
                inputs=self._map(request.news),
                preview=request.preview,
                timeout_seconds=request.timeout,
                ignore_changes=tuple(request.ignoreChanges),
            )
            answer = self._provider.update(typed, self._session(request.urn))
            return provider_pb2.UpdateResponse(properties=marshal(answer.state))

        return _guarded(context, f"updating {request.urn}", run)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            typed = verbs.DeleteRequest(
                **_identity(request),
                id=request.id,
                old_inputs=self._map(request.old_inputs),
                old_state=self._map(request.properties),
                timeout_seconds=request.timeout,
            )
            self._provider.delete(typed, self._session(request.urn))
            return empty_pb2.Empty()

        return _guarded(context, f"deleting {request.urn}", run)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        def run() -> Any:
            typed = verbs.InvokeRequest(request.tok, self._map(request.args))
            answer = self._provider.invoke(typed, self._session(""))
            response = provider_pb2.InvokeResponse(failures=_failures(answer.failures))
            getattr(response, "return").CopyFrom(marshal(answer.result))
            return response

        return _guarded(context, f"calling {request.tok}", run)

    def Parameterize(self, request: Any, context: grpc.ServicerContext) -> Any:
        _refuse(context, "Parameterize")

    def Call(self, request: Any, context: grpc.ServicerContext) -> Any:
        _refuse(context, "Call")

    def Construct(self, request: Any, context: grpc.ServicerContext) -> Any:
        _refuse(context, "Construct")

    def List(self, request: Any, context: grpc.ServicerContext) -> Any:
        _refuse(context, "List")

    def GetMapping(self, request: Any, context: grpc.ServicerContext) -> Any:
        _refuse(context, "GetMapping")

    def GetMappings(self, request: Any, context: grpc.ServicerContext) -> Any:
        _refuse(context, "GetMappings")


def _refuse(context: grpc.ServicerContext, name: str) -> NoReturn:
    _abort(context, grpc.StatusCode.UNIMPLEMENTED, f"{name} is not implemented by this provider")


def _identity(request: Any) -> dict[str, str]:
    """URN, type token and name; engines before 3.100 send only the URN."""
    tail = request.urn.rsplit("::", 2)
    kind = tail[-2].rsplit("$", 1)[-1] if len(tail) == 3 else ""
    return {"urn": request.urn, "type": request.type or kind, "name": request.name or tail[-1]}


def _failures(failures: Sequence[verbs.CheckFailure]) -> list[Any]:
    return [provider_pb2.CheckFailure(property=failure.property_path, reason=failure.reason) for failure in failures]


def _check_answer(answer: verbs.CheckAnswer) -> Any:
    return provider_pb2.CheckResponse(inputs=marshal(answer.inputs), failures=_failures(answer.failures))


def _diff_answer(answer: verbs.DiffAnswer) -> Any:
    some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some if answer.changes else none,
        replaces=[path for path, change in answer.changes.items() if change.replaces],
        diffs=list(dict.fromkeys(_root_of(path) for path in answer.changes)),
        stables=list(answer.stable),
        deleteBeforeReplace=answer.delete_before_replace,
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=_KINDS[change], inputDiff=False)
            for path, change in answer.changes.items()
        },
        hasDetailedDiff=True,
    )


def _root_of(path: str) -> str:
    """`documents` of `documents["pipeline/a"].properties`: the top-level property that changed."""
    return path.split(".", 1)[0].split("[", 1)[0]


class ProviderServer:
    """Hosts one provider on 127.0.0.1. `port` 0 lets the system choose; the chosen one is the attribute `port`."""

    def __init__(self, provider: verbs.Provider, *, port: int = 0, engine_address: str = "") -> None:
        """Bind the port. Raises OSError if it is taken."""
        self._engine = _Engine()
        self._engine.attach(engine_address)
        self._server = grpc.server(
            ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="verb"),
            options=[
                ("grpc.max_receive_message_length", _MESSAGE_LIMIT_BYTES),
                ("grpc.max_send_message_length", _MESSAGE_LIMIT_BYTES),
                ("grpc.so_reuseport", 0),
            ],
        )
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(_Servicer(provider, self._engine), self._server)
        try:
            self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        except RuntimeError as error:
            raise OSError(f"hosting provider: port {port} of 127.0.0.1 cannot be bound") from error

    def start(self) -> None:
        """Answer from now on, in background threads."""
        self._server.start()

    def stop(self, grace_seconds: float = 2.0) -> None:
        """Cancel what runs, wait for it up to `grace_seconds`, release the port."""
        self._engine.cancellation.request()
        self._server.stop(grace_seconds).wait()


def serve(provider: verbs.Provider, arguments: Sequence[str], output: IO[str] | None = None) -> int:
    """Be a plugin process: print the port for the engine, answer until SIGTERM or SIGINT, return the exit status.

    `arguments` are those of the process; the engine's address is the first that is not an option (none: no logging).
    A plugin of an engine ends with it: one that is killed could not save what is still being written.
    """
    address = next((argument for argument in arguments if not argument.startswith("-")), "")
    _tune_interpreter()
    server = ProviderServer(provider, engine_address=address)
    end = EndOfPlugin(has_engine=bool(address))
    server.start()
    stream = output or sys.stdout
    stream.write(f"{server.port}\n")
    stream.flush()
    end.wait()
    server.stop()
    return 0


def _tune_interpreter() -> None:
    """Neither searching for cycles in documents, which have none, nor computing may stop the threads that talk.

    By itself Python looks through everything again and again while a workspace is read, and lets a thread compute for
    5 ms whenever another has a packet to take.
    """
    gc.set_threshold(_OBJECTS_TO_COLLECT, 10, _COLLECTIONS_TO_SEARCH_ALL)
    sys.setswitchinterval(_SWITCH_SECONDS)
