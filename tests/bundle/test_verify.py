"""Bundles are verified where this repository cannot be seen, and a flipped byte anywhere is noticed."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.bundle import pack, verify_bundle
from core.scoring.hashes import MANIFEST, SEAL, seal, sha256
from core.scoring.layers import LAYERS
from core.scoring.scorer import Scorer
from core.scoring.verify import LAYER_NAMES, verify
from tests.bundle import isolated, made


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    return made.made(tmp_path_factory.mktemp("built"))[0]


@pytest.fixture
def copy(bundle, tmp_path) -> Path:
    target = tmp_path / "copy"
    shutil.copytree(bundle, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def files_of(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(path.relative_to(folder).as_posix() for path in found)


def flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(bytes(raw))


def reseal(folder: Path, change=lambda manifest: None) -> None:
    """Make the manifest agree with what was changed, as somebody would who means to."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for path in manifest["files"]:
        manifest["files"][path]["sha256"] = sha256((folder / path).read_bytes())
    change(manifest)
    raw = json.dumps(manifest).encode()
    (folder / MANIFEST).write_bytes(raw)
    (folder / SEAL).write_bytes(seal(raw))


@pytest.mark.parametrize("family", ["boosted_trees", "linear", "constant"])
def test_a_bundle_is_proved_where_the_repository_cannot_be_seen(tmp_path, family):
    folder, _ = made.made(tmp_path, family)
    moved = tmp_path / "moved" / "under another name"
    moved.parent.mkdir()
    folder.rename(moved)
    done = isolated.run(moved, "verify", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:-1]] == [[name, "ok"] for name in LAYER_NAMES]
    assert lines[-1] == "Proved: equal to the bit."


