"""One project: a DuckDB file of records, tables, blobs, jobs and events."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from core.errors import ConflictError, NotReadyError
from core.workspace.connection import open_file
from core.workspace.jobs import Jobs
from core.workspace.records import Event, Record, canonical, digest_of
from core.workspace.schema import migrate

ANY = "any"
"""Stands for "whatever the head is" where a caller does not compare before it sets."""


def _now() -> datetime:
    return datetime.now(UTC)


class Project:
    """The only way to a project's file; sessions of one process share it.

    Parameters
    ----------
    path : the file, which exists.

    Raises
    ------
    LockedError
        When another process holds the file.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, lift it to this format, and mark jobs that a crash cut short."""
        self.path = path
        self.slug = path.stem
        self._connection = open_file(path)
        self._lock = threading.RLock()
        try:
            migrate(self._connection.cursor())
        except Exception:
            self._connection.close()
            raise
        self.jobs = Jobs(self)
        self.jobs.mark_interrupted()

    def close(self) -> None:
        """Stop its jobs and let go of the file."""
        self.jobs.stop()
        self._connection.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own to read with; it shares the file's settings."""
        return self._connection.cursor()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One action, all or nothing: commits at the end, rolls back when anything is raised."""
        cursor = self.cursor()
        cursor.execute("BEGIN TRANSACTION")
        try:
            yield cursor
            cursor.execute("COMMIT")
        except duckdb.TransactionException as error:
            raise ConflictError(
                "Somebody else saved the same thing in the meantime.", hint="Look at what they saved, then try again."
            ) from error
        except BaseException:
            try:
                cursor.execute("ROLLBACK")
            except duckdb.Error:
                pass  # a failed COMMIT has already rolled back
            raise
        finally:
            cursor.close()

    @property
    def name(self) -> str:
        """The project's name as its author typed it."""
        return self.meta("name") or self.slug

    def meta(self, key: str) -> str | None:
        """Return one fact about the file itself."""
        row = self.cursor().execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Set one fact about the file itself."""
        with self._lock, self.transaction() as cursor:
            cursor.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])

    def swap_meta(self, key: str, seen: str | None, value: str) -> bool:
        """Set one fact if it is still what was seen (None for not yet set); return whether it was."""
        with self._lock:
            if self.meta(key) != seen:
                return False
            self.set_meta(key, value)
            return True

    def head(self, kind: str) -> Record | None:
        """Return the current record of a kind, stale or not."""
        return self._one("digest = (SELECT digest FROM heads WHERE kind = ?)", [kind])

    def record(self, digest: str) -> Record | None:
        """Return a record by its digest, or by the first digits of it."""
        return self._one("starts_with(digest, ?)", [digest]) if digest else None

    def history(self, kind: str) -> list[Record]:
        """Return every record of a kind, newest first."""
        return self._many("kind = ?", [kind])

    def is_current(self, record: Record) -> bool:
        """Return whether everything the record was made from is still the head of its kind."""
        heads = self.heads()
        for digest in record.parents:
            parent = self.record(digest)
            if parent is None or heads.get(parent.kind) != digest or not self.is_current(parent):
                return False
        return True

    def heads(self) -> dict[str, str]:
        """Return the digest of the current record of each kind."""
        return dict(self.cursor().execute("SELECT kind, digest FROM heads").fetchall())

    def saved_at(self) -> datetime | None:
        """Return when anything was last saved (UTC)."""
        row = self.cursor().execute("SELECT max(saved_at) FROM heads").fetchone()
        return row[0].replace(tzinfo=UTC) if row and row[0] else None

    def save(
        self,
        kind: str,
        body: Mapping[str, Any],
        *,
        author: str,
        parents: tuple[str, ...] = (),
        result: Mapping[str, Any] | None = None,
        seen: str | None = ANY,
    ) -> Record:
        """Record a choice and make it the head of its kind, in one transaction.

        Parameters
        ----------
        seen : the head's digest that the author had before them (None for "there was none"); ``ANY`` does not compare.

        Raises
        ------
        ConflictError
            When the head is no longer the one that was seen.
        """
        with self._lock:
            try:
                with self.transaction() as cursor:
                    return self.save_with(cursor, kind, body, author=author, parents=parents, result=result, seen=seen)
            except ConflictError:
                with self.transaction() as cursor:
                    self._insert(
                        cursor, Record(kind, digest_of(kind, body, parents), parents, dict(body), {}, author, _now())
                    )
                raise

    def save_with(
        self,
        cursor: duckdb.DuckDBPyConnection,
        kind: str,
        body: Mapping[str, Any],
        *,
        author: str,
        parents: tuple[str, ...] = (),
        result: Mapping[str, Any] | None = None,
        seen: str | None = ANY,
    ) -> Record:
        """Do what ``save`` does inside a transaction that writes more than the record."""
        record = Record(kind, digest_of(kind, body, parents), parents, dict(body), dict(result or {}), author, _now())
        row = cursor.execute("SELECT digest, author FROM heads WHERE kind = ?", [kind]).fetchone()
        head = row[0] if row else None
        if seen != ANY and head not in (seen, record.digest):
            raise ConflictError(
                f"{row[1] if row else 'Somebody'} saved the {kind} while you were at it.",
                hint="Theirs is current; yours is kept in the history. Reload to see theirs, or go back to yours.",
            )
        self._insert(cursor, record)
        cursor.execute(
            "INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?)", [kind, record.digest, author, record.created_at]
        )
        if head != record.digest:
            self.log_with(cursor, f"saved {kind}", author=author, kind=kind, digest=record.digest)
        return record

    def _insert(self, cursor: duckdb.DuckDBPyConnection, record: Record) -> None:
        cursor.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [
                record.kind,
                record.digest,
                list(record.parents),
                canonical(record.body),
                canonical(record.result),
                record.author,
                record.created_at,
            ],
        )

    def use(self, kind: str, digest: str, *, author: str) -> Record:
        """Make an earlier record the head again."""
        record = self._one("kind = ? AND starts_with(digest, ?)", [kind, digest])
        if record is None:
            known = ", ".join(r.short for r in self.history(kind)) or "none yet"
            raise NotReadyError(f"There is no {kind} {digest!r} in this project.", hint=f"Choose one of {known}.")
        with self._lock, self.transaction() as cursor:
            now = _now()
            cursor.execute("INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?)", [kind, record.digest, author, now])
            self.log_with(cursor, f"went back to an earlier {kind}", author=author, kind=kind, digest=record.digest)
        return record

    def log(self, what: str, *, author: str, kind: str = "", digest: str = "", **detail: object) -> None:
        """Add a line to the log of decisions."""
        with self._lock, self.transaction() as cursor:
            self.log_with(cursor, what, author=author, kind=kind, digest=digest, **detail)

    def log_with(
        self,
        cursor: duckdb.DuckDBPyConnection,
        what: str,
        *,
        author: str,
        kind: str = "",
        digest: str = "",
        **detail: object,
    ) -> None:
        """Add a line to the log of decisions, inside a transaction."""
        cursor.execute(
            "INSERT INTO events VALUES (nextval('event_numbers'), ?, ?, ?, ?, ?, ?)",
            [_now(), author, what, kind, digest, canonical(detail)],
        )

    def events(self, what: str | None = None, n: int = 1000) -> list[Event]:
        """Return the newest lines of the log, newest first."""
        rows = self.cursor().execute(
            "SELECT created_at, author, what, kind, digest, detail FROM events"
            " WHERE ? IS NULL OR what = ? ORDER BY number DESC LIMIT ?",
            [what, what, n],
        )
        return [Event(r[0].replace(tzinfo=UTC), r[1], r[2], r[3], r[4], json.loads(r[5])) for r in rows.fetchall()]

    def has_table(self, name: str) -> bool:
        """Return whether a big table exists; those of stale records may have been dropped."""
        query = "SELECT count(*) FROM duckdb_tables() WHERE table_name = ?"
        return bool(self.cursor().execute(query, [name]).fetchone()[0])

    def _one(self, where: str, values: list[Any]) -> Record | None:
        found = self._many(where, values)
        return found[0] if found else None

    def _many(self, where: str, values: list[Any]) -> list[Record]:
        rows = self.cursor().execute(
            "SELECT kind, digest, parents, body, result, author, created_at FROM records"
            f" WHERE {where} ORDER BY created_at DESC, digest",
            values,
        )
        return [
            Record(r[0], r[1], tuple(r[2]), json.loads(r[3]), json.loads(r[4]), r[5], r[6].replace(tzinfo=UTC))
            for r in rows.fetchall()
        ]
