"""`python benchmarks/publish/idle_provider.py ENGINE_ADDRESS`: a provider whose resources are what was declared.

With it, what the engine itself costs a resource can be measured.
"""

import json
import sys

from provider_wire.server import serve
from provider_wire.verbs import (
    Capabilities,
    Change,
    CheckAnswer,
    CheckRequest,
    Configuration,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    DiffAnswer,
    DiffRequest,
    InvokeAnswer,
    InvokeRequest,
    Provider,
    ProviderError,
    ReadAnswer,
    ReadRequest,
    Session,
    UpdateAnswer,
    UpdateRequest,
)


class IdleProvider(Provider):
    """The provider `idle`."""

    version = "1.0.0"
    capabilities = Capabilities()

    def schema(self) -> str:
        """No types."""
        return json.dumps({"name": "idle", "version": self.version})

    def check_configuration(self, old: Configuration, new: Configuration) -> CheckAnswer:
        """Anything goes."""
        return CheckAnswer(new.settings, [])

    def diff_configuration(self, old: Configuration, new: Configuration) -> DiffAnswer:
        """Nothing changes."""
        return DiffAnswer()

    def configure(self, configuration: Configuration) -> None:
        """Nothing to do."""

    def check(self, request: CheckRequest, session: Session) -> CheckAnswer:
        """As declared."""
        return CheckAnswer(dict(request.new_inputs), [])

    def diff(self, request: DiffRequest, session: Session) -> DiffAnswer:
        """Whether it is as declared before."""
        same = request.old_state == request.new_inputs
        return DiffAnswer({} if same else {"body": Change.UPDATE})

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """As declared."""
        return CreateAnswer(request.name, dict(request.inputs))

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """As it was."""
        return ReadAnswer(request.id, request.old_state, request.old_inputs)

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """As declared."""
        return UpdateAnswer(dict(request.inputs))

    def delete(self, request: DeleteRequest, session: Session) -> None:
        """Nothing to do."""

    def invoke(self, request: InvokeRequest, session: Session) -> InvokeAnswer:
        """There are no functions."""
        raise ProviderError(f"calling {request.token}: there are no functions")

    def cancel(self) -> None:
        """Nothing runs."""


if __name__ == "__main__":
    sys.exit(serve(IdleProvider(), sys.argv[1:]))
