"""What keeps a table from being written, apart from the disk."""

from fiveyear.model.errors import ModelError


class MissingPackageError(ModelError):
    """A format whose package is not installed."""


class LimitError(ModelError):
    """More than a format can hold."""
