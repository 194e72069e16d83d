"""What is in a bundle, and that the same choices give the same bytes."""

import json
import re
import zipfile
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from core.bundle import build, pack, unpack, verify_bundle
from core.bundle.documents import logical_type
from core.bundle.masks import masked
from core.errors import ContractError, FormatError, ProjectError, SqlError
from core.scoring.hashes import sha256
from tests.bundle import made

EXPECTED = {
    "README.md",
    "bundle.yaml",
    "MANIFEST.json",
    "MANIFEST.sha256",
    "contract.yaml",
    "contract.json",
    "prepare/01_spent.sql",
    "prepare/steps.json",
    "model/encoder.json",
    "model/calibrator.json",
    "policy.json",
    "golden/rows.parquet",
    "golden/expected.parquet",
    "golden/prepared.parquet",
    "golden/request.json",
    "scoring/__main__.py",
    "scoring/service.py",
    "tests/test_verify.py",
    "tests/test_contract.py",
    "tests/test_service.py",
    "evidence/verdict.json",
    "requirements.txt",
    "requirements-test.txt",
    "Dockerfile",
    ".dockerignore",
    "Makefile",
    ".github/workflows/bundle.yml",
}


def contents(folder) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return made.made(tmp_path_factory.mktemp("built"))


def test_everything_the_design_lists_is_there(bundle):
    found = contents(bundle[0])
    assert EXPECTED <= found.keys()
    assert not [path for path in found if path.startswith(("jobs/", "monitoring/")) or path.endswith("score.sql")]


def test_scoring_is_the_very_code_that_runs_here(bundle):
    package = made.Path(__file__).parents[2] / "core" / "scoring"
    ours = {f"scoring/{path.name}": path.read_bytes() for path in package.glob("*.py")}
    assert {path: raw for path, raw in contents(bundle[0]).items() if path.startswith("scoring/")} == ours


def test_the_manifest_covers_every_file(bundle):
    folder, manifest = bundle
    found = contents(folder)
    told = json.loads(found["MANIFEST.json"])
    assert set(told["files"]) | {"MANIFEST.json", "MANIFEST.sha256"} == set(found)
    assert all(one["sha256"] == sha256(found[path]) for path, one in told["files"].items())
    assert manifest.sha256 == sha256(found["MANIFEST.json"])
    assert manifest.digest == told["digest"]


@pytest.mark.parametrize("family", ["boosted_trees", "linear"])
def test_the_same_choices_give_the_same_bytes(tmp_path, family):
    first, second = made.made(tmp_path / "a", family)[0], made.made(tmp_path / "b", family)[0]
    assert contents(first) == contents(second)
    assert pack(first) == pack(second)


def test_evidence_is_covered_by_the_manifest_but_not_by_the_digest(tmp_path, bundle):
    _, other = made.made(tmp_path, evidence={"verdict.json": b"{}", "report.html": b""})
    assert other.digest == bundle[1].digest
    assert other.sha256 != bundle[1].sha256
    _, changed = made.made(tmp_path / "more", policy=made.replace(made.spec().policy, threshold=0.31))
    assert changed.digest != bundle[1].digest


def test_readme_and_config_are_filled_in_and_say_what_is_not_there(bundle):
    found = contents(bundle[0])
    text = found["README.md"].decode()
    assert "**Write to this customer?**" in text
    assert not re.search(r"(?<!\{)\{[a-z_]+\}", text)
    assert "@python@" not in found["Dockerfile"].decode() + found[".github/workflows/bundle.yml"].decode()
    assert "**The image was not built where this bundle was made**" in text
    assert "Spark or Beam" in text
    for word in ("Run it", "Test it", "Deploy it", "Roll it back"):
        assert word in text
    config = yaml.safe_load(found["bundle.yaml"])
    assert config["records"] == {"dataset": "a" * 64, "policy": "b" * 64}
    assert yaml.safe_load(found[".github/workflows/bundle.yml"])["jobs"]


def test_the_contract_is_one_of_the_open_standard(bundle):
    contract = yaml.safe_load(contents(bundle[0])["contract.yaml"])
    assert {"version", "apiVersion", "kind", "id", "status"} <= contract.keys()
    tables = {one["name"]: {row["name"]: row for row in one["properties"]} for one in contract["schema"]}
    assert tables.keys() == {"customers", "orders", "decision_row"}
    assert tables["customers"]["asked_at"]["logicalType"] == "timestamp"
    place = {one["property"]: one["value"] for one in tables["decision_row"]["place [x|y]"]["customProperties"]}
    assert place["levelsInTraining"] == ["north", "south", 'we"st', "élan"]


