"""Projects: the shelf, and everything that can be done with what stands on it."""

from core import flow
from core.frame import Criteria, Criterion
from tests.pages import model_project


def test_an_empty_home_offers_samples_and_a_name(visit, read):
    at = visit("projects")
    assert at.title[0].value == "Which project are we working on?"
    assert "None yet" in read(at).words
    assert at.button(key="projects.create").disabled
    assert {f"projects.sample_{sample.id}" for sample in flow.samples()} <= {button.key for button in at.button}


def test_creating_a_project_opens_it_and_puts_it_into_the_link(visit, read):
    at = visit("projects")
    at.text_input(key="projects.name").set_value("Bank campaign").run()
    at.button(key="projects.create").click().run()
    assert not at.exception
    assert at.query_params["project"] == "bank-campaign"
    assert at.selectbox(key="sidebar.project").value == "bank-campaign"
    assert at.text_input(key="projects.name").value == ""
    assert flow.open_project("bank-campaign").name == "Bank campaign"
    assert flow.log(flow.open_project("bank-campaign"))[0].author == "Ada"


def test_a_name_that_is_taken_gets_a_sentence_and_is_not_lost(visit, read, empty_project):
    at = visit("projects")
    at.text_input(key="projects.name").set_value("Bank Campaign").run()
    at.button(key="projects.create").click().run()
    assert "There is a project 'bank-campaign' already" in read(at).errors
    assert at.text_input(key="projects.name").value == "Bank Campaign"
    assert len(flow.list_projects()) == 1


def test_a_link_to_a_project_that_is_not_there_names_the_choices(visit, read, empty_project):
    at = visit("frame", project="nowhere")
    assert "There is no project 'nowhere'" in read(at).errors
    assert "bank-campaign" in read(at).errors


def test_a_page_without_a_project_leads_to_projects(visit, read):
    at = visit("load")
    assert at.title[0].value == "Which project?"
    at.button(key="empty.projects").click().run()
    assert at.title[0].value == "Which project are we working on?"


def test_a_copy_has_the_records_and_its_own_name(visit, prepared_project):
    at = visit("projects", project="bank-campaign")
    at.text_input(key="projects.copy_name_bank-campaign").set_value("Second try").run()
    at.button(key="projects.duplicate_bank-campaign").click().run()
    assert not at.exception
    assert at.query_params["project"] == "second-try"
    assert flow.frame(flow.open_project("second-try")) == flow.frame(prepared_project)


def test_deleting_asks_first_and_then_deletes(visit, empty_project):
    at = visit("projects", project="bank-campaign")
    at.button(key="projects.delete_bank-campaign").click().run()
    assert [card.slug for card in flow.list_projects()] == ["bank-campaign"]
    at.button(key="projects.delete_yes").click().run()
    assert not at.exception
    assert flow.list_projects() == []
    assert "project" not in at.query_params


def test_a_downloaded_project_can_be_uploaded_again(visit, read, prepared_project):
    content = flow.download("bank-campaign").read_bytes()
    at = visit("projects")
    at.file_uploader(key="projects.upload").upload("received.duckdb", content).run()
    at.text_input(key="projects.upload_name").set_value("From a friend").run()
    at.button(key="projects.upload_start").click().run()
    assert not read(at).errors
    assert at.query_params["project"] == "from-a-friend"
    received = flow.open_project("from-a-friend")
    assert flow.prepared(received).digest == flow.prepared(prepared_project).digest


def test_a_file_that_is_no_project_gets_a_sentence(visit, read):
    at = visit("projects")
    at.file_uploader(key="projects.upload").upload("notes.duckdb", b"not a database at all").run()
    at.button(key="projects.upload_start").click().run()
    assert "cannot be opened as a project" in read(at).errors
    assert flow.list_projects() == []


def test_the_name_typed_here_is_in_the_history(visit):
    at = visit("projects")
    at.text_input(key="projects.author").set_value("Grace").run()
    at.text_input(key="projects.name").set_value("Hers").run()
    at.button(key="projects.create").click().run()
    assert flow.log(flow.open_project("hers"))[0].author == "Grace"


def test_a_sample_starts_in_one_click_and_ends_framed_and_prepared(visit, read, done):
    at = visit("projects")
    at.button(key="projects.sample_german_credit").click().run()
    assert not read(at).errors
    project = flow.open_project(at.query_params["project"])
    done(project, "sample")
    at.run()
    assert not at.exception
    assert flow.prepared(project).n_rows == 1000
    assert "projects.next" in {button.key for button in at.button}


def test_a_verdict_that_no_longer_stands_is_not_shown_as_if_it_did(visit, read):
    here = model_project.project("judged")
    at = visit("projects")
    assert "now stale" not in read(at).words
    flow.save_criteria(here, Criteria((Criterion("recall", at_least=0.2),)), "Ada")
    assert ", now stale" in read(visit("projects")).words


def test_the_way_on_leads_to_what_is_to_be_done_next(visit, read):
    here = model_project.project("explained")
    ahead = next(name for name in flow.PAGES[1:] if flow.status(here)[name] != "done")
    at = visit("projects", project=here.slug)
    assert at.button(key="projects.next").label == f"Go on with {ahead.capitalize()}"
