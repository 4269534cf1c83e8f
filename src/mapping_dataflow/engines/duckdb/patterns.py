"""Regular expressions in DuckDB: by RE2 where it agrees with Java about the pattern, else by functions in Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from mapping_dataflow.engines.base import Builder, argument_or, called, constant, depends_on_rows, fill
from mapping_dataflow.engines.conversions import text
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.engines.java_patterns import checked_regex, checked_replacement
from mapping_dataflow.expressions import Call
from mapping_dataflow.java.matching import replacement_parts
from mapping_dataflow.java.patterns import TERMINATORS, Translation

Native = Callable[[Translation], exp.Expression | None]
"""The SQL for a pattern that RE2 has too; None when the call wants something else that RE2 has not."""
_ENDS_OPEN = f"right(_1, 1) NOT IN ({', '.join(f'chr({ord(one)})' for one in TERMINATORS)})"
_MOST_GROUPS = 9
"""RE2's replacements know groups of one digit."""


def _chosen(
    call: Call, arguments: Sequence[exp.Expression], python: exp.Expression, native: Native, *, searching: bool = False
) -> exp.Expression:
    """RE2's SQL where it is right about every text, or about most; the function in Python for the others."""
    if depends_on_rows(call, 1):
        return python
    if constant(call, 1) is None:
        return cast(exp.null(), call.type)
    translation = checked_regex(call, 1)
    fast = native(translation) if translation.native is not None else None
    if fast is None:
        return python
    conditions = ["strlen(_1) = length(_1)"] if translation.ascii_only else []
    if translation.open_end and not (searching and translation.native_search):
        conditions.append(_ENDS_OPEN)
    if not conditions:
        return fast
    template = f"CASE WHEN {' AND '.join(conditions)} THEN _2 WHEN _1 IS NOT NULL THEN _3 END"
    return fill(template, [arguments[0], fast, python])


def _test(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    def native(translation: Translation) -> exp.Expression:
        return fill("regexp_matches(_1, _2)", [arguments[0], _search_text(translation)])

    return _chosen(call, arguments, called("java_regex_test", arguments[:2]), native, searching=True)


def _native_text(translation: Translation) -> exp.Expression:
    return text(translation.native or "")


def _search_text(translation: Translation) -> exp.Expression:
    return text(translation.native_search or translation.native or "")


def _extract(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    group = argument_or(arguments, 2, exp.Literal.number(1))
    number = 1 if len(arguments) < 3 else constant(call, 2)

    def native(translation: Translation) -> exp.Expression | None:
        if depends_on_rows(call, 2) or number is None:
            return None
        if not 0 <= number <= translation.groups:
            return fill("CASE WHEN _1 IS NOT NULL THEN '' END", arguments)
        pattern = _search_text(translation) if number > 0 else _native_text(translation)
        return fill("regexp_extract(_1, _2, _3)", [arguments[0], pattern, group])

    python = called("java_regex_extract", [*arguments[:2], fill("CAST(_1 AS INTEGER)", [group])])
    return _chosen(call, arguments, python, native, searching=number is not None and number > 0)


def _replace(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    if (
        not depends_on_rows(call, 2)
        and not depends_on_rows(call, 1)
        and None
        not in (
            constant(call, 1),
            constant(call, 2),
        )
    ):
        checked_replacement(call)

    def native(translation: Translation) -> exp.Expression | None:
        if depends_on_rows(call, 2) or constant(call, 2) is None or not translation.solid:
            return None
        parts = replacement_parts(str(constant(call, 2)), translation.groups, translation.names)
        numbers = [_number(part[0], translation) for part in parts if not isinstance(part, str)]
        if any(number > _MOST_GROUPS for number in numbers):
            return None
        written = [
            part.replace("\\", "\\\\") if isinstance(part, str) else f"\\{_number(part[0], translation)}"
            for part in parts
        ]
        pieces = [arguments[0], _native_text(translation), text("".join(written))]
        return fill("regexp_replace(_1, _2, _3, 'g')", pieces)

    return _chosen(call, arguments, called("java_regex_replace", arguments), native)


def _number(group: int | str, translation: Translation) -> int:
    return group if isinstance(group, int) else translation.named_groups[group]


def _split(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    def native(translation: Translation) -> exp.Expression | None:
        if not translation.solid:
            return None
        return fill("string_split_regex(_1, _2)", [arguments[0], _native_text(translation)])

    return _chosen(call, arguments, called("java_regex_split", arguments), native)


FUNCTIONS: dict[str, str | Builder] = {
    "regexExtract": _extract,
    "regexMatch": _test,
    "regexReplace": _replace,
    "regexSplit": _split,
    "rlike": _test,
}
