"""The gRPC server, driven by a gRPC client as the engine drives it."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import memory_provider
import pytest
from google.protobuf import empty_pb2, struct_pb2
from memory_provider import TOKEN, MemoryProvider
from pulumi.runtime.proto import engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from provider_wire.server import ProviderServer, marshal, unmarshal
from provider_wire.values import UNKNOWN, Secret
from provider_wire.verbs import (
    Cancelled,
    CreateRequest,
    PartialFailure,
    ProviderError,
    Session,
    Severity,
    UpdateRequest,
)

URN = f"urn:pulumi:local::test::{TOKEN}::box"


@pytest.fixture
def provider() -> MemoryProvider:
    return MemoryProvider()


@pytest.fixture
def stub(provider: MemoryProvider) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    server = ProviderServer(provider)
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{server.port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    server.stop(0.1)


class _Engine(engine_pb2_grpc.EngineServicer):
    """The engine's side: keeps the log lines."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str, str, bool]] = []

    def Log(self, request: Any, context: Any) -> Any:
        self.lines.append((request.severity, request.message, request.urn, request.ephemeral))
        return empty_pb2.Empty()


@pytest.fixture
def engine() -> Iterator[tuple[_Engine, str]]:
    servicer = _Engine()
    server = grpc.server(ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, f"127.0.0.1:{port}"
    server.stop(None)


def _create(stub: Any, **inputs: Any) -> Any:
    return stub.Create(provider_pb2.CreateRequest(urn=URN, properties=marshal(inputs)))


def test_properties_survive_the_wire_with_their_types() -> None:
    properties: dict[str, Any] = {
        "a": None,
        "b": True,
        "c": 3,
        "d": 2.5,
        "e": "é",
        "f": [1, [], {}],
        "g": {"h": {}},
        "big": 2**60,
    }
    back = unmarshal(marshal(properties))
    assert back == properties
    assert isinstance(back["c"], int)
    assert isinstance(back["big"], float)


def test_check_reports_every_failure_with_its_property(stub: Any) -> None:
    answer = stub.Check(provider_pb2.CheckRequest(urn=URN, news=marshal({})))
    assert [(item.property, item.reason) for item in answer.failures] == [("name", "missing"), ("", "nothing given")]


def test_type_and_name_come_from_the_urn_when_the_engine_sends_only_that(stub: Any, provider: MemoryProvider) -> None:
    urn = f"urn:pulumi:local::test::my:Component${TOKEN}::box"
    stub.Check(provider_pb2.CheckRequest(urn=urn, news=marshal({"name": "a"})))
    request: Any = provider.seen[0]
    assert (request.type, request.name) == (TOKEN, "box")


def test_a_difference_names_paths_kinds_roots_and_replacement(stub: Any, provider: MemoryProvider) -> None:
    answer = stub.Diff(
        provider_pb2.DiffRequest(
            id="box/a",
            urn=URN,
            olds=marshal({"name": "a", "content": "x"}),
            old_inputs=marshal({"name": "a"}),
            news=marshal({"name": "b", "content": "y"}),
        )
    )
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert {path: item.kind for path, item in answer.detailedDiff.items()} == {
        "name": provider_pb2.PropertyDiff.UPDATE_REPLACE,
        'content["a.b"]': provider_pb2.PropertyDiff.UPDATE,
    }
    assert (list(answer.replaces), list(answer.diffs)) == (["name"], ["name", "content"])
    assert (answer.deleteBeforeReplace, list(answer.stables), answer.hasDetailedDiff) == (True, ["name"], True)
    request: Any = provider.seen[0]
    assert request.old_inputs == {"name": "a"}


def test_no_difference_is_said_to_be_none_and_not_unknown(stub: Any) -> None:
    same = marshal({"name": "a", "content": "x"})
    answer = stub.Diff(provider_pb2.DiffRequest(id="box/a", urn=URN, olds=same, news=same))
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_create_read_update_and_delete_reach_the_provider(stub: Any, provider: MemoryProvider) -> None:
    created = _create(stub, name="a", content="x")
    assert (created.id, unmarshal(created.properties)) == ("box/a", {"name": "a", "content": "x"})
    state = created.properties
    news = marshal({"name": "a", "content": "y"})
    updated = stub.Update(provider_pb2.UpdateRequest(id="box/a", urn=URN, olds=state, news=news))
    assert unmarshal(updated.properties)["content"] == "y"
    read = stub.Read(provider_pb2.ReadRequest(id="box/a", urn=URN))
    assert (read.id, unmarshal(read.inputs)) == ("box/a", {"name": "a", "content": "y"})
    stub.Delete(provider_pb2.DeleteRequest(id="box/a", urn=URN, properties=read.properties))
    assert stub.Read(provider_pb2.ReadRequest(id="box/a", urn=URN)).id == ""
    assert provider.boxes == {}


def test_a_preview_may_answer_with_unknown_values(stub: Any, provider: MemoryProvider) -> None:
    inputs = marshal({"name": UNKNOWN})
    answer = stub.Create(provider_pb2.CreateRequest(urn=URN, properties=inputs, preview=True))
    assert unmarshal(answer.properties) == {"name": UNKNOWN, "size": UNKNOWN}
    assert provider.writes == 0


def _failing(provider: MemoryProvider, error: Exception) -> None:
    def fail(request: CreateRequest, session: Session) -> None:
        raise error

    provider.on_create = fail


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (ProviderError("creating box a: too big"), grpc.StatusCode.FAILED_PRECONDITION, "creating box a: too big"),
        (
            Cancelled("creating box a: stopped on request"),
            grpc.StatusCode.CANCELLED,
            "creating box a: stopped on request",
        ),
    ],
)
def test_an_error_reaches_the_engine_as_its_text_alone(
    stub: Any, provider: MemoryProvider, error: Exception, code: grpc.StatusCode, text: str
) -> None:
    _failing(provider, error)
    with pytest.raises(grpc.RpcError) as caught:
        _create(stub, name="a", content="x")
    assert (caught.value.code(), caught.value.details()) == (code, text)


