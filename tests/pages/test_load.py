"""Load: a source becomes a table, and the page says what was found in it."""

import hashlib
import sqlite3
from contextlib import closing

import pytest

from core import flow
from tests.pages.conftest import plain

LATE = "id;age;income\n" + "".join(f"{number};{40 + number % 40};{number}\n" for number in range(300, 800))


def opened(at, tab: str):
    """Open one of the tabs of a table, as a click does."""
    at.session_state["load.tabs"] = tab
    return at.run()


def upload(at, name: str, content: bytes | str):
    """Choose a file in the browser."""
    held = content.encode() if isinstance(content, str) else content
    return at.file_uploader(key="load.file").upload(name, held).run()


def test_an_empty_project_is_told_what_will_be_here_and_what_fits(visit, read, empty_project):
    at = visit("load", project="bank-campaign")
    assert at.title[0].value == "Which data do we have, and where is it from?"
    assert "its first rows will be here at once" in read(at).words
    assert "2 GB a file" in read(at).words
    assert at.button(key="load.start").disabled


def test_a_chosen_file_shows_its_first_rows_and_what_is_assumed_before_anything_is_loaded(visit, read, empty_project):
    at = upload(visit("load", project="bank-campaign"), "people.csv", "id;age\n1;30\n2;41\n3;52\n")
    assert not at.exception
    assert "people.csv, as it would be read" in read(at).words
    assert list(at.dataframe[0].value.columns) == ["id", "age"]
    assumed = at.table[0].value
    assert "Delimiter" in set(assumed["What"])
    assert all(assumed["Assumed, and why"].str.len() > 10)
    assert flow.dataset(empty_project) is None


def test_what_is_said_by_hand_is_tried_at_once_and_loaded(visit, read, done, empty_project):
    at = upload(visit("load", project="bank-campaign"), "people.csv", "1;30\n2;41\n3;52\n")
    at.selectbox(key="load.delimiter").set_value(",").run()
    assert list(at.dataframe[0].value.columns) != ["id", "age"]
    assert at.dataframe[0].value.shape[1] == 1
    at.selectbox(key="load.delimiter").set_value(";").run()
    at.selectbox(key="load.header").set_value("no").run()
    at.button(key="load.start").click().run()
    done(empty_project, "load")
    table = flow.dataset(empty_project).tables[0]
    assert (table.n_rows, table.settings.header, table.settings.delimiter) == (3, False, ";")


def test_types_said_by_hand_are_loaded_and_survive_leaving_the_page(visit, read, done, empty_project):
    at = upload(visit("load", project="bank-campaign"), "people.csv", "id;age\n1;30\n2;41\n3;52\n")
    at.session_state["load.said"] = {"types": {"age": "VARCHAR"}}
    at.switch_page("pages/plan/frame.py").run()
    at.switch_page("pages/data/load.py").run()
    assert "Chosen: people.csv" in read(at).words
    at.button(key="load.start").click().run()
    done(empty_project, "load")
    assert dict(flow.dataset(empty_project).tables[0].columns)["age"] == "VARCHAR"


def test_an_uploaded_file_becomes_a_table_with_its_provenance(visit, read, done, empty_project):
    content = "id;age;y\n" + "".join(
        f"{number};{20 + number % 40};{'yes' if number % 5 else 'no'}\n" for number in range(120)
    )
    at = upload(visit("load", project="bank-campaign"), "Customers 2013.csv", content)
    assert at.text_input(key="load.table").placeholder == "customers_2013"
    at.button(key="load.start").click().run()
    done(empty_project, "load")
    at.run()
    assert not at.exception
    assert read(at).metrics["Rows"] == "120"
    assert read(at).metrics["Rows rejected"] == "0"
    assert len(at.dataframe[0].value) == 50
    assert "The first 50 of 120 rows" in read(at).words
    table = flow.dataset(empty_project).tables[0]
    assert table.sha256 == hashlib.sha256(content.encode()).hexdigest()
    opened(at, "How it was read")
    facts = at.table[0].value.to_string()
    assert at.code[0].value == table.sha256
    assert "semicolon" in facts
    assert "by Ada" in facts
    opened(at, "Columns")
    assert list(at.dataframe[0].value["Type"]) == [kind for _, kind in table.columns]


