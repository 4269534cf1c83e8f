"""The page of a lineage in a real browser: pointing and keys show where a column comes from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Shown, shown
from typer.testing import CliRunner

from ingest_cli.main import application

FLOW = Path(__file__).parents[2] / "pipelines_json" / "dataflow" / "deidentify_patients.json"


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    command = ["dataflow", "lineage", str(FLOW), "--format", "html"]
    answer = CliRunner().invoke(application(command), command)
    assert answer.exit_code == 0, answer.output
    file = tmp_path_factory.mktemp("page") / "lineage.html"
    file.write_text(answer.stdout, encoding="utf-8")
    with shown(file) as window:
        yield window


@pytest.fixture(autouse=True)
def unpinned(window: Shown) -> Iterator[None]:
    yield
    window.page.reload()


def _lit(window: Shown, side: str) -> list[str]:
    labels = window.page.locator(f".row.on[data-side={side}]").all()
    return [str(each.get_attribute("aria-label")) for each in labels]


def test_the_page_is_one_file_that_complains_of_nothing(window: Shown) -> None:
    assert (window.asked, window.complaints) == ([], [])
    assert window.page.locator("aside h2").inner_text() == "Where every column comes from"


def test_pointing_at_a_sink_column_lights_its_sources_and_tells_the_expressions(window: Shown) -> None:
    row = window.page.locator(".row[data-side=sink]").first
    row.hover()
    assert len(_lit(window, "sink")) == 1
    assert len(_lit(window, "source")) >= 1
    assert window.page.locator("aside code").count() >= 1
    window.page.mouse.move(2, 2)
    assert _lit(window, "source") == []


def test_a_click_keeps_the_column_until_escape(window: Shown) -> None:
    row = window.page.locator(".row[data-side=sink]").first
    row.click()
    window.page.mouse.move(2, 2)
    assert row.get_attribute("aria-pressed") == "true"
    assert len(_lit(window, "sink")) == 1
    window.page.keyboard.press("Escape")
    assert row.get_attribute("aria-pressed") == "false"


def test_keys_walk_through_the_columns_and_across_to_a_source(window: Shown) -> None:
    window.page.keyboard.press("Tab")
    sides = []
    for key in ("Home", "ArrowDown", "ArrowRight", "ArrowLeft"):
        window.page.keyboard.press(key)
        sides.append(window.page.evaluate("document.activeElement.dataset.side"))
    assert sides[0] == sides[1] and sides[2] != sides[1] and sides[3] == sides[1]
    assert len(window.page.locator(".row[tabindex='0']").all()) == 1


def test_a_narrow_window_shows_the_explanation_below_the_picture(window: Shown) -> None:
    window.page.set_viewport_size({"width": 800, "height": 900})
    picture, aside = window.page.locator("main svg").bounding_box(), window.page.locator("aside").bounding_box()
    window.page.set_viewport_size({"width": 1500, "height": 900})
    assert picture is not None and aside is not None
    assert aside["y"] >= picture["y"] + picture["height"] - 1
    assert picture["x"] + picture["width"] <= 800
