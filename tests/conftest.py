"""What every test shares: a home for projects that is thrown away, and the browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fresh import FreshEnvironments
from tests.postgres import postgres

__all__ = ["postgres"]

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


@pytest.fixture(scope="session", autouse=True)
def _throwaway_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test away from the projects of the person who runs it."""
    before = os.environ.get("TOUCHSTONE_HOME")
    os.environ["TOUCHSTONE_HOME"] = str(tmp_path_factory.mktemp("home"))
    yield
    if before is None:
        del os.environ["TOUCHSTONE_HOME"]
    else:
        os.environ["TOUCHSTONE_HOME"] = before


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home for projects of this test's own."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("TOUCHSTONE_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data sets beside the repository; skip where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip("../shared/data is not here: it holds the real data sets that this test reads.")
    return SHARED_DATA


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> FreshEnvironments:
    """Return a maker of virtual environments that cannot see the repository."""
    return FreshEnvironments(tmp_path_factory.mktemp("environments"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium or Chrome; skip where there is none, or fail where one is required."""
    found = os.environ.get("TOUCHSTONE_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    found = found or next((path for path in MAC_BROWSERS if Path(path).exists()), None)
    if found:
        return found
    sentence = (
        "No Chromium or Chrome was found: install one (on Debian: apt-get install chromium) for the browser tests."
    )
    if os.environ.get("TOUCHSTONE_BROWSER_REQUIRED"):
        pytest.fail(sentence)
    pytest.skip(sentence)
