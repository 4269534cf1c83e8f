"""Tokens with their exact texts and places; comments and white space vanish."""

from __future__ import annotations

import pytest

from mapping_dataflow.errors import MappingDataFlowErrors, ProblemCollector
from mapping_dataflow.script.lexer import comments_between, tokenize
from mapping_dataflow.script.tokens import TokenKind


def _texts(text: str) -> list[str]:
    return [token.text for token in tokenize(text)[:-1]]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a<=>b<==>c===d==e", ["a", "<=>", "b", "<==>", "c", "===", "d", "==", "e"]),
        ("x~>y->z", ["x", "~>", "y", "->", "z"]),
        ("1+.5-2L*0xF4/1.5e-3f", ["1", "+", ".5", "-", "2L", "*", "0xF4", "/", "1.5e-3f"]),
        ("a.b[1].c", ["a", ".", "b", "[", "1", "]", ".", "c"]),
        ("$$+$1+$p+${a b}", ["$$", "+", "$1", "+", "$p", "+", "${a b}"]),
        ("s#lookup(#item_1)", ["s", "#lookup", "(", "#item_1", ")"]),
        ("{a b}@{c\\}d}", ["{a b}", "@", "{c\\}d}"]),
        ("'a\\'b' + `\\d'` + \"x {'}'} y\"", ["'a\\'b'", "+", "`\\d'`", "+", "\"x {'}'} y\""]),
        ("a /* b\n * c */ + // d\n e", ["a", "+", "e"]),
        ("größe + 名前", ["größe", "+", "名前"]),
        (":local := 1", [":", "local", ":=", "1"]),
        ("{a.{@id}} + {a.{b c}.d}", ["{a.{@id}}", "+", "{a.{b c}.d}"]),
        ("{a{b} + {c}", ["{a{b}", "+", "{c}"]),
    ],
)
def test_texts_of_tokens(text: str, tokens: list[str]) -> None:
    assert _texts(text) == tokens


def test_tokens_know_their_place_and_kind() -> None:
    tokens = tokenize("ab  + 'c'")
    assert [(token.kind, token.span) for token in tokens] == [
        (TokenKind.NAME, (0, 2)),
        (TokenKind.SYMBOL, (4, 5)),
        (TokenKind.STRING, (6, 9)),
        (TokenKind.END, (9, 9)),
    ]


def test_an_interpolated_string_is_one_token_however_it_nests() -> None:
    text = '"a {upper("b {c + "}"} \\" {{d e}}")} \\{ f"'
    assert _texts(text) == [text]


def test_the_brace_of_the_parameters_block_opens_no_name() -> None:
    assert [token.text for token in tokenize("/* p */ parameters{a as string}", script=True)][:3] == [
        "parameters",
        "{",
        "a",
    ]


def test_comments_are_found_between_tokens_and_never_inside_texts() -> None:
    text = "/* a */ b('/* no */', \"{/* no */ c}\") // d\n~> e /* f */"
    found = [text[span.start : span.end] for span in comments_between(text, tokenize(text))]
    assert found == ["/* a */", "// d", "/* f */"]


def test_what_starts_no_token_becomes_one_when_problems_are_collected() -> None:
    problems = ProblemCollector("reading", "it", "a ? 'b\nc § d")
    kinds = [token.kind.name for token in tokenize("a 'b\nc § d", problems=problems)]
    assert kinds == ["NAME", "UNREADABLE", "NAME", "UNREADABLE", "NAME", "END"]
    with pytest.raises(MappingDataFlowErrors) as caught:
        problems.raise_if_any()
    assert [error.cause for error in caught.value.errors] == [
        "the string is not closed",
        "the character '§' starts nothing of the script language",
    ]
