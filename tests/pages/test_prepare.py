"""Prepare: named SQL steps, from raw tables to one row per decision."""

import pytest

from core import flow
from core.flow import drafts

DECISIONS = "SELECT *, income / 12 AS monthly FROM adults"


@pytest.fixture
def write(visit):
    """Open Prepare with plain text boxes: AppTest cannot type into the editor, which the browser's tests do."""

    def opened():
        at = visit("prepare", project="bank-campaign")
        at.toggle(key="prepare.plain").set_value(True).run()
        assert not at.exception
        return at

    return opened


def names(at):
    return [box.value for box in at.text_input if box.key.startswith("prepare.name_")]


def sql(at, number):
    return at.text_area(key=f"prepare.sql_{number}")


def test_without_data_the_page_leads_to_load(visit, empty_project):
    at = visit("prepare", project="bank-campaign")
    at.button(key="prepare.empty").click().run()
    assert at.title[0].value == "Which data do we have, and where is it from?"
    assert at.query_params["project"] == "bank-campaign"


def test_the_first_recipe_takes_the_table_as_it_is(write, read, done, loaded_project):
    at = write()
    assert sql(at, 1).value == "SELECT * FROM customers"
    at.button(key="prepare.save").click().run()
    done(loaded_project, "prepare")
    at.run()
    assert read(at).metrics["Rows, one per decision"] == "600"
    assert read(at).metrics["Columns"] == "6"


def test_a_full_project_shows_its_rows_and_where_a_column_is_from(visit, read, prepared_project):
    at = visit("prepare", project="bank-campaign")
    assert read(at).metrics["Rows, one per decision"] == "500"
    assert at.text_input(key="prepare.name_1").label == "Step 1"
    assert at.text_input(key="prepare.name_2").label == "Step 2 · one row per decision"
    at.selectbox(key="prepare.traced").select("monthly").run()
    assert at.dataframe[0].value.to_dict("list") == {
        "Column": ["decisions.monthly", "adults.income"],
        "Is made from": ["adults.income", "customers.income"],
        "How": ["computed", "taken over"],
    }
    assert not at.exception


def test_steps_are_added_renamed_moved_duplicated_and_removed(write, prepared_project):
    at = write()
    at.button(key="prepare.add").click().run()
    assert sql(at, 3).value == "SELECT *\nFROM decisions"
    at.text_input(key="prepare.name_3").set_value("last").run()
    at.button(key="prepare.up_3").click().run()
    assert names(at) == ["adults", "last", "decisions"]
    assert sql(at, 2).value == "SELECT *\nFROM decisions"
    at.button(key="prepare.copy_1").click().run()
    assert names(at) == ["adults", "adults_2", "last", "decisions"]
    assert sql(at, 2).value == sql(at, 1).value
    at.button(key="prepare.delete_3").click().run()
    assert names(at) == ["adults", "adults_2", "decisions"]
    assert not at.exception


def test_every_change_can_be_undone_in_turn_and_done_again(write, prepared_project):
    at = write()
    sql(at, 1).set_value("SELECT * FROM customers WHERE age >= 21").run()
    sql(at, 1).set_value("SELECT * FROM customers WHERE age >= 22").run()
    at.button(key="prepare.delete_2").click().run()
    assert names(at) == ["adults"]
    assert at.button(key="prepare.undo_step").label == "Undo: removal of decisions"
    at.button(key="prepare.undo_step").click().run()
    assert [sql(at, 1).value, sql(at, 2).value] == ["SELECT * FROM customers WHERE age >= 22", DECISIONS]
    assert at.button(key="prepare.undo_step").label == "Undo: edit of adults"
    at.button(key="prepare.undo_step").click().run()
    assert sql(at, 1).value == "SELECT * FROM customers WHERE age >= 18"
    assert at.button(key="prepare.undo_step").disabled
    assert not flow.is_stale(prepared_project, "recipe")


def test_a_name_that_is_taken_is_refused_and_nothing_changes(write, read, prepared_project):
    at = write()
    at.text_input(key="prepare.name_2").set_value("Adults").run()
    assert "already a step called 'Adults'" in read(at).errors
    assert names(at) == ["adults", "decisions"]


def test_what_was_typed_last_is_kept_when_a_button_is_pressed_at_once(write, prepared_project):
    at = write()
    sql(at, 2).set_value("SELECT id, y FROM adults")
    at.button(key="prepare.copy_1").click().run()
    assert names(at) == ["adults", "adults_2", "decisions"]
    assert sql(at, 3).value == "SELECT id, y FROM adults"


def test_a_preview_runs_on_all_rows_and_counts_them(write, read, prepared_project):
    at = write()
    sql(at, 1).set_value("SELECT * FROM customers WHERE age < 18").run()
    at.button(key="prepare.preview_1").click().run()
    assert "100 rows; the first 50, computed on all rows" in read(at).words
    shown = next(frame.value for frame in at.dataframe if len(frame.value) == 50)
    assert set(shown["age"]) == {12}
    assert flow.prepared(prepared_project).n_rows == 500


def test_what_is_half_written_survives_leaving_and_another_tab(write, prepared_project):
    at = write()
    sql(at, 2).set_value("SELECT id, y FROM").run()
    at.switch_page("pages/data/load.py").run()
    at.switch_page("pages/data/prepare.py").run()
    assert sql(at, 2).value == "SELECT id, y FROM"
    other = write()
    assert sql(other, 2).value == "SELECT id, y FROM"
    other.button(key="prepare.undo").click().run()
    assert sql(other, 2).value == DECISIONS


