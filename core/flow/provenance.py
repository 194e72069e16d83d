"""Where tables are from, and what changed when a source was loaded again."""

from dataclasses import dataclass

from core.errors import NotReadyError
from core.flow.loading import TableInfo
from core.ingest import Column
from core.quality.comparison import Comparison, compare
from core.workspace import Project, Record
from core.workspace.plain import from_plain, to_plain


@dataclass(frozen=True, slots=True)
class Version:
    """One load of a table: the dataset that it came in with, and what is known of it."""

    digest: str
    table: TableInfo


@dataclass(frozen=True, slots=True)
class SourceChange:
    """What differs between two loads of a table.

    Attributes
    ----------
    before, after : the two, as recorded.
    settings : (what, before, after) of the reader's settings that differ, as text; types are told as ``retyped``.
    added, removed : names of columns that only the one or the other has.
    retyped : (name, type before, type after).
    rows : what differs in the rows, or None where ``why_not`` says why that cannot be told.
    """

    before: Version
    after: Version
    settings: tuple[tuple[str, str, str], ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    retyped: tuple[tuple[str, str, str], ...]
    rows: Comparison | None
    why_not: str = ""

    @property
    def same_bytes(self) -> bool:
        """Whether both are of one file, read in two ways."""
        return self.before.table.sha256 == self.after.table.sha256


def versions(project: Project, table: str) -> tuple[Version, ...]:
    """Return every different load of a table, the current one first, then the newest."""
    head = project.heads().get("dataset")
    records = sorted(project.history("dataset"), key=lambda record: record.digest != head)
    found: dict[str, Version] = {}
    for record in records:
        info = _table(record, table)
        if info is not None:
            found.setdefault(info.physical, Version(record.digest, info))
    return tuple(found.values())


def changes(project: Project, table: str, before: str, after: str) -> SourceChange:
    """Compare a table as it was in two datasets: its schema, its rows, and column by column its values.

    Parameters
    ----------
    before, after : digests of datasets, or their first digits.

    Raises
    ------
    NotReadyError
        When one of them is not there, or has no such table.
    """
    old, new = _version(project, table, before), _version(project, table, after)
    types = [dict(version.table.columns) for version in (old, new)]
    both = [name for name in types[1] if name in types[0]]
    gone = [version for version in (old, new) if not project.has_table(version.table.physical)]
    why_not = ""
    if gone:
        when = gone[0].table.loaded_at[:16].replace("T", " ")
        why_not = (
            f"The rows of {when} UTC are no longer kept: they were freed or erased. Load that file again to compare."
        )
    return SourceChange(
        old,
        new,
        _settings(old.table, new.table),
        tuple(name for name in types[1] if name not in types[0]),
        tuple(name for name in types[0] if name not in types[1]),
        tuple((name, types[0][name], types[1][name]) for name in both if types[0][name] != types[1][name]),
        None if gone else _rows(project, old.table, new.table),
        why_not,
    )


def _rows(project: Project, old: TableInfo, new: TableInfo) -> Comparison:
    columns = [[Column(name, kind) for name, kind in table.columns] for table in (old, new)]
    return compare(project.cursor(), (old.physical, new.physical), columns[0], columns[1])


def _settings(old: TableInfo, new: TableInfo) -> tuple[tuple[str, str, str], ...]:
    said = [
        {name: value for name, value in to_plain(table.settings).items() if name != "types"} for table in (old, new)
    ]
    return tuple(
        (name, _text(said[0][name]), _text(said[1][name])) for name in said[1] if said[0][name] != said[1][name]
    )


def _text(value: object) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _version(project: Project, table: str, digest: str) -> Version:
    record = project.record(digest)
    info = _table(record, table) if record is not None and record.kind == "dataset" else None
    if record is None or info is None:
        known = ", ".join(version.digest[:12] for version in versions(project, table)) or "none yet"
        raise NotReadyError(f"There is no table {table!r} in a dataset {digest!r}.", hint=f"Choose one of {known}.")
    return Version(record.digest, info)


def _table(record: Record, name: str) -> TableInfo | None:
    entry = next((entry for entry in record.body["tables"] if entry["name"] == name), None)
    facts = record.result.get("tables", {}).get(name)
    return from_plain(TableInfo, entry | facts) if entry and facts else None
