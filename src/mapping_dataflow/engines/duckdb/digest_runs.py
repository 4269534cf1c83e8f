"""Digests that are computed once for all rows in a row with the same text, for a database with one thread.

Texts of keys repeat from row to row, and their digests cost more than all else that is done to a row. Windows without
an order look at the row before, and carry a digest on together with its text: a row whose text is another one computes
its own. So the order in which rows come decides how often a digest is computed, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from mapping_dataflow.analysis.columns import Column, KeyMaker
from mapping_dataflow.engines.base import fill
from mapping_dataflow.engines.relation_writer import named, subquery
from mapping_dataflow.lowering.marks import reserved

_DIGESTS = (exp.MD5, exp.SHA, exp.SHA2)
_DIGESTS_IN_PYTHON = ("digest_sha2", "digest_blake2b")
_PUT_TOGETHER = (exp.Coalesce, exp.Concat, exp.DPipe, exp.Encode, exp.Paren)
"""What may be computed for rows that do not ask for it, since it does not fail."""
_CONSTANTS = (exp.Literal, exp.Parameter, exp.Placeholder)
_INPUT = "i"


@dataclass(frozen=True)
class _Digest:
    """A digest, what it is computed from, and the names of the columns that carry both."""

    digest: exp.Expression
    text: exp.Expression
    new: str
    carried: str
    carried_text: str

    def of_changes(self) -> exp.Expression:
        """The digest, where the row before has another text."""
        changed = "_1 IS NOT NULL AND lag(_1) OVER () IS DISTINCT FROM _1"
        return named(fill(f"CASE WHEN {changed} THEN _2 END", [self.text, self.digest]), self.new)

    def carried_on(self) -> list[exp.Expression]:
        """The digest that was computed last, and what it is of."""
        new = _column(self.new)
        text = fill("CASE WHEN _1 IS NOT NULL THEN _2 END", [new, self.text])
        return [named(_last(new), self.carried), named(_last(text), self.carried_text)]

    def of_row(self) -> exp.Expression:
        """The digest of a row, whatever came before it."""
        parts = [_column(self.carried_text), self.text, _column(self.carried), self.digest]
        return fill("CASE WHEN _1 = _2 THEN _3 ELSE _4 END", parts)


def once_a_run(query: exp.Select, columns: Iterable[Column]) -> exp.Select:
    """The query with its digests computed so; ``columns`` are those of its only input, whose alias is ``i``."""
    parts = [part for item in query.selects for part in item.walk() if isinstance(part, exp.Expression)]
    texts = [(part, text) for part in parts if (text := _text(part)) is not None]
    if not texts:
        return query
    keys = reserved(columns)
    digests = {part: _digest(part, text, keys) for part, text in dict(texts).items()}
    changes = exp.Select(expressions=[exp.Star(), *(one.of_changes() for one in digests.values())])
    changes = changes.from_(query.args["from_"].this.copy())
    known = [item for one in digests.values() for item in one.carried_on()]
    carried = exp.Select(expressions=[exp.Star(), *known]).from_(subquery(changes, _INPUT))
    for part, _ in texts:
        part.replace(digests[part].of_row())
    return query.from_(subquery(carried, _INPUT), copy=False)


def _text(part: exp.Expression) -> exp.Column | None:
    """The only column that a digest is made of; None for everything else. Digests of several are those of whole rows,
    which differ."""
    in_python = isinstance(part, exp.Anonymous) and part.name in _DIGESTS_IN_PYTHON
    if not in_python and not isinstance(part, _DIGESTS):
        return None
    digested = _digested(part)
    columns = dict.fromkeys(digested.find_all(exp.Column))
    return next(iter(columns)).copy() if len(columns) == 1 and _is_put_together(digested) else None


def _digested(digest: exp.Expression) -> exp.Expression:
    """What a digest is of."""
    first: exp.Expression = digest.expressions[0] if isinstance(digest, exp.Anonymous) else digest.this
    return first


def _is_put_together(value: exp.Expression) -> bool:
    if isinstance(value, exp.Column):
        return value.table == _INPUT
    if isinstance(value, _PUT_TOGETHER):
        return all(_is_put_together(part) for part in value.iter_expressions() if isinstance(part, exp.Expression))
    return isinstance(value, _CONSTANTS)


def _digest(part: exp.Expression, text: exp.Column, keys: KeyMaker) -> _Digest:
    return _Digest(part.copy(), text, keys.key("new digest"), keys.key("digest"), keys.key("digested text"))


def _column(name: str) -> exp.Expression:
    return exp.column(name, table=_INPUT, quoted=True)


def _last(value: exp.Expression) -> exp.Expression:
    return fill("last_value(_1 IGNORE NULLS) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)", [value])
