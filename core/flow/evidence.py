"""The evidence that travels in a bundle: verdict, criteria, leaderboard, report, model card, lineage, log."""

import csv
import io
import json
from collections.abc import Mapping

from core.flow.common import log, needed
from core.flow.deciding import signatures
from core.flow.preparing import lineage, prepared, recipe
from core.flow.quality import accepted
from core.flow.reporting import model_card, report
from core.flow.runs import leaderboard, run
from core.prepare import origins
from core.workspace import Project
from core.workspace.plain import to_plain
from core.workspace.records import canonical


def evidence(project: Project) -> dict[str, bytes]:
    """Return the files of evidence/: verdict, criteria, leaderboard, report, model card, lineage and log."""
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
        "lineage.json": _lineage(project),
    }


def _lineage(project: Project) -> bytes:
    """Return which loaded columns each feature comes from, over the whole recipe."""
    saved, info = recipe(project), prepared(project)
    view = run(project, policy_run(project))
    assert saved is not None and info is not None and view is not None
    found = info.lineage or lineage(project, saved.steps)
    traced = {one.name: origins(found, saved.steps[-1].name, one.name) for one in view.columns}
    return _json(
        {
            "features": {name: [f"{table}.{column}" for table, column in one.columns] for name, one in traced.items()},
            "steps_not_traced": list(found.unknown_steps),
        }
    )


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


def policy_run(project: Project) -> str:
    """Return the run that the policy was chosen from."""
    return needed(project, "policy", "Choose a threshold first.").parents[0]
