"""What the caller knows about the data of a source: its physical columns and the relation that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mapping_dataflow.analysis.columns import KeyMaker


@dataclass(frozen=True)
class SourceSchema:
    """Physical columns of a source, in order: name -> type text of the language (``string``, ``integer[]``, …).

    ``relation`` is the table or view the caller registers in the engine; empty means the stream's own name. It calls
    its columns what `relation_columns` says: names may differ in case alone, which engines do not tell apart.
    """

    columns: Mapping[str, str]
    relation: str = ""


def relation_columns(names: Iterable[str]) -> tuple[str, ...]:
    """What a relation calls columns of these names: as they are, with a number where another differs in case alone."""
    keys = KeyMaker()
    return tuple(keys.key(name) for name in names)
