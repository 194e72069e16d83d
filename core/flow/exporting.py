"""Export: the bundle that engineering gets."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.bundle import BundleSpec, build, pack, verify_bundle
from core.errors import NotReadyError
from core.flow.choosing import policy
from core.flow.common import needed
from core.flow.deciding import verdict
from core.flow.evidence import evidence
from core.flow.framing import frame
from core.flow.golden import golden_rows, golden_sources, main_table, tables_read
from core.flow.loading import dataset
from core.flow.preparing import recipe
from core.flow.quality import quality
from core.flow.runs import model_files, run, run_record
from core.frame import to_body
from core.scoring.contract import DecisionRowContract
from core.scoring.policy import Policy
from core.scoring.verify import Report
from core.workspace import Job, Project, Record
from core.workspace.home import cache
from core.workspace.plain import from_plain, to_plain


@dataclass(frozen=True, slots=True)
class BundleView:
    """A bundle that was built: its digest, its files with sizes, what its own verification said, and where the zip is.

    ``path`` is None when the zip was removed from the cache: build it again.
    """

    digest: str
    stale: bool
    name: str
    version: str
    content_digest: str
    manifest_sha256: str
    files: dict[str, int]
    report: Report
    leaves: dict[str, object]
    path: Path | None
    author: str
    created_at: datetime


def start_export(project: Project, author: str, masked: tuple[str, ...] | None = None) -> str:
    """Build and verify the bundle in the background.

    Parameters
    ----------
    masked : columns whose golden values are replaced; None masks what Quality found to be personal or identifying.

    Raises
    ------
    NotReadyError
        When there is no current verdict.
    """
    found = verdict(project)
    if found is None or found.stale:
        raise NotReadyError("There is no current verdict.", hint="Open the holdout on the page Verdict.")
    return project.jobs.start(
        "export", lambda job: export(project, author, job, masked), author=author, key=f"{found.digest} {masked}"
    )


def export(project: Project, author: str, job: Job, masked: tuple[str, ...] | None = None) -> Record:
    """Build the bundle, let it verify itself, and record its digest."""
    judged = needed(project, "verdict", "Open the holdout on the page Verdict.")
    hidden = masked if masked is not None else masked_by_default(project)
    version = f"1.0.0-{judged.short}"
    job.progress(0, 4, "Gathering what goes into it")
    spec = bundle_spec(project, version, hidden)
    folder = cache() / project.slug / "bundles" / spec.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    job.progress(1, 4, "Laying it out")
    manifest = build(spec, folder)
    job.progress(2, 4, "Verifying it")
    checked = verify_bundle(folder)
    job.progress(3, 4, "Packing it")
    content = pack(folder)
    folder.with_name(f"{spec.name}.zip").write_bytes(content)
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): path.stat().st_size for path in found}
    shutil.rmtree(folder)
    result = {
        "name": spec.name,
        "version": version,
        "content_digest": manifest.digest,
        "manifest_sha256": manifest.sha256,
        "files": files,
        "report": to_plain(checked),
        "leaves": _leaves(spec),
    }
    return project.save("bundle", {"masked": sorted(hidden)}, author=author, parents=(judged.digest,), result=result)


def bundle(project: Project) -> BundleView | None:
    """Return the bundle that was built last, or None."""
    record = project.head("bundle")
    if record is None or not record.result:
        return None
    result = record.result
    path = cache() / project.slug / "bundles" / f"{result['name']}.zip"
    return BundleView(
        record.digest,
        not project.is_current(record),
        result["name"],
        result["version"],
        result["content_digest"],
        result["manifest_sha256"],
        result["files"],
        from_plain(Report, result["report"]),
        result["leaves"],
        path if path.exists() else None,
        record.author,
        record.created_at,
    )


def masked_by_default(project: Project) -> tuple[str, ...]:
    """Return the columns that are masked unless somebody says otherwise: the unit key, the group, and identifiers."""
    decision = frame(project).decision
    found = set(decision.unit_key) | ({decision.group} if decision.group else set())
    report = quality(project)
    if report:
        listed = [one for result in report.results for one in result.findings]
        found |= {one.column for one in listed if one.code == "Q04" and one.column}
    return tuple(sorted(found))


def bundle_spec(project: Project, version: str, masked: tuple[str, ...]) -> BundleSpec:
    """Return everything that determines a bundle."""
    mine = policy(project)
    said = frame(project)
    steps = recipe(project)
    found = dataset(project)
    if mine is None or steps is None or found is None:
        raise NotReadyError("There is no policy to export.", hint="Choose a threshold first.")
    view = run(project, mine.run)
    assert view is not None
    read = tables_read(found.tables, steps)
    return BundleSpec(
        project=project.slug,
        version=version,
        chain=_chain(project),
        decision=to_body(said.decision),
        economics=to_body(said.economics),
        criteria=to_body(said.criteria),
        steps=tuple(steps.pairs()),
        sources={table.name: dict(table.columns) for table in read},
        golden_sources=golden_sources(project, read, main_table(steps)),
        contract=DecisionRowContract(1, view.columns),
        model_files=model_files(project, view, mine.candidate),
        policy=_policy(project, mine.threshold, view.digest),
        golden_rows=golden_rows(project, mine.run, mine.candidate),
        unit_key=said.decision.unit_key,
        evidence=evidence(project),
        masked=masked,
        upstream=tuple(step.name for step in steps.steps if step.upstream),
    )


def _policy(project: Project, threshold: float, digest: str) -> Policy:
    said = frame(project)
    economics, decision = said.economics, said.decision
    return Policy(
        threshold=threshold,
        capacity=economics.capacity,
        payoffs=economics.payoffs,
        currency=economics.currency,
        decision_time=decision.decision_time if economics.capacity else "",
        time_zone=decision.time_zone,
        rows_per_year=economics.rows_per_year,
        learnt_rate=_learnt_rate(project, digest) if economics.base_rate else 0.0,
        base_rate=economics.base_rate or 0.0,
    )


def _learnt_rate(project: Project, digest: str) -> float:
    """The share of positives among the rows that a run learnt from: its scores are probabilities at that rate."""
    split = project.record(run_record(project, digest).parents[0])
    assert split is not None
    return split.result["positives_train"] / split.result["n_train"]


def _chain(project: Project) -> dict[str, str]:
    return {kind: digest for kind, digest in sorted(project.heads().items()) if kind not in ("bundle", "signoff")}


def _leaves(spec: BundleSpec) -> dict[str, object]:
    """Return what of the data leaves with the bundle: how many rows of which tables, and which columns are masked."""
    return {
        "decision_rows": spec.golden_rows.num_rows,
        "columns": list(spec.golden_rows.column_names),
        "source_rows": {name: table.num_rows for name, table in spec.golden_sources.items()},
        "masked": list(spec.masked),
    }
