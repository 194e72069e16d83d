"""The journey without a screen: its exit codes, its sentences, and that walking it twice gives the same digests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core import flow, journey
from core.bundle import unpack
from core.poc import read, read_text
from core.workspace import Project
from core.workspace.home import close_all

ROOT = Path(__file__).resolve().parents[2]
GERMAN = ROOT / "data" / "samples" / "german_credit"


def core(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "core", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"TOUCHSTONE_HOME": str(home)},
        capture_output=True,
        text=True,
    )


def poc_file(folder: Path, old: str = "", new: str = "") -> Path:
    """Return german credit's poc.yaml in a folder of its own, its data beside it, one thing in it changed."""
    folder.mkdir(exist_ok=True)
    shutil.copy(GERMAN / "applicants.csv", folder)
    said = (GERMAN / "poc.yaml").read_text()
    assert old in said
    file = folder / "poc.yaml"
    file.write_text(said.replace(old, new))
    return file


@pytest.fixture(scope="module")
def walked(tmp_path_factory) -> Iterator[tuple[Path, subprocess.CompletedProcess[str]]]:
    folder = tmp_path_factory.mktemp("german")
    done = core("run", poc_file(folder / "poc"), "--budget", "5", "--author", "a test", home=folder / "home")
    yield folder, done


def test_a_journey_ends_with_a_verdict_a_bundle_and_an_exit_code_that_says_whether_to_go(walked):
    folder, done = walked
    assert done.returncode in (0, 1), done.stderr
    assert ("Verdict: go." in done.stdout) == (done.returncode == 0)
    assert done.stderr == ""
    zips = list((folder / "poc" / "out").glob("german-credit-*.zip"))
    assert len(zips) == 1
    assert zips[0].with_suffix("").joinpath("MANIFEST.json").exists()


def test_verify_says_which_layers_hold_and_which_differs(walked, tmp_path):
    folder, _ = walked
    found = next((folder / "poc" / "out").glob("*.zip"))
    sound = core("verify", found, home=tmp_path)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert "The bundle holds: equal to the bit." in sound.stdout
    bundle = unpack(found, tmp_path / "changed")
    policy = bytearray((bundle / "policy.json").read_bytes())
    policy[len(policy) // 2] ^= 1
    (bundle / "policy.json").write_bytes(policy)
    changed = core("verify", bundle, home=tmp_path)
    assert changed.returncode == 1
    assert "DIFFERS" in changed.stdout
    assert "The bundle does not hold." in changed.stdout


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("format: 1", "format: 7", "format is 7; this version reads 1."),
        ("applicants.csv", "nobody.csv", "there is no file"),
        ("FROM applicants", "FROM nowhere", "nowhere"),
        ("FROM applicants", "FROM applicants; DROP TABLE applicants", "one SELECT"),
        ("column: creditability", "column: credibility", "credibility"),
        ("positive: good", "positive: splendid", "Choose one of good, bad."),
        ("column: creditability", "column: credit_amount", "different values"),
    ],
)
def test_bad_input_ends_with_two_and_a_sentence(tmp_path, old, new, sentence):
    done = core("run", poc_file(tmp_path / "poc", old, new), "--budget", "5", home=tmp_path / "home")
    assert done.returncode == 2, done.stdout
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_empty_outcomes_of_which_nobody_said_what_they_mean_are_a_fault(tmp_path):
    said = "SELECT * REPLACE (nullif(creditability, 'bad') AS creditability) EXCLUDE"
    file = poc_file(tmp_path / "poc", "SELECT * EXCLUDE", "SELECT * EXCLUDE")
    text = file.read_text().replace("  empty_outcome: excluded\n", "")
    file.write_text(
        text.replace("SELECT * EXCLUDE (personal_status_and_sex, foreign_worker)", said.removesuffix(" EXCLUDE"))
    )
    done = core("run", file, "--budget", "5", home=tmp_path / "home")
    assert done.returncode == 2
    assert "300 rows have no outcome in 'creditability'; frame.empty_outcome has to say what that means." in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "nowhere.yaml"), "nowhere.yaml cannot be read: No such file or directory."),
        (("verify", "nowhere.zip"), "There is no bundle 'nowhere.zip'."),
        (("verify", "README.md"), "no zip"),
        (("sample", "titanic"), "There is no sample 'titanic'. Choose one of flights, german_credit."),
        (("run", GERMAN / "poc.yaml", "--budget", "0"), "--budget is 0; it has to be more than 0."),
    ],
)
def test_what_is_not_there_gets_a_sentence(tmp_path, arguments, sentence):
    done = core(*arguments, home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_sample_is_made_once(tmp_path):
    assert core("sample", "german_credit", home=tmp_path).returncode == 0
    again = core("sample", "german_credit", home=tmp_path)
    assert (again.returncode, again.stdout) == (0, "The project 'German credit' is ready.\n")
    assert len(list(tmp_path.glob("*.duckdb"))) == 1


def test_a_project_that_another_process_holds_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    try:
        flow.create("German credit", "a test")
        sample = core("sample", "german_credit", home=tmp_path / "home")
        run = core("run", poc_file(tmp_path / "poc"), "--budget", "5", home=tmp_path / "home")
    finally:
        close_all()
    assert (sample.returncode, run.returncode) == (0, 2)
    assert sample.stdout.startswith("The project 'German credit' is there. ")
    assert "Traceback" not in run.stderr + sample.stderr
    assert len(list((tmp_path / "home").glob("*.duckdb"))) == 1


def chain(project: Project) -> dict[str, str]:
    """Return every head's digest, the bundle's content and the bytes of the models."""
    heads = {kind: digest for kind, digest in project.heads().items() if kind != "explanation"}
    view = flow.run(project, None)
    return (
        heads | {"content": flow.bundle(project).content_digest} | {one.name: str(one.files) for one in view.candidates}
    )


def test_the_journey_that_a_project_writes_gives_the_same_digests_and_the_same_model_bytes(
    walked, tmp_path, monkeypatch
):
    folder, _ = walked
    monkeypatch.setenv("TOUCHSTONE_HOME", str(folder / "home"))
    try:
        first = flow.open_project("german-credit")
        expected = chain(first)
        (tmp_path / "poc.yaml").write_text(flow.poc_yaml(first))
        shutil.copy(GERMAN / "applicants.csv", tmp_path)
        close_all()
        monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
        poc = read(tmp_path / "poc.yaml")
        assert poc.train["rounds"]
        journey.walk(replace(poc, export=tmp_path / "out"), "somebody else", lambda line: None)
        assert chain(flow.open_project("german-credit")) == expected
    finally:
        close_all()


def test_what_a_project_writes_says_what_its_file_said(walked, monkeypatch):
    folder, _ = walked
    monkeypatch.setenv("TOUCHSTONE_HOME", str(folder / "home"))
    try:
        said = flow.poc_yaml(flow.open_project("german-credit"))
    finally:
        close_all()
    written, original = read_text(said, folder / "poc"), read(folder / "poc" / "poc.yaml")
    assert written.frame == original.frame
    assert [sql.strip() for _, sql in written.steps] == [sql.strip() for _, sql in original.steps]
