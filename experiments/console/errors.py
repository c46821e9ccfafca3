"""What goes wrong with a figure, a store, a table or the workers; with any file, see ``files``."""

from fiveyear.model.errors import ModelError


class FigureError(ModelError):
    """A figure that would show nothing, or not what it should."""


class StoreError(ModelError):
    """A folder that is no store, is damaged, or holds another experiment."""


class MissingPackageError(ModelError):
    """A format whose package is not installed."""


class LimitError(ModelError):
    """More than a format can hold."""


class WorkerError(Exception):
    """Workers that are killed again and again, so that a run cannot end."""
