"""Names that mislead: those of the standard library, those that say nothing, and tests that nobody collects."""

import re
import sys

from source_form import REPOSITORY, tracked_files

SAYING_NOTHING = {"common", "core", "helpers", "misc", "shared", "util", "utils"}
BENCHES = "tests/benches/"
"""Where modules that several tests use are kept; they hold no tests."""


def test_no_module_beside_an_entry_point_shadows_the_standard_library() -> None:
    # The engine runs the program and the plugins with their folder first on the module path.
    beside = [file for file in tracked_files("infra/*.py", "plugins/**/*.py") if file.parent.name != "components"]
    assert [file.name for file in beside if file.stem in sys.stdlib_module_names] == []


def test_no_test_bench_shadows_the_standard_library() -> None:
    assert [file.name for file in tracked_files(f"{BENCHES}*.py") if file.stem in sys.stdlib_module_names] == []


def test_no_package_or_module_has_a_name_that_says_nothing() -> None:
    files = [file.relative_to(REPOSITORY) for file in tracked_files("*.py")]
    assert [str(file) for file in files if {*file.parts[:-1], file.stem} & SAYING_NOTHING] == []


def test_every_test_module_is_named_so_that_it_is_collected() -> None:
    written = [file.relative_to(REPOSITORY).as_posix() for file in tracked_files("tests/**/*.py", "tests/*.py")]
    strays = [
        name for name in written if not name.startswith(BENCHES) and not name.rsplit("/", 1)[1].startswith("test_")
    ]
    assert [name for name in strays if not name.endswith("/conftest.py")] == []


def test_no_bench_holds_tests() -> None:
    assert [file.name for file in tracked_files(f"{BENCHES}*.py") if "\ndef test_" in file.read_text()] == []


def test_every_test_module_holds_tests() -> None:
    modules = tracked_files("tests/**/test_*.py")
    assert [file.name for file in modules if not re.search(r"^\s*def test_", file.read_text(), re.M)] == []


def test_a_name_of_a_test_occurs_once_in_its_module() -> None:
    # The second of two functions of one name replaces the first, which then never runs.
    for file in tracked_files("tests/**/test_*.py"):
        names = [line.split("(")[0] for line in file.read_text().splitlines() if line.startswith("def test_")]
        assert sorted(names) == sorted(set(names)), file.name
