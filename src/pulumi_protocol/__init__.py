"""The messages and services of the engine's protocol, without the SDK that carries them.

Importing anything below `pulumi` imports all of the SDK, half a second of processor time that each start of a plugin
would pay, and the engine starts a provider twice and a language host twice for a preview. The modules are those of the
installed SDK (`pulumi/runtime/proto`), found below this name; they refer to each other and to nothing else of the SDK.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi.runtime.proto import engine_pb2 as engine_pb2
    from pulumi.runtime.proto import engine_pb2_grpc as engine_pb2_grpc
    from pulumi.runtime.proto import language_pb2 as language_pb2
    from pulumi.runtime.proto import language_pb2_grpc as language_pb2_grpc
    from pulumi.runtime.proto import plugin_pb2 as plugin_pb2
    from pulumi.runtime.proto import provider_pb2 as provider_pb2
    from pulumi.runtime.proto import provider_pb2_grpc as provider_pb2_grpc
    from pulumi.runtime.proto import status_pb2 as status_pb2


def _folders() -> list[str]:
    """Where the installed SDK has them; the SDK itself is not imported. Raises ModuleNotFoundError without an SDK."""
    sdk = find_spec("pulumi")
    if sdk is None or sdk.submodule_search_locations is None:
        raise ModuleNotFoundError("No module named 'pulumi'", name="pulumi")
    return [str(Path(folder) / "runtime" / "proto") for folder in sdk.submodule_search_locations]


__path__ = [*__path__, *_folders()]
