"""Export: the bundle that engineering gets, and the journey as a poc.yaml."""

import csv
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.bundle import BundleSpec, build, pack, verify_bundle
from core.errors import NotReadyError
from core.flow.choosing import policy
from core.flow.common import log, needed
from core.flow.contract import availability
from core.flow.deciding import signatures, verdict
from core.flow.framing import frame
from core.flow.loading import TableInfo, dataset
from core.flow.preparing import recipe
from core.flow.quality import accepted, quality
from core.flow.reporting import model_card, report
from core.flow.rows import features
from core.flow.training import leaderboard, model_files, recorded_rounds, run, run_rows
from core.frame import to_body
from core.poc import Poc, Source
from core.poc import text as poc_text
from core.prepare import Recipe
from core.prepare import lineage as lineage_of
from core.prepare.bounds import first_relation
from core.scoring.contract import DecisionRowContract
from core.scoring.policy import Capacity, Payoffs, Policy
from core.scoring.scorer import Scorer
from core.scoring.verify import Report
from core.workspace import Job, Project, Record
from core.workspace.home import cache
from core.workspace.plain import from_plain, to_plain
from core.workspace.records import canonical
from core.workspace.tables import quoted, read_table

GOLDEN_ROWS = 100
GOLDEN_SOURCE_ROWS = 400
MAIN_ROWS = 60


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
    files = {path: (folder / path).stat().st_size for path in sorted(manifest.files)}
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
    read = _tables_read(found.tables, steps)
    return BundleSpec(
        project=project.slug,
        version=version,
        chain=_chain(project),
        decision=to_body(said.decision),
        economics=to_body(said.economics),
        criteria=to_body(said.criteria),
        steps=tuple(steps.pairs()),
        sources={table.name: dict(table.columns) for table in read},
        golden_sources=_golden_sources(project, read, _main_table(steps)),
        contract=DecisionRowContract(1, view.columns),
        model_files=model_files(project, view, mine.candidate),
        policy=_policy(project, mine.threshold),
        golden_rows=_golden_rows(project, mine.run, mine.candidate),
        unit_key=said.decision.unit_key,
        evidence=_evidence(project),
        masked=masked,
    )


def _tables_read(tables: Sequence[TableInfo], steps: Recipe) -> list[TableInfo]:
    """Return the raw tables that the recipe reads; all of them when its lineage cannot be told."""
    found = lineage_of(steps, {table.name: dict(table.columns) for table in tables})
    named = {origin for origin, _ in found.tables}
    return [table for table in tables if found.unknown_steps or table.name in named]


def _main_table(steps: Recipe) -> str:
    """Return the raw table that the decision rows are made from: what the last step reads first, and so on back."""
    queries = dict(steps.pairs())
    name = steps.steps[-1].name
    seen: set[str] = set()
    while name in queries and name not in seen:
        seen.add(name)
        name = first_relation(queries[name])
    return name


def _golden_sources(project: Project, tables: Sequence[TableInfo], main: str) -> dict[str, pa.Table]:
    """Return some rows of each source table, chosen so that what the recipe joins finds each other.

    Of the main table two runs of neighbours and rows with empty values; of every other the rows that share most values
    with those in columns of the same name.
    """
    cursor = project.cursor()
    physical = {table.name: table for table in tables}
    first = physical.get(main) or (tables[0] if tables else None)
    if first is None:
        return {}
    n, half = first.n_rows, MAIN_ROWS // 2
    empty = " OR ".join(f"{quoted(name)} IS NULL" for name, _ in first.columns)
    query = (
        f"SELECT * FROM {quoted(first.physical)} WHERE rowid BETWEEN {n // 5} AND {n // 5 + half}"
        f" OR rowid BETWEEN {n * 4 // 5} AND {n * 4 // 5 + half} OR rowid IN"
        f" (SELECT rowid FROM {quoted(first.physical)} WHERE {empty} ORDER BY rowid LIMIT 20) ORDER BY rowid"
    )
    chosen = {first.name: read_table(cursor, query)}
    cursor.register("golden_main", chosen[first.name])
    main_columns = {name for name, _ in first.columns}
    for table in tables:
        if table.name == first.name:
            continue
        shared = [name for name, _ in table.columns if name in main_columns]
        matches = " + ".join(
            f"CAST(coalesce(CAST({quoted(name)} AS VARCHAR) IN"
            f" (SELECT CAST({quoted(name)} AS VARCHAR) FROM golden_main), false) AS INTEGER)"
            for name in shared
        )
        source = quoted(table.physical)
        best = f"SELECT rowid FROM {source} ORDER BY {matches or '0'} DESC, rowid LIMIT {GOLDEN_SOURCE_ROWS}"
        rows = f"SELECT * FROM {source} WHERE rowid IN ({best}) ORDER BY rowid"
        chosen[table.name] = read_table(cursor, rows)
    return chosen