def test_an_unexpected_error_is_marked_internal_with_one_line_and_no_traceback(
    stub: Any, provider: MemoryProvider
) -> None:
    _failing(provider, KeyError("colour"))
    with pytest.raises(grpc.RpcError) as caught:
        _create(stub, name="a", content="x")
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    details = str(caught.value.details())
    assert details.startswith(f"internal-error: creating {URN}: KeyError: 'colour' (fail, line ")
    assert "Traceback" not in details and "\n" not in details


def _init_failure(error: Any) -> Any:
    trailing = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    assert status.message == error.details()
    return detail


def test_a_create_that_failed_half_way_returns_id_and_state(stub: Any, provider: MemoryProvider) -> None:
    failure = PartialFailure("box/a", {"name": "a", "content": "ha"}, ["first", "second"], {"name": "a"})
    _failing(provider, failure)
    with pytest.raises(grpc.RpcError, match="first\nsecond") as caught:
        _create(stub, name="a", content="half")
    detail = _init_failure(caught.value)
    assert (detail.id, list(detail.reasons)) == ("box/a", ["first", "second"])
    assert unmarshal(detail.properties) == {"name": "a", "content": "ha"}
    assert unmarshal(detail.inputs) == {"name": "a"}


def test_an_update_that_failed_half_way_returns_the_state_reached(stub: Any) -> None:
    state = marshal({"name": "a", "content": "x"})
    request = provider_pb2.UpdateRequest(
        id="box/a", urn=URN, olds=state, news=marshal({"name": "a", "content": "half"})
    )
    with pytest.raises(grpc.RpcError, match="the second half is missing") as caught:
        stub.Update(request)
    detail = _init_failure(caught.value)
    assert unmarshal(detail.properties) == {"name": "a", "content": "ha"}
    assert not detail.HasField("inputs")


def test_an_asset_is_refused_with_its_path(stub: Any) -> None:
    asset = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "text": "x"}
    with pytest.raises(grpc.RpcError) as caught:
        _create(stub, name="a", content=[asset])
    assert caught.value.details() == "reading property content[0]: it holds a asset\nexpected a JSON value"


def test_secrets_are_wrapped_only_for_a_provider_that_accepts_them(stub: Any, provider: MemoryProvider) -> None:
    secret = {"name": "a", "content": Secret("hidden")}
    answer = _create(stub, **secret)
    assert unmarshal(answer.properties, keep_secrets=True) == {"name": "a", "content": "hidden"}
    provider.accepts_secrets = True
    answer = _create(stub, **secret)
    assert unmarshal(answer.properties, keep_secrets=True) == secret
    assert stub.Configure(provider_pb2.ConfigureRequest()).acceptSecrets
    assert stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="")).accept_secrets


def test_configuration_is_checked_compared_and_taken_over(stub: Any) -> None:
    old, new = marshal({"region": "west"}), marshal({"region": "north"})
    assert unmarshal(stub.CheckConfig(provider_pb2.CheckRequest(olds=old, news=new)).inputs) == {"region": "north"}
    assert list(stub.DiffConfig(provider_pb2.DiffRequest(olds=old, news=new)).replaces) == ["region"]
    configured = stub.Configure(provider_pb2.ConfigureRequest(args=new))
    assert (configured.supportsPreview, configured.acceptSecrets) == (True, False)
    with pytest.raises(grpc.RpcError, match="configuring memory: no such region 'nowhere'"):
        stub.Configure(provider_pb2.ConfigureRequest(args=marshal({"region": "nowhere"})))


