"""A Python language host for an engine that came without one: runs the program of `Pulumi.yaml` in this interpreter.

The official archive carries `pulumi-language-python`; an engine built from its module does not, and the host's own
module is not published. The SDK's Automation API has a language server, and this serves it as an executable.
"""

import asyncio
import os
import runpy
import sys
import threading
from collections.abc import Sequence
from concurrent import futures
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2

from pulumi_protocol import language_pb2, language_pb2_grpc, plugin_pb2
from pulumi_protocol.plugin_process import EndOfPlugin
from pulumi_protocol.process_end import leave

_MAXIMUM_MESSAGE_BYTES = 400 * 1024 * 1024
_SDK_SERVER = "pulumi.automation._server"


class ProgramHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Serves the engine's requests for one program folder.

    The SDK takes half a second to import. Only a program needs it, and the engine asks much that needs none, some of it
    in a process of its own. Once it asks for the program's packages, the SDK is imported beside what it does next.
    """

    def __init__(self, engine_address: str) -> None:
        """The address is that of the engine, for log messages of the program."""
        self._engine_address = engine_address

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802 (name of the protocol)
        """Accepts the engine; it already knows this host's address."""
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """It has no version of its own."""
        return plugin_pb2.PluginInfo()

    def About(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The interpreter and its version."""
        version = ".".join(map(str, sys.version_info[:3]))
        return language_pb2.AboutResponse(executable=sys.executable, version=version)

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: N802
        """None: the project names its providers. A program is about to run."""
        threading.Thread(target=import_module, args=(_SDK_SERVER,), name="importing the SDK", daemon=True).start()
        return language_pb2.GetRequiredPackagesResponse()

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Runs the program's entry point with its folder first on the module path, as the official host does."""
        from pulumi import RunError
        from pulumi.automation._server import LanguageServer

        del request.args[:]
        request.args.append(self._engine_address)
        folder = Path(request.info.program_directory or request.pwd)
        entry = folder / request.info.entry_point if request.info.entry_point else folder
        os.chdir(request.pwd or folder)
        sys.path.insert(0, str(folder))
        try:
            answer = LanguageServer(lambda: _run_entry(entry)).Run(request, context)  # type: ignore[no-untyped-call]
        except (asyncio.InvalidStateError, RunError):
            # The SDK has logged the error, cancelled what still waited, and tripped over a task that repeats the error.
            return language_pb2.RunResponse(bail=True)
        if answer.error:
            # The SDK has logged the error already; `bail` keeps the engine from printing it a second time.
            answer.error, answer.bail = "", True
        return answer

    def InstallDependencies(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Nothing to install: the project's environment is locked and already there."""
        return iter(())

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The engine stops waiting; the program ends with its monitor."""
        return empty_pb2.Empty()


def _run_entry(entry: Path) -> None:
    runpy.run_path(str(entry), run_name="__main__")


def serve(arguments: Sequence[str]) -> None:
    """Serves on a free port of 127.0.0.1, prints the port once it does (the engine reads it), and waits to be ended.

    It ends with its engine: a program whose engine was killed waits for an answer that never comes.
    """
    engine_address = next((text for text in reversed(arguments) if not text.startswith("-")), "")
    options = [("grpc.max_receive_message_length", _MAXIMUM_MESSAGE_BYTES)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=options)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(ProgramHost(engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    end = EndOfPlugin(has_engine=bool(engine_address))
    server.start()
    print(port, flush=True)
    if not end.wait():
        leave(1)
    server.stop(grace=None).wait()
    leave(0)


if __name__ == "__main__":
    serve(sys.argv[1:])
