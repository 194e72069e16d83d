"""Load and profile without a project: what is written, what is said, and the exit status."""

import bz2
import csv
import gzip
import json
import lzma
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core import command
from core.__main__ import main
from core.errors import QualityError
from core.ingest import ReaderSettings

ROOT = Path(__file__).resolve().parents[2]
SPECTRUM = ROOT.parent / "shared" / "data" / "csv-spectrum"
POLLOCK = ROOT.parent / "shared" / "data" / "pollock"
PEOPLE = 'id;name;seen;ok\n007;"Ann ""A"" B";2024-01-05;yes\n008;"two\nlines";2024-02-01;no\n009;c,d;2024-03-01;no\n'


@dataclass(frozen=True)
class Done:
    """What a command did, as a process would have told."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run a command in ``tmp_path``; in this process, for starting another takes two seconds."""
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> Done:
        status = main(list(map(str, arguments)))
        return Done(status, *capsys.readouterr())

    return ran


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


@pytest.fixture
def outcomes(tmp_path: Path) -> Path:
    path = tmp_path / "outcomes.csv"
    path.write_text("id,age,leak,y\n" + "".join(f"{n},{n % 37},{n % 4 == 0},{int(n % 4 == 0)}\n" for n in range(400)))
    return path


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_what_was_read_is_written_as_plain_csv_with_every_value_as_it_stood(core, people, tmp_path):
    done = core("load", "people.csv", "--text", "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "people.csv: 3 rows, 4 columns\n"
    assert rows(tmp_path / "out" / "people.csv") == [
        ["id", "name", "seen", "ok"],
        ["007", 'Ann "A" B', "2024-01-05", "yes"],
        ["008", "two\nlines", "2024-02-01", "no"],
        ["009", "c,d", "2024-03-01", "no"],
    ]


def test_a_process_of_its_own_says_the_same_and_makes_no_project(people, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "core", "load", people, tmp_path / "nowhere.csv"],
        cwd=ROOT,
        env=os.environ | {"TOUCHSTONE_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, json.loads(done.stdout.splitlines()[0])["n_rows"]) == (2, 3)
    assert done.stderr == f"{tmp_path / 'nowhere.csv'}: There is no file 'nowhere.csv'. Choose another file.\n"
    assert not (tmp_path / "home").exists()


def test_a_report_says_how_it_was_read_and_what_was_found(core, people, tmp_path):
    core("load", "people.csv", "--text", "out")
    report = json.loads((tmp_path / "out" / "people.csv.json").read_text())
    assert (report["format"], report["source"], report["text"]) == (1, "people.csv", "people.csv")
    assert (report["n_rows"], report["n_rejected"], report["n_repaired"]) == (3, 0, 0)
    assert report["settings"]["delimiter"] == ";"
    assert [column["name"] for column in report["columns"]] == ["id", "name", "seen", "ok"]
    assert report["columns"][2]["type"] == "DATE"
    assert len(report["sha256"]) == 64
    assert {"assumed", "repaired", "rejected", "notes"} <= set(report)


def test_names_stand_as_in_the_source_and_other_kinds_are_written_as_text_too(core, tmp_path):
    (tmp_path / "twice.csv").write_text('a,a,"b ""x""",\n1,2,3,4\n5,6,7,8\n')
    (tmp_path / "rows.jsonl").write_text('{"id": 1, "on": "2024-01-05"}\n{"id": 2, "on": null}\n')
    done = core("load", "twice.csv", "rows.jsonl", "--text", "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert rows(tmp_path / "out" / "twice.csv")[0] == ["a", "a", 'b "x"', ""]
    assert rows(tmp_path / "out" / "rows.jsonl.csv") == [["id", "on"], ["1", "2024-01-05"], ["2", ""]]


def test_a_packed_text_is_written_as_it_stood_like_one_that_is_not_packed(core, tmp_path):
    text = b"code,price\n007,1.50\n008,2.00\n"
    packed = {"a.csv.gz": gzip.compress(text), "b.csv.bz2": bz2.compress(text), "c.csv.xz": lzma.compress(text)}
    for name, content in packed.items():
        (tmp_path / name).write_bytes(content)
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("inside.csv", text)
    done = core("load", *packed, "d.zip", "--text", "out")
    assert (done.returncode, done.stderr) == (0, "")
    for name in (*packed, "d.zip"):
        assert (tmp_path / "out" / f"{name}.csv").read_bytes() == text, name


def test_a_header_without_rows_is_written_and_yet_no_table(core, tmp_path):
    (tmp_path / "names.csv").write_text("id;name\n")
    done = core("load", "names.csv", "--text", "out")
    assert done.returncode == 2
    assert "has only a header" in done.stderr
    assert rows(tmp_path / "out" / "names.csv") == [["id", "name"]]


def test_without_a_folder_the_reports_are_printed_one_a_line(core, people, outcomes, tmp_path):
    done = core("load", people, outcomes)
    assert done.returncode == 0
    assert [json.loads(line)["n_rows"] for line in done.stdout.splitlines()] == [3, 400]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outcomes.csv", "people.csv"]


def test_a_file_that_fails_does_not_stop_the_others(core, people, tmp_path):
    (tmp_path / "page.csv").write_text("<!doctype html><html></html>")
    done = core("load", "page.csv", "nowhere.csv", "people.csv", "--text", "out")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "page.csv: 'page.csv' is a web page, not a table. Often a login or error page: download the file again.",
        "nowhere.csv: There is no file 'nowhere.csv'. Choose another file.",
    ]
    assert done.stdout == "people.csv: 3 rows, 4 columns\n"
    error = json.loads((tmp_path / "out" / "page.csv.json").read_text())["error"]
    assert error["problem"] == "'page.csv' is a web page, not a table."


def test_settings_can_be_given_by_hand(core, people, tmp_path):
    done = core("load", people, "--delimiter", ",", "--header", "no", "--type", "column_1=VARCHAR")
    report = json.loads(done.stdout)
    assert report["settings"]["delimiter"] == ","
    assert report["settings"]["header"] is False
    wrong = core("load", people, "--type", "VARCHAR")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "--type is 'VARCHAR'. Write it as COLUMN=TYPE, for example zip=VARCHAR.\n",
    )


def test_nothing_is_written_over_its_own_source_or_over_another(core, people, tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "people.csv").write_text("a,b\n1,2\n3,4\n")
    before = people.read_bytes()
    done = core("load", "people.csv", "--text", ".")
    assert (done.returncode, people.read_bytes()) == (2, before)
    assert "people.csv would be written over itself." in done.stderr
    done = core("load", "people.csv", "b/people.csv", "--text", "out")
    assert done.returncode == 2
    assert "Two sources would both become people.csv." in done.stderr
    assert len(rows(tmp_path / "out" / "people.csv")) == 4
    assert json.loads((tmp_path / "out" / "people.csv.json").read_text())["n_rows"] == 3


def test_a_folder_that_cannot_be_written_to_gets_a_sentence(core, people, tmp_path):
    (tmp_path / "out").write_text("a file")
    done = core("load", people, "--text", "out/below")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not POLLOCK.exists(), reason="The Pollock files are not here.")
