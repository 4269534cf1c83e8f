"""What a plugin pays to start, and how it learns that it has to end."""

import signal
import subprocess
import sys
import time

import psutil
import pytest

from pulumi_protocol import provider_pb2


@pytest.mark.parametrize("module", ["dataplane_provider.__main__", "pulumi_engine.language_host"])
def test_a_plugin_starts_without_the_sdk(module: str) -> None:
    code = f"import {module}, sys; print('pulumi' in sys.modules, 'azure.identity' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "False False\n"


def test_the_messages_are_those_of_the_sdk_also_where_both_are_imported() -> None:
    from pulumi.runtime.proto import provider_pb2 as of_the_sdk

    assert provider_pb2.CheckRequest is of_the_sdk.CheckRequest


_WAITING = """
import sys
from pulumi_protocol.plugin_process import EndOfPlugin
from pulumi_protocol.process_end import leave
end = EndOfPlugin(has_engine=True)
print("waiting", flush=True)
leave(5 if end.wait() else 6)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_at_once(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", _WAITING], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "waiting\n"
        process.send_signal(number)
        assert process.wait(10) == 5


def test_a_plugin_ends_with_its_engine() -> None:
    engine = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[1]]).wait()"
    with subprocess.Popen([sys.executable, "-c", engine, _WAITING], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "waiting\n"
        (plugin,) = psutil.Process(process.pid).children()
        process.kill()
        process.wait()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and _lives(plugin):
            time.sleep(0.05)
        assert not _lives(plugin)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
