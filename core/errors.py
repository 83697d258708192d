"""Errors meant for a person: ``str(error)`` is one clear sentence that pages and command line show as it is."""


class ExplorerError(Exception):
    """Something a person can understand and act on: what happened, what was kept, what to do."""


class BadInput(ExplorerError):
    """A value that cannot work. ``fields`` maps the name of each wrong field to its own sentence."""

    def __init__(self, message: str, fields: dict[str, str] | None = None):
        super().__init__(message)
        self.fields = fields or {}

    @classmethod
    def of_fields(cls, fields: dict[str, str]) -> "BadInput":
        """One error for several wrong fields, its message naming each."""
        parts = "; ".join(f"{name}: {text.rstrip('.')}" for name, text in fields.items())
        return cls(f"{parts}.", fields)


class DataUnavailable(ExplorerError):
    """A data set whose files are neither here nor to be had."""


class DamagedFile(ExplorerError):
    """A file that exists but cannot be read as what it should be."""


class NoSuchRun(ExplorerError):
    """No run has this id."""


class NotAllowed(ExplorerError):
    """The run belongs to somebody else, or its state does not permit this."""


class StorageFull(ExplorerError):
    """Nothing more can be written: a full disk, a read-only folder or a used-up allowance."""
