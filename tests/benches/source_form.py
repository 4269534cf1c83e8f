"""Measures the form of Python source: code lines of files' functions and how deep their blocks are nested."""

import ast
import io
import subprocess
import tokenize
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.TryStar, ast.Match, ast.AsyncFor, ast.AsyncWith)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class FunctionForm:
    """One function or method: `name` with its classes, its code lines and its deepest nesting of blocks."""

    name: str
    code_lines: int
    nesting: int


def tracked_files(*patterns: str) -> list[Path]:
    """Files under version control, plus those that would be: new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return [REPOSITORY / name for name in sorted(set(listed)) if name and (REPOSITORY / name).is_file()]


def functions(source: str) -> list[FunctionForm]:
    """Every function of a module; what is nested in a function counts for both."""
    tree = ast.parse(source)
    lines = _code_lines(source) - _docstring_lines(tree)
    return [
        FunctionForm(name, sum(node.lineno <= line <= (node.end_lineno or 0) for line in lines), _nesting(node.body, 0))
        for name, node in _named(tree, "")
    ]


def _named(node: ast.AST, prefix: str) -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    found: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]] = []
    for child in ast.iter_child_nodes(node):
        inner = f"{prefix}{child.name}." if isinstance(child, (*_FUNCTIONS, ast.ClassDef)) else prefix
        if isinstance(child, _FUNCTIONS):
            found.append((inner.removesuffix("."), child))
        found += _named(child, inner)
    return found


def _code_lines(source: str) -> set[int]:
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines


def _docstring_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def _nesting(body: list[ast.stmt], depth: int) -> int:
    return max((_nesting_of(statement, depth) for statement in body), default=depth)


def _nesting_of(statement: ast.stmt, depth: int) -> int:
    if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)) or not isinstance(statement, _BLOCKS):
        return depth
    inside = depth + 1
    deepest = inside
    for name, value in ast.iter_fields(statement):
        chained = (
            name == "orelse" and isinstance(statement, ast.If) and len(value) == 1 and isinstance(value[0], ast.If)
        )
        if chained:
            deepest = max(deepest, _nesting_of(value[0], depth))
        elif name in {"body", "orelse", "finalbody"}:
            deepest = max(deepest, _nesting(value, inside))
        elif name in {"handlers", "cases"}:
            deepest = max(deepest, *(_nesting(each.body, inside) for each in value), inside)
    return deepest
