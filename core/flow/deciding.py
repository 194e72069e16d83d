"""Verdict: the holdout is opened once it is ready, counted, and every gate is judged on it."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from core.errors import NotReadyError
from core.flow.choosing import policy
from core.flow.common import needed
from core.flow.framing import ROW, frame, open_questions
from core.flow.loading import dataset
from core.flow.money import money_rows, scored
from core.flow.quality import accepted, finding_key, quality
from core.flow.rows import features
from core.flow.runs import model_files, run, run_rows
from core.scoring.scorer import Scorer
from core.threshold import (
    Comparison,
    EqualTerms,
    Resampling,
    compare,
    cross_fitted,
    equal_terms,
    policy_metrics,
    positive_notes,
)
from core.train.interval import Interval
from core.train.metrics import metric_intervals
from core.verdict.decision import Verdict
from core.verdict.decision import verdict as judged
from core.verdict.evidence import Evidence
from core.verdict.looks import alpha, at_level
from core.workspace import Event, Job, Project, Record, ledger
from core.workspace.plain import from_plain, to_plain
from core.workspace.tables import write_table


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The verdict on a policy: gates with their evidence, and the money on the holdout.

    Attributes
    ----------
    money : on the holdout, at the level of this look. out_of_fold : cross-fitted, on the rows learnt from.
    equal : the model against the incumbent at equal volume and value, on the holdout; None where nothing to compare.
    notes : what a reader must know beside the figures. criteria_frozen_at : when the criteria were last saved.
    """

    digest: str
    stale: bool
    author: str
    created_at: datetime
    verdict: Verdict
    money: Comparison
    out_of_fold: Comparison
    equal: EqualTerms | None
    metrics: dict[str, Interval]
    n_holdout: int
    n_positive: int
    run: str
    candidate: str
    threshold: float | None
    notes: tuple[str, ...]
    criteria_frozen_at: str
    accepted: dict[str, str]


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who signed the verdict, whether they agreed, and their note."""

    name: str
    note: str
    agreed: bool
    author: str
    created_at: datetime
    current: bool


def readiness(project: Project) -> tuple[str, ...]:
    """Return what has to be done before the holdout may be opened, a sentence each; nothing when it may."""
    missing = list(open_questions(project))
    mine = policy(project)
    if project.head("run") is None:
        missing.append("Nothing is trained yet.")
    elif mine is None:
        missing.append("No policy is chosen: pick a threshold.")
    elif mine.stale:
        missing.append("The policy is stale: something it was chosen from has changed. Train or choose it again.")
    report = quality(project)
    if report is None:
        missing.append("The quality of the data was not checked.")
    elif report.stale:
        missing.append("The findings on quality are stale: check the data again.")
    return tuple(missing)


def holdout_name(project: Project) -> str:
    """Return the name under which openings of this project's holdout are counted."""
    found = dataset(project)
    sources = [table.sha256 for table in found.tables] if found else []
    return ledger.holdout_of(sources, frame(project).decision.target)


def openings(project: Project) -> int:
    """Return how often the holdout of these sources and this target was opened, copies included."""
    return ledger.openings(project, holdout_name(project))


def opening_events(project: Project) -> list[Event]:
    """Return when and by whom the holdout was opened in this project, and criteria changed after that."""
    found = project.events("opened the holdout")
    return found + project.events("changed the criteria after the holdout was opened")


def open_holdout(project: Project, author: str) -> str:
    """Open the holdout in the background and judge every gate; return the job's id. The opening is counted first.

    Raises
    ------
    NotReadyError
        When something has to be done before; nothing is opened then.
    """
    missing = readiness(project)
    if missing:
        raise NotReadyError("The holdout stays closed: " + missing[0], hint=" ".join(missing[1:]) or "Do that first.")
    key = str(project.heads().get("policy"))
    return project.jobs.start("verdict", lambda job: decide(project, author, job), author=author, key=key)


def decide(project: Project, author: str, job: Job) -> Record:
    """Judge the policy on the holdout; a verdict on the same policy, criteria and people is not judged again."""
    chosen = needed(project, "policy", "Choose a threshold first.")
    criteria = needed(project, "criteria", "Set criteria on Frame.")
    people = project.head("people") or project.save("people", {}, author=author)
    parents = (chosen.digest, criteria.digest, people.digest)
    head = project.head("verdict")
    if head and head.parents == parents and not _changed_since(project, head):
        return head
    job.progress(0, 4, "Counting the opening")
    look = ledger.record_opening(
        project, holdout_name(project), author=author, policy=chosen.digest, criteria=criteria.digest
    )
    job.progress(1, 4, "Scoring the holdout")
    facts, table = _judged(project, look, job)
    body = {"accepted": accepted(project), "look": look}
    with project.transaction() as cursor:
        result = facts | {"criteria_frozen_at": criteria.created_at.isoformat(timespec="seconds")}
        record = project.save_with(cursor, "verdict", body, author=author, parents=parents, result=result)
        write_table(cursor, f"holdout_{record.short}", table)
    return record


def _changed_since(project: Project, record: Record) -> bool:
    return record.body["accepted"] != accepted(project)