def test_loading_the_same_file_again_is_recognised(visit, read, done, empty_project):
    at = upload(visit("load", project="bank-campaign"), "people.csv", "id;age\n1;30\n2;41\n3;52\n")
    for _ in range(2):
        at.button(key="load.start").click().run()
        done(empty_project, "load")
        at.run()
    assert "This is what is loaded already" in at.info[0].value
    assert "as it would be read" not in read(at).words
    at.button(key="load.again").click().run()
    assert "people.csv, as it would be read" in read(at).words
    assert len(flow.history(empty_project, "dataset")) == 1


def test_a_changed_source_says_what_changed(visit, read, done, loaded_project):
    at = visit("load", project="bank-campaign")
    opened(at, "What changed")
    assert "It was loaded once." in read(at).words
    upload(at, "customers.csv", LATE)
    assert "It takes the place of the table customers" in read(at).words
    at.button(key="load.start").click().run()
    done(loaded_project, "load")
    at.run()
    assert not at.exception
    assert read(at).metrics["Columns changed"] == "3"
    assert "Columns that are gone: city, called_back, y" in read(at).words
    moved = at.dataframe[0].value.set_index("Column")
    assert moved["Moved"]["age"] > 0.25
    assert list(moved.index)[0] == moved["Moved"].idxmax()
    assert at.selectbox(key="load.changed_column").options == list(moved.index[moved["Moved"].notna()])


def test_a_file_from_the_server_is_loaded_under_the_name_that_was_typed(
    visit, read, done, empty_project, tmp_path, monkeypatch
):
    folder = tmp_path / "offered" / "sub"
    folder.mkdir(parents=True)
    (folder / "people.csv").write_text("a,b\n1,2\n3,4\n")
    monkeypatch.setenv("TOUCHSTONE_FILES", str(folder.parent))
    at = visit("load", project="bank-campaign")
    at.segmented_control(key="load.where").set_value("server").run()
    at.selectbox(key="load.server_file").select_index(0).run()
    at.text_input(key="load.table").set_value("folk").run()
    at.button(key="load.start").click().run()
    assert not read(at).errors
    done(empty_project, "load")
    assert [table.name for table in flow.dataset(empty_project).tables] == ["folk"]


def test_a_folder_of_the_server_is_one_table(visit, read, done, empty_project, tmp_path, monkeypatch):
    folder = tmp_path / "offered" / "months"
    folder.mkdir(parents=True)
    for month in (1, 2, 3):
        (folder / f"m{month}.csv").write_text(f"month,amount\n{month},2\n{month},4\n")
    monkeypatch.setenv("TOUCHSTONE_FILES", str(folder.parent))
    at = visit("load", project="bank-campaign")
    at.segmented_control(key="load.where").set_value("server").run()
    chooser = at.selectbox(key="load.server_file")
    assert any(option.endswith("(3 files as one table)") for option in chooser.options)
    chooser.set_value(str(folder)).run()
    assert not at.exception
    assert not read(at).errors
    assert len(at.dataframe[0].value) == 6
    at.button(key="load.start").click().run()
    assert not read(at).errors
    done(empty_project, "load")
    assert {table.name: table.n_rows for table in flow.dataset(empty_project).tables} == {"months": 6}


def test_an_upload_that_is_gone_is_no_longer_shown(visit, read, empty_project, tmp_path):
    at = upload(visit("load", project="bank-campaign"), "people.csv", "id;age\n1;30\n2;41\n")
    at.session_state["load.source"] = str(tmp_path / "gone.csv")
    at.run()
    assert not at.exception
    at.button(key="load.start").click().run()
    assert "There is no file" in read(at).errors


