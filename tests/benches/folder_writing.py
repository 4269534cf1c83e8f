"""The type of the fixture that writes folders of artifacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Write = Callable[[Mapping[str, Any]], Path]
