"""Reading row by row and unpacking stop when a person asks, where no query runs that could be interrupted."""

import gzip

import pytest

from core.errors import CancelledError
from core.ingest import ReaderSettings, read_source
from core.ingest.dialect import dialect_of
from core.ingest.lenient import rewritten
from core.ingest.stopping import check, until
from core.workspace.connection import open_reader

RAGGED = "a,b\n" + "1,2\n" * 3_000 + "1,2,3\n"


def stopped() -> None:
    raise CancelledError("The work was cancelled.", hint="Start it again.")


def test_nobody_is_asked_outside_and_the_one_before_again_after(tmp_path):
    check()
    with pytest.raises(CancelledError), until(stopped):
        check()
    check()


def test_rows_are_gone_through_until_somebody_asks_to_stop(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(RAGGED)
    dialect, target = dialect_of(RAGGED, ReaderSettings()), tmp_path / "rewritten.txt"
    n_asked = []

    def second() -> None:
        n_asked.append(1)
        if len(n_asked) == 2:
            stopped()

    with pytest.raises(CancelledError), until(second):
        rewritten(path, dialect, target)
    assert 1_000 < target.read_text().count("\n") < 2_100


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_a_source_that_was_stopped_can_be_read_afterwards(tmp_path, name):
    path, reader = tmp_path / name, open_reader(tmp_path / "reader")
    path.write_bytes(gzip.compress(RAGGED.encode()) if name.endswith(".gz") else RAGGED.encode())
    with pytest.raises(CancelledError), until(stopped):
        read_source(path, reader, folder=tmp_path)
    source = read_source(path, reader, folder=tmp_path)
    assert (source.n_rows, source.n_rejected) == (3_000, 1)
    reader.close()