def test_pollocks_files_are_all_read_or_refused_with_a_sentence(core, tmp_path):
    files = sorted((POLLOCK / "csv").glob("*.csv"))[::12]
    done = core("load", *files, "--text", "out")
    assert done.returncode in (0, 2)
    assert len(done.stdout.splitlines()) + len(done.stderr.splitlines()) == len(files)
    assert all((tmp_path / "out" / f"{path.name}.json").exists() for path in files)


@pytest.mark.skipif(not SPECTRUM.exists(), reason="The csv-spectrum files are not here.")
def test_csv_spectrum_means_what_its_json_says(tmp_path):
    files = sorted((SPECTRUM / "csvs").glob("*.csv"))
    assert main(["load", *map(str, files), "--text", str(tmp_path / "out")]) == 0
    wrong = []
    for path in files:
        expected = json.loads((SPECTRUM / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
        head, *body = rows(tmp_path / "out" / path.name)
        # Line ends within quotes are those of the file here, which git may have changed since the JSON was written.
        found = [dict(zip(head, row, strict=True)) for row in body]
        if json.dumps(found) != json.dumps(expected).replace("\\r\\n", "\\n"):
            wrong.append(path.name)
    assert wrong == []


def test_a_profile_says_what_every_check_found(core, outcomes, tmp_path):
    done = core("profile", outcomes, "--target", "y", "--key", "id")
    found = json.loads(done.stdout)
    assert done.returncode == (1 if found["n_blocking"] else 0)
    assert found["target"] == {"column": "y", "positive": "1"}
    assert found["profile"]["n_rows"] == 400
    assert {result["code"] for result in found["results"]} >= {f"Q{n:02}" for n in range(1, 17)}
    leaks = [one["column"] for result in found["results"] if result["code"] == "Q10" for one in result["findings"]]
    assert leaks == ["leak"]
    assert found["n_blocking"] == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--target", "z"), "There is no column 'z'. Columns: id, age, leak, y."),
        (("--target", "age"), "The target 'age' has 37 different values, not two. Give --positive, one of"),
        (("--target", "id"), "The target 'id' has more than 50 different values, not two."),
        (("--target", "y", "--positive", "2"), "No outcome in 'y' is '2'. Its values: 0, 1."),
        (("--target", "y", "--key", "nr"), "There is no column 'nr'."),
        (("--target", "y", "--kind", "excel"), "is a delimited text, not an Excel workbook."),
    ],
)
def test_what_cannot_be_profiled_gets_a_sentence(core, outcomes, tmp_path, arguments, sentence):
    done = core("profile", outcomes, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("values", "positive"),
    [(["no", "yes", "yes"], "yes"), (["a", "b", "b"], "a"), (["false", "true", "true"], "true"), (["1", "0"], "1")],
)
def test_where_nobody_says_what_is_positive_it_is_the_yes_or_else_the_rarer(tmp_path, values, positive):
    path = tmp_path / "y.csv"
    path.write_text("x,y\n" + "".join(f"{n},{value}\n" for n, value in enumerate(values * 20)))
    found = command.findings(path, ReaderSettings(), command.Question("y"))
    assert found["target"]["positive"] == positive


def test_a_number_is_positive_by_its_value_and_an_outcome_of_one_kind_is_refused(tmp_path):
    path = tmp_path / "y.csv"
    path.write_text("x,y\n" + "".join(f"{n},{n % 2}.0\n" for n in range(40)))
    found = command.findings(path, ReaderSettings(), command.Question("y", "1"))
    assert found["profile"]["n_positive"] == 20
    path.write_text("x,y\n" + "".join(f"{n},1\n" for n in range(40)))
    with pytest.raises(QualityError, match="Every outcome in 'y' is '1'"):
        command.findings(path, ReaderSettings(), command.Question("y", "1"))
