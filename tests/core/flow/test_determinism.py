"""The same choices give the same digests and the same bytes, on any number of threads."""

import hashlib

import pyarrow as pa
import pytest

from core import flow
from core.workspace import Project, home
from core.workspace.sandbox import forget
from tests.core.flow.conftest import AUTHOR, Make, finish, judge, train

# Sums of floats depend on the order of adding, and rows of a join come in any order on several threads.
DELICATE = (
    "SELECT cases.*, g.total, g.mean FROM cases JOIN "
    "(SELECT c, sum(a / 3) AS total, avg(b * 1e9) AS mean FROM cases GROUP BY c) AS g USING (c)"
)

BYTES: set[str] = set()  # of both numbers of threads


def content(project: Project) -> str:
    table = f"prepared_{project.head('recipe').short}"
    rows = project.cursor().sql(f'SELECT * FROM "{table}"').to_arrow_table().combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows, max_chunksize=10**9)
    return hashlib.sha256(sink.getvalue()).hexdigest()


@pytest.mark.parametrize("threads", ["1", "4"])
def test_preparation_five_times_gives_the_same_bytes(make: Make, monkeypatch: pytest.MonkeyPatch, threads: str) -> None:
    monkeypatch.setenv("TOUCHSTONE_THREADS", threads)
    project = make(n=500_000)
    seen = set()
    for _ in range(5):
        forget(project)
        flow.start_prepare(project, [flow.Step("prepared", DELICATE)], AUTHOR)
        finish(project, "prepare")
        seen.add(content(project))
    assert len(seen) == 1
    BYTES.update(seen)
    assert len(BYTES) == 1, "one thread and four differ"


def digests(project: Project) -> dict[str, str]:
    return {kind: digest for kind, digest in project.heads().items() if kind != "bundle"}


def test_the_same_chain_twice_gives_the_same_digests_and_the_same_model_bytes(
    make: Make, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for place in ("one", "two"):
        monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / place))
        project = make(n=800)
        train(project, 60.0)
        judge(project)
        models = {one.name: one.files for one in flow.run(project).candidates}
        found.append((digests(project), models))
        home.close_all()
    assert found[0] == found[1]


def test_the_digest_of_a_bundle_repeats(make: Make) -> None:
    project = make()
    train(project)
    judge(project)
    seen = set()
    for _ in range(2):
        flow.start_export(project, AUTHOR)
        finish(project, "export")
        seen.add(flow.bundle(project).content_digest)
    assert len(seen) == 1
