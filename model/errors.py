"""What can be wrong with a model, or with what is handed to it."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

LISTED = 20  # names at most that a message tells


class Hint(str):
    """The end of a message about an unknown name; ``name`` is the nearest known one, "" if none is near."""

    name = ""


def nearest(name: str, candidates: Iterable[str]) -> Hint:
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
        hint = Hint(f"; nearest is {near[0]}")
        hint.name = near[0]
        return hint
    return Hint(f"; known are {', '.join(names) or 'none'}" if len(names) <= LISTED else "")


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


class Fault(str):
    """One fault, as a line: the dotted key it is about ("" for a file as a whole), and what is wrong there.

    ``place`` is the file, or whatever else the key is of. ``found``, ``expected`` and ``nearest`` are told apart where
    the fault was made of them, and "" elsewhere; the text says them all the same.

    >>> fault = Fault("draws", found="0", expected="1 to 1,000,000")
    >>> print(fault)
    draws: found 0, expected 1 to 1,000,000
    """

    key: str
    text: str
    found: str
    expected: str
    nearest: str
    place: str

    def __new__(
        cls, key: str, text: str = "", *, found: str = "", expected: str = "", near: str = "", place: str = ""
    ) -> Fault:
        """``text`` is made of what was found and expected where it is not given; ``near`` ends it (see ``nearest``)."""
        text = text or ", ".join([f"found {found}"] * bool(found) + [f"expected {expected}"] * bool(expected))
        text += near
        self = super().__new__(cls, ": ".join(filter(None, (key, text))))
        self.key, self.text, self.found, self.expected, self.place = key, text, found, expected, place
        self.nearest = near.name if isinstance(near, Hint) else ""
        return self

    def altered(self, **values: str) -> Fault:
        """Give the same fault with another ``key``, ``text`` or ``place``."""
        of = {name: values.get(name, getattr(self, name)) for name in ("key", "text", "found", "expected", "place")}
        fault = Fault(**of)
        fault.nearest = self.nearest
        return fault

    def under(self, key: str) -> Fault:
        """Give the fault as one of the table that this key leads to."""
        return self.altered(key=f"{key}.{self.key}" if self.key else key)


class Error(Exception):
    """A mistake that its user can mend: ``faults`` holds each of them with its place, never an empty list."""

    faults: list[Fault]

    def __init__(self, text: str, faults: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.faults = [f if isinstance(f, Fault) else Fault("", f) for f in faults or [text]]


class ModelError(Error, ValueError):
    """One or more faults, each a line that names both ends. What files hold cannot steer a terminal from here."""

    def __init__(self, title: str, faults: Sequence[str]) -> None:
        self.title = printable(title)
        single = [f if isinstance(f, Fault) else Fault("", f) for f in faults]
        single = [f.altered(key=printable(f.key), text=printable(f.text), place=self.title) for f in single]
        count = "1 fault" if len(single) == 1 else f"{len(single)} faults"
        super().__init__("\n".join([f"{self.title} has {count}:", *(f"  {fault}" for fault in single)]), single)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.title, self.faults)  # it comes to us from other processes


class CombinedError(ModelError):
    """What is wrong in several places, each told under its own title."""

    def __init__(self, errors: Sequence[ModelError]) -> None:
        self.errors = list(errors)
        faults = [fault for error in errors for fault in error.faults]
        super().__init__(" and ".join(error.title for error in errors), faults)
        self.faults = faults  # each with a place of its own

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
