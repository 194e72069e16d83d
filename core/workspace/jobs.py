"""Long work in the background: progress from counted work, time left, cancel, and a mark when a crash cut it short."""

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

import duckdb

from core.errors import CancelledError, ConflictError, TouchstoneError

if TYPE_CHECKING:
    from core.workspace.project import Project

State = Literal["running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class JobView:
    """How a job stands. ``share`` is in [0, 1]; ``seconds_left`` is None while nothing has been counted."""

    id: str
    kind: str
    state: State
    share: float
    message: str
    seconds_left: float | None
    problem: str
    hint: str
    started_at: datetime


class Interruptible(Protocol):
    """Something whose work another thread can stop: a connection of DuckDB, or what reads from a server."""

    def interrupt(self) -> None:
        """Stop what runs."""


_Running = TypeVar("_Running", bound=Interruptible)


class Job:
    """What a job's work is given: to count progress, to ask whether to stop, to let cancel interrupt a query."""

    def __init__(self, project: "Project", kind: str, key: str, author: str) -> None:
        """Start the clock; the thread is started by ``Jobs``."""
        self.id = uuid.uuid4().hex[:12]
        self.project = project
        self.kind = kind
        self.key = key
        self.author = author
        self.state: State = "running"
        self.share = 0.0
        self.message = ""
        self.problem = ""
        self.hint = ""
        self.started_at = datetime.now(UTC)
        self.thread: threading.Thread | None = None
        self._clock = time.monotonic()
        self._stop = threading.Event()
        self._interrupts: list[Callable[[], None]] = []

    def progress(self, done: float, total: float, message: str = "") -> None:
        """Say how much of the counted work is done.

        Raises
        ------
        CancelledError
            When a person asked to stop.
        """
        self.check()
        self.share = min(1.0, done / total) if total else 0.0
        if message:
            self.message = message

    def part(self, low: float, high: float) -> Callable[[float, float, str], None]:
        """Return a ``progress`` that fills only the part of the bar from ``low`` to ``high``."""
        return lambda done, total, message="": self.progress(low + (high - low) * done / max(total, 1e-9), 1.0, message)

    def cancelled(self) -> bool:
        """Return whether a person asked to stop."""
        return self._stop.is_set()

    def check(self) -> None:
        """Raise CancelledError when a person asked to stop."""
        if self._stop.is_set():
            raise CancelledError("The work was cancelled.", hint="Nothing was recorded; start it again when you like.")

    def interruptible(self, connection: _Running) -> _Running:
        """Let cancel interrupt what runs on a connection; return that connection."""
        self._interrupts.append(connection.interrupt)
        return connection

    def cancel(self) -> None:
        """Ask the work to stop at the next count, and interrupt its queries."""
        self._stop.set()
        for interrupt in list(self._interrupts):
            with suppress(duckdb.ConnectionException):  # it has been closed in the meantime
                interrupt()

    def view(self) -> JobView:
        """Return how the job stands now."""
        left = None
        if self.state == "running" and self.share > 0.02:
            left = (time.monotonic() - self._clock) * (1.0 - self.share) / self.share
        return JobView(
            self.id, self.kind, self.state, self.share, self.message, left, self.problem, self.hint, self.started_at
        )


class Jobs:
    """The jobs of one project; at most one of a kind runs at a time."""

    def __init__(self, project: "Project") -> None:
        """Begin with none; earlier ones are rows of the file."""
        self._project = project
        self._lock = threading.Lock()
        self._latest: dict[str, Job] = {}

    def start(self, kind: str, work: Callable[[Job], None], *, author: str, key: str = "") -> str:
        """Run ``work`` in a thread of its own and return the job's id; the same key while it runs gives the same job.

        Raises
        ------
        ConflictError
            When other work of this kind is running.
        """
        with self._lock:
            running = self._latest.get(kind)
            if running and running.state == "running":
                if running.key == key:
                    return running.id
                raise ConflictError(f"Another {kind} is running.", hint="Wait until it is done, or cancel it.")
            job = Job(self._project, kind, key, author)
            self._latest[kind] = job
            self._insert(job)
            job.thread = threading.Thread(target=self._run, args=(job, work), name=f"{kind}-{job.id}", daemon=True)
            job.thread.start()
        return job.id

    def latest(self, kind: str) -> JobView | None:
        """Return how the newest job of a kind stands, also one that an earlier process ran."""
        job = self._latest.get(kind)
        if job:
            return job.view()
        row = (
            self._project.cursor()
            .execute(
                "SELECT id, state, message, hint, started_at FROM jobs WHERE kind = ? ORDER BY started_at DESC LIMIT 1",
                [kind],
            )
            .fetchone()
        )
        if row is None:
            return None
        return JobView(
            row[0], kind, row[1], 1.0 if row[1] == "done" else 0.0, "", None, row[2], row[3], row[4].replace(tzinfo=UTC)
        )

    def running(self) -> list[JobView]:
        """Return the jobs that run now."""
        return [job.view() for job in list(self._latest.values()) if job.state == "running"]

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; nothing happens when it has ended."""
        for job in list(self._latest.values()):
            if job.id == job_id and job.state == "running":
                job.cancel()

    def wait(self, kind: str, timeout_seconds: float | None = None) -> JobView | None:
        """Wait until the newest job of a kind has ended, for callers without a screen."""
        job = self._latest.get(kind)
        if job and job.thread:
            job.thread.join(timeout_seconds)
        return self.latest(kind)

    def stop(self) -> None:
        """Cancel what runs and wait for it."""
        for job in list(self._latest.values()):
            if job.state == "running":
                job.cancel()
                if job.thread and job.thread is not threading.current_thread():
                    job.thread.join(30)

    def mark_interrupted(self) -> None:
        """Mark the jobs that an earlier process did not end as failed."""
        with self._project.transaction() as cursor:
            cursor.execute(
                "UPDATE jobs SET state = 'failed', message = 'The program stopped while this was running.',"
                " hint = 'Nothing half-done was recorded; start it again.', ended_at = ? WHERE state = 'running'",
                [datetime.now(UTC)],
            )

    def _run(self, job: Job, work: Callable[[Job], None]) -> None:
        try:
            work(job)
            job.share, state = 1.0, "done"
        except CancelledError as error:
            job.problem, job.hint, state = error.problem, error.hint, "cancelled"
        except TouchstoneError as error:
            job.problem, job.hint, state = error.problem, error.hint, "failed"
        except duckdb.InterruptException:
            job.problem, state = "The work was cancelled.", "cancelled"
            job.hint = "Nothing was recorded; start it again when you like."
        except Exception as error:
            job.problem, state = f"{type(error).__name__}: {error}", "failed"
            job.hint = "This is a fault of the program, not of your data; its log has the details."
            self._end(job, "failed")
            raise
        self._end(job, state)

    def _insert(self, job: Job) -> None:
        with self._project.transaction() as cursor:
            cursor.execute(
                "INSERT INTO jobs VALUES (?, ?, ?, 'running', '', '', ?, NULL)",
                [job.id, job.kind, job.author, job.started_at],
            )

    def _end(self, job: Job, state: State) -> None:
        with self._project.transaction() as cursor:
            cursor.execute(
                "UPDATE jobs SET state = ?, message = ?, hint = ?, ended_at = ? WHERE id = ?",
                [state, job.problem, job.hint, datetime.now(UTC), job.id],
            )
        job.state = state