@pytest.mark.parametrize("content", [b"", b"   \n"])
def test_an_empty_file_gets_a_sentence_and_leaves_nothing(visit, read, empty_project, content):
    at = upload(visit("load", project="bank-campaign"), "nothing.csv", content)
    assert "'nothing.csv' is empty" in read(at).errors
    at.button(key="load.start").click().run()
    flow.wait(empty_project, "load")
    at.run()
    assert "'nothing.csv' is empty" in read(at).errors
    assert flow.dataset(empty_project) is None


def test_a_name_that_is_no_name_gets_a_sentence(visit, read, empty_project):
    at = upload(visit("load", project="bank-campaign"), "a.csv", "a,b\n1,2\n")
    at.text_input(key="load.table").set_value("my table!").run()
    at.button(key="load.start").click().run()
    assert "'my table!' cannot name a table" in read(at).errors


def test_rows_that_do_not_fit_are_shown_with_the_reason(visit, read, done, empty_project):
    lines = ["id,age"] + [f"{number},{number % 60}" for number in range(200)]
    lines[150] = "149,1,2,3"
    at = upload(visit("load", project="bank-campaign"), "ragged.csv", "\n".join(lines))
    at.button(key="load.start").click().run()
    done(empty_project, "load")
    at.run()
    table = flow.dataset(empty_project).tables[0]
    assert read(at).metrics["Rows rejected"] == str(table.n_rejected) == "1"
    opened(at, "Rejected")
    shown = at.dataframe[0].value
    assert list(shown["Line"]) == [151]
    assert shown["Why"][0] == table.rejected[0].reason
    opened(at, "Repaired")
    assert "None: every row of the table is as it stands" in read(at).words


def test_without_a_connection_the_page_says_who_can_set_one_up(visit, read, empty_project):
    at = visit("load", project="bank-campaign")
    at.segmented_control(key="load.where").set_value("database").run()
    assert not at.exception
    assert ".streamlit/secrets.toml" in read(at).words
    assert at.button(key="load.start").disabled


def test_a_table_and_a_query_of_a_database_are_loaded_by_the_secrets_connection(
    visit, read, done, empty_project, tmp_path
):
    with closing(sqlite3.connect(tmp_path / "crm.sqlite")) as database:
        database.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, y TEXT)")
        database.executemany("INSERT INTO people VALUES (?, ?)", [(n, "yes") for n in range(60)])
        database.commit()
    at = visit("load", project="bank-campaign")
    at.secrets["connections"] = {"crm": {"url": f"sqlite:///{tmp_path / 'crm.sqlite'}"}}
    at.segmented_control(key="load.where").set_value("database").run()
    assert at.selectbox(key="load.connection").options == ["crm"]
    assert at.button(key="load.start").disabled
    at.selectbox(key="load.database_table").select_index(0).run()
    assert at.text_input(key="load.table").placeholder == "people"
    at.button(key="load.start").click().run()
    assert not read(at).errors
    done(empty_project, "load")
    at.segmented_control(key="load.how").set_value("query").run()
    at.text_area(key="load.query").set_value("SELECT id FROM people WHERE id < 5").run()
    at.text_input(key="load.table").set_value("first").run()
    at.button(key="load.start").click().run()
    done(empty_project, "load")
    at.run()
    assert not at.exception
    assert {table.name: table.n_rows for table in flow.dataset(empty_project).tables} == {"people": 60, "first": 5}
    opened(at, "How it was read")
    assert "crm, SELECT id FROM people WHERE id < 5" in plain(at.table[0].value["value"]["Read as"])


def test_a_table_can_be_left_out_and_taken_back(visit, loaded_project):
    with_table = flow.head_digest(loaded_project, "dataset")
    at = visit("load", project="bank-campaign")
    at.button(key="load.remove").click().run()
    assert not at.exception
    assert flow.dataset(loaded_project).tables == ()
    at.session_state["load.history_dataset"] = True
    at.run()
    at.button(key=f"load.history_dataset_{with_table[:12]}").click().run()
    assert [table.name for table in flow.dataset(loaded_project).tables] == ["customers"]
