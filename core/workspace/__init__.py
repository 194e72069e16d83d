"""The project file: connection, migrations, records, tables, background jobs."""

from core.workspace.jobs import Job, JobView
from core.workspace.project import ANY, Project
from core.workspace.records import Event, Record

__all__ = ["ANY", "Event", "Job", "JobView", "Project", "Record"]