def test_two_tabs_that_write_different_steps_lose_nothing(write, read, prepared_project):
    one, other = write(), write()
    sql(one, 1).set_value("SELECT * FROM customers WHERE age >= 30").run()
    sql(other, 2).set_value("SELECT id, y FROM adults").run()
    assert not read(other).errors
    assert "Ada changed the steps in another tab" not in read(one).words
    one.run()
    for at in (one, other):
        assert [sql(at, 1).value, sql(at, 2).value] == [
            "SELECT * FROM customers WHERE age >= 30",
            "SELECT id, y FROM adults",
        ]


@pytest.mark.parametrize("use", [True, False])
def test_two_tabs_that_write_the_same_step_are_told_and_keep_both_versions(write, read, prepared_project, use):
    one, other = write(), write()
    sql(one, 2).set_value("SELECT id, y FROM adults").run()
    sql(other, 2).set_value("SELECT id, age FROM adults").run()
    assert "Step 'decisions' was changed in another tab as well." in read(other).errors
    assert sql(other, 2).value == "SELECT id, y FROM adults"
    assert "Two versions of decisions." in read(other).words
    assert other.code[0].value == "SELECT id, age FROM adults"
    other.button(key="prepare.use_aside_1" if use else "prepare.drop_aside_1").click().run()
    assert "Two versions" not in read(other).words
    assert sql(other, 2).value == ("SELECT id, age FROM adults" if use else "SELECT id, y FROM adults")
    one.run()
    assert sql(one, 2).value == sql(other, 2).value


def test_a_button_pressed_on_steps_that_another_tab_changed_does_what_it_says(write, read, prepared_project):
    one, other = write(), write()
    one.button(key="prepare.up_2").click().run()
    assert names(one) == ["decisions", "adults"]
    other.button(key="prepare.delete_1").click().run()
    assert names(other) == ["decisions"]
    one.button(key="prepare.delete_2").click().run()
    assert "There is no step 'adults' any more" in read(one).errors
    assert names(one) == ["decisions"]


def test_a_fault_is_told_at_its_step_and_line_before_anything_runs_and_later_steps_wait(write, read, prepared_project):
    at = write()
    sql(at, 1).set_value("SELECT *\nFROM customers\nWHERE aeg >= 18").run()
    assert "Line 3: " in read(at).errors
    assert "aeg" in read(at).errors
    assert "Waits for adults" in read(at).words
    assert at.button(key="prepare.preview_2").disabled


def test_sql_that_is_refused_gets_a_sentence_and_changes_nothing(write, read, prepared_project):
    before = flow.prepared(prepared_project)
    at = write()
    for text in (
        "DELETE FROM customers",
        "SELECT * FROM records",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT FROM",
    ):
        sql(at, 2).set_value(text).run()
        at.button(key="prepare.save").click().run()
        assert read(at).errors
        assert not at.exception
        assert sql(at, 2).value == text
    assert flow.prepared(prepared_project) == before


def test_a_step_that_fails_while_it_runs_is_not_recorded_and_not_lost(write, read, prepared_project):
    at = write()
    text = "SELECT CAST(city AS INTEGER) AS n FROM adults"
    sql(at, 2).set_value(text).run()
    at.button(key="prepare.save").click().run()
    assert flow.wait(prepared_project, "prepare").state == "failed"
    at.run()
    assert "north" in read(at).errors or "south" in read(at).errors
    assert sql(at, 2).value == text
    assert flow.prepared(prepared_project).n_rows == 500


def test_a_ready_made_step_asks_shows_what_it_writes_and_becomes_a_step_like_any_other(write, read, prepared_project):
    at = write()
    at.session_state["prepare.ready_open"] = True
    at.run()
    at.selectbox(key="prepare.ready").select("clip").run()
    assert "is not answered yet" in read(at).words
    assert at.selectbox(key="prepare.clip_source").value == "decisions"
    assert at.selectbox(key="prepare.clip_column").options == ["id", "age", "income", "called_back", "monthly"]
    at.selectbox(key="prepare.clip_column").select("age").run()
    at.button(key="prepare.ready_suggest").click().run()
    assert at.number_input(key="prepare.clip_low").value == 20
    at.number_input(key="prepare.clip_high").set_value(60).run()
    assert "values are raised" in read(at).words
    shown = at.code[0].value
    at.button(key="prepare.ready_add").click().run()
    assert names(at) == ["adults", "decisions", "clip"]
    assert sql(at, 3).value == shown
    assert not at.exception
    assert flow.preview(prepared_project, flow_steps(prepared_project), "clip").n_rows == 500


def test_the_saved_steps_leave_no_draft_behind(write, done, prepared_project):
    at = write()
    sql(at, 1).set_value("SELECT * FROM customers WHERE age >= 30").run()
    at.button(key="prepare.save").click().run()
    done(prepared_project, "prepare")
    at.run()
    assert drafts.draft(prepared_project, "prepare").value is None
    assert sql(at, 1).value == "SELECT * FROM customers WHERE age >= 30"
    assert "monthly" in dict(flow.prepared(prepared_project).columns)


def flow_steps(project):
    return [flow.Step(one["name"], one["sql"]) for one in drafts.draft(project, "prepare").value["steps"]]
