"""The paper set in type: Markdown, by way of Typst, as PDF.

Typst is a package of its own (extra ``paper``) that needs no other program. What it sets is the same to the byte on
every machine: its own fonts and ours, none of the system's, and no date.
"""

from __future__ import annotations

import contextlib
import importlib.resources
import json
import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from fiveyear.experiments.console.errors import MissingPackageError
from fiveyear.experiments.page.blocks import dashed
from fiveyear.experiments.page.text import one_line
from fiveyear.model.errors import Fault

from .errors import ArticleError

TEMPLATE = "article.typ"
SIGNS = 105  # in a line of a table, about
SHORT = 16  # of a column that keeps its width where a table has more
MOST = 60  # of a column that counts when the others share what is left: long texts stand in several lines

_INLINE = {"text", "softbreak", "hardbreak", "code_inline", "em", "strong", "link", "image"}
_BLOCKS = {
    "heading",
    "paragraph",
    "bullet_list",
    "ordered_list",
    "list_item",
    "blockquote",
    "fence",
    "code_block",
    "table",
}
_INSIDE = {"root", "inline", "thead", "tbody", "tr", "th", "td"}
_OWN_STYLE = {"Abstract": "abstract", "References": "references"}  # sections that the template lays out by themselves

_TITLE = re.compile(r"(?:Figure|Table) \d+\.")
_BREAKS = re.compile(r"(?<=[_./=,])(?=\w)")  # where a name of the code may go on in the next line of a narrow column


def available() -> bool:
    """Say whether Typst is installed."""
    return find_spec("typst") is not None


def require_typst() -> None:
    """Raise MissingPackageError if Typst is not installed."""
    if not available():
        raise MissingPackageError(
            "the paper as PDF", ['typst is not installed; pip install "fiveyear[paper]" brings it']
        )


def escaped(text: str) -> str:
    r"""Give a text as Typst's markup, in which no sign of it means anything but itself; quotation marks are curved.

    >>> print(escaped("1. R_D #1 [a] *b*, up to $5 // no comment"))
    1\. R\_D \#1 \[a\] \*b\*, up to \$5 \/\/ no comment
    """
    text = re.sub(r"([\\#$*_`<>@~\[\]=+/-])", r"\\\1", one_line(text))
    text = re.sub(r"^(\s*\d+)\.(?!\.)", r"\1\\.", text)  # would begin a numbered list
    return re.sub(r"\.(?=\.)", r"\\.", text)  # three in a row would be one sign


def markup(markdown: str, place: str = "the article") -> str:
    """Give a text in Markdown as a file of Typst: the template, and the text after it.

    Parameters
    ----------
    markdown : headings, paragraphs, lists, tables, pictures, quotations (set as formulas), code and links; the first
        heading of the first level is the title. A paragraph such as ``**Table 2.** caption`` ahead of a table is its
        caption, and one that is all in italics below it is its note.
    place : what errors call the text

    Raises
    ------
    ArticleError
        For all else that Markdown knows: each such piece, with its line.
    """
    root = _read(markdown, place)
    template = (importlib.resources.files(__package__) / TEMPLATE).read_text(encoding="utf-8")
    return "\n".join([template, *_sections(root.children)]) + "\n"


def pdf(markdown: str, folder: Path, place: str = "the article") -> bytes:
    """Give a text in Markdown as PDF, the same bytes each time.

    Parameters
    ----------
    markdown : as for ``markup``
    folder : where its pictures lie; none is taken from elsewhere
    place : what errors call the text

    Raises
    ------
    MissingPackageError
        Where Typst is not installed.
    ArticleError
        Where pictures are missing, Markdown holds what is not set, or Typst finds fault with the result.
    """
    require_typst()
    import typst

    source = markup(markdown, place)
    missing = [file for file in pictures(markdown, place) if not (folder / file).is_file()]
    if missing:
        raise ArticleError(place, [Fault(file, f"there is no such picture in {folder}") for file in missing])
    with contextlib.ExitStack() as stack:
        shipped = importlib.resources.as_file(importlib.resources.files("fiveyear.experiments.page"))
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[stack.enter_context(shipped)])
        try:
            compiler = typst.Compiler(source.encode(), root=folder, font_paths=fonts, ignore_system_fonts=True)
            made, warnings = compiler.compile_with_warnings(format="pdf", timestamp=0)
        except typst.TypstError as error:
            raise ArticleError(f"{place}, by Typst", [error.message]) from error
    if warnings:  # a font that is not there, say: the page would not be the same elsewhere
        raise ArticleError(f"{place}, by Typst", [warning.message for warning in warnings])
    assert isinstance(made, bytes)
    return made


