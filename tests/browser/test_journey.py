"""The whole journey by clicking, in a real browser: from a raw table to a bundle that runs where the app is not."""

import hashlib
import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import expect

from core import charts, flow, poc
from core.train.interval import Interval
from core.workspace import Project
from core.workspace.home import close_all
from pages.shared.figures import plural
from tests.browser.conftest import ROOT, Tab, plain
from tests.bundle import isolated

pytestmark = pytest.mark.browser

FLIGHTS = ROOT / "data" / "samples" / "flights"
CARDS = {
    "train": ("ROC AUC, boosted trees", "ROC AUC today", "Right today", "Positives to learn from"),
    "threshold": ("Net value per year", "Right when we act", "Positives we reach", "Acted on"),
    "explain": ("Matters most", "Second", "Third", "Where every row starts"),
    "verdict": ("Net value over 2 years", "Net value per year", "Right when we act", "Better than today"),
}
JOB_MS = 180_000


class Walk:
    """One person's way through the pages: what was on them, and the files that were taken away."""

    def __init__(self, tab: Tab, folder: Path) -> None:
        self.tab, self.folder = tab, folder
        self.seen: dict[str, str] = {}
        self.cards: dict[str, list[tuple[str, str]]] = {}

    def read(self, page: str) -> None:
        """Keep what is on a page."""
        self.seen[page] = self.tab.text()
        self.cards[page] = [(self.tab.metric(label), self.tab.under(label)) for label in CARDS.get(page, ())]

    def work(self, start: str, until: str) -> None:
        """Set off work in the background, and wait for the button that is there when it is done."""
        self.tab.click(start)
        expect(self.tab.at(until).get_by_role("button").first).to_be_enabled(timeout=JOB_MS)
        self.tab.settle()


def test_the_flights_sample_walks_through_every_page_by_clicking(serve, open_tab, tmp_path, monkeypatch):
    walk = Walk(open_tab(serve()), tmp_path)
    start_from_the_sample(walk)
    look_at_the_frame(walk)
    look_at_the_data(walk)
    check_quality(walk)
    train(walk)
    choose_a_threshold(walk)
    explain(walk)
    open_the_holdout(walk)
    take_the_bundle(walk)
    show_it(walk)
    walk.tab.menu("Projects")
    expect(walk.tab.at("projects.sample_flights")).to_be_visible()
    walk.tab.click("projects.more_flights")
    taken = walk.tab.download("projects.download_flights", tmp_path)
    assert walk.tab.connected == 1
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "elsewhere"))
    try:
        pages_show_the_projects_numbers(walk, flow.upload(taken, "Taken away", "Ada"))
    finally:
        close_all()
    the_bundle_runs_elsewhere(walk)


def start_from_the_sample(walk: Walk) -> None:
    tab = walk.tab
    tab.goto("/")
    assert f"{charts.count(rows_of('flights'))} rows, CC0" in tab.text()
    walk.work("projects.sample_flights", "projects.next")
    assert tab.project() == "flights"
    tab.click("projects.next")


def look_at_the_frame(walk: Walk) -> None:
    tab, said = walk.tab, poc.read(FLIGHTS / "poc.yaml").frame.economics
    tab.arrive("Offer to rebook the passengers of this flight?", "frame.next")
    assert tab.metric("Still open") == "0"
    assert tab.metric("A right act is worth") == plain(charts.money(said.payoffs.tp, "USD"))
    assert tab.metric("A wrong act costs or earns") == plain(charts.money(said.payoffs.fp, "USD"))
    assert tab.metric("Acts we can take") == f"{said.capacity.n_actions} a {said.capacity.period}"
    expect(tab.holds("frame.question")).to_have_value("Offer to rebook the passengers of this flight?")
    tab.tab("Today")
    expect(tab.holds("frame.incumbent_sql")).to_have_value(said.incumbent.sql)


