"""The azure-native plugin's stand-in over real gRPC, as the engine speaks to it: dictionaries in, dictionaries out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from provider_wire.server import marshal, unmarshal


@dataclass(frozen=True)
class Resource:
    """One resource of one type."""

    stub: Any
    token: str
    name: str = "subject"

    @property
    def urn(self) -> str:
        """Its name in an imagined stack."""
        return f"urn:pulumi:local::test::{self.token}::{self.name}"

    def check(
        self, inputs: Mapping[str, Any], old: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Completed inputs, and (property, reason) of each failure."""
        request = provider_pb2.CheckRequest(
            urn=self.urn, olds=marshal(dict(old or {})), news=marshal(dict(inputs)), randomSeed=b"seed"
        )
        answer = self.stub.Check(request)
        return unmarshal(answer.inputs), [(each.property, each.reason) for each in answer.failures]

    def checked(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Completed inputs that have no failure."""
        completed, failures = self.check(inputs)
        assert failures == []
        return completed

    def diff(self, old: Mapping[str, Any], new: Mapping[str, Any], arm_id: str = "/x") -> dict[str, str]:
        """Changed paths with the kind of change ("UPDATE", "ADD_REPLACE", …)."""
        answer = self.diff_answer(old, new, arm_id)
        return {path: provider_pb2.PropertyDiff.Kind.Name(each.kind) for path, each in answer.detailedDiff.items()}

    def diff_answer(self, old: Mapping[str, Any], new: Mapping[str, Any], arm_id: str = "/x") -> Any:
        """The whole answer."""
        request = provider_pb2.DiffRequest(
            id=arm_id, urn=self.urn, olds=marshal(dict(old)), old_inputs=marshal(dict(old)), news=marshal(dict(new))
        )
        return self.stub.Diff(request)

    def create(self, inputs: Mapping[str, Any], *, preview: bool = False) -> tuple[str, dict[str, Any]]:
        """Id and outputs."""
        request = provider_pb2.CreateRequest(urn=self.urn, properties=marshal(dict(inputs)), preview=preview)
        answer = self.stub.Create(request)
        return answer.id, unmarshal(answer.properties)

    def read(
        self, arm_id: str, inputs: Mapping[str, Any] | None = None, state: Mapping[str, Any] | None = None
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Id, inputs and outputs; without inputs as an import."""
        request = provider_pb2.ReadRequest(
            id=arm_id, urn=self.urn, inputs=marshal(dict(inputs or {})), properties=marshal(dict(state or {}))
        )
        answer = self.stub.Read(request)
        return answer.id, unmarshal(answer.inputs), unmarshal(answer.properties)

    def update(
        self,
        arm_id: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        state: Mapping[str, Any],
        *,
        preview: bool = False,
    ) -> dict[str, Any]:
        """Outputs."""
        request = provider_pb2.UpdateRequest(
            id=arm_id,
            urn=self.urn,
            olds=marshal(dict(state)),
            old_inputs=marshal(dict(old)),
            news=marshal(dict(new)),
            preview=preview,
        )
        return unmarshal(self.stub.Update(request).properties)

    def delete(self, arm_id: str, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> None:
        """Deletes it."""
        request = provider_pb2.DeleteRequest(
            id=arm_id, urn=self.urn, properties=marshal(dict(state)), old_inputs=marshal(dict(inputs))
        )
        self.stub.Delete(request)


def invoke(stub: Any, token: str, **arguments: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Result and failures of a function."""
    answer = stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=marshal(arguments)))
    return unmarshal(getattr(answer, "return")), [(each.property, each.reason) for each in answer.failures]


@contextmanager
def connected(port: int) -> Iterator[Any]:
    """A client of the stand-in on a port, configured as the engine does it."""
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(args=marshal({"location": "westeurope"}), acceptSecrets=True))
        yield stub
