"""The text of the paper, in which numbers, figures and tables are named, and the same with all of them filled in.

``{{reach.plan.together}}`` stands for a number, ``![caption](figure:fan)`` for a figure, and ``{table:targets}`` for a
table, whose caption is the paragraph ahead of it, ``Table: caption``. Figures and tables are paragraphs of their own,
numbered as they come; ``{ref:fan}`` is what a sentence calls one by. A name that both a figure and a table have needs
its kind: ``{ref:table:fit}``.
"""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias
from urllib.parse import quote

from fiveyear.experiments.page.markdown import escaped
from fiveyear.model.errors import Fault, nearest

from .errors import ArticleError

FILE = "article.md"

Kind: TypeAlias = Literal["figure", "table"]
_KINDS: tuple[Kind, ...] = ("figure", "table")

_NUMBER = re.compile(r"\{\{([\w.]+)\}\}")
_REFERENCE = re.compile(r"\{ref:(?:(figure|table):)?(\w+)\}")
_FIGURE = re.compile(r"!\[(?P<caption>[^\[\]]+)\]\(figure:(?P<name>\w+)\)")
_TABLE = re.compile(r"\{table:(?P<name>\w+)\}")
_CAPTION = re.compile(r"Table: (.+)", re.DOTALL)
# What reads like a placeholder, and is none.
_LEFT = re.compile(
    r"\{\{[^{}\n]{0,40}(?:\}\})?|\{(?:ref|table):[^{}\n]{0,40}\}?|!\[[^\]\n]*\]\((?:figure|table):[^)\n]{0,40}\)?"
)


def shipped() -> str:
    """Give the text of the paper as it is shipped, with its placeholders."""
    return (importlib.resources.files(__package__) / FILE).read_text(encoding="utf-8")


def keys(text: str) -> tuple[str, ...]:
    """Give the keys of the numbers that a text asks for, in the order of their first use.

    >>> keys("From {{reach.draws}} draws, {{reach.plan.together}}; again {{reach.draws}}.")
    ('reach.draws', 'reach.plan.together')
    """
    return tuple(dict.fromkeys(_NUMBER.findall(text)))


def shown(text: str, kind: Kind) -> tuple[str, ...]:
    r"""Give the names of the figures, or tables, that a text shows, in the order of their numbers.

    >>> shown("See {ref:fan}.\n\n![What may come](figure:fan)", "figure")
    ('fan',)
    """
    pattern = _FIGURE if kind == "figure" else _TABLE
    return tuple(match["name"] for block in _blocks(text) if (match := pattern.fullmatch(block)))


def filled(
    text: str, numbers: Mapping[str, str], figures: Mapping[str, str], tables: Mapping[str, str], place: str = FILE
) -> str:
    r"""Give a text with its numbers, figures and tables in place: plain Markdown.

    Parameters
    ----------
    text : what is to be filled, such as ``shipped()``
    numbers : texts as they are to be printed, by key; signs of Markdown in them are escaped
    figures : the file of each figure, relative to where the result is to stand, by name
    tables : each table in Markdown, by name; a paragraph below it that is all in italics is its note
    place : what errors call the text

    Returns
    -------
    The text. The caption of a figure, ``**Figure 3.** caption``, is the paragraph below it, that of a table the
    paragraph ahead of it.

    Raises
    ------
    ArticleError
        With all faults: numbers, figures and tables that are not there, what is shown twice or has no caption,
        references to what is not shown, and what reads like a placeholder and is none.

    >>> text = "By {ref:fan}, {{p}}.\n\n![What may come](figure:fan)"
    >>> print(filled(text, {"p": "> .95"}, {"fan": "fan.png"}, {}), end="")
    By Figure 1, &gt; .95.
    <BLANKLINE>
    ![What may come](fan.png)
    <BLANKLINE>
    **Figure 1.** What may come
    """
    if wrong := list(_faults(text, numbers, figures, tables)):
        raise ArticleError(place, wrong)
    titles: dict[tuple[str, str], str] = {
        (kind, name): f"{kind.capitalize()} {number}"
        for kind in _KINDS
        for number, name in enumerate(shown(text, kind), 1)
    }

    def in_words(prose: str) -> str:
        prose = _REFERENCE.sub(lambda match: titles[match[1] or _kinds(text, match[2])[0], match[2]], prose)
        return _NUMBER.sub(lambda match: escaped(numbers[match[1]]), prose)

    blocks = _blocks(text)
    written = []
    for block, after in zip(blocks, [*blocks[1:], ""], strict=True):
        if match := _FIGURE.fullmatch(block):
            caption, name = match.groups()
            caption, title = in_words(caption), titles["figure", name]
            written += [f"![{caption}]({quote(figures[name])})", f"**{title}.** {caption}"]
        elif match := _TABLE.fullmatch(block):
            written.append(tables[match["name"]].strip())
        elif (match := _CAPTION.fullmatch(block)) and (table := _TABLE.fullmatch(after)):
            written.append(f"**{titles['table', table['name']]}.** {in_words(match[1])}")
        else:
            written.append(in_words(block))
    return "\n\n".join(written) + "\n"


