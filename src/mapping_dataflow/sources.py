"""What the caller knows about the data of a source: its physical columns and the relation that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SourceSchema:
    """Physical columns of a source, in order: name -> type text of the language (``string``, ``integer[]``, …).

    ``relation`` is the table or view the caller registers in the engine; empty means the stream's own name.
    """

    columns: Mapping[str, str]
    relation: str = ""
