"""What the caller knows about the data of a source: its physical columns and the relation that holds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SourceSchema:
    """Physical columns of a source, in order: name -> type text of the language (``string``, ``integer[]``, …).

    ``relation`` is the table or view the caller registers in the engine; empty means the stream's own name.
    ``repeats`` tells of a column of text whether its values stand in many rows each, and whether reading the source
    twice is cheap beside computing something for every row. It is asked when that would be of use.
    """

    columns: Mapping[str, str]
    relation: str = ""
    repeats: Callable[[str], bool] = field(default=lambda column: False, compare=False, repr=False)
