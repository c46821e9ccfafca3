"""What can be wrong with a model, or with what is handed to it."""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

LISTED = 20  # names at most that a message tells


def nearest(name: str, candidates: Iterable[str]) -> str:
    """Give the hint that ends a message about an unknown name: the nearest known one, or all if they are few.

    >>> nearest("reserchers", ["researchers", "graduates"])
    '; nearest is researchers'
    >>> nearest("xyz", ["researchers", "graduates"])
    '; known are graduates, researchers'
    >>> nearest("xyz", [f"v{i}" for i in range(100)])
    ''
    """
    names = sorted(candidates)
    near = difflib.get_close_matches(name, names, 1, 0.6)
    if near:
        return f"; nearest is {near[0]}"
    return f"; known are {', '.join(names) or 'none'}" if len(names) <= LISTED else ""


def printable(text: str) -> str:
    r"""Give a text on one line, each sign that could steer a terminal or turn the direction of writing as an escape.

    These are control and format signs, ends of lines and halves of a pair, besides what no character has been given;
    blanks of other scripts stay. The escapes are those of JSON, in which they mean the same sign.

    >>> print(printable("a" + chr(27) + "[31m"), printable("财政　支出"))
    a\u001b[31m 财政　支出
    """
    if text.isprintable():
        return text
    return "".join(s if s.isprintable() or unicodedata.category(s) == "Zs" else escape(s) for s in text)


def escape(sign: str) -> str:
    """Give the escape of a sign, as JSON has it: two halves of a pair for one beyond four digits."""
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def shortened(text: str, most: int) -> str:
    """Give a text from a file on one line, such as a terminal may show it, and cut to a length.

    >>> shortened("a name that goes on", 12)
    'a name th...'
    """
    text = printable(text[: most + 1])
    return text if len(text) <= most else f"{text[: most - 3]}..."


class ModelError(ValueError):
    """One or more faults, each a line that names both ends. What files hold cannot steer a terminal from here."""

    def __init__(self, title: str, faults: Sequence[str]) -> None:
        self.title = printable(title)
        self.faults = [printable(fault) for fault in faults]
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n".join([f"{self.title} has {count}:", *(f"  {fault}" for fault in self.faults)]))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.title, self.faults)  # it comes to us from other processes


class CombinedError(ModelError):
    """What is wrong in several places, each told under its own title."""

    def __init__(self, errors: Sequence[ModelError]) -> None:
        self.errors = list(errors)
        super().__init__(
            " and ".join(error.title for error in errors), [f"{e.title}: {fault}" for e in errors for fault in e.faults]
        )

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.errors,)


def raise_all(errors: Iterable[ModelError]) -> None:
    """Raise what was found wrong in several places as one error, none told twice; nothing if there is none."""
    several = [single for error in errors for single in (error.errors if isinstance(error, CombinedError) else [error])]
    different = list({str(error): error for error in several}.values())
    if len(different) == 1:
        raise different[0]
    if different:
        raise CombinedError(different)


class UnitError(ValueError):
    """A unit that cannot be read, or two units that do not go together."""


class TraceError(ValueError):
    """An equation that does something a formula cannot do."""


class WiringError(ModelError):
    """Equations and declarations that do not fit together."""


class InputError(ModelError):
    """Values handed to a run that the model cannot take."""
