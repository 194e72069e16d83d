"""Lays out a bundle's folder and hashes it."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import core.scoring
from core.bundle.documents import FILES, bundle_yaml, contract_yaml, readme
from core.bundle.masks import masked
from core.bundle.requirements import installed, runtime_requirements, test_requirements
from core.bundle.spec import BundleSpec, Manifest, check_spec, row_columns
from core.errors import ProjectError
from core.scoring import jsonfile
from core.scoring.contract import validate
from core.scoring.engine import scratch
from core.scoring.environment import environment
from core.scoring.folder import BundleFolder
from core.scoring.golden import expected_rows, totals
from core.scoring.hashes import MANIFEST, SEAL, content_digest, seal, sha256
from core.scoring.prepare import prepare

# Where the real files of core/bundle/files go; the first two hold a version of Python to be filled in.
FILLED = {"Dockerfile": "Dockerfile", "bundle.yml": ".github/workflows/bundle.yml"}
COPIED = {
    "Makefile": "Makefile",
    "pytest.ini": "pytest.ini",
    "dockerignore": ".dockerignore",
    "tests/conftest.py": "tests/conftest.py",
    "tests/test_verify.py": "tests/test_verify.py",
    "tests/test_contract.py": "tests/test_contract.py",
    "tests/test_service.py": "tests/test_service.py",
}


def build(spec: BundleSpec, folder: Path) -> Manifest:
    """Write a bundle.

    Parameters
    ----------
    spec : what goes into it.
    folder : is made; must not exist, or be empty. When building fails nothing is left of it.

    Returns
    -------
    Its manifest.

    Raises
    ------
    ProjectError
        When the folder holds something, or the spec lacks something.
    ContractError
        When the golden rows do not fit the contract.
    SqlError
        When the recipe fails on the golden sources.
    """
    check_spec(spec)
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProjectError(f"{folder} is not empty.", hint="Name a new folder.")
    try:
        return _built(spec, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _built(spec: BundleSpec, folder: Path) -> Manifest:
    here = environment()
    files = {**_fixed_files(here["python"]), **_choices(spec), **_golden_inputs(spec)}
    files["README.md"] = readme(spec, here["python"])
    files |= {f"evidence/{name}": content for name, content in spec.evidence.items()}
    _write(folder, files)
    expected = _golden_outputs(BundleFolder.open(folder))
    _write(folder, expected)
    return _sealed(spec, folder, {**files, **expected}, here)


def _fixed_files(python: str) -> dict[str, bytes]:
    """Return what is the same in every bundle of these versions."""
    scoring = Path(core.scoring.__file__).parent
    files = {f"scoring/{path.name}": path.read_bytes() for path in sorted(scoring.glob("*.py"))}
    files |= {target: (FILES / name).read_bytes() for name, target in COPIED.items()}
    for name, target in FILLED.items():
        files[target] = (FILES / name).read_bytes().replace(b"@python@", python.encode())
    files["requirements.txt"] = runtime_requirements()
    files["requirements-test.txt"] = test_requirements()
    return files


def _choices(spec: BundleSpec) -> dict[str, bytes]:
    """Return what the project chose: recipe, contract, model, policy."""
    steps = {name: f"prepare/{number:02d}_{_slug(name)}.sql" for number, (name, _) in enumerate(spec.steps, 1)}
    files = {steps[name]: sql.encode() for name, sql in spec.steps}
    files["prepare/steps.json"] = jsonfile.to_bytes(
        {"format": 1, "steps": [{"name": name, "file": steps[name]} for name, _ in spec.steps]}
    )
    files["contract.json"] = jsonfile.to_bytes(
        {
            "format": 1,
            "decision_row": spec.contract.to_json(),
            "unit_key": list(spec.unit_key),
            "sources": [
                {
                    "table": table,
                    "columns": [{"name": name, "type": type_} for name, type_ in columns.items()],
                    "golden": path,
                }
                for (table, columns), path in zip(spec.sources.items(), _golden_paths(spec), strict=True)
            ],
        }
    )
    files["contract.yaml"] = contract_yaml(spec)
    files["bundle.yaml"] = bundle_yaml(spec, list(steps.values()))
    files["policy.json"] = spec.policy.to_bytes()
    return {**files, **spec.model_files}


def _golden_paths(spec: BundleSpec) -> list[str]:
    return [f"golden/sources/{number:02d}_{_slug(table)}.parquet" for number, table in enumerate(spec.sources, 1)]


def _golden_inputs(spec: BundleSpec) -> dict[str, bytes]:
    rows = spec.golden_rows.select(row_columns(spec))
    *sources, rows = masked([*(spec.golden_sources[table] for table in spec.sources), rows], spec.masked)
    files = {path: _parquet(table) for path, table in zip(_golden_paths(spec), sources, strict=True)}
    request = validate(rows.slice(0, 2), spec.contract).to_pylist()
    content = [{name: _json_value(value) for name, value in row.items()} for row in request]
    files["golden/request.json"] = (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
    return {**files, "golden/rows.parquet": _parquet(rows)}


def _json_value(value: object) -> object:
    """Return a value as JSON has it: a number that is not finite is missing."""
    return None if isinstance(value, float) and not abs(value) < float("inf") else value


def _golden_outputs(bundle: BundleFolder) -> dict[str, bytes]:
    """Compute what the golden rows must give, from the files as they were written."""
    rows = bundle.golden_table("golden/rows.parquet")
    sources = {source.table: bundle.golden_table(source.golden) for source in bundle.sources}
    expected = expected_rows(bundle, rows)
    return {
        "golden/expected.parquet": _parquet(expected),
        "golden/expected.json": jsonfile.to_bytes(totals(bundle, rows, expected)),
        "golden/prepared.parquet": _parquet(prepare(scratch(), bundle.steps, sources)),
    }


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    try:
        pq.write_table(table.replace_schema_metadata(None), sink)
    except pa.ArrowNotImplementedError as error:
        raise ProjectError(
            f"A golden row holds what Parquet cannot: {error}.", hint="CAST it in the recipe."
        ) from error
    return sink.getvalue().to_pybytes()


def _slug(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _sealed(spec: BundleSpec, folder: Path, files: Mapping[str, bytes], here: dict[str, Any]) -> Manifest:
    hashes = {path: sha256(content) for path, content in sorted(files.items())}
    digest = content_digest(hashes)
    raw = jsonfile.to_bytes(
        {
            "format": 1,
            "name": spec.name,
            "version": spec.version,
            "digest": digest,
            "environment": here,
            "made_with": {name: installed(name) for name in ("scikit-learn", "xgboost-cpu", "xgboost", "pandas")},
            "files": {path: {"sha256": one, "bytes": len(files[path])} for path, one in hashes.items()},
        }
    )
    _write(folder, {MANIFEST: raw, SEAL: seal(raw)})
    return Manifest(spec.name, spec.version, digest, sha256(raw), hashes, here)