def look_at_the_data(walk: Walk) -> None:
    tab, names = walk.tab, ("airlines", "airports", "flights", "planes", "weather")
    tab.menu("Load")
    tab.arrive("Which data do we have, and where is it from?", "load.next")
    assert tab.metric("Tables") == "5"
    assert tab.metric("Rows") == charts.count(sum(map(rows_of, names)))
    assert tab.metric("Rows rejected") == "0"
    tab.at("load.shown").get_by_role("radio", name="flights").click()
    tab.settle()
    tab.tab("How it was read")
    expect(tab.page.get_by_text(hashlib.sha256((FLIGHTS / "flights.parquet").read_bytes()).hexdigest())).to_be_visible()
    tab.click("load.next")
    tab.arrive("How does it become one row per decision?", "prepare.next")
    assert tab.metric("Rows, one per decision") == charts.count(rows_of("flights"))
    assert tab.metric("Steps") == "3"
    walk.read("prepare")
    tab.click("prepare.next")


def check_quality(walk: Walk) -> None:
    tab = walk.tab
    tab.arrive("Can this data carry the decision?", "quality.start")
    walk.work("quality.start", "quality.next")
    assert tab.metric("Blocking findings") == "0"
    walk.read("quality")
    walk.seen["quality.warnings"] = tab.metric("Warnings")
    walk.seen["quality.positive"] = tab.metric("Positive, in training")
    tab.click("quality.next")


def train(walk: Walk) -> None:
    tab = walk.tab
    tab.arrive("Does anything beat “evening departures from Newark”?", "train.start")
    tab.slide("train.budget", "Home")
    walk.work("train.start", "train.next")
    assert tab.project() == "flights"
    walk.read("train")
    auc = float(walk.cards["train"][0][0])
    assert 0.65 < auc < 0.82, "without the barred columns .75 was reached: far above that is a leak"
    tab.tab("Columns")
    assert "8 columns left out" in tab.text()
    tab.click("train.next")


def choose_a_threshold(walk: Walk) -> None:
    tab = walk.tab
    tab.arrive("When do we act? Offer to rebook the passengers of this flight?", "threshold.save")
    before = [tab.metric(label) for label in CARDS["threshold"][1:]]
    tab.slide("threshold.cutoff", *["ArrowLeft"] * 5)
    tab.click("threshold.save")
    expect(tab.page.get_by_text("This cut is the policy.")).to_be_visible()
    walk.read("threshold")
    after = [figure for figure, _ in walk.cards["threshold"][1:]]
    assert all(one != other for one, other in zip(before, after, strict=True)), "every figure moves with the cut"
    tab.click("threshold.next")


def explain(walk: Walk) -> None:
    tab = walk.tab
    tab.arrive("Why does it say that?", "explain.start")
    walk.work("explain.start", "explain.next")
    expect(tab.page.get_by_test_id("stVegaLiteChart")).to_have_count(3)
    walk.read("explain")
    tab.click("explain.next")


def open_the_holdout(walk: Walk) -> None:
    tab = walk.tab
    tab.arrive("Go, no-go or not yet?", "verdict.open")
    expect(tab.at("verdict.open").get_by_role("button")).to_be_disabled()
    assert "look 1" in tab.text()
    tab.at("verdict.counted").get_by_text("Open it and count it").click()
    tab.settle()
    walk.work("verdict.open", "verdict.next")
    tab.fill("verdict.name", "Grace")
    tab.fill("verdict.note", "Read and discussed.")
    tab.click("verdict.sign")
    expect(tab.page.get_by_text("Read and discussed.")).to_be_visible()
    walk.read("verdict")
    assert "Grace agrees" in walk.seen["verdict"]
    report = tab.download("verdict.report", walk.folder)
    walk.seen["report"] = read_offline(tab, report)
    tab.click("verdict.next")


def take_the_bundle(walk: Walk) -> None:
    tab = walk.tab
    tab.arrive("What does engineering build?", "export.build")
    walk.work("export.build", "export.next")
    assert tab.metric("It proves itself") == "Verified"
    bundle = tab.download("export.download", walk.folder)
    with zipfile.ZipFile(bundle) as packed:
        files = [entry for entry in packed.infolist() if not entry.is_dir()]
        assert tab.metric("Files") == charts.count(len(files))
        packed.extractall(walk.folder / "unpacked")
    assert f"{plural(len(files), 'file')} are the ones that were built" in tab.text()
    said = tab.download("export.poc", walk.folder)
    assert "evening departures from Newark" in said.read_text(encoding="utf-8")
    tab.click("export.next")


