"""Traps of Streamlit 1.67, in a real browser: the first deep link, the menu, and what was typed."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="No Chromium or Chrome here: `apt-get install chromium` brings one."),
]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """A server that has answered nobody yet, with one empty project."""
    home = tmp_path / "home"
    environment = os.environ | {"TOUCHSTONE_HOME": str(home), "TOUCHSTONE_AUTHOR": "Ada", "PYTHONPATH": str(ROOT)}
    making = "from core import flow; flow.create('Bank campaign', 'Ada').close()"
    subprocess.run([sys.executable, "-c", making], check=True, env=environment, cwd=ROOT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def page() -> Iterator[object]:
    """A browser tab."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(viewport={"width": 1280, "height": 900})
        browser.close()


def test_the_first_request_may_be_a_deep_link(served, page):
    page.goto(f"{served}/frame?project=bank-campaign")
    page.get_by_role("heading", name="What will we decide, and what is it worth?").wait_for()
    assert page.get_by_role("dialog").count() == 0
    assert page.get_by_text("Page not found").count() == 0


def test_the_menu_keeps_the_project_and_what_was_typed_survives(served, page):
    page.goto(f"{served}/frame?project=bank-campaign")
    question = page.get_by_label("What do we decide?")
    question.fill("Call this customer?")
    question.press("Tab")
    page.get_by_role("heading", name="Call this customer?").wait_for()
    page.get_by_role("link", name="Load").click()
    page.get_by_role("heading", name="Which data do we have, and where is it from?").wait_for()
    page.wait_for_url("**/load?project=bank-campaign")
    page.get_by_role("link", name="Frame").click()
    page.get_by_role("heading", name="Call this customer?").wait_for()
    assert page.get_by_label("What do we decide?").input_value() == "Call this customer?"
    page.reload()
    page.get_by_role("heading", name="Call this customer?").wait_for()
    page.wait_for_url("**/frame?project=bank-campaign")


def test_projects_answers_to_its_own_name_and_to_none(served, page):
    for path in ("/projects", "/"):
        page.goto(f"{served}{path}")
        page.get_by_role("heading", name="Which project are we working on?").wait_for()
        assert page.get_by_text("Page not found").count() == 0


def _wait(url: str, server: subprocess.Popen, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert server.poll() is None, "The server ended before it answered."
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer in {seconds} s.")