@pytest.mark.parametrize(
    ("type_", "word"),
    [("BIGINT", "integer"), ("DECIMAL(18,3)", "number"), ("TIMESTAMP WITH TIME ZONE", "timestamp"), ("TIME", "time")]
    + [("VARCHAR[]", "array"), ("STRUCT(a INTEGER)", "object"), ("DATE", "date"), ("ENUM('a')", "string")],
)
def test_duckdbs_types_have_a_word_in_the_standard(type_, word):
    assert logical_type(type_) == word


def test_requirements_are_exact_versions(bundle):
    lines = contents(bundle[0])["requirements.txt"].decode().splitlines()[1:]
    assert all(re.match(r"^[a-z0-9-]+==[0-9][^ ;]*(; .+)?$", line) for line in lines)
    names = {line.split("==")[0] for line in lines}
    assert {"numpy", "pyarrow", "duckdb", "xgboost-cpu", "xgboost", "fastapi", "uvicorn", "starlette"} <= names
    assert "streamlit" not in names
    assert "pandas" not in names


def test_personal_columns_are_masked_and_nothing_else_leaves(bundle):
    golden = {path: raw for path, raw in contents(bundle[0]).items() if path.startswith("golden/")}
    assert not [path for path, raw in golden.items() if b"Person " in raw]
    rows = pq.read_table(BytesIO(golden["golden/rows.parquet"]))
    assert rows.column_names == ["id", "age", "place [x|y]", "member", "spent", "n_orders", "asked_at"]
    sources = pq.read_table(BytesIO(golden["golden/sources/01_customers.parquet"]))
    assert sources.column("name").to_pylist()[:2] == ["masked-1", "masked-2"]


def test_masked_keys_still_find_each_other():
    left = pa.table({"who": ["x", "y", None], "n": [70, 50, 70], "at": [1.5, None, 2.5]})
    right = pa.table({"who": ["y", "z"], "n": [50, None]})
    found = masked([left, right], ["who", "n", "at"])
    assert found[0].to_pydict() == {"who": ["masked-1", "masked-2", None], "n": [1, 2, 1], "at": [None] * 3}
    assert found[1].to_pydict() == {"who": ["masked-2", "masked-3"], "n": [2, None]}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"project": "../up"}, ProjectError),
        ({"version": ""}, ProjectError),
        ({"evidence": {"../x": b""}}, ProjectError),
        ({"golden_sources": {}}, ProjectError),
        ({"golden_rows": pa.table({"id": [1]})}, ProjectError),
        ({"golden_rows": made.prepared().slice(0, 0)}, ProjectError),
        ({"steps": (("a", "SELECT * FROM nowhere"),)}, SqlError),
        ({"unit_key": ("nothing",)}, ProjectError),
        (
            {"golden_rows": made.prepared().drop_columns("age").append_column("age", pa.array(["x"] * 303))},
            ContractError,
        ),
        ({"model_files": {}}, FormatError),
    ],
)
def test_what_no_bundle_can_be_made_from_is_refused_and_nothing_is_left(tmp_path, changes, error):
    with pytest.raises(error):
        build(made.spec(**changes), tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ProjectError, match="not empty"):
        build(made.spec(), tmp_path)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_zip_gives_the_folder_again(tmp_path, bundle):
    folder = unpack(pack(bundle[0]), tmp_path)
    assert folder.name == bundle[0].name
    assert contents(folder) == contents(bundle[0])


def test_a_zip_that_is_no_bundle_or_writes_elsewhere_is_refused(tmp_path):
    def zipped(**files: str) -> bytes:
        sink = BytesIO()
        with zipfile.ZipFile(sink, "w") as archive:
            for path, content in files.items():
                archive.writestr(path, content)
        return sink.getvalue()

    for raw in (
        b"no zip",
        zipped(readme="x"),
        zipped(**{"../MANIFEST.json": "{}"}),
        zipped(**{"/MANIFEST.json": "{}"}),
    ):
        with pytest.raises(FormatError):
            unpack(raw, tmp_path / "target")
    with pytest.raises(FormatError):
        verify_bundle(tmp_path / "nowhere.zip")
    assert not (tmp_path / "MANIFEST.json").exists()


def test_steps_that_run_upstream_are_named_where_a_service_is_built(tmp_path, bundle):
    assert yaml.safe_load(contents(bundle[0])["bundle.yaml"])["upstream"] == []
    assert "Runs upstream" not in contents(bundle[0])["README.md"].decode()
    folder, _ = made.made(tmp_path, upstream=("spent",))
    found = contents(folder)
    assert yaml.safe_load(found["bundle.yaml"])["upstream"] == ["spent"]
    assert "**Runs upstream: `spent`.**" in found["README.md"].decode()
