"""Logic and comparison, which SQL writes alike for all engines: ``_1``, ``_2`` … are the arguments."""

from __future__ import annotations

from collections.abc import Mapping

LOGIC: Mapping[str, str] = {
    "and": "_1 AND _2",
    "between": "_1 BETWEEN _2 AND _3",
    "compare": "CASE WHEN _1 < _2 THEN -1 WHEN _1 > _2 THEN 1 WHEN _1 = _2 THEN 0 END",
    "equals": "_1 = _2",
    "false": "FALSE",
    "greater": "_1 > _2",
    "greaterOrEqual": "_1 >= _2",
    "iif/2": "CASE WHEN _1 THEN _2 END",
    "iif/3": "CASE WHEN _1 THEN _2 ELSE _3 END",
    "isNull": "_1 IS NULL",
    "notNull": "_1 IS NOT NULL",
    "lesser": "_1 < _2",
    "lesserOrEqual": "_1 <= _2",
    "not": "NOT _1",
    "notEquals": "_1 <> _2",
    "nullSafeEquals": "_1 IS NOT DISTINCT FROM _2",
    "or": "_1 OR _2",
    "true": "TRUE",
    "xor": "_1 <> _2",
}
