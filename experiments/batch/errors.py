"""What can go wrong with a store, or with the workers that fill it."""

from fiveyear.model.errors import ModelError
from fiveyear.scenarios.errors import printable


class StoreError(ModelError):
    """A folder that is no store, is damaged, or holds another experiment. What it holds cannot steer a terminal."""

    def __init__(self, title: str, faults: list[str]) -> None:
        super().__init__(printable(title), [printable(fault) for fault in faults])


class WorkerError(Exception):
    """Workers that are killed again and again, so that a run cannot end."""
