"""Files, functions and nesting stay small enough to be read; what may be larger is listed here with the reason."""

from pathlib import Path

import pytest
from source_form import REPOSITORY, functions, tracked_files

MOST_FILE_LINES = 500
MOST_FUNCTION_LINES = 60
MOST_NESTING = 3
WAIVED: dict[str, str] = {}
"""`file` or `file:function` that may be larger, and why. Pure tables only."""
SOURCES = [file.relative_to(REPOSITORY).as_posix() for file in tracked_files("*.py")]


def _waived(places: list[str]) -> list[str]:
    return [place for place in places if place.split(" ")[0] not in WAIVED]


def test_no_file_is_longer_than_five_hundred_lines() -> None:
    counted = {name: len((REPOSITORY / name).read_text().splitlines()) for name in SOURCES}
    assert _waived([f"{name} has {lines}" for name, lines in counted.items() if lines > MOST_FILE_LINES]) == []


def test_no_function_has_more_than_sixty_lines_of_code() -> None:
    found = [
        f"{name}:{each.name} has {each.code_lines}"
        for name in SOURCES
        for each in functions((REPOSITORY / name).read_text())
        if each.code_lines > MOST_FUNCTION_LINES
    ]
    assert _waived(found) == []


def test_no_block_is_nested_deeper_than_three() -> None:
    found = [
        f"{name}:{each.name} has {each.nesting}"
        for name in SOURCES
        for each in functions((REPOSITORY / name).read_text())
        if each.nesting > MOST_NESTING
    ]
    assert _waived(found) == []


def test_every_waiver_names_something_that_is_there() -> None:
    for place in WAIVED:
        name, _, function = place.partition(":")
        assert name in SOURCES
        names = [each.name for each in functions((REPOSITORY / name).read_text())]
        assert not function or function in names


MEASURED = '''class A:
    def f(self):
        """Does.

        More.
        """
        # why

        return (
            1,
        )
'''


def test_code_lines_leave_out_docstrings_comments_and_blank_lines() -> None:
    (found,) = functions(MEASURED)
    assert (found.name, found.code_lines) == ("A.f", 4)


@pytest.mark.parametrize(
    ("body", "nesting"),
    [
        ("return 1", 0),
        ("if a:\n  pass\n elif b:\n  pass\n elif c:\n  pass\n else:\n  pass", 1),
        ("for a in b:\n  if a:\n   with a:\n    while b:\n     pass", 4),
        ("try:\n  pass\n except E:\n  if a:\n   pass", 2),
        ("match a:\n  case 1:\n   if b:\n    pass", 2),
    ],
)
def test_nesting_counts_blocks_within_blocks_and_not_branches_of_one_choice(body: str, nesting: int) -> None:
    (found,) = functions(f"def f():\n {body}\n")
    assert found.nesting == nesting


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name in SOURCES if not (REPOSITORY / name).read_text().lstrip("#").startswith(('"""', "'''"))]
    assert [
        name for name in silent if Path(name).name != "__init__.py" or (REPOSITORY / name).read_text().strip()
    ] == []
