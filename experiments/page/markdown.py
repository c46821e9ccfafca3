"""A listing in Markdown, as GitHub shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fiveyear.experiments.console.terminal import Column
from fiveyear.model.latex import aligned
from fiveyear.model.typeset import Name

from .blocks import Block, Definition, Grid, Heading, Index, Listing, Paragraph, References, Table, by_row, cited, spans


def written(listing: Listing) -> str:
    """Give the whole file."""
    return "\n\n".join([f"# {escaped(listing.title)}", *(element(block) for block in listing.blocks)]) + "\n"


def escaped(text: str) -> str:
    """Give a text that no sign of Markdown or HTML is left in."""
    return spans(text, _plain, lambda code: f"`{code}`")


def _plain(text: str) -> str:
    text = re.sub(r"[ \t\r\n]+", " ", text)
    text = re.sub(r"([\\`*_{}\[\]#|~])", r"\\\1", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")
    return re.sub(r"^([-+=]|\d+(?=[.)] ))", r"\1&#8203;", text)


def element(block: Block) -> str:
    """Give a block in Markdown."""
    match block:
        case Heading():
            return f"{'#' * (block.level + 1)} {escaped(block.text)}"
        case Paragraph():
            return escaped(block.text)
        case Definition():
            head = f"({block.number}) {_name(block.name)} [{escaped(block.unit)}] {escaped(block.about)}"
            # The formula stands in one line: a line of its own that starts with a sign would begin a list.
            return f"{head}\n\n$$\n{aligned(block.formulas)}\n$$"
        case Table() | Grid():
            return _table(block)
        case References():
            works = (cited(work, escaped, lambda journal: f"*{escaped(journal)}*") for work in block.works)
            return "\n".join(f"- {work}" for work in works)
        case Index():
            return "\n".join(_entry(*entry) for entry in block.entries)


def _table(table: Table | Grid) -> str:
    head = [escaped(title) for title, _ in table.columns]
    sides = ["---" if i < table.texts else "---:" for i in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, sides, *by_row(table, _name, escaped, "<br>")))


def columns(first: Column, others: Sequence[Column]) -> str:
    """Give the table of a terminal, whose cells hold no sign of Markdown."""
    every = [first, *others]
    head = [" ".join(c.heading.split("\n")) for c in every]
    rows = (head, *zip(*(c.cells for c in every), strict=True))
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    sides = "|".join(":---" if c.left else "---:" for c in every)
    return "\n".join([lines[0], f"|{sides}|", *lines[1:]])


def _entry(name: str, number: int, about: str) -> str:
    return f"- {_plain(name)}: {f'({number}), ' if number else ''}{escaped(about)}"


def _name(name: Name) -> str:
    return f"**{_plain(name.words)}**" + (f"<sub>{_plain(name.index)}</sub>" if name.index else "")
