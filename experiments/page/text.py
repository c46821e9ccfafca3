"""Texts that come from users' files, made fit for a cell; and words made a sentence."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence

# Controls, line ends, halves of surrogate pairs, and what XML forbids: a file could not be written, or read again.
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


@functools.lru_cache(maxsize=10_000)
def one_line(text: str) -> str:
    r"""Give a text with a blank for every character that is no part of a line.

    >>> one_line("R&D\n专利")
    'R&D 专利'
    """
    return _NO_TEXT.sub(" ", text)


def of_cell(text: str) -> str:
    """Give a text of a user's file as a cell of a CSV file: on one line, and no formula."""
    return harmless(one_line(text))


def cut(text: str, most: int) -> str:
    """Give a text cut to a number of signs; three dots stand for the rest.

    >>> cut("R&D / GDP", 9), cut("R&D personnel", 9)
    ('R&D / GDP', 'R&D pe...')
    """
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}..."


def listed(words: Sequence[str]) -> str:
    """Give words as a sentence has them.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


@functools.lru_cache(maxsize=10_000)
def harmless(text: str) -> str:
    """Give a line of text that no spreadsheet takes for a formula when it opens a CSV file.

    An apostrophe goes before what would be one; after each semicolon too, where half of Europe's spreadsheets cut.

    >>> harmless("=1+1"), harmless("growth = 7 %")
    ("'=1+1", 'growth = 7 %')
    """
    return ";".join(f"'{part}" if _is_formula(part) else part for part in text.split(";"))


def _is_formula(text: str) -> bool:
    """Say whether the first visible character begins a formula, as it is or as a full-width or small form of it."""
    plain = unicodedata.normalize("NFKC", text)
    return next((c for c in plain if c.isprintable() and not c.isspace()), "") in {"=", "+", "-", "@"}
