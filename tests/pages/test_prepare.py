"""Prepare: named SQL steps, from raw tables to one row per decision."""

from core import flow


def test_without_data_the_page_leads_to_load(visit, empty_project):
    at = visit("prepare", project="bank-campaign")
    at.button(key="prepare.empty").click().run()
    assert at.title[0].value == "Which data do we have, and where is it from?"
    assert at.query_params["project"] == "bank-campaign"


def test_the_first_recipe_takes_the_table_as_it_is(visit, read, done, loaded_project):
    at = visit("prepare", project="bank-campaign")
    assert at.text_area(key="prepare.sql_1").value == "SELECT * FROM customers"
    at.button(key="prepare.save").click().run()
    done(loaded_project, "prepare")
    at.run()
    assert read(at).metrics["Rows, one per decision"] == "600"
    assert read(at).metrics["Columns"] == "6"


def test_a_full_project_shows_its_rows_and_where_a_column_is_from(visit, read, prepared_project):
    at = visit("prepare", project="bank-campaign")
    assert read(at).metrics["Rows, one per decision"] == "500"
    assert at.text_input(key="prepare.name_1").label == "Step 1 · 500 rows"
    assert at.text_input(key="prepare.name_2").label == "Step 2 · one row per decision · 500 rows"
    at.selectbox(key="prepare.traced").select("monthly").run()
    assert at.dataframe[0].value.to_dict("list") == {
        "Column": ["decisions.monthly", "adults.income"],
        "Is made from": ["adults.income", "customers.income"],
    }


def test_steps_are_added_renamed_moved_and_deleted(visit, prepared_project):
    at = visit("prepare", project="bank-campaign")
    at.button(key="prepare.add").click().run()
    assert at.text_area(key="prepare.sql_3").value == "SELECT *\nFROM decisions"
    at.text_input(key="prepare.name_3").set_value("last").run()
    at.button(key="prepare.up_3").click().run()
    names = [at.text_input(key=f"prepare.name_{number}").value for number in (1, 2, 3)]
    assert names == ["adults", "last", "decisions"]
    assert at.text_area(key="prepare.sql_2").value == "SELECT *\nFROM decisions"
    at.button(key="prepare.delete_2").click().run()
    assert [at.text_input(key=f"prepare.name_{number}").value for number in (1, 2)] == ["adults", "decisions"]
    assert not at.exception


def test_a_preview_runs_on_all_rows_and_counts_them(visit, read, prepared_project):
    at = visit("prepare", project="bank-campaign")
    at.text_area(key="prepare.sql_1").set_value("SELECT * FROM customers WHERE age < 18").run()
    at.button(key="prepare.preview_1").click().run()
    assert "100 rows; the first 50 of them" in read(at).words
    assert set(at.dataframe[0].value["age"]) == {12}
    assert flow.prepared(prepared_project).n_rows == 500


def test_what_is_half_written_survives_leaving_and_another_tab(visit, prepared_project):
    at = visit("prepare", project="bank-campaign")
    at.text_area(key="prepare.sql_2").set_value("SELECT id, y FROM").run()
    at.switch_page("pages/data/load.py").run()
    at.switch_page("pages/data/prepare.py").run()
    assert at.text_area(key="prepare.sql_2").value == "SELECT id, y FROM"
    other = visit("prepare", project="bank-campaign")
    assert other.text_area(key="prepare.sql_2").value == "SELECT id, y FROM"
    other.button(key="prepare.undo").click().run()
    assert other.text_area(key="prepare.sql_2").value == "SELECT *, income / 12 AS monthly FROM adults"


def test_sql_that_is_refused_gets_a_sentence_and_changes_nothing(visit, read, prepared_project):
    before = flow.prepared(prepared_project)
    at = visit("prepare", project="bank-campaign")
    for sql in (
        "DELETE FROM customers",
        "SELECT * FROM records",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT FROM",
    ):
        at.text_area(key="prepare.sql_2").set_value(sql).run()
        at.button(key="prepare.save").click().run()
        assert read(at).errors
        assert not at.exception
        assert at.text_area(key="prepare.sql_2").value == sql
    assert flow.prepared(prepared_project) == before


def test_a_step_that_fails_while_it_runs_is_not_recorded_and_not_lost(visit, read, prepared_project):
    at = visit("prepare", project="bank-campaign")
    sql = "SELECT CAST(city AS INTEGER) AS n FROM adults"
    at.text_area(key="prepare.sql_2").set_value(sql).run()
    at.button(key="prepare.save").click().run()
    assert flow.wait(prepared_project, "prepare").state == "failed"
    at.run()
    assert "north" in read(at).errors or "south" in read(at).errors
    assert at.text_area(key="prepare.sql_2").value == sql
    assert flow.prepared(prepared_project).n_rows == 500