def _judged(project: Project, look: int, job: Job) -> tuple[dict[str, object], pa.Table]:
    mine = policy(project)
    assert mine is not None
    said = frame(project)
    economics = said.economics
    view = run(project, mine.run)
    assert view is not None
    found = run_rows(project, mine.run, mine.candidate)
    scorer = Scorer.from_files(model_files(project, view, mine.candidate), threads=2)
    held = found.row_number[found.holdout]
    score = np.full(len(found.y), np.nan)
    score[found.holdout] = scorer.score(features(project, scorer.columns, held, found.table))
    job.progress(2, 4, "Drawing resamples")
    rows = money_rows(project, found, found.holdout, score, "holdout")
    how = Resampling(alpha=alpha(look))
    money = compare(rows, economics, mine.threshold, how)
    groups = found.group[found.holdout] if found.group is not None else None
    raw = metric_intervals(found.y[found.holdout], score[found.holdout], groups)
    metrics = {name: at_level(raw[name], alpha(look), (0.0, 1.0)) for name in ("roc_auc", "pr_auc")}
    acts = policy_metrics(rows, economics, mine.threshold, how)
    metrics |= {name: acts[name] for name in ("precision", "recall", "share_acted")}
    job.progress(3, 4, "Judging the gates")
    training, _ = scored(project, view, mine.candidate)
    fold = found.fold[np.isfinite(found.score)][training.kept]
    fitted = cross_fitted(training, fold, economics)
    candidate = view.candidate(mine.candidate)
    evidence = Evidence(
        money=money,
        out_of_fold=fitted.comparison,
        metrics=metrics,
        criteria=said.criteria,
        n_train_positive=int(found.y[~found.holdout].sum()),
        latency_ms=candidate.latency.one_row_ms,
        model_size_mb=candidate.size_bytes / 1e6,
        blocking=_blocking(project),
        affected=said.decision.affected,
        affected_reason=said.decision.affected_reason,
        look=look,
        currency=economics.currency,
    )
    verdict = judged(evidence)
    n_positive = int(rows.y.sum())
    facts = {
        "outcome": verdict.outcome,
        "verdict": to_plain(verdict),
        "money": to_plain(money),
        "out_of_fold": to_plain(fitted.comparison),
        "equal": to_plain(equal_terms(rows, economics, how)),
        "metrics": to_plain(metrics),
        "n_holdout": rows.n_rows,
        "n_positive": n_positive,
        "notes": list(dict.fromkeys([*rows.notes, *money.notes, *positive_notes(n_positive, "holdout")])),
    }
    return facts, pa.table({ROW: held, "score": score[found.holdout], "y": found.y[found.holdout]})


def _blocking(project: Project) -> tuple[str, ...]:
    report = quality(project)
    if report is None:
        return ()
    return tuple(
        f"{one.code} {one.title}" + (f" ({one.column})" if one.column else "")
        for result in report.results
        for one in result.findings
        if one.severity == "blocking" and finding_key(one.code, one.column) not in report.accepted
    )


def verdict(project: Project) -> VerdictView | None:
    """Return the verdict, or None before the holdout was opened."""
    record = project.head("verdict")
    if record is None or not record.result:
        return None
    result = record.result
    chosen = project.record(record.parents[0])
    assert chosen is not None
    return VerdictView(
        digest=record.digest,
        stale=not project.is_current(record) or _changed_since(project, record),
        author=record.author,
        created_at=record.created_at,
        verdict=from_plain(Verdict, result["verdict"]),
        money=from_plain(Comparison, result["money"]),
        out_of_fold=from_plain(Comparison, result["out_of_fold"]),
        equal=from_plain(EqualTerms, result["equal"]) if result["equal"] else None,
        metrics=from_plain(dict[str, Interval], result["metrics"]),
        n_holdout=result["n_holdout"],
        n_positive=result["n_positive"],
        run=chosen.parents[0],
        candidate=chosen.body["candidate"],
        threshold=chosen.body["threshold"],
        notes=tuple(result["notes"]),
        criteria_frozen_at=result["criteria_frozen_at"],
        accepted=record.body["accepted"],
    )


def sign(project: Project, name: str, note: str, agreed: bool, author: str) -> None:
    """Sign the verdict.

    Raises
    ------
    NotReadyError
        When there is no verdict, it is stale, or nobody is named.
    """
    found = verdict(project)
    if found is None or found.stale:
        raise NotReadyError("There is no current verdict to sign.", hint="Open the holdout first.")
    if not name.strip():
        raise NotReadyError("A sign-off needs a name.", hint="Enter the name of the person who signs.")
    body = {"name": name.strip(), "note": note.strip(), "agreed": agreed}
    project.save("signoff", body, author=author, parents=(found.digest,))


def signatures(project: Project) -> list[SignOff]:
    """Return who signed, newest first; ``current`` says whether they signed the verdict that stands."""
    head = project.heads().get("verdict")
    return [
        SignOff(
            record.body["name"],
            record.body["note"],
            record.body["agreed"],
            record.author,
            record.created_at,
            record.parents[0] == head,
        )
        for record in project.history("signoff")
    ]
