"""A database without a screen: its connection is found by name, and its address is written nowhere."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core import flow
from core.errors import LoadError
from core.flow.connections import start_load_database
from core.flow.secrets import VARIABLE, named_connection
from core.poc import read_text
from core.workspace import home

AUTHOR = "ana"
SECRET = "pa55word"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.chdir(tmp_path)
    yield
    home.close_all()


@pytest.fixture
def people(tmp_path: Path) -> str:
    """A small database; its URL."""
    with closing(sqlite3.connect(tmp_path / "crm.sqlite")) as database:
        database.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, y TEXT)")
        database.executemany("INSERT INTO people VALUES (?, ?)", [(n, "yes" if n % 3 else "no") for n in range(60)])
        database.commit()
    return f"sqlite:///{tmp_path / 'crm.sqlite'}"


def test_the_environment_comes_first_then_the_secrets_of_the_folder(tmp_path, monkeypatch):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        f'[connections.our-crm]\ndialect = "postgresql"\nhost = "inside"\nusername = "ana"\npassword = "{SECRET}"\n'
    )
    assert named_connection("our-crm").host == "inside"
    monkeypatch.setenv(f"{VARIABLE}_OUR_CRM", f"postgresql://ana:{SECRET}@outside/db")
    found = named_connection("our-crm")
    assert found.host == "outside"
    assert SECRET not in repr(found) + found.shown


def test_a_name_that_nobody_described_and_secrets_that_are_broken_get_a_sentence(tmp_path):
    with pytest.raises(LoadError, match="There is no connection 'crm'") as caught:
        named_connection("crm")
    assert f"{VARIABLE}_CRM" in caught.value.hint
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(f"[connections.crm\npassword = {SECRET}")
    with pytest.raises(LoadError, match="is not TOML") as caught:
        named_connection("crm")
    assert SECRET not in str(caught.value)


def test_a_table_of_a_database_is_written_by_its_connections_name_and_loads_again_the_same(
    people, tmp_path, monkeypatch
):
    monkeypatch.setenv(f"{VARIABLE}_CRM", people)
    project = flow.create("People", AUTHOR)
    start_load_database(project, named_connection("crm"), "people", "folk", AUTHOR)
    assert flow.wait(project, "load").state == "done"
    digest = flow.dataset(project).digest
    flow.start_prepare(project, [flow.Step("prepared", "SELECT * FROM folk")], AUTHOR)
    flow.wait(project, "prepare")
    said = flow.poc_yaml(project, tmp_path)
    assert people not in said
    source = said.split("data:")[1].split("recipe:")[0]
    assert source.split() == ["-", "table:", "folk", "connection:", "crm", "query:", "people"]
    start_load_database(project, named_connection("crm"), "people", "folk", AUTHOR)
    assert flow.wait(project, "load").state == "done"
    assert flow.dataset(project).digest == digest


def test_a_poc_with_a_database_names_it_and_what_is_asked_of_it(tmp_path):
    said = """
format: 1
project: people
data: [{table: folk, connection: crm, query: SELECT * FROM people}]
recipe: [{step: prepared, sql: SELECT * FROM folk}]
frame:
  decision: Call them?
  target: {column: y, positive: "yes"}
  payoffs: {tp: 5, fp: -1, fn: 0, tn: 0}
  rows_per_year: 100
  criteria: [{metric: recall, at_least: 0.1}]
"""
    source = read_text(said, tmp_path).sources[0]
    assert (source.connection, source.settings.query) == ("crm", "SELECT * FROM people")