def pictures(markdown: str, place: str = "the article") -> tuple[str, ...]:
    """Give the files of the pictures that a text in Markdown shows, as it names them."""
    nodes = (node for node in _read(markdown, place).walk() if node.type == "image")
    return tuple(dict.fromkeys(unquote(str(node.attrs["src"])) for node in nodes))


def _read(markdown: str, place: str) -> SyntaxTreeNode:
    """Raise ArticleError for what is known to Markdown and not to us."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    root = SyntaxTreeNode(parser.parse(markdown))
    faults = list(_unknown(root, 0))
    if faults:
        raise ArticleError(place, faults)
    return root


def _unknown(node: SyntaxTreeNode, line: int) -> Iterator[Fault]:
    line = node.map[0] + 1 if node.type != "root" and node.map else line
    if node.type not in _INLINE | _BLOCKS | _INSIDE:
        yield Fault(f"line {line}", f"{node.type} cannot be set in type")
    for child in node.children:
        yield from _unknown(child, line)


def _sections(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    """Write all that stands under a heading of the second level together, some of it in a style of its own."""
    starts = [i for i, node in enumerate(nodes) if _level(node) == 2]
    for start, end in zip([0, *starts], [*starts, len(nodes)], strict=True):
        written = "\n\n".join(_elements(nodes[start:end]))
        own = _OWN_STYLE.get(_plain(nodes[start])) if start in starts else None
        yield f"\n#{own}[\n{written}\n]" if own else f"\n{written}"


def _elements(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    """Write blocks one after another; a picture takes its caption, a table its caption and its note, from beside it."""
    taken = -1
    for i, node in enumerate(nodes):
        before, after = (nodes[j] if 0 <= j < len(nodes) else None for j in (i - 1, i + 1))
        if i <= taken or (after is not None and after.type == "table" and _is_caption(node)):
            continue
        if node.type == "table":
            caption = _inline(before) if before is not None and _is_caption(before) else ""
            note = _inline(after) if after is not None and _is_note(after) else ""
            taken = i + 1 if note else i
            yield _table(node, caption, note)
        elif node.type == "paragraph" and _is_picture(node):
            caption = _inline(after) if after is not None and _is_caption(after) else ""
            taken = i + 1 if caption else i
            yield _picture(_pieces(node)[0], caption)
        else:
            yield _element(node)


def _element(node: SyntaxTreeNode) -> str:
    match node.type:
        case "heading" if _level(node) == 1:
            title = _inline(node)
            return f"#set document(title: {_quoted(_plain(node))})\n#headline[{title}]"
        case "heading":
            return f"{'=' * (_level(node) - 1)} {_inline(node)}"
        case "paragraph" if node.previous_sibling is not None and _level(node.previous_sibling) == 1:
            return f"#byline[{_inline(node)}]"
        case "paragraph":
            return _inline(node)
        case "bullet_list" | "ordered_list":
            items = ", ".join(f"[{_item(item)}]" for item in node.children)
            start = f"start: {node.attrs.get('start', 1)}, " if node.type == "ordered_list" else ""
            return f"#{'enum' if start else 'list'}({start}{items})"
        case "blockquote":
            return f"#formula[{' '.join(_elements(node.children))}]"
        case _:  # code
            return f"#raw({_quoted(node.content.rstrip())}, block: true)"


def _item(item: SyntaxTreeNode) -> str:
    return "\n\n".join(_elements(item.children))


def _inline(node: SyntaxTreeNode, narrow: bool = False) -> str:
    """Write what runs along in a line. Each call ends in a semicolon: else a bracket after it would be part of it."""
    match node.type:
        case "text":
            return escaped(_typographic(node.content))
        case "softbreak":
            return " "  # a line of its own might begin a list
        case "hardbreak":
            return "#linebreak();"
        case "code_inline":
            content = _BREAKS.sub("\u200b", node.content) if narrow else node.content
            return f"#raw({_quoted(content)});"
        case "image":
            return f"#box(image({_quoted(unquote(str(node.attrs['src'])))}, height: 1em));"
    inside = "".join(_inline(child, narrow) for child in node.children)
    match node.type:
        case "em" | "strong":
            return f"#{'emph' if node.type == 'em' else 'strong'}[{inside}];"
        case "link" if re.match("https?:", str(node.attrs["href"])):
            return f"#link({_quoted(str(node.attrs['href']))})[{inside}];"
    return inside  # on paper nobody can follow a link to a file beside it


def _typographic(text: str) -> str:
    """Put a dash between the ends of a range, and a minus before a number; a date keeps its hyphens.

    The number of a figure, table or section stays in the line of its name.

    >>> _typographic("2011-2015: 2.1 (1.9-2.3) and -.3, so-called, in 2011-07")
    '2011–2015: 2.1 (1.9–2.3) and −.3, so-called, in 2011-07'
    """
    text = text.replace("\u200b", "")  # which keeps Markdown from taking the sign before it for its own
    text = re.sub(r"(?<![\w)\]-])-(?=\.?\d)", "−", dashed(text))
    text = re.sub(r"\b(Figure|Table|section) (?=\d)", "\\1\u00a0", text)
    return re.sub(r"\b\d{4}-\d\d(?:-\d\d)?\b|(?<=\d)-(?=\.?\d)", lambda m: "–" if m[0] == "-" else m[0], text)


def _picture(image: SyntaxTreeNode, caption: str) -> str:
    file, about = _quoted(unquote(str(image.attrs["src"]))), _quoted(_plain(image))
    return f"#picture({file}, {about}, {f'[{caption}]' if caption else 'none'})"


def _table(node: SyntaxTreeNode, caption: str, note: str) -> str:
    head, *rows = (row for part in node.children for row in part.children)
    sides = [str(cell.attrs.get("style", "")).removeprefix("text-align:") or "left" for cell in head.children]
    written = "".join(f"\n  {_cells(row)}," for row in rows)
    columns = f"({', '.join(_widths([head, *rows]))},)"
    given = f"{f'[{caption}]' if caption else 'none'}, {columns}, ({', '.join(sides)},), {_cells(head)}, ({written}\n)"
    return f"#listing({given}, {f'[{note}]' if note else 'none'})"


def _widths(rows: Sequence[SyntaxTreeNode]) -> list[str]:
    """Give the width of each column: that of its cells, or, of a table too wide, its share of the page."""
    cells = [[_plain(cell) for cell in row.children] for row in rows]
    longest = [max(map(len, column)) for column in zip(*cells[1:], strict=True)] if rows[1:] else [0] * len(cells[0])
    words = [max(map(len, title.split()), default=0) for title in cells[0]]
    wide = [max(of_cells, of_title) for of_cells, of_title in zip(longest, words, strict=True)]
    if sum(wide) + 2 * len(wide) <= SIGNS:
        return ["auto"] * len(wide)
    short = [max(of_cells, len(title)) <= SHORT for of_cells, title in zip(longest, cells[0], strict=True)]
    return ["auto" if fits else f"{min(width, MOST)}fr" for width, fits in zip(wide, short, strict=True)]


def _cells(row: SyntaxTreeNode) -> str:
    return f"({', '.join(f'[{_inline(cell, narrow=True)}]' for cell in row.children)},)"


def _level(node: SyntaxTreeNode) -> int:
    return int(node.tag[1]) if node.type == "heading" else 0


def _plain(node: SyntaxTreeNode) -> str:
    if node.type == "softbreak":
        return " "
    return node.content if node.type in {"text", "code_inline"} else "".join(map(_plain, node.children))


def _pieces(paragraph: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    """Give what a paragraph is made of, without the empty texts that the parser leaves beside what is emphasised."""
    return [piece for piece in paragraph.children[0].children if piece.type != "text" or piece.content]


def _is_picture(node: SyntaxTreeNode) -> bool:
    return [piece.type for piece in _pieces(node)] == ["image"]


def _is_caption(node: SyntaxTreeNode) -> bool:
    if node.type != "paragraph" or not _pieces(node):
        return False
    return _pieces(node)[0].type == "strong" and bool(_TITLE.match(_plain(node)))


def _is_note(node: SyntaxTreeNode) -> bool:
    return node.type == "paragraph" and [piece.type for piece in _pieces(node)] == ["em"]


def _quoted(text: str) -> str:
    """Write a text as a string of Typst, which knows JSON's escapes of a quotation mark, a backslash and a line end."""
    lines = (one_line(line) for line in text.split("\n"))
    return json.dumps("\n".join(lines), ensure_ascii=False)
