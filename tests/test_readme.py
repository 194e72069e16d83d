"""README says what the program does: its tables are held against the registries, the schema and the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.frame import METRICS
from core.poc import read_text
from core.poc.faults import schema
from core.prepare import READY_MADE
from core.quality import CHECKS
from core.verdict import GATES

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(name: str) -> list[tuple[str, ...]]:
    """Return the rows of the table between the marks of that name, without its head."""
    part = README.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]


def test_the_table_of_checks_is_the_registry_of_checks():
    assert table("checks") == [(check.code, check.title, check.question) for check in CHECKS]


def test_the_table_of_ready_made_steps_is_the_registry_of_them():
    assert table("ready-made") == [(one.title, one.question) for one in READY_MADE]


def test_the_table_of_gates_is_the_registry_of_gates():
    assert table("gates") == [(gate.code, gate.title, gate.question) for gate in GATES]


def test_every_key_of_poc_yaml_is_documented_and_no_other():
    said = set(re.findall(r"^\| `([a-z_.]+)`( \*)? \|", README, re.M))
    top, frame = schema(), schema()["$defs"]["frame"]
    expected = {(name, " *" if name in top["required"] else "") for name in top["properties"] if name != "frame"}
    expected |= {(f"frame.{name}", " *" if name in frame["required"] else "") for name in frame["properties"]}
    assert said == expected


def test_every_key_within_a_key_is_documented_too():
    def inner(node: dict) -> set[str]:
        below = node.get("items", node)
        return set(below.get("properties", {}))

    rows = dict(re.findall(r"^\| `([a-z_.]+)`(?: \*)? \| (.*) \|$", README, re.M))
    top, frame = schema()["properties"], schema()["$defs"]["frame"]["properties"]
    for name, node in {**top, **{f"frame.{key}": value for key, value in frame.items()}}.items():
        if name != "frame":
            missing = {key for key in inner(node) if f"`{key}`" not in rows[name]}
            assert not missing, f"{name}: {missing}"
    assert all(metric in rows["frame.criteria"] for metric in METRICS)


def test_the_example_is_a_poc(tmp_path):
    example = README.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "bank-additional-full.csv").write_text("y\nyes\n")
    assert read_text(example, tmp_path).project == "bank-campaign"


def test_every_variable_that_the_code_reads_is_documented_and_no_other():
    folders = ("core", "pages", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")] + [ROOT / "app.py", ROOT / ".ci/run"]
    read = {name for path in files for name in re.findall(r"TOUCHSTONE_[A-Z]+(?:_[A-Z]+)*", path.read_text())}
    assert set(re.findall(r"TOUCHSTONE_[A-Z]+(?:_[A-Z]+)*", README)) == read


def test_every_button_of_the_walk_is_on_a_page():
    walk = README.split("## A walk through")[1].split("\n## ")[0]
    named = re.findall(r'"([^"]+)"', walk)
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "pages").rglob("*.py"))
    assert len(named) >= 7
    assert not [label for label in named if f'"{label}"' not in pages]


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`make ([a-z]+)", README)) | {"run"} <= targets


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md", "data/samples/README.md"]
)
def test_every_file_that_is_linked_to_exists(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert not [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]


@pytest.mark.parametrize("command", ["run", "verify", "sample", "load", "profile"])
def test_every_command_explains_itself(command):
    assert f"python -m core {command} " in README
    done = subprocess.run([sys.executable, "-m", "core", command, "--help"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    options = set(re.findall(r"^\s+(--[a-z-]+)", done.stdout, re.M)) - {"--help"}
    assert options <= set(re.findall(r"--[a-z]+(?:-[a-z]+)*", README))
