"""Damaged files, loaded as a person would: a few of what `python -m tests.benchmarks fuzz` does with a thousand."""

from tests.benchmarks.fuzz_figures import loaded


def test_of_a_damaged_file_comes_a_table_or_a_sentence_and_a_refused_one_leaves_the_project_as_it_was(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    found = loaded(tmp_path, 60, seed=1)
    assert found.tables > 5
    assert found.sentences > 5
    assert not found.faults
    assert not found.slow
    assert not found.changed
