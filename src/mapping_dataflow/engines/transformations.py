"""What each engine does of every transformation: one table, made of what the lowering and the engine themselves say.

A transformation is made of relations, which every engine has, and of functions, which an engine may lack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from mapping_dataflow.engines.base import Engine
from mapping_dataflow.lowering.combine import FUZZY
from mapping_dataflow.lowering.registry import CANNOT, TRANSFORMATIONS


class Support(Enum):
    """Whose turn it is when something does not run."""

    SUPPORTED = "supported"
    NOT_YET_OURS = "not yet ours"
    ENGINE_CANNOT = "engine cannot"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class TransformationSupport:
    """One transformation, or one form of it (empty: all of it), on one engine; a reason unless it is supported."""

    verb: str
    form: str
    engine: str
    support: Support
    reason: str = ""


_FUNCTIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("parse", ""): ("parseDocument",),
    ("stringify", "format: 'delimited'"): ("toJson", "writeDocument"),
    ("stringify", "format: 'json'"): ("toJson",),
    ("stringify", "format: 'xml'"): ("toJson", "writeDocument"),
}
"""Functions that a transformation needs besides those that its expressions name."""
_FORMS_CANNOT: Mapping[tuple[str, str], str] = {
    ("join", "matchType: 'fuzzy'"): FUZZY,
    ("select", "columns that a cache decides"): "the columns of a query are known before its data",
}
"""Forms that no engine here can do."""


def transformation_support(engine: Engine) -> tuple[TransformationSupport, ...]:
    """The table of one engine, by verb."""
    rows: list[TransformationSupport] = []
    functions = engine.capabilities.names()
    for verb in sorted(TRANSFORMATIONS):
        if verb in CANNOT:
            rows.append(TransformationSupport(verb, "", engine.name, Support.ENGINE_CANNOT, CANNOT[verb]))
            continue
        needed = {form: names for (own, form), names in _FUNCTIONS.items() if own == verb} or {"": ()}
        for form, names in needed.items():
            missing = sorted(set(names) - functions)
            support = Support.NOT_YET_OURS if missing else Support.SUPPORTED
            reason = f"{engine.name} has no {missing[0]} yet" if missing else ""
            rows.append(TransformationSupport(verb, form, engine.name, support, reason))
    for (verb, form), reason in _FORMS_CANNOT.items():
        rows.append(TransformationSupport(verb, form, engine.name, Support.ENGINE_CANNOT, reason))
    return tuple(sorted(rows, key=lambda row: (row.verb, row.form)))
