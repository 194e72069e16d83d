"""Drafts: what is half-written is shared by every tab, and none overwrites another unseen."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core import flow
from core.errors import ConflictError
from core.flow import drafts


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    return flow.create("Bank campaign", "Ada")


def test_a_project_begins_without_a_draft(project):
    assert drafts.draft(project, "prepare") == drafts.Draft()


def test_a_draft_says_what_was_written_by_whom_and_when(project):
    kept = drafts.save_draft(project, "prepare", {"steps": ["é"]}, seen=0, author="Ada")
    assert drafts.draft(project, "prepare") == kept
    assert (kept.value, kept.version, kept.author) == ({"steps": ["é"]}, 1, "Ada")
    assert kept.saved_at.tzinfo is not None


def test_who_has_not_seen_the_last_change_overwrites_nothing_and_is_told_who_made_it(project):
    drafts.save_draft(project, "prepare", {"steps": ["hers"]}, seen=0, author="Ada")
    with pytest.raises(ConflictError, match="Ada changed this in another tab"):
        drafts.save_draft(project, "prepare", {"steps": ["his"]}, seen=0, author="Bob")
    assert drafts.draft(project, "prepare").value == {"steps": ["hers"]}


def test_a_draft_that_was_dropped_is_not_taken_for_one_that_never_was(project):
    drafts.save_draft(project, "prepare", {"steps": []}, seen=0, author="Ada")
    drafts.save_draft(project, "prepare", None, seen=1, author="Ada")
    assert drafts.draft(project, "prepare").value is None
    with pytest.raises(ConflictError):
        drafts.save_draft(project, "prepare", {"steps": ["late"]}, seen=0, author="Bob")


def test_drafts_of_two_pages_do_not_meet(project):
    drafts.save_draft(project, "prepare", {"a": 1}, seen=0, author="Ada")
    drafts.save_draft(project, "frame", {"b": 2}, seen=0, author="Ada")
    assert drafts.draft(project, "prepare").value == {"a": 1}


def test_a_draft_of_an_earlier_format_can_be_read_and_written_over(project):
    project.set_meta("draft.prepare", '{"steps": [{"name": "a", "sql": "SELECT 1"}]}')
    old = drafts.draft(project, "prepare")
    assert old.value == {"steps": [{"name": "a", "sql": "SELECT 1"}]}
    assert old.version == 0
    assert drafts.save_draft(project, "prepare", {"steps": []}, seen=old.version, author="Ada").version == 1


def test_of_many_who_write_at_once_as_many_are_kept_as_were_not_told_otherwise(project):
    def write(number):
        try:
            return drafts.save_draft(project, "prepare", {"by": number}, seen=0, author=str(number))
        except ConflictError:
            return None

    with ThreadPoolExecutor(8) as pool:
        kept = [one for one in pool.map(write, range(16)) if one]
    assert len(kept) == 1
    assert drafts.draft(project, "prepare") == kept[0]
