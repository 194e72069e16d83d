"""Quality, without a screen: what the checks are told of the project."""

from core import flow
from core.workspace import Project
from tests.core.flow.conftest import AUTHOR, Make, finish, prepare


def check(project: Project) -> flow.QualityReport:
    flow.start_quality(project, AUTHOR)
    finish(project, "quality")
    return flow.quality(project)


def found(report: flow.QualityReport, code: str) -> list[str | None]:
    return [one.column for result in report.results if result.code == code for one in result.findings]


def test_a_step_that_computes_a_column_from_the_outcome_is_found_and_a_clean_recipe_is_not(make: Make) -> None:
    project = make()
    assert found(check(project), "Q30") == []
    prepare(project, "SELECT *, CASE WHEN y = 'yes' THEN a ELSE b END AS mixed FROM cases")
    assert found(check(project), "Q30") == ["mixed"]


def test_findings_of_an_earlier_version_of_the_checks_are_stale_and_are_made_anew(make: Make) -> None:
    project = make()
    check(project)
    record = project.head("findings")
    project.save("findings", {}, author=AUTHOR, parents=record.parents, result=record.result)
    assert flow.quality(project).stale
    assert flow.status(project)["quality"] == "stale"
    check(project)
    assert not flow.quality(project).stale
    assert flow.status(project)["quality"] == "done"
