"""Prepare's editor in a real browser: suggestions, faults at their line, the keyboard, two tabs, a whole recipe."""

import re

import pytest
from playwright.sync_api import Locator, expect

from core.workspace.home import close_all
from tests.browser.conftest import Tab
from tests.pages.model_project import SLUG, project

PAUSE_MS = 700  # the editor says what was typed half a second after the last key

pytestmark = pytest.mark.browser


@pytest.fixture
def open_prepare(serve, open_tab):
    """Opens tabs on Prepare of a project whose recipe was run."""
    project("framed")
    close_all()
    server = serve()

    def opened() -> Tab:
        tab = open_tab(server)
        tab.goto(f"/prepare?project={SLUG}")
        tab.arrive("How does it become one row per decision?", "prepare.save")
        return tab

    return opened


def editor(tab: Tab, number: int) -> Locator:
    box = tab.at(f"prepare.editor_{number}").locator("textarea")
    expect(box).to_be_visible()
    return box


def write(tab: Tab, number: int, text: str) -> None:
    """Type over all that stands in an editor, and pause."""
    box = editor(tab, number)
    box.press("ControlOrMeta+a")
    box.press_sequentially(text, delay=10)
    box.press("Escape")
    pause(tab)


def pause(tab: Tab) -> None:
    tab.page.wait_for_timeout(PAUSE_MS)
    tab.settle()


def suggested(tab: Tab, number: int) -> list[str]:
    return tab.at(f"prepare.editor_{number}").locator("[role=option] span").all_inner_texts()


def test_tables_columns_and_functions_are_suggested_where_they_fit(open_prepare):
    tab = open_prepare()
    box = editor(tab, 1)
    box.press("ControlOrMeta+a")
    box.press_sequentially("SELECT 1 FROM ca", delay=30)
    assert suggested(tab, 1) == ["cases"]
    expect(box).to_have_attribute("aria-activedescendant", "word-0")
    box.press("Tab")
    expect(box).to_have_value("SELECT 1 FROM cases")
    box.press_sequentially(" AS c WHERE c.a", delay=30)
    assert suggested(tab, 1) == ["amount", "age"]
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("SELECT 1 FROM cases AS c WHERE c.age")
    box.press_sequentially(" > roun", delay=30)
    assert suggested(tab, 1)[0] == "round"
    box.press("Tab")
    expect(box).to_have_value("SELECT 1 FROM cases AS c WHERE c.age > round(")
    box.press_sequentially("30, 'ca", delay=30)
    assert suggested(tab, 1) == []
    for _ in "'ca":
        box.press("Backspace")
    box.press("Control+Space")
    assert len(suggested(tab, 1)) > 10


def test_the_keyboard_gets_into_the_editor_and_out_of_it(open_prepare):
    tab = open_prepare()
    box = editor(tab, 1)
    box.press("ControlOrMeta+End")
    box.press_sequentially(" WHERE a", delay=30)
    box.press_sequentially("m", delay=30)
    assert suggested(tab, 1)
    box.press("Escape")
    expect(tab.at("prepare.editor_1").locator("[role=listbox]")).to_be_hidden()
    box.press_sequentially("ount > 3")
    pause(tab)
    before = box.input_value()
    box.press("Tab")
    assert box.input_value() == before
    assert not box.evaluate("box => box.getRootNode().activeElement === box")
    tab.page.keyboard.press("Shift+Tab")
    assert box.evaluate("box => box.getRootNode().activeElement === box")
    box.press("Enter")
    box.press_sequentially("  AND 1 = 1")
    box.press("Enter")
    assert box.input_value().endswith("\n  AND 1 = 1\n  ")