def test_schema_version_and_functions_are_served(stub: Any) -> None:
    assert json.loads(stub.GetSchema(provider_pb2.GetSchemaRequest()).schema) == {"name": "memory"}
    assert stub.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"
    answer = stub.Invoke(provider_pb2.InvokeRequest(tok="memory:index:f", args=marshal({"a": 1})))
    assert unmarshal(getattr(answer, "return")) == {"echo": {"a": 1}}
    assert answer.failures[0].reason == "wrong"


@pytest.mark.parametrize("name", ["Parameterize", "Call", "Construct", "GetMapping", "GetMappings"])
def test_what_the_provider_does_not_serve_is_said_to_be_unimplemented(stub: Any, name: str) -> None:
    request = getattr(provider_pb2, f"{name}Request")()
    with pytest.raises(grpc.RpcError, match=f"{name} is not implemented by this provider") as caught:
        getattr(stub, name)(request)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_listing_is_said_to_be_unimplemented(stub: Any) -> None:
    with pytest.raises(grpc.RpcError, match="List is not implemented by this provider"):
        list(stub.List(provider_pb2.ListRequest()))


def test_log_lines_reach_the_engine_that_attached(
    stub: Any, provider: MemoryProvider, engine: tuple[_Engine, str]
) -> None:
    def talk(request: CreateRequest, session: Session) -> None:
        for severity in Severity:
            session.log(severity, severity.value)
        session.status("waiting")

    provider.on_create = talk
    servicer, address = engine
    stub.Attach(plugin_pb2.PluginAttach(address=address))
    _create(stub, name="a", content="")
    expected = [(0, "debug", URN, False), (1, "info", URN, False), (2, "warning", URN, False), (3, "error", URN, False)]
    assert servicer.lines == [*expected, (1, "waiting", URN, True)]


def test_an_engine_that_is_gone_loses_the_line_and_nothing_else(
    stub: Any, provider: MemoryProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.on_create = lambda request, session: session.log(Severity.INFO, "hello")
    stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert _create(stub, name="a", content="").id == "box/a"
    assert "info: hello (the engine does not listen: _InactiveRpcError)" in capsys.readouterr().err


def test_cancel_wakes_a_verb_that_waits_and_a_new_engine_starts_fresh(stub: Any, provider: MemoryProvider) -> None:
    waiting = threading.Event()

    def wait(request: CreateRequest, session: Session) -> None:
        waiting.set()
        session.cancellation.wait(30)
        session.cancellation.raise_if_requested("creating box a")

    provider.on_create = wait
    future = stub.Create.future(provider_pb2.CreateRequest(urn=URN, properties=marshal({"name": "a", "content": ""})))
    assert waiting.wait(5)
    stub.Cancel(empty_pb2.Empty())
    with pytest.raises(grpc.RpcError, match="creating box a: stopped on request"):
        future.result(5)
    assert provider.cancelled
    provider.on_create = lambda request, session: session.cancellation.raise_if_requested("creating box a")
    with pytest.raises(grpc.RpcError, match="stopped on request"):
        _create(stub, name="a", content="")
    stub.Attach(plugin_pb2.PluginAttach(address=""))
    assert _create(stub, name="a", content="").id == "box/a"


def test_a_port_that_is_taken_is_an_error_that_names_it() -> None:
    first = ProviderServer(MemoryProvider())
    first.start()
    with pytest.raises(OSError, match=f"hosting provider: port {first.port} of 127.0.0.1 cannot be bound"):
        ProviderServer(MemoryProvider(), port=first.port)
    first.stop(0)


def test_a_plugin_process_prints_its_port_answers_and_ends_on_sigterm() -> None:
    code = "import sys; from memory_provider import MemoryProvider; from provider_wire.server import serve; "
    code += "sys.exit(serve(MemoryProvider(), ['--logtostderr', '127.0.0.1:1']))"
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(memory_provider.__file__).parent),
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert isinstance(process.stdout, io.TextIOBase)
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
            info = provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(empty_pb2.Empty())
        assert info.version == "1.2.3"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_the_update_request_carries_old_inputs_and_ignored_paths(stub: Any, provider: MemoryProvider) -> None:
    state = marshal({"name": "a", "content": "x"})
    stub.Update(
        provider_pb2.UpdateRequest(
            id="box/a", urn=URN, olds=state, old_inputs=struct_pb2.Struct(), news=state, ignoreChanges=["x"], timeout=5
        )
    )
    request = provider.seen[-1]
    assert isinstance(request, UpdateRequest)
    assert (request.ignore_changes, request.timeout_seconds, request.old_inputs) == (("x",), 5.0, {})
