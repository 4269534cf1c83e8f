"""docs/reference/dataflow-capabilities.md tells every function and transformation, and is checked to be current."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from mapping_dataflow import SPARK
from mapping_dataflow.functions import catalogue
from mapping_dataflow.lowering.registry import TRANSFORMATIONS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    name = "generate_dataflow_capabilities"
    specification = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_committed_page_is_current(generator: ModuleType) -> None:
    assert generator.main(["--check"]) == 0


def test_every_function_and_transformation_has_its_row(generator: ModuleType) -> None:
    page = generator.page()
    cached = {f"sink#{name}" for name in catalogue.CACHED}
    names = [*(catalogue.ALL_NAMES - catalogue.CACHED), *cached, *TRANSFORMATIONS]
    assert [name for name in names if f"| `{name}` |" not in page] == []
    assert [what for what in SPARK.cannot if what not in page] == []


def test_a_page_that_is_not_current_ends_the_check(
    generator: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generator, "TARGET", ROOT / "README.md")
    assert generator.main(["--check"]) == 1
    assert "make docs" in capsys.readouterr().err
