"""Processes are started without a fork of this one, which libraries with threads do not survive (grpc/grpc 43055)."""

import ast

from source_form import REPOSITORY, tracked_files

FORKING = {"preexec_fn", "user", "group", "extra_groups"}
"""Arguments with which `subprocess` forks where it would otherwise use vfork, for which no library's handlers run."""
STARTS = {"Popen", "run", "call", "check_call", "check_output"}


def forking(source: str) -> list[str]:
    """The arguments of calls of `subprocess` in a source that make them fork."""
    return [
        f"{node.func.attr}({keyword.arg}=)"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in STARTS
        for keyword in node.keywords
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "subprocess" and keyword.arg in FORKING
    ]


def test_a_call_that_forks_is_found() -> None:
    assert forking("import subprocess\nsubprocess.Popen(['a'], user=1, cwd='/')") == ["Popen(user=)"]
    assert forking("import subprocess\nsubprocess.run(['a'], cwd='/', start_new_session=True)") == []


def test_no_process_is_started_by_a_fork() -> None:
    found = {str(file.relative_to(REPOSITORY)): forking(file.read_text()) for file in tracked_files("*.py")}
    assert {name: calls for name, calls in found.items() if calls} == {}
