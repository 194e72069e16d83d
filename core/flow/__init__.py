"""One function per thing a person does: read, step, record."""

from core.flow.common import (
    PAGES,
    Entry,
    cancel,
    history,
    is_stale,
    job,
    jobs,
    log,
    saved_at,
    status,
    use_again,
    wait,
)
from core.flow.framing import (
    PreparedColumn,
    frame,
    head_digest,
    open_questions,
    prepared_columns,
    save_criteria,
    save_decision,
    save_economics,
    save_people,
    target_values,
)
from core.flow.projects import (
    ProjectCard,
    create,
    delete,
    download,
    duplicate,
    list_projects,
    open_project,
    upload,
)
