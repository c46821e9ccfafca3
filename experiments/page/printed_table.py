"""A table as it is printed: CSV with more digits, LaTeX for booktabs, and Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from . import comma_separated, markdown, tex


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
        r"""Give a floating table for booktabs, which ``\ref{tab:label}`` refers to."""
        head, *rows = (" & ".join(map(tex.escaped, row)) + r" \\" for row in (self.columns, *self._texts()))
        sides = "".join("l" if left else "r" for left in self._left())
        notes = [rf"\par\smallskip{{\footnotesize {tex.escaped(self.notes)}}}"] if self.notes else []
        lines = [
            r"\begin{table}",
            rf"\caption{{{tex.escaped(self.caption)}}}",
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