def faults(text: str, figures: Iterable[str], tables: Iterable[str]) -> list[Fault]:
    """Give what is wrong with a text whatever its numbers are: figures, tables, references, what is no placeholder."""
    return list(_faults(text, dict.fromkeys(keys(text), ""), dict.fromkeys(figures, ""), dict.fromkeys(tables, "")))


def _blocks(text: str) -> list[str]:
    return re.split(r"\n(?:[ \t]*\n)+", text.strip())


def _kinds(text: str, name: str) -> list[Kind]:
    return [kind for kind in _KINDS if name in shown(text, kind)]


def _faults(
    text: str, numbers: Mapping[str, str], figures: Mapping[str, str], tables: Mapping[str, str]
) -> Iterator[Fault]:
    for key in keys(text):
        if key not in numbers:
            yield Fault(key, "there is no such number", near=nearest(key, numbers))
    for kind, given in zip(_KINDS, (figures, tables), strict=True):
        yield from _faults_of_shown(kind, shown(text, kind), given)
    yield from _faults_of_blocks(_blocks(text))
    for kind_named, name in dict.fromkeys(_REFERENCE.findall(text)):
        kinds = _kinds(text, name)
        if kind_named and kind_named not in kinds:
            near = nearest(name, shown(text, kind_named))
            yield Fault(f"reference to {name}", f"no such {kind_named} is shown", near=near)
        elif not kinds:
            near = nearest(name, [*shown(text, "figure"), *shown(text, "table")])
            yield Fault(f"reference to {name}", "no such figure or table is shown", near=near)
        elif len(kinds) > 1 and not kind_named:
            meant = f"{{ref:figure:{name}}} or {{ref:table:{name}}}"
            yield Fault(f"reference to {name}", found="a figure and a table of that name", expected=meant)


def _faults_of_shown(kind: Kind, names: Iterable[str], given: Mapping[str, str]) -> Iterator[Fault]:
    seen = set()
    for name in names:
        if name in seen:
            yield Fault(f"{kind} {name}", "it is shown twice")
        elif name not in given:
            yield Fault(f"{kind} {name}", f"there is no such {kind}", near=nearest(name, given))
        seen.add(name)


def _faults_of_blocks(blocks: list[str]) -> Iterator[Fault]:
    for before, block, after in zip(["", *blocks], blocks, [*blocks[1:], ""], strict=False):
        if table := _TABLE.fullmatch(block):
            if not _CAPTION.fullmatch(before):
                yield Fault(f"table {table['name']}", "no paragraph `Table: caption` stands ahead of it")
        elif _CAPTION.fullmatch(block) and not _TABLE.fullmatch(after):
            yield Fault("", f"the caption of no table: {block.splitlines()[0]}")
        else:
            figure = _FIGURE.fullmatch(block)
            prose = figure["caption"] if figure else block
            for left in _LEFT.findall(_NUMBER.sub("", _REFERENCE.sub("", prose))):
                yield Fault("", f"not a placeholder that can be read, or not in a paragraph of its own: {left}")
