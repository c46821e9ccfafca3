"""What can go wrong with a store, or with the workers that fill it."""

from fiveyear.model.errors import ModelError


class StoreError(ModelError):
    """A folder that is no store, is damaged, or holds another experiment."""


class WorkerError(Exception):
    """Workers that are killed again and again, so that a run cannot end."""
