"""Quality: profile and checks of the prepared table, when each column is known, and findings accepted with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.errors import NotReadyError
from core.flow.common import needed
from core.flow.contract import availability, ensure_contract
from core.flow.framing import ROW, frame, prepared_columns, prepared_table
from core.flow.loading import dataset, raw_tables
from core.flow.preparing import lineage, recipe
from core.flow.rows import ensure_split, outcome_sql
from core.ingest import Column
from core.prepare import target_reads, window_without_bound
from core.quality import VERSION, CheckResult, Context, Profile, TargetExpr, check, profile
from core.workspace import Job, Project
from core.workspace.plain import from_plain, to_plain
from core.workspace.tables import quoted


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What was found, what of it was accepted and why, and whether it is still about the data in use.

    ``accepted_on`` is the evidence that each accepted finding showed then.
    """

    digest: str
    stale: bool
    profile: Profile
    results: tuple[CheckResult, ...]
    accepted: dict[str, str]
    n_blocking: int
    n_warning: int
    accepted_on: dict[str, str] = field(default_factory=dict)

    def changed_since_accepted(self, key: str) -> str:
        """Return what an accepted finding says now, where that is not what it said when it was accepted; else ""."""
        said = self.accepted_on.get(key)
        now = evidences(self.results).get(key, said)
        return "" if said is None or now == said else now


def accepted(project: Project) -> dict[str, str]:
    """Return the findings that somebody accepted: "Q01 column" to the reason."""
    record = project.head("acceptances")
    return dict(record.body["reasons"]) if record else {}


def accept_finding(project: Project, code: str, column: str | None, reason: str, author: str) -> None:
    """Accept a finding; the reason travels into the verdict and the bundle. An empty reason takes it back.

    Raises
    ------
    NotReadyError
        When there is no such finding.
    """
    report = needed_report(project)
    evidence = evidences(report.results)
    key = finding_key(code, column)
    if key not in evidence:
        raise NotReadyError(f"There is no finding {key!r}.", hint=f"Choose one of {', '.join(evidence) or 'none'}.")
    reasons = {name: why for name, why in (accepted(project) | {key: reason.strip()}).items() if why}
    shown = report.accepted_on | {key: evidence[key]}
    body = {"reasons": reasons, "evidence": {name: shown[name] for name in reasons if name in shown}}
    project.save("acceptances", body, author=author)


def _accepted_on(project: Project) -> dict[str, str]:
    record = project.head("acceptances")
    return dict(record.body.get("evidence", {})) if record else {}


def finding_key(code: str, column: str | None) -> str:
    """Return the words that name a finding."""
    return f"{code} {column}" if column else code


def evidences(results: Iterable[CheckResult]) -> dict[str, str]:
    """Return what every finding says, by its key; several of one check on one column are accepted as one."""
    said: dict[str, str] = {}
    for one in (one for result in results for one in result.findings):
        key = finding_key(one.code, one.column)
        said[key] = f"{said[key]} {one.evidence}" if key in said else str(one.evidence)
    return said


def start_quality(project: Project, author: str) -> str:
    """Profile and check the prepared table in the background."""
    prepared_table(project)
    return project.jobs.start("quality", lambda job: judge(project, author, job), author=author)


def judge(project: Project, author: str, job: Job) -> None:
    """Profile every column, run every check, and record what was found."""
    job.progress(0, 3, "Setting the holdout aside")
    decision = frame(project).decision
    contract = ensure_contract(project, author)
    has_target = bool(decision.target and decision.positive)
    parent = ensure_split(project, author) if has_target else needed(project, "recipe", "Save a recipe first.")
    table = prepared_table(project)
    training = None
    if has_target:
        training = f"{ROW} IN (SELECT {ROW} FROM {quoted(f'split_{parent.short}')} WHERE NOT holdout)"
    columns = [Column(column.name, column.type) for column in prepared_columns(project)]
    target = TargetExpr(decision.target, outcome_sql(project, decision)) if has_target else None
    cursor = job.interruptible(project.cursor())
    job.progress(0.2, 3, f"Profiling {len(columns)} columns")
    order = decision.decision_time or (ROW if decision.split.method == "order" else "")
    profiled = profile(cursor, table, columns, training=training, target=target, order=order)
    job.progress(2, 3, "Running the checks")
    saved = recipe(project)
    context = Context(
        cursor=cursor,
        table=table,
        target=target,
        training=training,
        unit_key=decision.unit_key,
        empty_outcome=decision.empty_outcome,
        availability=availability(project),
        order_column=order,
        group_column=decision.group,
        outcome_window_days=decision.outcome_window_days,
        as_of=_loaded_on(project),
        unbounded=window_without_bound(saved, list(raw_tables(project))) if saved else None,
        target_reads=target_reads(saved, lineage(project, saved.steps), decision.target) if saved and target else None,
    )
    results = check(profiled, context)
    blocking = sum(one.severity == "blocking" for result in results for one in result.findings)
    result = {"profile": to_plain(profiled), "results": to_plain(results), "n_blocking": blocking}
    job.check()
    body = {"checks": VERSION}
    project.save("findings", body, author=author, parents=(parent.digest, contract.digest), result=result)


def _loaded_on(project: Project) -> str:
    """Return the ISO date on which the newest table was loaded: how fresh data is, is asked of that day."""
    found = dataset(project)
    return max((table.loaded_at[:10] for table in found.tables), default="") if found else ""


def quality(project: Project) -> QualityReport | None:
    """Return what was found, or None before anybody looked."""
    record = project.head("findings")
    if record is None:
        return None
    results = from_plain(tuple[CheckResult, ...], record.result["results"])
    reasons = accepted(project)
    found = [one for result in results for one in result.findings if finding_key(one.code, one.column) not in reasons]
    return QualityReport(
        record.digest,
        not project.is_current(record) or record.body.get("checks") != VERSION,
        from_plain(Profile, record.result["profile"]),
        results,
        reasons,
        sum(one.severity == "blocking" for one in found),
        sum(one.severity == "warning" for one in found),
        _accepted_on(project),
    )


def needed_report(project: Project) -> QualityReport:
    """Return what was found; NotReadyError when nobody has looked yet."""
    report = quality(project)
    if report is None:
        raise NotReadyError("The data has not been checked yet.", hint="Check it on the page Quality.")
    return report
