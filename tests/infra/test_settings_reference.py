"""docs/reference/settings.md tells every setting, and is checked to be current."""

import importlib.util
from types import ModuleType

import pytest
import yaml
from program_bench import ROOT

from infra.settings import INNER_SETTINGS


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    name = "generate_settings_reference"
    specification = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_committed_page_is_current(generator: ModuleType) -> None:
    assert generator.main(["--check"]) == 0


def test_every_setting_and_what_is_inside_has_its_place(generator: ModuleType) -> None:
    page = generator.current()
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    assert [each for each in declared if f"## `{each}`" not in page] == []
    assert set(INNER_SETTINGS) <= set(declared)
    assert [inner for rows in INNER_SETTINGS.values() for inner in rows if f"| `{inner}` |" not in page] == []


def test_a_page_that_is_not_current_ends_the_check(
    generator: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generator, "TARGET", ROOT / "README.md")
    assert generator.main(["--check"]) == 1
    assert capsys.readouterr().err == (
        "checking README.md: it differs from Pulumi.yaml and infra/settings.py\n"
        "hint: run python tools/generate_settings_reference.py\n"
    )