def _golden_rows(project: Project, digest: str, candidate: str) -> pa.Table:
    """Return decision rows at the ends of the scores, with empty values, and at random; always the same."""
    view = run(project, digest)
    assert view is not None
    said = frame(project).decision
    found = run_rows(project, digest, candidate)
    names = list(dict.fromkeys([*said.unit_key, *(one.name for one in view.columns), said.decision_time]))
    pool = np.random.default_rng(0).permutation(found.row_number)[:20_000]
    table = features(project, [name for name in names if name], np.sort(pool), found.table)
    score = Scorer.from_files(model_files(project, view, candidate), threads=2).score(table)
    order = np.argsort(-score, kind="stable")
    places = [*order[:20], *order[-20:]]
    for one in view.columns:
        places += np.flatnonzero(table[one.name].is_null().to_numpy())[:2].tolist()
    places = list(dict.fromkeys([int(place) for place in places]))[: GOLDEN_ROWS - 20]
    rest = [place for place in range(len(score)) if place not in set(places)]
    return table.take(pa.array(sorted([*places, *rest[: GOLDEN_ROWS - len(places)]])))


def _policy(project: Project, threshold: float) -> Policy:
    said = frame(project)
    economics, decision = said.economics, said.decision
    capacity = economics.capacity
    return Policy(
        threshold=threshold,
        capacity=Capacity(capacity.n_actions, capacity.period, capacity.allocation) if capacity else None,
        payoffs=Payoffs(economics.payoffs.tp, economics.payoffs.fp, economics.payoffs.fn, economics.payoffs.tn),
        currency=economics.currency,
        decision_time=decision.decision_time if capacity else "",
        time_zone=decision.time_zone,
        rows_per_year=economics.rows_per_year,
    )


def _chain(project: Project) -> dict[str, str]:
    return {kind: digest for kind, digest in sorted(project.heads().items()) if kind not in ("bundle", "signoff")}


def _evidence(project: Project) -> dict[str, bytes]:
    """Return the files of evidence/: verdict, criteria, leaderboard, report, model card and the log of decisions."""
    record = needed(project, "verdict", "Open the holdout first.")
    criteria = needed(project, "criteria", "Set criteria on Frame.")
    view = run(project, policy_run(project))
    assert view is not None
    signed = [to_plain(one) for one in signatures(project) if one.current]
    lines = [canonical(to_plain(event)) for event in reversed(log(project, 100_000))]
    return {
        "verdict.json": _json(record.body | record.result | {"signed": signed}),
        "criteria.json": _json(
            criteria.body | {"digest": criteria.digest, "saved_at": f"{criteria.created_at:%FT%TZ}"}
        ),
        "leaderboard.csv": _leaderboard_csv(project),
        "model_card.md": model_card(project).encode(),
        "report.html": report(project).encode(),
        "log.jsonl": ("\n".join(lines) + "\n").encode(),
        "accepted_findings.json": _json(accepted(project)),
    }


def _json(value: Mapping[str, object]) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def escaped(cell: object) -> str:
    """Return a cell of a CSV file that a spreadsheet does not take for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _leaderboard_csv(project: Project) -> bytes:
    view = run(project, policy_run(project))
    assert view is not None
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    metrics = ("roc_auc", "pr_auc", "brier", "log_loss", "precision", "recall")
    ends = [f"{name}{end}" for name in metrics for end in ("", "_low", "_high")]
    writer.writerow(["candidate", "family", *ends, "fit_seconds", "one_row_ms", "size_bytes"])
    for row in leaderboard(project, view):
        cells: list[object] = [row.name, row.family]
        for name in metrics:
            found = row.metrics.get(name)
            cells += [found.value, found.low, found.high] if found else ["", "", ""]
        cells += [row.fit_seconds, row.one_row_ms, row.size_bytes]
        writer.writerow([escaped(cell) for cell in cells])
    return out.getvalue().encode()


def _leaves(spec: BundleSpec) -> dict[str, object]:
    """Return what of the data leaves with the bundle: how many rows of which tables, and which columns are masked."""
    return {
        "decision_rows": spec.golden_rows.num_rows,
        "columns": list(spec.golden_rows.column_names),
        "source_rows": {name: table.num_rows for name, table in spec.golden_sources.items()},
        "masked": list(spec.masked),
    }


def policy_run(project: Project) -> str:
    """Return the run that the policy was chosen from."""
    return needed(project, "policy", "Choose a threshold first.").parents[0]


def poc_yaml(project: Project, folder: Path | None = None) -> str:
    """Return the project's journey as a poc.yaml that walks it again, rounds included.

    Data files are named as they were called; put them beside the file.
    """
    said, steps, found = frame(project), recipe(project), dataset(project)
    view, mine = run(project), policy(project)
    here = folder or Path.cwd()
    tables = found.tables if found else ()
    reasons = [(key.partition(" ")[0], key.partition(" ")[2], why) for key, why in sorted(accepted(project).items())]
    train = {}
    if view:
        record = needed(project, "run", "")
        rounds = {name: list(counts) for name, counts in recorded_rounds(view).items()}
        train = {"seed": record.body["seed"], "candidates": record.body["candidates"], "rounds": rounds}
    chosen = {}
    if mine and mine.threshold <= 1:
        chosen = {"candidate": mine.candidate, "threshold": mine.threshold}
    return poc_text(
        Poc(
            project=project.slug,
            sources=tuple(Source(one.name, here / one.source_name, _reading(one)) for one in tables),
            steps=tuple(steps.pairs()) if steps else (),
            frame=said,
            availability={name: when for name, when in availability(project).items() if when != "unknown"},
            accepted=tuple(reasons),
            train=train,
            policy=chosen,
            export=here / "out",
        ),
        here,
    )


def _reading(table: TableInfo) -> dict[str, object]:
    said = to_plain(table.settings)
    return {name: value for name, value in said.items() if value not in ("", None, {}, [])}
