"""What is kept: big tables of stale records can be dropped and rebuilt, and data can be erased for good."""

from core.errors import NotReadyError
from core.flow.asking import forget as forget_answers
from core.workspace import Project
from core.workspace.sandbox import forget
from core.workspace.tables import quoted

PER_ROW = ("raw_", "prepared_", "split_", "scores_", "holdout_", "contributions_")
HANGS_ON_DATA = (
    "dataset",
    "recipe",
    "split",
    "findings",
    "run",
    "policy",
    "explanation",
    "prices",
    "verdict",
    "bundle",
    "signoff",
)


def free_space(project: Project, author: str) -> int:
    """Drop the big tables that no current record needs, and return how many; their records stay.

    Raises
    ------
    NotReadyError
        When work is running that may need them.
    """
    _idle(project)
    records = [project.head(kind) for kind in project.heads()]
    current = {record.short for record in records if record and project.is_current(record)}
    dataset = project.head("dataset")
    raw = {facts["physical"] for facts in dataset.result["tables"].values()} if dataset else set()
    unneeded = [name for name in _tables(project) if name not in raw and name.rsplit("_", 1)[-1] not in current]
    with project.transaction() as cursor:
        for name in unneeded:
            cursor.execute(f"DROP TABLE {quoted(name)}")
        project.log_with(cursor, "freed space", author=author, tables=unneeded)
    project.cursor().execute("CHECKPOINT")
    return len(unneeded)


def erase_data(project: Project, author: str) -> int:
    """Remove the data and everything computed per row from it; a tombstone stays in the log. Return how many tables.

    The choices (frame, recipe's SQL, settings) stay as records; what was counted on the data is removed from them.

    Raises
    ------
    NotReadyError
        When work is running on it.
    """
    _idle(project)
    forget(project)
    forget_answers(project)
    names = _tables(project)
    heads = {kind: digest for kind, digest in project.heads().items() if kind in HANGS_ON_DATA}
    with project.transaction() as cursor:
        for name in names:
            cursor.execute(f"DROP TABLE {quoted(name)}")
        for kind in ("findings", "explanation", "prices"):
            cursor.execute("UPDATE records SET result = '{}' WHERE kind = ?", [kind])
        cursor.execute("DELETE FROM blobs")
        cursor.execute(f"DELETE FROM heads WHERE kind IN ({', '.join('?' * len(HANGS_ON_DATA))})", list(HANGS_ON_DATA))
        project.log_with(cursor, "erased the data", author=author, kind="dataset", heads=heads)
    project.cursor().execute("CHECKPOINT")
    return len(names)


def _tables(project: Project) -> list[str]:
    rows = project.cursor().execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
    return [name for (name,) in rows if name.startswith(PER_ROW)]


def _idle(project: Project) -> None:
    busy = project.jobs.running()
    if busy:
        raise NotReadyError(f"A {busy[0].kind} is running.", hint="Wait until it is done, or cancel it.")
