"""A PostgreSQL server of the tests' own: made in a temporary folder, on a free port, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "s3cret/p@ss:word"
ABSENT = "No PostgreSQL server was found: install one (on Debian: apt-get install postgresql) for these tests."


@dataclass(frozen=True)
class Postgres:
    """A server that listens on localhost and on a socket in ``folder``; user postgres, database postgres."""

    port: int
    folder: Path

    def url(self, password: str = PASSWORD, database: str = "postgres") -> str:
        """Return an SQLAlchemy URL with nothing but the driver's default left open."""
        from sqlalchemy import URL

        made = URL.create("postgresql", "postgres", password, "127.0.0.1", self.port, database)
        return made.render_as_string(hide_password=False)

    def execute(self, *statements: str) -> list[tuple[object, ...]]:
        """Run statements, each by itself, and return the rows of the last."""
        import psycopg

        found: list[tuple[object, ...]] = []
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", password=PASSWORD, autocommit=True
        ) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
                found = cursor.fetchall() if cursor.description else []
        return found


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest there are, or None."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]), reverse=True
    )
    if debian:
        return debian[0].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def running() -> Iterator[Postgres | None]:
    """Start a server, give it, and stop it; gives None where PostgreSQL is not installed."""
    programs = binaries()
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="touchstone-pg-", dir="/tmp"))
    try:
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        _hand_over(folder)
        data = folder / "data"
        _run(
            [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8"]
            + ["--locale=C.UTF-8", "--no-sync", f"--pwfile={secret}"]
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [*_as_somebody(), str(programs / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder)]
            + ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=40"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            _await(programs, port, server)
            yield Postgres(port, folder)
        finally:
            _run([str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"])
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Return a running server; skip where PostgreSQL is not installed, or fail where it is required."""
    with running() as server:
        if server is None and os.environ.get("TOUCHSTONE_POSTGRES_REQUIRED"):
            pytest.fail(ABSENT)
        if server is None:
            pytest.skip(ABSENT)
        yield server


def _as_somebody() -> list[str]:
    """Return what to put before a command: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _hand_over(folder: Path) -> None:
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, "postgres", "postgres")


def _run(command: list[str]) -> None:
    subprocess.run([*_as_somebody(), *command], check=True, capture_output=True, cwd="/tmp", timeout=60)


def _await(programs: Path, port: int, server: subprocess.Popen) -> None:
    for _ in range(150):
        ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        if subprocess.run(ready, check=False).returncode == 0:
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start.")
