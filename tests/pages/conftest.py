"""The app under AppTest, with a home of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.workspace import home

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TOUCHSTONE_AUTHOR", "Ada")
    yield
    home.close_all()
