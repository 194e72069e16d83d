"""The app as a process of its own, and browser tabs that remember what went wrong in them."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Download, Locator, Page, WebSocket, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
PATIENCE_MS = 60_000
# On a deep link Streamlit asks below the page's own path first, is told 404, and asks at the root.
LOOKING_FOR_ITS_SERVER = re.compile(r"http://127\.0\.0\.1:\d+/[a-z]+/_stcore/(health|host-config)")
PASSED = pytest.StashKey[bool]()

# The script is at rest, and has been for a while: what a click sets off begins a moment after it.
AT_REST = """() => {
    const app = document.querySelector("[data-testid=stApp]")
    const busy = !app || app.dataset.testScriptState !== "notRunning" || app.dataset.testConnectionState !== "CONNECTED"
    const now = performance.now()
    if (busy || document.querySelector("[data-stale=true]")) window.restingSince = null
    else window.restingSince ??= now
    return window.restingSince !== null && now - window.restingSince > 350
}"""


@dataclass
class Server:
    """The app: where it answers, what it wrote, and its process."""

    url: str
    log: Path
    process: subprocess.Popen

    def wait(self, seconds: float = 60.0) -> None:
        """Wait until it answers; only its health is asked for, never a page."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process.poll() is None, f"The server ended:\n{self.log.read_text(encoding='utf-8')}"
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"{self.url} did not answer in {seconds:g} s.")


@dataclass
class Tab:
    """A browser tab on the app, in which widgets are found by their key.

    Attributes
    ----------
    faults : errors of the console and of scripts, refused requests among them, and connections that broke.
    connected : how often a connection to the server was opened; more than once for a loaded page means it broke.
    """

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)
    connected: int = 0

    def __post_init__(self) -> None:
        """Listen to everything that can go wrong."""
        self.page.on("console", self._told)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("websocket", self._opened)

    def goto(self, path: str) -> None:
        """Open a page of the app as from a link in a mail."""
        self.page.goto(f"{self.url}{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until the script has run and what it drew is on screen."""
        self.page.evaluate("window.restingSince = null")
        self.page.wait_for_function(AT_REST)
        errors = self.page.get_by_test_id("stException")
        assert errors.count() == 0, errors.first.inner_text()

    def at(self, key: str) -> Locator:
        """The widget with a key."""
        return self.page.locator(f".st-key-{re.sub('[^a-zA-Z0-9_-]', '-', key)}")

    def click(self, key: str) -> None:
        """Press a button once it can be pressed, and wait for what it does."""
        button = self.at(key).get_by_role("button").first
        expect(button).to_be_enabled()
        button.click()
        self.settle()

    def fill(self, key: str, text: str) -> None:
        """Type into a widget and leave it."""
        box = self.at(key).locator("input, textarea").first
        box.fill(text)
        box.press("Tab")
        self.settle()

    def holds(self, key: str) -> Locator:
        """The box of a widget that text is typed into."""
        return self.at(key).locator("input, textarea").first

    def slide(self, key: str, *presses: str) -> None:
        """Move a slider with the keyboard."""
        hand = self.at(key).get_by_role("slider")
        hand.focus()
        for press in presses:
            hand.press(press)
        self.settle()

    def menu(self, title: str) -> None:
        """Click a page in the menu."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
        self.settle()

    def tab(self, name: str) -> None:
        """Click one of the tabs that a page has."""
        self.page.get_by_role("tab", name=name).click()
        self.settle()

    def arrive(self, title: str, key: str) -> None:
        """Wait until a page is there: its title, and the widget that it draws late."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(title)
        expect(self.at(key).first).to_be_visible()
        self.settle()

    def project(self) -> str:
        """The project in the URL; nothing else may be there without a value."""
        said = parse_qs(urlsplit(self.page.url).query, keep_blank_values=True)
        assert all(value for values in said.values() for value in values), self.page.url
        return said["project"][0]

    def text(self) -> str:
        """What can be read on the page, in plain spaces."""
        return plain(self.page.get_by_test_id("stMain").inner_text())

    def metric(self, label: str) -> str:
        """The figure on a card."""
        return plain(self._card(label).get_by_test_id("stMetricValue").inner_text())

    def under(self, label: str) -> str:
        """What stands under the figure on a card."""
        return plain(self._card(label).get_by_test_id("stMetricDelta").inner_text())

    def download(self, key: str, folder: Path) -> Path:
        """Press a button that downloads; return the file, under the name that it was given."""
        with self.page.expect_download() as waiting:
            self.at(key).get_by_role("button").first.click()
        got: Download = waiting.value
        path = folder / got.suggested_filename
        got.save_as(path)
        return path

    def _card(self, label: str) -> Locator:
        return self.page.get_by_test_id("stMetric").filter(has=self.page.get_by_text(label, exact=True))

    def _told(self, message: ConsoleMessage) -> None:
        place = message.location["url"]
        if message.type == "error" and not LOOKING_FOR_ITS_SERVER.fullmatch(place):
            self.faults.append(f"{message.text} {place}")

    def _opened(self, connection: WebSocket) -> None:
        self.connected += 1
        connection.on("socketerror", lambda error: self.faults.append(f"The connection broke: {error}"))


def plain(text: str) -> str:
    """Text with one plain space where there was any."""
    return re.sub(r"\s+", " ", text).strip()


@pytest.fixture
def serve(home: Path, tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Starts the app on the projects of this test's home; it has answered nobody yet."""
    started: list[Server] = []

    def start() -> Server:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
        command += ["--server.address=127.0.0.1", f"--server.port={port}"]
        environment = os.environ | {"TOUCHSTONE_HOME": str(home), "TOUCHSTONE_AUTHOR": "Ada"}
        log = tmp_path / "server.log"
        with log.open("w", encoding="utf-8") as told:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=told, stderr=subprocess.STDOUT)
        started.append(Server(f"http://127.0.0.1:{port}", log, process))
        started[-1].wait()
        return started[-1]

    yield start
    for server in started:
        server.process.terminate()
        server.process.wait(30)


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def open_tab(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[Server], Tab]]:
    """Opens tabs on a server. A test that passed saw no error in any; one that failed leaves a picture of each."""
    expect.set_options(timeout=PATIENCE_MS)
    tabs: list[Tab] = []

    def opened(server: Server) -> Tab:
        # A context of its own, as on another person's machine: tabs share what the server knows, nothing else.
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        tabs.append(Tab(page, server.url))
        return tabs[-1]

    yield opened
    if request.node.stash.get(PASSED, False):
        assert [fault for tab in tabs for fault in tab.faults] == []
    else:
        for number, tab in enumerate(tabs, start=1):
            tab.page.screenshot(path=tmp_path / f"failed_{number}.png", full_page=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Keep whether a test passed, for the fixtures that end after it."""
    report = yield
    if call.when == "call":
        item.stash[PASSED] = report.passed
    return report
