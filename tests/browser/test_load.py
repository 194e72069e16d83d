"""Load in a real browser: a file is looked at, read otherwise by hand, loaded, loaded again, and loaded changed."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Tab

pytestmark = pytest.mark.browser

HEAD = "Sales of the north\n\nid;name;amount\n"
ROWS = "".join(f"{n};n{n % 7};{n % 90},5\n" for n in range(400))
NEW_ROWS = "".join(f"{n};m{n % 5};{200 + n % 90},5\n" for n in range(350, 900))


def wide(tab: Tab) -> bool:
    """Return whether the page is wider than its window."""
    return tab.page.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]'); "
        "return main.scrollWidth > main.clientWidth }"
    )


def choose(tab: Tab, path: Path, text: str) -> None:
    """Choose a file, as from a dialog."""
    path.write_text(text, encoding="utf-8")
    tab.page.locator("input[type=file]").set_input_files(path)
    expect(tab.page.get_by_text(f"{path.name}, as it would be read")).to_be_visible()
    tab.settle()


def read_first_column_as(tab: Tab, word: str) -> None:
    """Choose a type in the table of columns; its cells are painted, so that only their place is known."""
    box = tab.at("load.types").locator("canvas").first.bounding_box()
    choice = tab.page.get_by_role("option", name=word, exact=True)
    for _ in range(5):
        tab.page.mouse.dblclick(box["x"] + 150, box["y"] + 35 * 1.5)
        tab.page.wait_for_timeout(1500)
        if choice.count():
            break
    choice.click()
    tab.page.keyboard.press("Enter")
    expect(tab.at("load.reset").first).to_be_attached()
    tab.settle()


def test_a_file_is_looked_at_read_by_hand_loaded_recognised_and_compared(serve, open_tab, tmp_path):
    tab = open_tab(serve())
    tab.goto("/")
    tab.fill("projects.name", "Sales")
    tab.click("projects.create")
    tab.menu("Load")
    choose(tab, tmp_path / "sales.csv", HEAD + ROWS)
    assumed = tab.page.get_by_test_id("stTable").first
    expect(assumed).to_contain_text("Preamble")
    expect(assumed).to_contain_text("Delimiter")

    tab.tab("Columns and types")
    read_first_column_as(tab, "Text")
    tab.click("load.start")
    tab.arrive("Which data do we have", "load.next")
    assert tab.metric("Rows") == "400"
    tab.tab("How it was read")
    expect(tab.page.get_by_test_id("stTable").first).to_contain_text("names in row 3")

    tab.click("load.start")
    expect(tab.page.get_by_text("This is what is loaded already")).to_be_visible()
    choose(tab, tmp_path / "sales.csv", HEAD + NEW_ROWS)
    expect(tab.page.get_by_text("It takes the place of the table sales")).to_be_visible()
    tab.click("load.start")
    expect(tab.page.get_by_test_id("stMetric").first).to_contain_text("1")
    expect(tab.page.get_by_role("tab", name="What changed")).to_have_attribute("aria-selected", "true")
    expect(tab.at("load.changed_column").first).to_be_visible()
    assert (tab.metric("Moved"), tab.metric("Columns changed")) == ("2", "1")

    tab.page.set_viewport_size({"width": 390, "height": 844})
    for name in ("First rows", "How it was read", "What changed"):
        tab.tab(name)
        assert not wide(tab), name
