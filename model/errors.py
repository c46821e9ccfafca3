"""What can be wrong with a model, or with what is handed to it."""

import difflib
from collections.abc import Iterable
from typing import Any

LISTED = 20  # names at most that a message tells


def nearest(name: str, known: Iterable[str]) -> str:
    """Give the hint that ends a message about an unknown name: the nearest known one, or all if they are few.

    >>> nearest("reserchers", ["researchers", "graduates"])
    '; nearest is researchers'
    >>> nearest("xyz", ["researchers", "graduates"])
    '; known are graduates, researchers'
    >>> nearest("xyz", [f"v{i}" for i in range(100)])
    ''
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1, 0.6)
    if near:
        return f"; nearest is {near[0]}"
    return f"; known are {', '.join(names) or 'none'}" if len(names) <= LISTED else ""


class ModelError(ValueError):
    """One or more faults, each a line that names both ends."""

    def __init__(self, title: str, faults: list[str]) -> None:
        self.title = title
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n".join([f"{title} has {count}:", *(f"  {fault}" for fault in faults)]))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.title, self.faults)  # it comes to us from other processes


class UnitError(ValueError):
    """A unit that cannot be read, or two units that do not go together."""


class TraceError(ValueError):
    """An equation that does something a formula cannot do."""


class WiringError(ModelError):
    """Equations and declarations that do not fit together."""


class InputError(ModelError):
    """Values handed to a run that the model cannot take."""
