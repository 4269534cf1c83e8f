"""What of a stack's state the search for drift looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StateResource:
    """A resource as the state has it: type token, id and outputs."""

    type: str
    id: str
    outputs: Mapping[str, Any]