def test_every_score_is_the_apps_to_the_bit(bundle, tmp_path):
    for name, table in made.sources().items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    done = isolated.run(bundle, "score", str(tmp_path), "--output", str(tmp_path / "scores.parquet"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    scored = pq.read_table(tmp_path / "scores.parquet")
    app = Scorer.from_files(made.model("boosted_trees")).score(made.prepared().slice(0, 300))
    assert scored.column("score").to_pylist() == app.tolist()
    assert scored.column("id").to_pylist() == list(range(1, 301))


def test_the_bundles_own_tests_pass(bundle, tmp_path):
    command = [sys.executable, "-E", "-s", "-B", "-m", "pytest", "-q", f"--basetemp={tmp_path / 'base'}"]
    done = subprocess.run(
        command, cwd=bundle, env=isolated.environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_folder_and_zip_are_verified_from_outside(bundle, tmp_path):
    archive = tmp_path / "bundle.zip"
    archive.write_bytes(pack(bundle))
    for path in (bundle, archive):
        report = verify_bundle(path)
        assert report.ok
        assert report.mode == "equal to the bit"
        assert [layer.name for layer in report.layers] == list(LAYER_NAMES)


def test_one_flipped_byte_of_any_file_is_noticed_and_the_file_is_named(copy):
    for path in files_of(copy):
        size = (copy / path).stat().st_size
        for at in {0, size // 2, size - 1}:
            flip(copy / path, at)
            for report in (verify(copy), verify_bundle(copy)):
                assert not report.ok, (path, at)
                assert report.failed.name == "hashes"
                assert path in report.failed.detail
            flip(copy / path, at)
    assert verify(copy).ok


def test_the_bundles_own_code_notices_a_flipped_byte_of_itself_and_of_every_other_file(copy, tmp_path):
    needed = {f"scoring/{name}.py" for name in ("__init__", "__main__", "errors", "hashes", "jsonfile", "report")}

    def noticed(path: str) -> tuple[str, subprocess.CompletedProcess[str]]:
        damaged = tmp_path / path.replace("/", "-")
        shutil.copytree(copy, damaged)
        # What the check itself needs is changed in the sentence it begins with, so that it still runs.
        flip(damaged / path, 5 if path in needed else (damaged / path).stat().st_size // 2)
        return path, isolated.run(damaged, "verify", cwd=tmp_path)

    with ThreadPoolExecutor(2) as pool:
        for path, done in pool.map(noticed, files_of(copy)):
            assert done.returncode == 1, (path, done.stdout, done.stderr)
            assert path in done.stdout
            assert "The first layer that differs is hashes." in done.stdout


def test_the_layers_have_the_names_that_the_report_promises():
    assert ("hashes", *(name for name, _ in LAYERS)) == LAYER_NAMES


def test_code_that_no_longer_runs_ends_other_than_zero(copy, tmp_path):
    (copy / "scoring" / "verify.py").write_text("(", encoding="utf-8")
    assert isolated.run(copy, "verify", cwd=tmp_path).returncode != 0
    reseal(copy)
    report = verify_bundle(copy)
    assert not report.ok
    assert "does not run" in report.failed.detail


@pytest.mark.parametrize("path", ["numpy.py", "scoring/more.py", "model/old.ubj", ".hidden"])
def test_a_file_that_does_not_belong_is_reported(copy, path):
    (copy / path).write_text("", encoding="utf-8")
    assert f"{path} does not belong here" in verify(copy).failed.detail


def test_a_file_that_is_gone_is_reported(copy):
    (copy / "evidence" / "report.html").unlink()
    assert "evidence/report.html is missing" in verify(copy).failed.detail


def expected(folder: Path, column: str, change) -> None:
    """Change a column of what the golden rows must give, and seal that."""
    path = folder / "golden" / "expected.parquet"
    table = pq.read_table(path)
    at = table.column_names.index(column)
    values = pa.array([change(value) for value in table.column(column).to_pylist()], table.schema.field(column).type)
    pq.write_table(table.set_column(at, column, values), path)


def elsewhere(manifest: dict) -> None:
    manifest["environment"]["packages"]["numpy"] = "0.1"


@pytest.mark.parametrize(
    ("column", "change", "layer"),
    [
        ("margin", lambda value: value + 1e-9, "score"),
        ("score", lambda value: value * (1 + 1e-12), "score"),
        ("reasons", lambda value: value[::-1], "reasons"),
        ("acted", lambda value: not value, "action"),
        ("acted_within", lambda value: not value, "action"),
        ("expected_gain", lambda value: value + 1e-9, "money"),
    ],
)
def test_on_the_same_versions_every_bit_counts(copy, column, change, layer):
    expected(copy, column, change)
    reseal(copy)
    assert verify(copy).failed.name == layer


@pytest.mark.parametrize(
    ("column", "change", "layer"),
    [
        ("margin", lambda value: value + 1e-8, None),
        ("margin", lambda value: value + 1e-4, "score"),
        ("reasons", lambda value: [{**one, "contribution": one["contribution"] + 1e-7} for one in value], None),
        ("reasons", lambda value: value[1:], "reasons"),
        ("acted", lambda value: not value, "action"),
        ("expected_gain", lambda value: value + 1e-8, None),
    ],
)
def test_on_other_versions_margins_within_a_millionth_and_every_action_count(copy, column, change, layer):
    expected(copy, column, change)
    reseal(copy, elsewhere)
    report = verify(copy)
    assert (report.failed and report.failed.name) == layer
    if layer is None:
        assert report.mode == "within 1e-6, every action identical"
        assert "numpy" in report.differences[0]


def test_another_recipe_is_named_as_the_preparation(copy):
    step = copy / "prepare" / "02_decisions.sql"
    step.write_text(step.read_text(encoding="utf-8").replace("coalesce(s.spent, 0)", "coalesce(s.spent, 1)"))
    reseal(copy)
    assert verify(copy).failed.name == "preparation"


def test_nothing_is_scored_or_served_when_a_layer_differs(copy, tmp_path):
    pq.write_table(made.prepared(), tmp_path / "rows.parquet")
    expected(copy, "score", lambda value: value / 2)
    reseal(copy)
    output = tmp_path / "out.parquet"
    done = isolated.run(
        copy, "score", str(tmp_path / "rows.parquet"), "--prepared", "--output", str(output), cwd=tmp_path
    )
    assert done.returncode == 1
    assert "score differs" in done.stderr
    assert not output.exists()
    assert isolated.run(copy, "serve", "--port", "1", cwd=tmp_path).returncode == 1


def test_what_is_no_bundle_ends_with_2(tmp_path, bundle):
    assert isolated.run(bundle, "--bundle", str(tmp_path), "verify", cwd=tmp_path).returncode == 2
