"""Several files of one schema as one table: a folder, an archive, or a pattern, with a column that names the file."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from core.errors import LoadError
from core.ingest.archive import Member, chosen, extracted, is_archive, is_data, listed, member_names, unpacked
from core.ingest.column_types import columns_of, typed
from core.ingest.source import N_REJECTED_SHOWN, Column, ReaderSettings, Rejected, Source, unique_names
from core.scoring.prepare import quoted

FILE_COLUMN = "source_file"
_TOGETHER = "source_files_together"
_PATTERN = "*?["
ReadOne = Callable[[Path, ReaderSettings], Source]


@dataclass(frozen=True, slots=True)
class Members:
    """What a path stands for: ``files`` to read, and what they are called together in a sentence."""

    files: tuple[Member, ...]
    where: str
    is_one: bool
    n_bytes: int
    sha256: str

    @property
    def is_plain(self) -> bool:
        """Whether it is one file that lies there as it will be read; its digest is left to who reads it."""
        return not self.sha256


def members_of(path: Path, settings: ReaderSettings, folder: Path) -> Members:
    """Return the files that a path stands for, unpacked: one, or those of a folder, a pattern or an archive.

    The sha256 of several files is that of a text with a line for each, "sha256, two blanks, name", in their order.

    Raises
    ------
    LoadError
        When there is nothing there, or an archive is damaged or beyond the limits.
    """
    root, wanted = path, settings.member
    if not path.exists() and any(mark in path.name for mark in _PATTERN) and path.parent.is_dir():
        root, wanted = path.parent, path.name
    if root.is_dir():
        names = chosen(file_names(root), wanted, f"the folder {root.name!r}")
        if not names:
            raise LoadError(f"The folder {root.name!r} holds no files.", hint="Choose another folder.")
        files = tuple(Member(name, (root / name).stat().st_size, root / name) for name in names)
        lines = "".join(f"{_sha256(file.path)}  {file.name}\n" for file in files)
        digest = hashlib.sha256(lines.encode()).hexdigest()
        plain = tuple(
            replace(file, path=unpacked(file.path, folder / f"file{number}")) for number, file in enumerate(files)
        )
        return Members(plain, f"the folder {root.name!r}", False, sum(file.n_bytes for file in files), digest)
    if not path.is_file():
        raise LoadError(f"There is no file {path.name!r}.", hint="Choose another file.")
    size = path.stat().st_size
    inside = unpacked(path, folder) if size else path
    if not size or not is_archive(inside):
        digest = _sha256(path) if inside != path else ""
        return Members((Member("", size, inside),), path.name, True, size, digest)
    names = chosen([name for name, _ in member_names(inside)], wanted, repr(path.name))
    if not names:
        raise LoadError(f"{path.name!r} holds no files.", hint="Choose another archive.")
    return Members(extracted(inside, names, folder), repr(path.name), len(names) == 1, size, _sha256(path))


def size_of(path: Path) -> int | None:
    """Return how many bytes a file, a folder or a pattern has on disk, packed as it is; None where nothing is."""
    if path.is_file():
        return path.stat().st_size
    if path.is_dir():
        return sum((path / name).stat().st_size for name in file_names(path))
    if any(mark in path.name for mark in _PATTERN) and path.parent.is_dir():
        return sum(found.stat().st_size for found in path.parent.rglob(path.name) if found.is_file())
    return None


def file_names(folder: Path) -> list[str]:
    """Return the files below a folder that hold data, by name, without those that begin with a dot or underscore."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if is_data(name))


def read_together(
    members: Members, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, read_one: ReadOne
) -> Source:
    """Read files into one temporary table, ``Source.table``, in the order of their names.

    Parameters
    ----------
    read_one : reads one plain file with settings into a temporary table of ``connection``.

    Columns are matched by name. Where a column's type differs from text file to text file it is found again over the
    values of all; elsewhere whole numbers widen, and any other difference is an error. The column ``source_file``
    says which file a row is from.

    Raises
    ------
    LoadError
        When a file's columns differ from those of the first; the sentence names the file and the column.
    """
    reading = _Reading(members, connection, settings, read_one)
    conflicts = reading.read({})
    if conflicts:
        reading.read(dict.fromkeys(conflicts, "VARCHAR"))
        typed(connection, _TOGETHER, sorted(conflicts), settings)
    return reading.source()


