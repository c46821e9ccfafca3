"""A listing as a LaTeX document for plain pdflatex, with amsmath, booktabs, longtable and geometry alone."""

from __future__ import annotations

import unicodedata

from fiveyear.model.latex import aligned
from fiveyear.model.typeset import Name

from .blocks import Block, Definition, Heading, Listing, Paragraph, References, Table, spans

HEAD = r"""\documentclass[10pt,a4paper,fleqn]{article}
\usepackage{amsmath}
\usepackage{booktabs}
\usepackage{longtable}
\usepackage[margin=20mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt plus 1pt}
\setlength{\mathindent}{1.5em}
\setlength{\tabcolsep}{3pt}
\setlength{\jot}{6pt}
\setlength{\emergencystretch}{3em}
\newcommand{\variable}[1]{\textbf{#1}}
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
    "–": "--{}",
    "—": "---{}",
    "…": r"\ldots{}",
    "\xa0": "~",
    "×": r"$\times$",
    "−": "$-$",
    "→": r"$\rightarrow$ ",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "∞": r"$\infty$",
    "§": r"\S{}",
    **{c: "\\" + c for c in "#$%&{}"},
    **{c: f"$^{{{d}}}$" for c, d in zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True)},
}


def written(listing: Listing) -> str:
    """Give a complete document, in ASCII: other letters lose their accents, or else stand as U+ and a number."""
    body = "\n\n".join(_block(block) for block in listing.blocks)
    title = f"{{\\Large\\bfseries {escaped(listing.title)}\\par}}"
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
            return rf"\{kind}*{{{escaped(block.text)}}}"
        case Paragraph():
            return escaped(block.text)
        case Definition():
            head = rf"\variable{{{_name(block.name)}}}\quad [{escaped(block.unit)}]\quad {escaped(block.about)}"
            return f"{head}\n\\[ {aligned(block.formulas)} \\]"
        case Table():
            return _table(block)
        case References():
            return "\n\n".join(rf"\hangindent=1.5em {escaped(work)}" for work in block.works)


def _table(table: Table) -> str:
    # Columns share what the gaps between them leave.
    whole = sum(width for _, width in table.columns)
    widths = [0.94 * width / whole for _, width in table.columns]
    columns = "".join(rf"p{{{width:.3f}\linewidth}}" for width in widths)
    head = " & ".join(rf"\raggedright {escaped(title)}" for title, _ in table.columns)
    rows = []
    for name, (first, *others) in table.rows:
        cells = [rf"\variable{{{_name(name)}}}\newline {_lines(first)}", *map(_lines, others)]
        rows.append(" &\n".join(rf"\raggedright {cell}" for cell in cells) + "\\tabularnewline\\addlinespace")
    ruled = f"\\toprule\n{head}\\tabularnewline\n\\midrule\n\\endhead\n\\bottomrule\n\\endfoot"
    body = "\n".join(rows)
    return f"{{\\footnotesize\n\\begin{{longtable}}{{@{{}}{columns}@{{}}}}\n{ruled}\n{body}\n\\end{{longtable}}}}"


def _name(name: Name) -> str:
    return _plain(name.words) + (rf"$_{{{_plain(name.index)}}}$" if name.index else "")


def _lines(cell: str) -> str:
    return r"\newline ".join(escaped(line) for line in cell.split("\n"))
