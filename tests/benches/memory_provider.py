"""A provider of one resource kept in memory: what the tests of the wire and of the life-cycle kit talk to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from provider_wire.values import UNKNOWN, Properties
from provider_wire.verbs import (
    Capabilities,
    Change,
    CheckAnswer,
    CheckFailure,
    CheckRequest,
    Configuration,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    DiffAnswer,
    DiffRequest,
    InvokeAnswer,
    InvokeRequest,
    PartialFailure,
    Provider,
    ProviderError,
    ReadAnswer,
    ReadRequest,
    Session,
    UpdateAnswer,
    UpdateRequest,
)

TOKEN = "memory:index:Box"


@dataclass
class MemoryProvider(Provider):
    """Boxes by name; `content` can change, `name` replaces. `on_create` may raise what a service would."""

    boxes: dict[str, Any] = field(default_factory=dict)
    writes: int = 0
    cancelled: bool = False
    accepts_secrets: bool = False
    on_create: Callable[[CreateRequest, Session], None] = lambda request, session: None
    seen: list[object] = field(default_factory=list)

    @property
    def version(self) -> str:
        return "1.2.3"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(secrets=self.accepts_secrets)

    def schema(self) -> str:
        return '{"name": "memory"}'

    def check_configuration(self, old: Configuration, new: Configuration) -> CheckAnswer:
        return CheckAnswer(new.settings)

    def diff_configuration(self, old: Configuration, new: Configuration) -> DiffAnswer:
        return DiffAnswer({"region": Change.UPDATE_REPLACE} if old.settings != new.settings else {})

    def configure(self, configuration: Configuration) -> None:
        if configuration.settings.get("region") == "nowhere":
            raise ProviderError("configuring memory: no such region 'nowhere'")

    def check(self, request: CheckRequest, session: Session) -> CheckAnswer:
        self.seen.append(request)
        if "name" not in request.new_inputs:
            return CheckAnswer({}, [CheckFailure("name", "missing"), CheckFailure("", "nothing given")])
        return CheckAnswer({"content": "", **request.new_inputs})

    def diff(self, request: DiffRequest, session: Session) -> DiffAnswer:
        self.seen.append(request)
        changes = {}
        if request.old_state["name"] != request.new_inputs["name"]:
            changes["name"] = Change.UPDATE_REPLACE
        if request.old_state["content"] != request.new_inputs["content"]:
            changes['content["a.b"]'] = Change.UPDATE
        return DiffAnswer(changes, delete_before_replace=True, stable=["name"])

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        self.seen.append(request)
        if request.preview:
            return CreateAnswer("", {**request.inputs, "size": UNKNOWN})
        self.on_create(request, session)
        return CreateAnswer(self._put(request.inputs), dict(request.inputs))

    def _put(self, inputs: Properties) -> str:
        self.writes += 1
        self.boxes[inputs["name"]] = inputs["content"]
        return f"box/{inputs['name']}"

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        self.seen.append(request)
        name = request.id.removeprefix("box/")
        if name not in self.boxes:
            return ReadAnswer("")
        state = {"name": name, "content": self.boxes[name]}
        return ReadAnswer(request.id, state, state)

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        self.seen.append(request)
        if request.inputs["content"] == "half":
            raise PartialFailure(request.id, {**request.old_state, "content": "ha"}, ["the second half is missing"])
        if not request.preview:
            self._put(request.inputs)
        return UpdateAnswer(dict(request.inputs))

    def delete(self, request: DeleteRequest, session: Session) -> None:
        self.seen.append(request)
        self.writes += 1
        self.boxes.pop(request.old_state["name"], None)

    def invoke(self, request: InvokeRequest, session: Session) -> InvokeAnswer:
        return InvokeAnswer({"echo": request.arguments}, [CheckFailure("x", "wrong")])

    def cancel(self) -> None:
        self.cancelled = True
