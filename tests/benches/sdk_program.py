"""A program of one resource under the SDK's mocks, in a process of its own: `python sdk_program.py CLASS ARGUMENTS`.

The SDK keeps its state for a whole process and leaves coroutines behind. Prints what was registered and the outputs.
"""

import json
import sys
from typing import Any

import pulumi

import pulumi_dataplane as dataplane


class Recorder(pulumi.runtime.Mocks):
    """Keeps what the engine would be asked to register."""

    def __init__(self) -> None:
        self.registered: dict[str, Any] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.registered[args.typ] = {key: value for key, value in args.inputs.items() if value is not None}
        return "the-id", {**args.inputs, "secretUri": "https://kv.vault.azure.net/secrets/key", "assignmentId": "guid"}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError(f"calling {args.token}: nothing is called")


def main(name: str, arguments: dict[str, Any], wanted: list[str]) -> None:
    """Declare the resource as a program does."""
    recorder = Recorder()
    outputs: dict[str, Any] = {}
    pulumi.runtime.set_mocks(recorder, project="project", stack="stack", preview=False)

    def program() -> pulumi.Output[None]:
        resource = getattr(dataplane, name)(name.lower(), **arguments)
        return pulumi.Output.all(**{key: getattr(resource, key) for key in wanted}).apply(outputs.update)

    run: Any = pulumi.runtime.test
    run(program)()
    print(json.dumps({"registered": recorder.registered, "outputs": outputs}))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3]))
