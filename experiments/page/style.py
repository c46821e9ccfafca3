"""One file a figure: reads a Dataset, draws, and writes the drawn numbers beside the picture."""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

STYLE = "house.mplstyle"
SANS, HAN = ("sans.ttf", "sans_bold.ttf"), "han.ttf"


class Sheet(NamedTuple):
    """What a figure is drawn for: its width, and how high it may be, in millimetres."""

    width: float
    tallest: float


#: One or two columns of a journal, and a slide, whose letters of 7 points are 12 where it is shown 33 cm wide.
SHEETS = {"column": Sheet(88.0, 235.0), "page": Sheet(180.0, 235.0), "slide": Sheet(200.0, 112.5)}
_sheet = ContextVar("sheet", default="page")


def sheet() -> Sheet:
    """Give what is drawn for."""
    return SHEETS[_sheet.get()]


@contextmanager
def house_style(style: str = "page") -> Iterator[None]:
    """Draw in the house style, whatever the reader's own settings of matplotlib are; ``style`` is one of ``SHEETS``.

    >>> from fiveyear.experiments.page.style import house_style
    >>> import matplotlib as mpl
    >>> with house_style():
    ...     mpl.rcParams["pdf.fonttype"]
    42
    """
    import matplotlib as mpl

    _add_fonts()
    sheet = importlib.resources.files(__package__) / STYLE
    with mpl.rc_context(), importlib.resources.as_file(sheet) as file:
        mpl.rcdefaults()
        mpl.rc_file(file)
        before = _sheet.set(style)
        try:
            yield
        finally:
            _sheet.reset(before)


@functools.cache
def _add_fonts() -> None:
    """Let matplotlib know of the fonts beside this file; the Chinese one has one weight and stands for bold, too."""
    from matplotlib.font_manager import fontManager

    for name in (*SANS, HAN):
        with importlib.resources.as_file(importlib.resources.files(__package__) / name) as file:
            fontManager.addfont(file)
    fontManager.ttflist.append(dataclasses.replace(fontManager.ttflist[-1], weight=700))


def undrawable(text: str) -> str:
    """Give the characters of a text that no font of the house style has: a figure shows a box for each.

    >>> undrawable("R&D 研发投入 🚀")
    '🚀'
    """
    if text.isascii():
        return ""
    return "".join(sign for sign in dict.fromkeys(text) if ord(sign) not in _characters() and not sign.isspace())


@functools.cache
def _characters() -> frozenset[int]:
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties, findfont, get_font

    with house_style():
        fonts = [findfont(FontProperties(family=[family])) for family in mpl.rcParams["font.family"]]
    return frozenset(code for font in fonts for code in get_font(font).get_charmap())
