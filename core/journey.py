"""Walks the journey of a poc.yaml through core.flow: the same records that the pages make."""

import math
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core import flow
from core.bundle import unpack
from core.errors import NotReadyError, TouchstoneError, VerifyError
from core.flow import TrainSettings
from core.flow.connections import start_load_database
from core.flow.secrets import named_connection
from core.poc import Poc, PocError
from core.prepare import Step
from core.workspace import Project
from core.workspace.home import slug_of

Say = Callable[[str], None]
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a journey ended: the verdict's word and sentence, and the bundle's zip, None when none was asked for."""

    outcome: str
    sentence: str
    bundle: Path | None


def sample(sample_id: str, author: str, say: Say) -> None:
    """Make the project of a sample, loaded and prepared; one that is there already is left as it is.

    Raises
    ------
    ProjectError
        When there is no such sample; the choices are named.
    """
    title = {one.id: one.title for one in flow.samples()}.get(sample_id, "")
    there = _card(title) if title else None
    if there is not None and there.problem:
        say(f"The project {title!r} is there. {there.problem}")
        return
    if there is not None:
        if flow.prepared(flow.open_project(there.slug)) is not None:
            say(f"The project {title!r} is ready.")
            return
        flow.delete(there.slug)  # an earlier start was cut short before there was anything to keep
    _wait(flow.start_sample(sample_id, author), "sample", say)


def walk(poc: Poc, author: str, say: Say) -> Arrival:
    """Walk the whole journey and return where it ended.

    Raises
    ------
    TouchstoneError
        When something in the poc cannot be done; a job's fault is raised as it was recorded.
    """
    project = _opened(poc.project, author)
    _frame(project, poc, author)
    _data(project, poc, author, say)
    _model(project, poc, author, say)
    flow.open_holdout(project, author)
    _wait(project, "verdict", say)
    found = flow.verdict(project)
    if found is None:
        raise NotReadyError("The verdict was not recorded.", hint="Walk the journey again.")
    for gate in found.verdict.gates:
        say(f"{gate.code}  {gate.status:14}  {gate.sentence}")
    say(f"Verdict: {found.verdict.outcome}. {found.verdict.sentence}")
    return Arrival(found.verdict.outcome, found.verdict.sentence, _exported(project, poc, author, say))


def _card(name: str) -> flow.ProjectCard | None:
    """Return the project whose file a name would have, also one that cannot be opened."""
    return next((card for card in flow.list_projects() if card.slug == slug_of(name)), None)


def _opened(name: str, author: str) -> Project:
    there = _card(name)
    return flow.open_project(there.slug) if there else flow.create(name, author)


def _frame(project: Project, poc: Poc, author: str) -> None:
    flow.save_people(project, poc.frame.people, author)
    flow.save_criteria(project, poc.frame.criteria, author)
    flow.save_decision(project, poc.frame.decision, author)


def _data(project: Project, poc: Poc, author: str, say: Say) -> None:
    files = [flow.SourceFile(source.path, source.table, source.settings) for source in poc.sources if source.path]
    if files:
        flow.start_load(project, files, author)
        _wait(project, "load", say)
    for source in (source for source in poc.sources if source.connection):
        connection = named_connection(source.connection)
        start_load_database(project, connection, source.reading["query"], source.table, author)
        _wait(project, "load", say)
    flow.start_prepare(project, [Step(name, sql, name in poc.upstream) for name, sql in poc.steps], author)
    _wait(project, "prepare", say)
    _empty_outcomes(project, poc, author)
    flow.save_economics(project, poc.frame.economics, author)
    flow.set_availability(project, poc.availability, author)
    flow.start_quality(project, author)
    _wait(project, "quality", say)
    for code, column, reason in poc.accepted:
        flow.accept_finding(project, code, column or None, reason, author)


def _empty_outcomes(project: Project, poc: Poc, author: str) -> None:
    """Settle what an empty outcome means when nobody said: nothing, where there is none."""
    decision = poc.frame.decision
    if decision.empty_outcome:
        return
    n_empty = dict(flow.target_values(project, decision.target)).get("", 0)
    if n_empty:
        fault = (
            f"{n_empty:,} rows have no outcome in {decision.target!r}; frame.empty_outcome has to say what that means."
        )
        raise PocError([fault], hint="Choose one of excluded, negative, positive.")
    flow.save_decision(project, replace(decision, empty_outcome="excluded"), author)


def _model(project: Project, poc: Poc, author: str, say: Say) -> None:
    flow.start_training(project, _settings(poc), author)
    _wait(project, "train", say)
    candidate = poc.policy.get("candidate") or _best_candidate(project)
    threshold = poc.policy.get("threshold")
    if threshold is None:
        threshold = flow.threshold_view(project, None, candidate).best.threshold
    cut = math.inf if threshold == "none" else float(threshold)
    flow.save_policy(project, None, candidate, cut, author)
    say(f"Policy: {candidate}, acting " + (f"from a score of {cut:.4g} on" if cut <= 1 else "on no row"))
    flow.start_explaining(project, author)
    _wait(project, "explain", say)
    if flow.unspoken(project):
        flow.start_pricing(project, author, budget_seconds=_settings(poc).budget_seconds)
        _wait(project, "price", say)


def _settings(poc: Poc) -> TrainSettings:
    said = dict(poc.train)
    if "candidates" in said:
        said["candidates"] = tuple(said["candidates"])
    if "rounds" in said:
        said["rounds"] = {name: tuple(rounds) for name, rounds in said["rounds"].items()}
    return TrainSettings(**said)


def _best_candidate(project: Project) -> str:
    """Return the candidate that wins the most money out of fold, at thresholds that other folds chose.

    The constant is there to compare with, and taken only when there is nothing else.
    """
    trained = flow.run(project)
    if trained is None:
        raise NotReadyError("The run was not recorded.", hint="Walk the journey again.")
    able = [one.name for one in trained.candidates if one.family != "constant"] or [trained.candidates[0].name]
    views = [flow.threshold_view(project, None, name) for name in able]
    return max(views, key=lambda view: view.cross_fitted.comparison.net_value_per_year.value).candidate


def _exported(project: Project, poc: Poc, author: str, say: Say) -> Path | None:
    if poc.export is None:
        return None
    flow.start_export(project, author)
    _wait(project, "export", say)
    made = flow.bundle(project)
    if made is None or made.path is None:
        raise NotReadyError("The bundle was not recorded.", hint="Walk the journey again.")
    if not made.report.ok:
        raise VerifyError("The bundle does not give the app's answers.", hint="This is a fault of the program.")
    poc.export.mkdir(parents=True, exist_ok=True)
    target = poc.export / made.path.name
    shutil.copyfile(made.path, target)
    unpacked = target.with_suffix("")
    shutil.rmtree(unpacked, ignore_errors=True)
    unpack(target, unpacked.parent)
    say(f"Bundle: {target}")
    return target


def _wait(project: Project, kind: str, say: Say) -> None:
    """Wait for the newest job of a kind, saying what it is at; raise its fault when it failed."""
    said = ""
    view = flow.job(project, kind)
    while view is not None and view.state == "running":
        if view.message and view.message != said:
            said = view.message
            say(f"{kind:8} {view.share:4.0%}  {said}")
        time.sleep(POLL_SECONDS)
        view = flow.job(project, kind)
    if view is None or view.state != "done":
        problem = view.problem if view else f"The work {kind!r} was never started."
        raise TouchstoneError(problem, hint=view.hint if view else "")
    say(f"{kind:8} done")
