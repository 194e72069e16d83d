"""One tree of errors that a person can act on."""

from core.scoring.errors import ContractError, FormatError, SqlError, TouchstoneError, VerifyError

__all__ = [
    "CancelledError",
    "ConflictError",
    "ContractError",
    "FormatError",
    "FrameError",
    "LoadError",
    "LockedError",
    "NotReadyError",
    "ProjectError",
    "QualityError",
    "SqlError",
    "SqlRefusedError",
    "TouchstoneError",
    "TrainError",
    "VerifyError",
]


class FrameError(TouchstoneError):
    """A value of the frame that cannot be used."""


class LoadError(TouchstoneError):
    """A source that cannot be read as a table."""


class SqlRefusedError(SqlError):
    """SQL that is not one SELECT over the tables and functions that it may use."""


class QualityError(TouchstoneError):
    """A question about quality that cannot be answered."""


class TrainError(TouchstoneError):
    """Data that nothing can be learnt from, or settings that cannot be."""


class NotReadyError(TouchstoneError):
    """An earlier step has to be done first."""


class ProjectError(TouchstoneError):
    """A project that cannot be made, opened, copied or read."""


class ConflictError(ProjectError):
    """Somebody else saved the same thing in the meantime."""


class LockedError(ProjectError):
    """Another process holds the project."""


class CancelledError(TouchstoneError):
    """A person stopped the work."""
