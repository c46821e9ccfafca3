"""Reading a TOML file that may hold anything, and finding it by name."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fiveyear.model import ordinary_files
from fiveyear.model.errors import nearest

from .errors import Fault, ScenarioError, shown

LARGEST = 256 * 1024  # bytes; the largest file shipped has some 7,000
DEEPEST = 32  # tables or lists inside each other

#: A key with more than DEEPEST dots. `tomllib` needs memory by the square of their number: 120,000 fill any machine.
#: No key starts after a backslash; without that, a line of escaped quotes takes time by the square of its length.
_LONG_KEY = re.compile(
    r"""(?<![\w\\-])(?:(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){%d}""" % DEEPEST  # noqa: UP031
)


def read(path: Path) -> dict[str, Any]:
    """Give what a TOML file holds; raises ScenarioError, whatever is wrong with it."""
    try:
        content = ordinary_files.read(path, LARGEST)
    except FileNotFoundError:
        raise ScenarioError(str(path), ["there is no such file"]) from None
    except OSError as error:
        raise ScenarioError(str(path), [f"it cannot be read: {error.strerror}"]) from None
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ScenarioError(str(path), [f"byte {error.start + 1} is not UTF-8; save the file as UTF-8"]) from None
    if not text.strip():
        raise ScenarioError(str(path), ["it is empty"])
    return parse(text, str(path))


def parse(text: str, title: str) -> dict[str, Any]:
    """Give what TOML text holds; raises ScenarioError, under this title, if it is not TOML or too deep."""
    too_deep = f"more than {DEEPEST} tables or lists lie inside each other"
    if _LONG_KEY.search(text):
        raise ScenarioError(title, [too_deep])
    try:
        content = tomllib.loads(text)
    except RecursionError:
        raise ScenarioError(title, [too_deep]) from None
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(title, [f"it is not TOML: {error}"]) from None
    except ValueError:
        raise ScenarioError(title, ["a whole number in it has thousands of digits"]) from None
    level: list[Any] = [content]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    if level:
        raise ScenarioError(title, [too_deep])
    return content


def _other(path: Path) -> str:
    """Say what a path is if it is no ordinary file; nothing where that cannot be told."""
    try:
        return ordinary_files.other(path)
    except OSError:
        return ""


def by_name(files: Iterable[Path]) -> dict[str, Path]:
    """Give files by what they are called, sorted."""
    return {path.stem: path for path in sorted(files, key=lambda path: path.stem)}


def is_path(name: str) -> bool:
    """Tell whether a text is a path, and not the name of a file that is shipped."""
    return name.endswith((".toml", ".csv")) or "/" in name or "\\" in name


def locate(name: str, what: str, files: Mapping[str, Path], beside: Path | None = None) -> Path:
    """Give the file of a name or of a path; raises ScenarioError if there is none.

    A path ends with ``.toml`` or holds a separator; a relative one starts at ``beside``, the folder of the file that
    names it, or at the working folder. ``files``: those that go by a name, each a ``what``.
    """
    if is_path(name):
        path = (beside or Path()) / name
        if beside is not None and not os.path.lexists(path):
            raise ScenarioError(shown(name), [f"there is no such file in {beside}"])
        if beside is not None and (description := _other(path)):
            raise ScenarioError(shown(name), [f"it is {description}; expected a file"])
        return path
    if name not in files:
        listed = "fiveyear scenario list names those that are"
        if what != "scenario":
            listed = f"those that are: {', '.join(files)}"
        hint = nearest(name, files)
        text = (
            f"no {what} of this name is shipped{hint or f'; {listed}'}; write a path to a .toml for a file of your own"
        )
        fault = Fault("", text, found=name, expected=f"a shipped {what}, or a path")
        fault.nearest = hint.name
        raise ScenarioError(shown(name), [fault])
    return files[name]