def test_a_letter_typed_is_no_key_of_streamlits_and_what_is_typed_on_is_never_overwritten(open_prepare):
    tab = open_prepare()
    text = "SELECT * FROM cases WHERE channel = 'recurring cost' OR r = c"
    box = editor(tab, 1)
    box.press("ControlOrMeta+a")
    box.press_sequentially(text, delay=90)  # reruns come and go meanwhile
    box.press("Escape")
    expect(box).to_have_value(text)
    assert box.evaluate("box => box.getRootNode().activeElement === box")
    pause(tab)
    expect(box).to_have_value(text)
    tab.page.reload()
    expect(editor(tab, 1)).to_have_value(text)


def test_a_fault_is_marked_at_its_line_told_in_words_and_goes_when_it_is_put_right(open_prepare):
    tab = open_prepare()
    write(tab, 1, "SELECT *\nFROM cases\nWHERE amuont > 3")
    card = tab.at("prepare.editor_1")
    expect(card.locator(".gutter .wrong")).to_have_text("3")
    expect(card.locator(".shown .wrong")).to_contain_text("amuont")
    expect(card.locator(".fault")).to_contain_text(re.compile(r"Line 3: .*amuont"))
    expect(editor(tab, 1)).to_have_attribute("aria-invalid", "true")
    editor(tab, 1).press("ControlOrMeta+Home")
    card.get_by_role("button", name="Line 3").click()
    assert editor(tab, 1).evaluate("box => box.value.slice(0, box.selectionStart).split('\\n').length") == 3
    write(tab, 1, "SELECT *\nFROM cases\nWHERE amount > 3")
    expect(card.locator(".wrong")).to_have_count(0)
    expect(card.locator(".fault")).to_be_empty()


def test_a_recipe_is_written_renamed_and_run(open_prepare):
    tab = open_prepare()
    tab.click("prepare.add")
    write(tab, 2, "SELECT *, amount / 2 AS half FROM cases_of_the_year")
    expect(tab.at("prepare.editor_2").locator(".fault")).to_contain_text("cases_of_the_year")
    first = tab.holds("prepare.name_1")
    old = first.input_value()
    write(tab, 2, f"SELECT *, amount / 2 AS half\nFROM {old}")
    first.fill("whole")
    first.press("Tab")
    tab.settle()
    expect(editor(tab, 2)).to_have_value("SELECT *, amount / 2 AS half\nFROM whole")
    tab.at("prepare.ready_open").locator("summary").click()
    tab.settle()
    choose(tab, "prepare.ready", "Clip to bounds")
    choose(tab, "prepare.clip_column", "half")
    tab.fill("prepare.clip_high", "50")
    expect(tab.page.get_by_text(re.compile("lowered, of"))).to_be_visible()
    tab.click("prepare.ready_add")
    expect(editor(tab, 3)).to_have_value(re.compile("half > 50"))
    tab.click("prepare.preview_3")
    expect(tab.page.get_by_text(re.compile("1,500 rows; the first 50"))).to_be_visible()
    tab.click("prepare.save")
    tab.arrive("How does it become one row per decision?", "prepare.next")
    assert tab.metric("Steps") == "3"
    assert tab.metric("Rows, one per decision") == "1,500"
    assert "1,500 rows, as many as whole" in tab.text()


def test_two_tabs_that_write_the_same_step_are_told_and_lose_nothing(open_prepare):
    one, other = open_prepare(), open_prepare()
    write(one, 1, "SELECT case_no, late FROM cases")
    write(other, 1, "SELECT case_no, age, late FROM cases")
    expect(other.page.get_by_text("was changed in another tab as well")).to_be_visible()
    expect(editor(other, 1)).to_have_value("SELECT case_no, late FROM cases")
    expect(other.page.get_by_text("SELECT case_no, age, late FROM cases")).to_be_visible()
    other.click("prepare.use_aside_1")
    expect(editor(other, 1)).to_have_value("SELECT case_no, age, late FROM cases")
    one.page.reload()
    expect(editor(one, 1)).to_have_value("SELECT case_no, age, late FROM cases")


def choose(tab: Tab, key: str, text: str) -> None:
    box = tab.at(key).locator("input").first
    box.click()
    box.fill(text)
    tab.page.get_by_role("option", name=text, exact=True).click()
    tab.settle()