def show_it(walk: Walk) -> None:
    tab = walk.tab
    tab.arrive("Offer to rebook the passengers of this flight?", "demo.report")
    walk.read("demo")
    shown = [(tab.metric(label), tab.under(label)) for label in CARDS["verdict"]]
    assert shown == walk.cards["verdict"]
    assert f"{walk.cards['threshold'][0][0]} a year" in walk.seen["demo"], "the curve starts at the policy's cut"


def pages_show_the_projects_numbers(walk: Walk, project: Project) -> None:
    """Compare what was on the pages with the project's file, read by another process than the one that drew them."""
    seen, cards = walk.seen, walk.cards
    quality, split, run = flow.quality(project), flow.split(project), flow.run(project)
    assert quality and split and run
    assert seen["quality.warnings"] == charts.count(quality.n_warning)
    assert seen["quality.positive"] == percent(split.positives_train / split.n_train)
    best = run.candidate("boosted_trees").metrics["roc_auc"]
    assert cards["train"][0] == (charts.number(best.value), charts.interval_text(best))
    assert cards["train"][3] == (
        charts.count(split.positives_train),
        f"{percent(split.positives_train / split.n_train)} of rows",
    )
    policy, verdict, why = flow.policy(project), flow.verdict(project), flow.explanation(project)
    assert policy and verdict and why
    at = flow.at_threshold(project, policy.run, policy.candidate, policy.threshold)
    acts = [shares(at.metrics[name]) for name in ("precision", "recall", "share_acted")]
    assert cards["threshold"] == [money(at.comparison.net_value_per_year), *acts]
    assert [figure for figure, _ in cards["explain"][:3]] == [one.column for one in why.importances[:3]]
    assert cards["verdict"][:3] == [
        money(verdict.money.horizon_value),
        money(verdict.money.net_value_per_year),
        shares(verdict.metrics["precision"]),
    ]
    assert verdict.threshold == policy.threshold
    for page in ("verdict", "demo", "report"):
        assert plain(verdict.verdict.gates[0].title) in seen[page]
        assert plain(charts.money(verdict.money.horizon_value.value, "USD")) in seen[page]
        assert plain(charts.money_interval(verdict.money.net_value_per_year, "USD")) in seen[page]
    assert all(plain(gate.sentence) in seen["verdict"] for gate in verdict.verdict.gates)


def the_bundle_runs_elsewhere(walk: Walk) -> None:
    """Verify the downloaded bundle in a process that cannot see the repository, and find the pages' figures in it."""
    [folder] = (walk.folder / "unpacked").iterdir()
    done = isolated.run(folder, "verify", cwd=walk.folder)
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads((folder / "evidence" / "verdict.json").read_text(encoding="utf-8"))
    assert plain(charts.money(said["money"]["horizon_value"]["value"], "USD")) == walk.cards["verdict"][0][0]
    threshold = json.loads((folder / "policy.json").read_text(encoding="utf-8"))["threshold"]
    assert f"Rows with a score from {threshold:.4g} up." in walk.seen["threshold"]
    leaderboard = (folder / "evidence" / "leaderboard.csv").read_text(encoding="utf-8")
    assert "evening departures from Newark" in leaderboard


def read_offline(tab: Tab, report: Path) -> str:
    """Open a report where there is no network; return what can be read in it."""
    page = tab.page.context.browser.new_context(offline=True).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.goto(report.as_uri())
    expect(page.locator("svg, canvas").first).to_be_visible()
    text = plain(page.locator("body").inner_text())
    page.close()
    assert faults == []
    return text


def rows_of(table: str) -> int:
    return pq.read_metadata(FLIGHTS / f"{table}.parquet").num_rows


def percent(part: float) -> str:
    return plain(charts.share(part))


def money(amount: Interval) -> tuple[str, str]:
    return plain(charts.money(amount.value, "USD")), plain(charts.money_interval(amount, "USD"))


def shares(part: Interval) -> tuple[str, str]:
    return percent(part.value), f"{percent(part.low)} to {percent(part.high)}"
