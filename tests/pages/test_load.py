"""Load: a file becomes a table, and the page says what was found in it."""

import hashlib

import pytest

from core import flow


def test_an_empty_project_is_told_what_will_be_here_and_what_fits(visit, read, empty_project):
    at = visit("load", project="bank-campaign")
    assert at.title[0].value == "Which data do we have, and where is it from?"
    assert "Each table will be here" in read(at).words
    assert "2 GB a file" in read(at).words
    assert at.button(key="load.start").disabled


def test_an_uploaded_file_becomes_a_table_with_its_provenance(visit, read, done, empty_project):
    content = "id;age;y\n" + "".join(
        f"{number};{20 + number % 40};{'yes' if number % 5 else 'no'}\n" for number in range(120)
    )
    at = visit("load", project="bank-campaign")
    at.file_uploader(key="load.file").upload("Customers 2013.csv", content.encode()).run()
    assert at.text_input(key="load.table").placeholder == "customers_2013"
    at.button(key="load.start").click().run()
    done(empty_project, "load")
    at.run()
    assert not at.exception
    assert read(at).metrics["Rows"] == "120"
    assert read(at).metrics["Rows rejected"] == "0"
    table = flow.dataset(empty_project).tables[0]
    assert table.sha256 == hashlib.sha256(content.encode()).hexdigest()
    facts = at.table[0].value
    assert table.sha256 in facts.to_string()
    assert "semicolon" in facts.to_string()
    assert "by Ada" in facts.to_string()
    assert len(at.dataframe[0].value) == 50
    assert list(at.dataframe[1].value["Type"]) == [kind for _, kind in table.columns]


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


@pytest.mark.parametrize("content", [b"", b"   \n"])
def test_an_empty_file_gets_a_sentence_and_leaves_nothing(visit, read, empty_project, content):
    at = visit("load", project="bank-campaign")
    at.file_uploader(key="load.file").upload("nothing.csv", content).run()
    at.button(key="load.start").click().run()
    flow.wait(empty_project, "load")
    at.run()
    assert "'nothing.csv' is empty" in read(at).errors
    assert flow.dataset(empty_project) is None


def test_a_name_that_is_no_name_gets_a_sentence(visit, read, empty_project):
    at = visit("load", project="bank-campaign")
    at.file_uploader(key="load.file").upload("a.csv", b"a,b\n1,2\n").run()
    at.text_input(key="load.table").set_value("my table!").run()
    at.button(key="load.start").click().run()
    assert "'my table!' cannot name a table" in read(at).errors


def test_rows_that_do_not_fit_are_shown_with_the_reason(visit, read, done, empty_project):
    lines = ["id,age"] + [f"{number},{number % 60}" for number in range(200)]
    lines[150] = "149,1,2,3"
    at = visit("load", project="bank-campaign")
    at.file_uploader(key="load.file").upload("ragged.csv", "\n".join(lines).encode()).run()
    at.button(key="load.start").click().run()
    done(empty_project, "load")
    at.run()
    table = flow.dataset(empty_project).tables[0]
    assert read(at).metrics["Rows rejected"] == str(table.n_rejected) == "1"
    shown = at.dataframe[2].value
    assert list(shown["Line"]) == [151]
    assert shown["Why"][0] == table.rejected[0].reason


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
