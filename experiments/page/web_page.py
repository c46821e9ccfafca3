"""A listing as one HTML file that needs no network: formulas are MathML."""

from __future__ import annotations

import html
from collections.abc import Sequence

from fiveyear.model.mathml import mathml
from fiveyear.model.typeset import Name

from .blocks import Block, Definition, Grid, Heading, Index, Listing, Paragraph, References, Table, by_row, cited, spans

STYLE = """
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.45 serif; color: #111; background: #fff; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #999; }
.formula { margin: 0.4rem 0 1.2rem 1.5rem; overflow: auto hidden; }
math mtd { text-align: left; padding: 0.25em 0; }
math .cases mtd { padding: 0.1em 0.5em; }
math .part { font: italic 95% serif; }
.definition { margin: 0; }
table.listing { border-collapse: collapse; width: 100%; font-size: 14px; table-layout: fixed; }
table.listing th, table.listing td { text-align: left; vertical-align: top; padding: 0.35rem 0.5rem;
  border-bottom: 1px solid #ccc; overflow-wrap: break-word; }
table.listing .amount { text-align: right; white-space: nowrap; padding: 0.35rem 0.2rem; }
.index { columns: 17rem; font-size: 14px; list-style: none; padding: 0; }
.number { margin-right: 0.7em; }
.unit { color: #555; margin: 0 0.7em; }
"""


def written(listing: Listing) -> str:
    """Give the whole page."""
    return page(listing.title, "\n".join(element(block) for block in listing.blocks))


def page(title: str, body: str) -> str:
    """Give a page with a title, a text, over a body in HTML."""
    title = html.escape(title)
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n<h1>{title}</h1>\n{body}\n</body></html>\n'


def escaped(text: str) -> str:
    """Give a text as HTML."""
    return spans(text, html.escape, lambda code: f"<code>{code}</code>")


def element(block: Block) -> str:
    """Give a block in HTML."""
    match block:
        case Heading():
            return f"<h{block.level + 1}>{escaped(block.text)}</h{block.level + 1}>"
        case Paragraph():
            return f"<p>{escaped(block.text)}</p>"
        case Definition():
            unit = f'<span class="unit">[{escaped(block.unit)}]</span>'
            place = f'<span class="number">({block.number})</span>'
            head = f"{place}{_name(block.name)}{unit}{escaped(block.about)}"
            about = f'<p class="definition" id="equation-{block.number}">{head}</p>'
            return f'{about}\n<div class="formula">{mathml(block.formulas)}</div>'
        case Table() | Grid():
            return _table(block)
        case References():
            works = (cited(work, escaped, lambda journal: f"<i>{escaped(journal)}</i>") for work in block.works)
            return f"<ul>{''.join(f'<li>{work}</li>' for work in works)}</ul>"
        case Index():
            return f'<ul class="index">{"".join(_entry(*entry) for entry in block.entries)}</ul>'


def _entry(name: str, number: int, about: str) -> str:
    place = f'<a href="#equation-{number}">({number})</a>, ' if number else ""
    return f"<li>{html.escape(name)}: {place}{escaped(about)}</li>"


def _table(table: Table | Grid) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        sides = ("" if i < table.texts else ' class="amount"' for i in range(len(cells)))
        elements = (f"<{tag}{side}>{cell}</{tag}>" for side, cell in zip(sides, cells, strict=True))
        return f"<tr>{''.join(elements)}</tr>"

    total = sum(width for _, width in table.columns)
    widths = "".join(f'<col style="width: {100 * width / total:.1f}%">' for _, width in table.columns)
    head = row([escaped(title) for title, _ in table.columns], "th")
    body = "\n".join(row(cells, "td") for cells in by_row(table, _name, escaped, "<br>"))
    return f'<table class="listing"><colgroup>{widths}</colgroup>{head}\n{body}\n</table>'


def _name(name: Name) -> str:
    index = f"<sub>{html.escape(name.index)}</sub>" if name.index else ""
    return f"<b>{html.escape(name.words)}</b>{index}"
