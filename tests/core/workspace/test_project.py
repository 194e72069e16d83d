"""The project file keeps what was confirmed, refuses what does not belong, and says so in sentences."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from core.errors import ConflictError, FormatError, NotReadyError, ProjectError
from core.workspace import Job, home
from core.workspace.ledger import holdout_of, openings, record_opening
from core.workspace.tables import read_blob, write_blob, write_table


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    yield home.create("Late flights")
    home.close_all()


def test_a_record_is_named_by_its_choices_and_parents_not_by_author_or_clock(project) -> None:
    first = project.save("dataset", {"a": 1}, author="ana")
    project.save("dataset", {"a": 2}, author="ana")
    again = project.save("dataset", {"a": 1}, author="bob")
    assert first.digest == again.digest
    assert (
        project.save("recipe", {}, author="ana", parents=(first.digest,)).digest
        != project.save("recipe", {}, author="ana").digest
    )


def test_a_change_upstream_makes_what_hangs_on_it_stale_and_going_back_makes_it_current(project) -> None:
    data = project.save("dataset", {"a": 1}, author="ana")
    recipe = project.save("recipe", {"r": 1}, author="ana", parents=(data.digest,))
    split = project.save("split", {}, author="ana", parents=(recipe.digest,))
    assert project.is_current(split)
    project.save("dataset", {"a": 2}, author="ana")
    assert not project.is_current(split)
    project.use("dataset", data.short, author="ana")
    assert project.is_current(split)
    with pytest.raises(NotReadyError, match="no dataset 'ffff'"):
        project.use("dataset", "ffff", author="ana")


def test_two_people_saving_the_same_page_the_second_hears_of_it_and_nothing_is_lost(project) -> None:
    seen = project.save("people", {"owner": "x"}, author="ana").digest
    project.save("people", {"owner": "ana's"}, author="ana", seen=seen)
    with pytest.raises(ConflictError, match="ana saved the people"):
        project.save("people", {"owner": "bob's"}, author="bob", seen=seen)
    assert project.head("people").body == {"owner": "ana's"}
    assert {"owner": "bob's"} in [record.body for record in project.history("people")]


def test_a_second_process_gets_a_sentence_not_a_trace(project) -> None:
    code = (
        "from core.errors import LockedError\nfrom core.workspace import home\n"
        "try:\n    home.open_project('late-flights')\nexcept LockedError as error:\n    print(error.problem)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "is open in another program" in out.stdout


def test_a_transaction_is_all_or_nothing(project) -> None:
    with pytest.raises(RuntimeError), project.transaction() as cursor:
        write_table(cursor, "raw_x", pa.table({"a": [1, 2]}))
        project.save_with(cursor, "dataset", {"t": "raw_x"}, author="ana")
        raise RuntimeError
    assert project.head("dataset") is None
    assert not project.has_table("raw_x")


def test_a_job_counts_its_progress_and_a_cancelled_one_leaves_nothing(project) -> None:
    started = threading.Event()

    def work(job: Job) -> None:
        with project.transaction() as cursor:
            write_table(cursor, "raw_x", pa.table({"a": [1]}))
            started.set()
            for done in range(10_000):
                job.progress(done, 10_000, f"row {done}")
                time.sleep(0.005)

    job_id = project.jobs.start("load", work, author="ana", key="x")
    assert project.jobs.start("load", work, author="bob", key="x") == job_id
    with pytest.raises(ConflictError, match="Another load is running"):
        project.jobs.start("load", work, author="bob", key="y")
    started.wait(5)
    project.jobs.cancel(job_id)
    view = project.jobs.wait("load", 5)
    assert view.state == "cancelled"
    assert not project.has_table("raw_x")


def test_a_query_that_runs_for_ever_is_interrupted_by_cancel(project) -> None:
    def work(job: Job) -> None:
        job.interruptible(project.cursor()).execute("SELECT count(*) FROM range(10000000) a, range(1000000) b")

    job_id = project.jobs.start("load", work, author="ana")
    time.sleep(0.3)
    project.jobs.cancel(job_id)
    assert project.jobs.wait("load", 5).state == "cancelled"


def test_a_process_killed_in_mid_job_leaves_what_was_confirmed_and_a_job_marked_failed(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    code = """
import os, time
import pyarrow as pa
from core.workspace import home
from core.workspace.tables import write_table
project = home.create("killed")
project.save("people", {"owner": "ana"}, author="ana")
def work(job):
    with project.transaction() as cursor:
        write_table(cursor, "raw_x", pa.table({"a": list(range(1000))}))
        project.save_with(cursor, "dataset", {"t": "raw_x"}, author="ana")
        os.kill(os.getpid(), 9)
project.jobs.start("load", work, author="ana")
time.sleep(10)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    project = home.open_project("killed")
    assert project.head("people").body == {"owner": "ana"}
    assert project.head("dataset") is None
    assert project.jobs.latest("load").state == "failed"
    home.close_all()


def test_a_download_uploads_again_and_a_changed_one_is_refused(project, tmp_path) -> None:
    record = project.save("people", {"owner": "ana"}, author="ana")
    copy = home.download(project.slug, tmp_path / "copy.bin")
    assert home.upload(copy, "Again").head("people").digest == record.digest
    for name, statement in {
        "digest": 'UPDATE records SET body = \'{"owner":"eve"}\'',
        "view": "CREATE VIEW v AS SELECT 1",
        "macro": "CREATE MACRO m(a) AS a + 1",
        "sequence": "CREATE SEQUENCE s",
        "schema": "CREATE SCHEMA other",
    }.items():
        bad = home.download(project.slug, tmp_path / f"{name}.bin")
        with duckdb.connect(str(bad)) as connection:
            connection.execute(statement)
        with pytest.raises(ProjectError):
            home.upload(bad, name)
    assert home.slugs().count("again") == 1
    assert len(home.slugs()) == 2


def test_a_newer_file_and_a_file_that_is_none_are_refused_with_a_sentence(project, tmp_path) -> None:
    newer = home.download(project.slug, tmp_path / "newer.bin")
    with duckdb.connect(str(newer)) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
    with pytest.raises(FormatError, match="format 99"):
        home.upload(newer, "newer")
    (tmp_path / "text.bin").write_text("hello" * 10_000)
    with pytest.raises(ProjectError):
        home.upload(tmp_path / "text.bin", "text")


def test_openings_are_counted_across_copies(project) -> None:
    holdout = holdout_of(["abc"], "late")
    assert openings(project, holdout) == 0
    assert record_opening(project, holdout, author="ana", policy="p", criteria="c") == 1
    twin = home.duplicate(project.slug, "twin")
    assert openings(twin, holdout) == 1
    assert record_opening(twin, holdout, author="ana", policy="p", criteria="c") == 2
    assert openings(project, holdout) == 2
    assert openings(project, holdout_of(["abc"], "cancelled")) == 0


def test_blobs_are_kept_once_by_their_content(project) -> None:
    with project.transaction() as cursor:
        digest = write_blob(cursor, b"model")
        assert write_blob(cursor, b"model") == digest
        assert read_blob(cursor, digest) == b"model"


def test_delete_removes_the_file(project) -> None:
    home.delete(project.slug)
    assert home.slugs() == []
    with pytest.raises(ProjectError, match="no project"):
        home.open_project("late-flights")
