"""A table as it is printed: CSV with more digits, LaTeX for booktabs, and Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from . import comma_separated, markdown, tex

MOST = 40  # signs of a text that stands in one line
LONG = 0.3  # of the line, for a column of longer ones
_HAN = re.compile("([\u2e80-\u9fff\u3000-\u303f\uff00-\uffef]+)")


class Number(NamedTuple):
    """A number in a cell, and how it is printed; None where there is none."""

    value: float | None
    text: str


Cell = str | Number


@dataclass(frozen=True)
class PrintedTable:
    """Rows under headings; ``notes`` stand below them. What is not a ``Number`` is a text, and stands at the left."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: str = ""

    def csv(self, digits: int = comma_separated.DIGITS) -> bytes:
        """Give the headings and rows, numbers with so many digits."""
        rows = ([c.value if isinstance(c, Number) else c for c in row] for row in self.rows)
        return comma_separated.drawn([self.columns, *rows], digits)

    def markdown(self) -> str:
        """Give a table with pipes, and the notes below it."""
        cells = [[markdown.escaped(text) for text in row] for row in (self.columns, *self._texts())]
        sides = [":---" if left else "---:" for left in self._left()]
        lines = [f"| {' | '.join(row)} |" for row in (cells[0], sides, *cells[1:])]
        return "\n".join([*lines, *(["", f"*{markdown.escaped(self.notes)}*"] if self.notes else [])]) + "\n"

    def latex(self, label: str) -> str:
        r"""Give a floating table for booktabs, which ``\ref{tab:label}`` refers to; long texts stand in several lines.

        Chinese stays as it is, for XeLaTeX or LuaLaTeX with a font that has it.
        """
        head, *rows = (" & ".join(map(_latex, row)) + r" \\" for row in (self.columns, *self._texts()))
        longest = [max(map(len, cells), default=0) for cells in zip(*self._texts(), strict=True)] or [0] * len(
            self.columns
        )
        sides = "".join(
            "r" if not left else rf"p{{{LONG}\linewidth}}" if most > MOST else "l"
            for left, most in zip(self._left(), longest, strict=True)
        )
        notes = [rf"\par\smallskip{{\footnotesize {_latex(self.notes)}}}"] if self.notes else []
        lines = [
            r"\begin{table}",
            rf"\caption{{{_latex(self.caption)}}}",
            rf"\label{{tab:{label}}}",
            rf"\begin{{tabular}}{{@{{}}{sides}@{{}}}}",
            r"\toprule",
            head,
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            *notes,
            r"\end{table}",
        ]
        return "\n".join(lines) + "\n"

    def _texts(self) -> list[Sequence[str]]:
        return [[c.text if isinstance(c, Number) else c for c in row] for row in self.rows]

    def _left(self) -> list[bool]:
        return [not any(isinstance(row[n], Number) for row in self.rows) for n in range(len(self.columns))]


def _latex(text: str) -> str:
    return "".join(part if n % 2 else tex.escaped(part) for n, part in enumerate(_HAN.split(text)))
