"""What goes wrong with a file, a figure, a store, a table or the workers."""

from fiveyear.model.errors import Error, ModelError


class ExistsError(Error):
    """An output exists and nobody said --force."""


class WriteError(Error):
    """An output could not be written."""


class FigureError(ModelError):
    """A figure that would show nothing, or not what it should."""


class StoreError(ModelError):
    """A folder that is no store, is damaged, or holds another experiment."""


class MissingPackageError(ModelError):
    """A format whose package is not installed."""


class LimitError(ModelError):
    """More than a format can hold."""


class WorkerError(Error):
    """Workers that are killed again and again, so that a run cannot end."""
