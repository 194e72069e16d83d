"""The app under AppTest, with a home of its own for every test, and a small project whose numbers are known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import flow
from core.frame import Capacity, Criteria, Criterion, Decision, Economics, Incumbent, Payoffs
from core.prepare import Step
from core.workspace import Project, home

APP = Path(__file__).parents[2] / "app.py"
SCRIPTS = {
    "projects": "pages/start/projects.py",
    "frame": "pages/plan/frame.py",
    "load": "pages/data/load.py",
    "prepare": "pages/data/prepare.py",
    "quality": "pages/data/quality.py",
    "train": "pages/model/train.py",
    "threshold": "pages/model/threshold.py",
    "explain": "pages/model/explain.py",
    "verdict": "pages/decide/verdict.py",
    "export": "pages/decide/export.py",
    "demo": "pages/share/demo.py",
}
N_CUSTOMERS = 600
N_ADULTS = 500
Visit = Callable[..., AppTest]


def customers_csv() -> str:
    """600 customers, 500 of them adults; every fifth says yes, and the one-column leak says so too."""
    lines = ["id;age;city;income;called_back;y"]
    for number in range(N_CUSTOMERS):
        yes = number % 5 == 0
        age = 12 if number % 6 == 5 else 20 + number % 50
        income = 1000 + 7 * (number % 90) + (300 if yes and number % 3 else 0)
        lines.append(
            f"{number};{age};{'north' if number % 2 else 'south'};{income};{int(yes)};{'yes' if yes else 'no'}"
        )
    return "\n".join(lines) + "\n"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TOUCHSTONE_AUTHOR", "Ada")
    monkeypatch.delenv("TOUCHSTONE_FILES", raising=False)
    yield
    home.close_all()


@pytest.fixture
def visit() -> Visit:
    """Open the app as a browser does: a page, on a project."""

    def opened(page: str = "projects", project: str = "") -> AppTest:
        at = AppTest.from_file(str(APP), default_timeout=60)
        if project:
            at.query_params["project"] = project
        at.run()
        at.switch_page(SCRIPTS[page])
        at.run()
        assert not at.exception, at.exception
        return at

    return opened


@pytest.fixture
def empty_project() -> Project:
    """A project in which nothing was done yet."""
    return flow.create("Bank campaign", "Ada")


@pytest.fixture
def loaded_project(empty_project: Project, tmp_path: Path) -> Project:
    """The project with its one table."""
    path = tmp_path / "customers.csv"
    path.write_text(customers_csv(), encoding="utf-8")
    flow.start_load(empty_project, [flow.SourceFile(path, "customers")], "Ada")
    _done(empty_project, "load")
    return empty_project


@pytest.fixture
def prepared_project(loaded_project: Project) -> Project:
    """The project framed and prepared: the adults among the customers."""
    steps = [
        Step("adults", "SELECT * FROM customers WHERE age >= 18"),
        Step("decisions", "SELECT *, income / 12 AS monthly FROM adults"),
    ]
    flow.start_prepare(loaded_project, steps, "Ada")
    _done(loaded_project, "prepare")
    decision = Decision(
        question="Call this customer?",
        unit="one customer",
        target="y",
        positive="yes",
        empty_outcome="excluded",
        affected="no",
    )
    economics = Economics(
        payoffs=Payoffs(80, -5, 0, 0),
        capacity=Capacity(3000, "year"),
        rows_per_year=40_000,
        incumbent=Incumbent("over fifty", sql="age > 50"),
    )
    flow.save_decision(loaded_project, decision, "Ada")
    flow.save_economics(loaded_project, economics, "Ada")
    flow.save_criteria(loaded_project, Criteria((Criterion("recall", at_least=0.1),)), "Ada")
    return loaded_project


@dataclass(frozen=True)
class Screen:
    """What a test reads off a page."""

    at: AppTest

    @property
    def metrics(self) -> dict[str, str]:
        """What the cards on the page say."""
        return {plain(metric.label): plain(metric.value) for metric in self.at.metric}

    @property
    def errors(self) -> str:
        """What is in the error boxes."""
        return plain(" ".join(f"{box.proto.title} {box.value}" for box in self.at.error))

    @property
    def words(self) -> str:
        """The text of the page, without the backslashes that keep Markdown quiet."""
        at = self.at
        shown = [*at.title, *at.header, *at.subheader, *at.markdown, *at.caption, *at.warning, *at.error]
        return plain(" ".join(str(one.value) for one in shown))


def plain(text: str) -> str:
    """Return text without the backslashes that keep Markdown quiet."""
    return text.replace("\\", "").replace("\u00a0", " ")


@pytest.fixture
def read() -> type[Screen]:
    """Read a page: ``read(at).metrics``, ``.errors``, ``.words``."""
    return Screen


@pytest.fixture
def done() -> Callable[[Project, str], None]:
    """Wait for a job and insist that it did what it should."""
    return _done


def _done(project: Project, kind: str) -> None:
    view = flow.wait(project, kind)
    assert view is not None
    assert view.state == "done", f"{view.problem} {view.hint}"
