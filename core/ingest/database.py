"""Reads a table or a query of a database as a stream of Arrow batches, never whole into memory."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType

import pyarrow as pa

from core.errors import LoadError
from core.ingest.canonical import CanonicalDigest
from core.ingest.connecting import ConnectionSpec
from core.ingest.database_errors import is_driver_error, sentence_of
from core.ingest.database_session import Rows, Session, session_of
from core.ingest.database_tables import query_of
from core.ingest.database_types import ColumnPlan, kind_of, merged
from core.ingest.source import unique_names

_FIRST_ROWS, _FEWEST_ROWS, _MOST_ROWS = 1_000, 20, 5_000
_BATCH_BYTES = 2_000_000
_WAIT_SECONDS = 0.1
_STOP_TRIES = 20


class WiderError(Exception):
    """Values came that the types found so far do not hold; ``kinds`` hold all of them, so reading starts again."""

    def __init__(self, kinds: Sequence[str]) -> None:
        """Keep the kinds, one per column."""
        super().__init__(*kinds)
        self.kinds = tuple(kinds)


class DatabaseStream:
    """The rows of one query, read by a thread of its own while the caller stores those before them.

    Parameters
    ----------
    said : a table's name, or one SELECT.
    check : raises CancelledError when a person asked to stop; asked ten times a second while waiting.
    kinds : the columns' kinds, where an earlier reading ended in WiderError.

    Attributes
    ----------
    n_rows : how many have been handed over.
    failure : what ended the stream early, since DuckDB hides what is raised inside a stream.
    """

    def __init__(
        self, connection: ConnectionSpec, said: str, check: Callable[[], None], kinds: Sequence[str] = ()
    ) -> None:
        """Start reading and wait for the first rows.

        Raises
        ------
        LoadError, SqlError
            When there is no way in, no such table, or the database refuses the query.
        """
        self.failure: Exception | None = None
        self.n_rows = 0
        self._connection, self._said, self._kinds, self._check = connection, said, tuple(kinds), check
        self._query = ""
        self._session: Session | None = None
        self._plans: list[ColumnPlan] = []
        self._batches: queue.Queue[pa.RecordBatch | None] = queue.Queue(2)
        self._closed = threading.Event()
        self._read_error: Exception | None = None
        self._thread = threading.Thread(target=self._read, name="database-rows", daemon=True)
        self._thread.start()
        try:
            self._first = self._next()
        except BaseException:
            self.close()
            raise
        if self._first is None:
            self.close()
            raise LoadError("The query gives no rows.", hint="Choose another table, or ask for more.")

    @property
    def n_expected(self) -> int | None:
        """How many rows the server thinks there are."""
        return self._session.n_expected if self._session else None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, which differ and are not blank."""
        return tuple(self._first.schema.names)

    @property
    def plans(self) -> tuple[ColumnPlan, ...]:
        """How each column was read."""
        return tuple(self._plans)

    @property
    def sha256(self) -> str:
        """The digest of all rows, once they were read."""
        return self._sha256

    @property
    def n_bytes(self) -> int:
        """How many bytes were digested."""
        return self._digest.n_bytes

    def reader(self, progress: Callable[[int], None]) -> pa.RecordBatchReader:
        """Return the rows as a stream; ``progress`` is told how many have been handed over."""
        return pa.RecordBatchReader.from_batches(self._first.schema, self._handed_over(progress))

    def interrupt(self) -> None:
        """Stop the query on the server; for another thread, as a connection of DuckDB has it."""
        self.close()

    def close(self) -> None:
        """Let go of the database, whatever it is doing; what does not stop at once is left to stop by itself."""
        if not self._closed.is_set():
            self._closed.set()
            if self._session and self._thread.is_alive():
                threading.Thread(target=self._stop, args=(self._session,), name="database-stop", daemon=True).start()

    def __enter__(self) -> "DatabaseStream":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _handed_over(self, progress: Callable[[int], None]) -> Iterator[pa.RecordBatch]:
        batch = self._first
        try:
            while batch is not None:
                self.n_rows += batch.num_rows
                progress(self.n_rows)
                yield batch
                batch = self._next()
        except Exception as error:
            self.failure = error
            raise

    def _next(self) -> pa.RecordBatch | None:
        while True:
            self._check()
            try:
                found = self._batches.get(timeout=_WAIT_SECONDS)
            except queue.Empty:
                if self._closed.is_set():
                    self._check()
                    raise LoadError("The reading was stopped.", hint="Start it again.") from None
                continue
            if found is None and self._read_error is not None:
                raise self._explained(self._read_error)
            return found

    def _explained(self, error: Exception) -> Exception:
        if not is_driver_error(error):
            return error
        offset = self._session.offset if self._session else 0
        made = sentence_of(error, self._connection, query=self._query, offset=offset, n_rows=self.n_rows)
        made.__cause__ = error
        return made

    # What follows runs in the thread that reads.

    def _read(self) -> None:
        with _Handed(self):
            self._query = query_of(self._connection, self._said)
            if not self._closed.is_set():
                self._session = session_of(self._connection)
                self._read_with(self._session)
        self._put(None)

    def _read_with(self, session: Session) -> None:
        try:
            if not self._closed.is_set():
                session.start(self._query)
                self._read_rows(session)
        finally:
            session.close()

    def _read_rows(self, session: Session) -> None:
        rows = session.fetch(_FIRST_ROWS)
        if not rows:
            return
        self._plans = session.plans(rows, self._kinds)
        names = unique_names([plan.name for plan in self._plans])
        if not names:
            raise LoadError("The query gives no columns.", hint="Name at least one after SELECT.")
        schema = pa.schema([(name, plan.type) for name, plan in zip(names, self._plans, strict=True)])
        self._digest = CanonicalDigest(schema)
        while rows and not self._closed.is_set():
            columns = list(zip(*rows, strict=True))
            self._require_kinds(columns, session)
            arrays = [plan.array(values) for plan, values in zip(self._plans, columns, strict=True)]
            batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
            self._digest.update(batch)
            self._put(batch)
            per_row = max(1, batch.nbytes // batch.num_rows)
            rows = session.fetch(max(_FEWEST_ROWS, min(_MOST_ROWS, _BATCH_BYTES // per_row)))
        self._sha256 = self._digest.hexdigest()

    def _require_kinds(self, columns: Sequence[Sequence[object]], session: Session) -> None:
        """Go on to the end to find the kinds of all columns when those found so far do not hold these rows."""
        kinds = [plan.kind for plan in self._plans]
        if not any(kinds) or _with(kinds, columns) == kinds:
            return
        if self._kinds:
            raise LoadError("The rows changed while they were read.", hint="Start it again.")
        kinds = _with(kinds, columns)
        while not self._closed.is_set():
            rows: Rows = session.fetch(_MOST_ROWS)
            if not rows:
                break
            kinds = _with(kinds, list(zip(*rows, strict=True)))
        raise WiderError(kinds)

    def _put(self, batch: pa.RecordBatch | None) -> None:
        while not self._closed.is_set():
            try:
                return self._batches.put(batch, timeout=_WAIT_SECONDS)
            except queue.Full:
                continue
        return None

    def _stop(self, session: Session) -> None:
        with _Handed(self):
            for _ in range(_STOP_TRIES):
                # More than once: the query may have been about to start.
                session.cancel()
                self._thread.join(0.5)
                if not self._thread.is_alive():
                    break


class _Handed:
    """Keeps what a thread raises for the thread that waits for it."""

    def __init__(self, stream: DatabaseStream) -> None:
        self._stream = stream

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, Exception):
            self._stream._read_error = self._stream._read_error or error
            return True
        return False


def _with(kinds: Sequence[str], columns: Sequence[Sequence[object]]) -> list[str]:
    return [merged(kind, kind_of(values)) for kind, values in zip(kinds, columns, strict=True)]
