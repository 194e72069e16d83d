"""The bundle proves itself, notices damage in every layer, and refuses to score then."""

import json
from pathlib import Path

import pytest

from scoring.__main__ import main
from scoring.errors import VerifyError
from scoring.hashes import MANIFEST, SEAL, seal, sha256
from scoring.verify import LAYER_NAMES, refuse_unless_proved, verify


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))


def reseal(folder: Path, changed: str) -> None:
    """Make the manifest agree with a changed file, so that a later layer has to notice."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"][changed]["sha256"] = sha256((folder / changed).read_bytes())
    raw = json.dumps(manifest).encode()
    (folder / MANIFEST).write_bytes(raw)
    (folder / SEAL).write_bytes(seal(raw))


def edit(folder: Path, path: str, key: str, change: object) -> None:
    content = json.loads((folder / path).read_bytes())
    content[key] = change(content[key]) if callable(change) else change
    (folder / path).write_text(json.dumps(content), encoding="utf-8")
    reseal(folder, path)


def test_every_layer_is_proved(folder):
    report = verify(folder)
    assert [layer.name for layer in report.layers] == list(LAYER_NAMES)
    assert report.ok, report.failed
    assert report.mode


def test_a_copy_elsewhere_is_proved_too(copy):
    assert verify(copy).ok


@pytest.mark.parametrize(
    "path", ["model/model.json", "policy.json", "contract.json", "golden/rows.parquet", "README.md", MANIFEST, SEAL]
)
def test_a_changed_byte_is_noticed_and_nothing_is_scored(copy, path):
    flip(copy / path)
    assert verify(copy).failed.name == "hashes"
    with pytest.raises(VerifyError):
        refuse_unless_proved(copy)


def test_a_file_that_does_not_belong_here_is_reported(copy):
    (copy / "numpy.py").write_text("", encoding="utf-8")
    assert "numpy.py" in verify(copy).failed.detail


def test_another_calibration_is_named_as_the_score(copy):
    edit(copy, "model/calibrator.json", "intercept", lambda intercept: intercept + 0.5)
    assert verify(copy).failed.name == "score"


def test_another_contract_is_named_as_the_contract(copy):
    edit(copy, "contract.json", "decision_row", lambda row: {**row, "columns": row["columns"][1:]})
    assert verify(copy).failed.name == "contract"


def test_another_recipe_is_named_as_the_preparation(copy):
    step = json.loads((copy / "prepare/steps.json").read_bytes())["steps"][-1]["file"]
    sql = (copy / step).read_text(encoding="utf-8").rstrip().rstrip(";")
    (copy / step).write_text(f"SELECT * FROM (\n{sql}\n) LIMIT 0", encoding="utf-8")
    reseal(copy, step)
    assert verify(copy).failed.name == "preparation"


def test_other_payoffs_are_named_as_the_money(copy):
    edit(copy, "policy.json", "payoffs", lambda payoffs: {**payoffs, "fp": payoffs["fp"] - 1000.0})
    assert verify(copy).failed.name == "money"


def test_another_threshold_is_named_as_the_action(copy):
    edit(
        copy, "policy.json", "threshold", lambda threshold: None if threshold is not None and threshold <= 0.0 else 0.0
    )
    failed = verify(copy).failed
    assert failed is None or failed.name == "action"


def test_the_command_ends_with_0_or_1_or_2(copy, tmp_path, capsys):
    assert main(["--bundle", str(copy), "verify"]) == 0
    printed = capsys.readouterr().out
    assert all(any(line.startswith(name) for line in printed.splitlines()) for name in LAYER_NAMES)
    assert "Proved: " in printed
    flip(copy / "policy.json")
    assert main(["--bundle", str(copy), "verify"]) == 1
    assert main(["--bundle", str(tmp_path), "verify"]) == 2
