"""All functions of the language by lower-cased name."""

from __future__ import annotations

from pipeline_runtime.expressions.functions import (
    arithmetic,
    arrays,
    conversion,
    dates,
    logical,
    strings,
    xml,
)
from pipeline_runtime.expressions.functions.signature import Function

CATALOGUE: dict[str, Function] = {
    function.name.lower(): function
    for family in (strings, arrays, logical, conversion, arithmetic, dates, xml)
    for function in family.FUNCTIONS
}
