"""The journey of a project as a poc.yaml that walks it again."""

from pathlib import Path

from core.flow.choosing import policy
from core.flow.common import needed
from core.flow.contract import availability
from core.flow.framing import frame
from core.flow.loading import TableInfo, dataset
from core.flow.preparing import recipe
from core.flow.quality import accepted
from core.flow.runs import recorded_rounds, run
from core.poc import Poc, Source
from core.poc import text as poc_text
from core.workspace import Project
from core.workspace.plain import to_plain


def poc_yaml(project: Project, folder: Path | None = None) -> str:
    """Return the project's journey as a poc.yaml that walks it again, rounds included.

    Data files are named as they were called; put them beside the file. A database is named by its connection, whose
    address and password are written nowhere.
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
        train = {name: record.body[name] for name in ("seed", "candidates", "learning_rate")} | {"rounds": rounds}
    chosen = {}
    if mine:
        chosen = {"candidate": mine.candidate, "threshold": mine.threshold if mine.threshold <= 1 else "none"}
    return poc_text(
        Poc(
            project=project.slug,
            sources=tuple(_source(one, here) for one in tables),
            steps=tuple(steps.pairs()) if steps else (),
            upstream=tuple(step.name for step in steps.steps if step.upstream) if steps else (),
            frame=said,
            availability={name: when for name, when in availability(project).items() if when != "unknown"},
            accepted=tuple(reasons),
            train=train,
            policy=chosen,
            export=here / "out",
        ),
        here,
    )


def _source(table: TableInfo, here: Path) -> Source:
    """Name where a table is from: a file or folder as it was called, or a database's connection and what was asked."""
    if table.settings.kind == "database":
        return Source(table.name, None, {"query": table.settings.query}, table.settings.member)
    return Source(table.name, here / table.source_name, _reading(table))


def _reading(table: TableInfo) -> dict[str, object]:
    said = to_plain(table.settings)
    return {name: value for name, value in said.items() if value not in ("", None, {}, [])}
