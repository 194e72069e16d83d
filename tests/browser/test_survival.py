"""What survives links, the menu, a reload and another tab, in a real browser."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from core import journey
from core.workspace.home import close_all
from pages.shared.journey import STOPS
from tests.browser.conftest import Tab

pytestmark = pytest.mark.browser


def test_the_first_request_may_be_a_deep_link(serve, open_tab, home):
    journey.sample("german_credit", "Ada", lambda line: None)
    close_all()
    tab = open_tab(serve())
    tab.goto("/train?project=german-credit")
    tab.arrive("Does anything beat", "train.start")
    assert tab.page.get_by_role("dialog").count() == 0
    assert tab.page.get_by_text("Page not found").count() == 0
    assert urlsplit(tab.page.url).path == "/train"
    assert tab.project() == "german-credit"
    expect(tab.holds("sidebar.project")).to_have_value("German credit")
    tab.menu("Prepare")
    tab.arrive("How does it become one row per decision?", "prepare.next")
    assert tab.metric("Rows, one per decision") == "1,000"


def test_a_half_filled_frame_and_the_project_survive_the_menu_a_reload_and_another_tab(serve, open_tab):
    server = serve()
    first = open_tab(server)
    first.goto("/")
    first.fill("projects.name", "Bank campaign")
    first.click("projects.create")
    first.menu("Frame")
    first.fill("frame.question", "Call this customer?")
    first.tab("Money")
    first.fill("frame.tp", "80")
    first.fill("frame.n_actions", "3000")
    for stop in [stop for stop in STOPS if stop.name != "frame"]:
        first.menu(stop.title)
        assert urlsplit(first.page.url).path == f"/{stop.name}"
        assert first.project() == "bank-campaign", f"{stop.title} lost the project"
    first.menu("Frame")
    half_filled(first)
    first.page.reload()
    half_filled(first)
    second = open_tab(server)
    second.goto("/frame?project=bank-campaign")
    half_filled(second)
    second.tab("Money")
    second.fill("frame.tp", "90")
    first.menu("Load")
    first.menu("Frame")
    expect(first.holds("frame.tp")).to_have_value("90")
    assert first.metric("A right act is worth") == second.metric("A right act is worth")


def test_projects_answers_to_its_own_name_and_to_none(serve, open_tab):
    tab = open_tab(serve())
    for path in ("/", "/projects"):
        tab.goto(path)
        expect(tab.page.get_by_role("heading", name="Which project are we working on?")).to_be_visible()
        assert tab.page.get_by_role("dialog").count() == 0


def half_filled(tab: Tab) -> None:
    tab.arrive("Call this customer?", "frame.next")
    expect(tab.holds("frame.question")).to_have_value("Call this customer?")
    assert tab.project() == "bank-campaign"
    tab.tab("Money")
    expect(tab.holds("frame.tp")).to_have_value("80")
    expect(tab.holds("frame.n_actions")).to_have_value("3000")
    assert tab.metric("Acts we can take").startswith("3,000 a ")