class _Reading:
    """One reading of all files: the first file decides on the columns."""

    def __init__(
        self, members: Members, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, read_one: ReadOne
    ) -> None:
        self.members, self.connection, self.settings, self.read_one = members, connection, settings, read_one
        self.first: Source | None = None
        self.first_name = ""
        self.rejected: list[Rejected] = []
        self.n_rejected = 0
        self.n_repaired = 0
        self.notes: list[str] = []
        self.file_column = FILE_COLUMN

    def read(self, fixed: dict[str, str]) -> set[str]:
        """Read all files into one table; return the columns whose types differ and that shall be read as text."""
        self.first, self.rejected, self.n_rejected, self.n_repaired, self.notes = None, [], 0, 0, []
        conflicts: set[str] = set()
        types = {name: kind for name, kind in self.settings.types.items() if name != FILE_COLUMN} | fixed
        wanted = replace(self.settings, types=types, member="")
        for member in self.members.files:
            if _is_without_rows(
                member.path, self.settings.header if self.first is None else self.first.settings.header
            ):
                self.notes.append(f"{member.name} has no rows.")
                continue
            source = self._one(member, wanted)
            if self.first is None:
                self._begin(member, source)
            else:
                conflicts |= self._add(member, source, types)
        if self.first is None:
            raise LoadError(f"No file of {self.members.where} has rows.", hint="Choose others.")
        return conflicts

    def source(self) -> Source:
        """Return what was read, with its final types."""
        columns = columns_of(self.connection, _TOGETHER)
        n_rows = self.connection.execute(f"SELECT count(*) FROM {quoted(_TOGETHER)}").fetchall()[0][0]
        used = replace(
            self.first.settings,
            member=self.settings.member,
            types={column.name: column.type for column in columns},
        )
        return replace(
            self.first,
            settings=used,
            columns=columns,
            n_rows=int(n_rows),
            rejected=tuple(self.rejected[:N_REJECTED_SHOWN]),
            n_rejected=self.n_rejected,
            n_repaired=self.n_repaired,
            notes=tuple(dict.fromkeys(self.notes)),
            table=_TOGETHER,
        )

    def _one(self, member: Member, wanted: ReaderSettings) -> Source:
        """Read one file: by itself, and where that gives other columns than the first has, as the first was read."""
        try:
            source = self.read_one(member.path, wanted)
        except LoadError as error:
            raise LoadError(f"{member.name}: {error.problem}", hint=error.hint or self._choose()) from error
        if self.first is None or source.settings.kind != "csv" or _folded(source) == _folded(self.first):
            return source
        used = self.first.settings
        alike = replace(
            wanted,
            kind="csv",
            delimiter=used.delimiter,
            quote=used.quote,
            escape=used.escape,
            comment=used.comment,
            header=used.header,
        )
        try:
            return self.read_one(member.path, alike)
        except LoadError:
            return self.read_one(member.path, wanted)

    def _begin(self, member: Member, source: Source) -> None:
        self.first, self.first_name = source, member.name
        self.file_column = unique_names([*(column.name for column in source.columns), FILE_COLUMN])[-1]
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {quoted(_TOGETHER)} AS SELECT *, CAST(? AS VARCHAR) AS"
            f" {quoted(self.file_column)} FROM {quoted(source.table)}",
            [member.name],
        )
        self._count(member, source)

    def _add(self, member: Member, source: Source, types: dict[str, str]) -> set[str]:
        self._require_columns(member, source)
        theirs = {column.name.casefold(): column for column in source.columns}
        conflicts: set[str] = set()
        selected = []
        for column in columns_of(self.connection, _TOGETHER)[:-1]:
            other = theirs[column.name.casefold()]
            kind = column.type
            if other.type != kind and column.name not in types:
                kind = self._wider(member, source, column, other)
                if not kind:
                    conflicts.add(column.name)
                    kind = "VARCHAR"
                if kind != column.type:
                    self.connection.execute(f"ALTER TABLE {quoted(_TOGETHER)} ALTER {quoted(column.name)} TYPE {kind}")
            selected.append(f"CAST({quoted(other.name)} AS {kind})")
        self.connection.execute(
            f"INSERT INTO {quoted(_TOGETHER)} SELECT {', '.join(selected)}, ? FROM {quoted(source.table)}",
            [member.name],
        )
        self._count(member, source)
        return conflicts

    def _wider(self, member: Member, source: Source, column: Column, other: Column) -> str:
        """Return the type that holds both columns, "" for two texts that have to be read again as text."""
        if source.settings.kind == "csv" and self.first.settings.kind == "csv":
            return ""
        both = {column.type, other.type}
        if both <= set(_BITS):
            return next(kind for kind in _SIGNED if _BITS[kind] >= max(_BITS[one] for one in both))
        if both <= {*_IN_DOUBLE, "FLOAT", "DOUBLE"}:
            return "DOUBLE"
        for table, name, kind in (
            (_TOGETHER, column.name, other.type),
            (source.table, other.name, column.type),
        ):
            if self.connection.execute(f"SELECT count({quoted(name)}) FROM {quoted(table)}").fetchall()[0][0] == 0:
                return kind
        raise LoadError(
            f"Column {column.name!r} is {other.type} in {member.name!r} and {column.type} in {self.first_name!r}.",
            hint=f"Make them the same, or {self._choose()}",
        )

    def _require_columns(self, member: Member, source: Source) -> None:
        ours, theirs = _folded(self.first), _folded(source)
        for missing, has_not, has in ((ours, member.name, self.first_name), (theirs, self.first_name, member.name)):
            other = theirs if missing is ours else ours
            alone = next((name for folded, name in missing.items() if folded not in other), None)
            if alone is not None:
                raise LoadError(
                    f"{has_not!r} has no column {alone!r}, which {has!r} has.",
                    hint=f"Files of one table have the same columns; {self._choose()}",
                )

    def _choose(self) -> str:
        return f"choose one file, or a pattern such as *.csv, of: {listed([file.name for file in self.members.files])}."

    def _count(self, member: Member, source: Source) -> None:
        self.n_rejected += source.n_rejected
        self.n_repaired += source.n_repaired
        self.notes += source.notes
        self.rejected += [replace(one, reason=f"In {member.name}: {one.reason}") for one in source.rejected]


# How many bits a signed whole number needs for all values of a type; and those that a DOUBLE holds exactly.
_BITS = {"TINYINT": 8, "UTINYINT": 16, "SMALLINT": 16, "USMALLINT": 32, "INTEGER": 32, "UINTEGER": 64, "BIGINT": 64}
_SIGNED = {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64}
_IN_DOUBLE = ("TINYINT", "UTINYINT", "SMALLINT", "USMALLINT", "INTEGER", "UINTEGER")


def _folded(source: Source) -> dict[str, str]:
    return {column.name.casefold(): column.name for column in source.columns}


def _is_without_rows(path: Path, header: bool | None) -> bool:
    """Say whether a file is empty, or a text of no more than a header, where files have one."""
    if path.stat().st_size > 1 << 16:
        return False
    content = path.read_bytes().replace(b"\x00", b"").strip(b"\xff\xfe\xef\xbb\xbf \t\r\n")
    is_line = b"\n" not in content and b"\r" not in content and content[:1] not in b"{["
    return not content or (is_line and header is not False and _is_text(content))


def _is_text(content: bytes) -> bool:
    return not any(byte < 9 for byte in content) and content[:4] != b"PAR1"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
