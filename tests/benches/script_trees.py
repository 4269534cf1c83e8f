"""Random syntax trees of the data flow language, in the form in which the parser builds them."""

from __future__ import annotations

from hypothesis import strategies as st

from mapping_dataflow.script import syntax
from mapping_dataflow.script.expression_parser import BINARY_OPERATORS
from mapping_dataflow.script.parser import BLOCKS

_WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,6}", fullmatch=True)
_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
_PATHS = st.sampled_from(["a.{@id}", "a.{b", ".{a}}", "a.{b}.{c d}", "{a}", "a\\{b", "a\\.{b}"])
_NAMES = _WORDS | _TEXTS | _PATHS
_PLAIN = _WORDS.filter(lambda word: word not in BLOCKS and word not in ("as", "parameters"))
_NUMBERS = st.sampled_from(["0", "5", "2L", "123.45f", ".05", "8.2", "0xf4", "0022", "1e3", "7s", "1.5d"])


def _compound(expression: syntax.Expression) -> bool:
    return isinstance(expression, syntax.Binary | syntax.Unary | syntax.TypeAssertion)


def _closed(expression: syntax.Expression) -> syntax.Expression:
    return syntax.Parenthesised(expression) if _compound(expression) else expression


def _based(expression: syntax.Expression) -> syntax.Expression:
    """Something that may stand before ``[`` or ``.``."""
    simple = isinstance(expression, syntax.ColumnName | syntax.FunctionCall | syntax.Member | syntax.Index)
    return expression if simple else syntax.Parenthesised(expression)


streams = st.builds(syntax.StreamName, _NAMES, st.none() | _NAMES)
columns = st.builds(syntax.ColumnName, _NAMES, st.none() | streams)
types = st.recursive(
    st.builds(syntax.NamedType, st.sampled_from(["string", "integer", "long", "date", "complex", "any"]))
    | st.builds(syntax.NamedType, st.just("decimal"), st.tuples(st.integers(1, 38), st.integers(0, 9))),
    lambda inner: (
        st.builds(syntax.ArrayType, inner)
        | st.builds(syntax.MapType, inner, inner)
        | st.builds(syntax.StructType, st.lists(st.builds(syntax.StructField, _NAMES, inner), max_size=3).map(tuple))
    ),
    max_leaves=4,
)
_leaves = st.one_of(
    st.builds(syntax.NumberLiteral, _NUMBERS),
    st.builds(syntax.StringLiteral, _TEXTS),
    st.builds(syntax.StringLiteral, _TEXTS.filter(lambda text: "`" not in text), st.just(True)),
    st.builds(syntax.BooleanLiteral, st.booleans()),
    st.builds(syntax.NullLiteral),
    columns,
    st.builds(syntax.ParameterName, _NAMES | st.sampled_from(["$", "1", "12"])),
    st.builds(syntax.LambdaName, _WORDS),
    st.builds(syntax.LocalName, _NAMES),
)


def _entries(inner: st.SearchStrategy[syntax.Expression]) -> st.SearchStrategy[syntax.Expression]:
    pairs = st.lists(st.tuples(inner, inner), min_size=1, max_size=2).map(tuple)
    return st.builds(syntax.MapLiteral, pairs)


@st.composite
def _templates(draw: st.DrawFn, inner: st.SearchStrategy[syntax.Expression]) -> syntax.TemplateLiteral:
    parts: list[str | syntax.Expression] = []
    for part in draw(st.lists(_TEXTS.filter(bool) | inner, max_size=3)):
        if not (isinstance(part, str) and parts and isinstance(parts[-1], str)):
            parts.append(part)
    return syntax.TemplateLiteral(tuple(parts))


def _grown(inner: st.SearchStrategy[syntax.Expression]) -> st.SearchStrategy[syntax.Expression]:
    some = st.lists(inner, max_size=3).map(tuple)
    closed = inner.map(_closed)
    fields = st.lists(st.builds(syntax.Assignment, columns, inner), max_size=2).map(tuple)
    return st.one_of(
        st.builds(syntax.FunctionCall, _PLAIN, some),
        st.builds(syntax.CacheCall, _NAMES, st.sampled_from(["lookup", "outputs"]), some),
        st.builds(syntax.Unary, st.sampled_from("!-+"), closed),
        st.builds(syntax.Binary, st.sampled_from(sorted(BINARY_OPERATORS - {"<==>"})), closed, closed),
        st.builds(syntax.Parenthesised, inner),
        st.builds(syntax.Index, inner.map(_based), inner),
        st.builds(syntax.Member, inner.map(_based), _NAMES),
        st.builds(syntax.ArrayLiteral, some),
        _entries(inner),
        st.builds(syntax.StructLiteral, fields),
        st.builds(syntax.TypeAssertion, closed, types),
        _templates(inner),
    )


expressions = st.recursive(_leaves, _grown, max_leaves=8)
_declared = st.lists(st.builds(syntax.StructField, _NAMES, types, st.none() | _leaves), min_size=1, max_size=3)


def _arguments(inner: st.SearchStrategy[syntax.Argument]) -> st.SearchStrategy[syntax.Argument]:
    names = st.sampled_from(sorted(BLOCKS - {"output", "input"}))
    return st.builds(syntax.Block, names, st.lists(inner, max_size=3).map(tuple))


arguments = st.recursive(
    st.one_of(
        st.builds(syntax.Property, _PLAIN, expressions),
        st.builds(syntax.Assignment, columns, expressions),
        st.builds(syntax.Assignment, st.builds(syntax.LocalName, _NAMES), expressions, st.just(True)),
        st.builds(syntax.Positional, expressions),
        st.builds(syntax.Columns, st.sampled_from(["output", "input"]), _declared.map(tuple)),
    ),
    _arguments,
    max_leaves=4,
)
statements = st.builds(
    syntax.Statement,
    st.lists(streams, max_size=2).map(tuple),
    _PLAIN,
    st.lists(arguments, max_size=3).map(tuple),
    _NAMES,
    st.lists(_NAMES, max_size=2).map(tuple),
)
scripts = st.builds(
    syntax.Script,
    st.lists(st.builds(syntax.ParameterDeclaration, _NAMES, types, st.none() | expressions), max_size=2).map(tuple),
    st.lists(statements, max_size=2).map(tuple),
)
