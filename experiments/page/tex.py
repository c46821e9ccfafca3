"""A listing as a LaTeX document for plain pdflatex, with amsmath, booktabs, longtable, multicol and geometry alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from fiveyear.model.latex import aligned
from fiveyear.model.typeset import Name

from .blocks import Block, Definition, Grid, Heading, Index, Listing, Paragraph, References, Table, by_row, cited, spans

HEAD = r"""\documentclass[10pt,a4paper,fleqn]{article}
\usepackage{amsmath}
\usepackage{booktabs}
\usepackage{longtable}
\usepackage{multicol}
\usepackage[margin=20mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt plus 1pt}
\setlength{\mathindent}{1.5em}
\setlength{\jot}{6pt}
\setlength{\emergencystretch}{3em}
\newcommand{\variable}[1]{\textbf{#1}}
% A heading that has no room below it goes to the next page.
\newcommand{\room}[1]{\par\ifdim\dimexpr\pagegoal-\pagetotal<#1\baselineskip\newpage\fi}
"""
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "`": r"\`{}",
    '"': "''",
    "'": "'{}",
    "-": "-{}",
    "/": r"/\allowbreak{}",
    "_": r"\_\allowbreak{}",
    "<": "$<$",
    ">": "$>$",
    "|": r"$\vert$",
    "“": "``",
    "”": "''",
    "‘": "`{}",
    "’": "'{}",
    "–": r"\mbox{--}",
    "—": "---{}",
    "…": r"\ldots{}",
    "\xa0": "~",
    "×": r"$\times$",
    "−": "$-$",
    "→": r"$\rightarrow$ ",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "∞": r"$\infty$",
    "λ": r"$\lambda$",
    "§": r"\S{}",
    **{c: "\\" + c for c in "#$%&{}"},
    **{c: f"$^{{{d}}}$" for c, d in zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True)},
}


def written(listing: Listing) -> str:
    """Give a complete document, in ASCII: other letters lose their accents, or else stand as U+ and a number."""
    body = "\n\n".join(_block(block) for block in listing.blocks)
    title = f"{{\\Large\\bfseries\\raggedright {escaped(listing.title)}\\par}}"
    return f"{HEAD}\\begin{{document}}\n{title}\n\n{body}\n\\end{{document}}\n"


def escaped(text: str) -> str:
    """Give a text as LaTeX prints it."""
    return spans(text, _plain, lambda code: rf"\texttt{{{_plain(code)}}}")


def _plain(text: str) -> str:
    return "".join(_character(c) for c in text)


def _character(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    if c.isascii():
        return c if c.isprintable() else " "
    bare = [d for d in unicodedata.normalize("NFKD", c) if not unicodedata.combining(d)]
    return "".join(_SPECIAL.get(d, d) if d.isascii() else f"U+{ord(d):04X}" for d in bare)


def _block(block: Block) -> str:
    match block:
        case Heading():
            kind = "section" if block.level == 1 else "subsection"
            room = 18 if block.level == 1 else 10  # in lines
            return rf"\room{{{room}}}\{kind}*{{{escaped(block.text)}}}"
        case Paragraph():
            return escaped(block.text)
        case Definition():
            name = rf"({block.number})\quad\variable{{{_name(block.name)}}}"
            head = rf"{name}\quad [{escaped(block.unit)}]\quad {escaped(block.about)}"
            return f"{head}\n\\[ {aligned(block.formulas)} \\]"
        case Table() | Grid():
            return _table(block)
        case References():
            works = (cited(work, escaped, lambda journal: rf"\emph{{{_plain(journal)}}}") for work in block.works)
            return "\n\n".join(rf"\hangindent=1.5em {work}" for work in works)
        case Index():
            return _index(block)


def _table(table: Table | Grid) -> str:
    named = isinstance(table, Table)
    between, end, gap = (" &\n", r"\tabularnewline\addlinespace", 8.0) if named else (" & ", r"\tabularnewline", 4.0)
    sides = [r"\raggedright" if i < table.texts else r"\raggedleft" for i in range(len(table.columns))]

    def row(cells: Sequence[str], between: str) -> str:
        return between.join(f"{side} {cell}" for side, cell in zip(sides, cells, strict=True))

    titles = row([escaped(title) for title, _ in table.columns], " & ")
    written = by_row(table, lambda name: rf"\variable{{{_name(name)}}}", escaped, r"\newline ")
    body = "\n".join(row(cells, between) + end for cells in written)
    # Columns share what the gaps between them, in pt, leave of a line of 483 pt.
    total = sum(width for _, width in table.columns)
    left = 0.99 - gap / 483.0 * (len(table.columns) - 1)
    form = "".join(rf"p{{{left * width / total:.3f}\linewidth}}" for _, width in table.columns)
    ruled = f"\\toprule\n{titles}\\tabularnewline\n\\midrule\n\\endhead\n\\bottomrule\n\\endfoot"
    start = f"\\footnotesize\\setlength{{\\tabcolsep}}{{{gap / 2:g}pt}}"
    return f"{{{start}\n\\begin{{longtable}}{{@{{}}{form}@{{}}}}\n{ruled}\n{body}\n\\end{{longtable}}}}"


def _index(index: Index) -> str:
    entries = []
    for name, number, about in index.entries:
        place = f"({number}), " if number else ""
        entries.append(rf"\hangindent=1em {_plain(name)}: {place}{escaped(about)}\par")
    body = "\n".join(entries)
    start = r"\begin{multicols}{3}\footnotesize\raggedright\parskip=0pt\interlinepenalty=10000"
    return f"{start}\n{body}\n\\end{{multicols}}"


def _name(name: Name) -> str:
    return _plain(name.words) + (rf"$_{{{_plain(name.index)}}}$" if name.index else "")
