"""The answer of Quality: whether the data can carry the decision, what comes first, and whom to ask what."""

from core.flow.contract import availability
from core.flow.quality import QualityReport
from core.flow.training import barred
from core.quality.answer import Answer, answer
from core.workspace import Project


def quality_answer(project: Project, report: QualityReport) -> Answer:
    """Sum up what was found, without what somebody accepted."""
    return answer(report.profile, report.results, list(report.accepted), silent(project))


def silent(project: Project) -> tuple[str, ...]:
    """Return the prepared columns that a model may read and of which nobody has said when they are known."""
    never = barred(project)
    return tuple(name for name, when in availability(project).items() if when == "unknown" and name not in never)
