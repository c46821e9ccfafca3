"""The text of the paper: what is filled in, what is refused, and what the shipped text may hold."""

import re

import pytest

from fiveyear.experiments.paper import article, typesetting
from fiveyear.experiments.paper.article import filled, keys, shown
from fiveyear.experiments.paper.errors import ArticleError

TEXT = article.shipped()
PROSE = TEXT.partition("## References")[0]
NUMBERS = dict.fromkeys(keys(TEXT), "0.31")
FIGURES = {name: f"figures/{name}.png" for name in shown(TEXT, "figure")}
TABLES = dict.fromkeys(shown(TEXT, "table"), "| what | how much |\n|:---|---:|\n| R&D | 2.2 |")


def test_a_number_is_printed_as_it_was_given() -> None:
    assert filled("It is {{a.b}} per cent.", {"a.b": "12.5"}, {}, {}) == "It is 12.5 per cent.\n"


@pytest.mark.parametrize("number", ["> .95", "< .05", "-1.3", "+2", "*", "_a_", "[2]", "`"])
def test_no_number_is_taken_for_a_sign_of_markdown(number: str) -> None:
    written = filled("{{a}}\n\nand {{a}} again", {"a": number}, {}, {})
    begun = typesetting.markup(written).partition("\n\n" + typesetting.escaped(typesetting._typographic(number)))
    assert begun[1] and begun[2].strip().endswith("again")


def test_figures_and_tables_are_numbered_as_they_come() -> None:
    text = """See {ref:second}, {ref:first} and {ref:third}.

![One](figure:first)

Table: Three

{table:third}

![Two, {{n}}](figure:second)"""
    written = filled(text, {"n": "7"}, {"first": "a b.png", "second": "b.png"}, {"third": "| x |\n|---|\n| 1 |\n"})
    assert written == (
        "See Figure 2, Figure 1 and Table 1.\n\n![One](a%20b.png)\n\n**Figure 1.** One\n\n**Table 1.** Three\n\n"
        "| x |\n|---|\n| 1 |\n\n![Two, 7](b.png)\n\n**Figure 2.** Two, 7\n"
    )


def test_a_figure_and_a_table_of_one_name_are_told_apart_by_their_kind() -> None:
    text = "{ref:table:fit}, {ref:figure:fit}\n\n![A](figure:fit)\n\nTable: B\n\n{table:fit}"
    assert filled(text, {}, {"fit": "a"}, {"fit": "b"}).startswith("Table 1, Figure 1\n")
    with pytest.raises(ArticleError, match=r"found a figure and a table of that name, expected \{ref:figure:fit\} or"):
        filled(text.replace("table:fit}, ", "fit}, "), {}, {"fit": "a"}, {"fit": "b"})


def test_all_faults_of_a_text_are_told_at_once_with_the_nearest_name() -> None:
    text = """By {{reach.plan.chanse}}, {{ reach.draws }}, {ref:fam}, {ref:table:fan}; ![Inside](figure:fan) a sentence.

![A](figure:fan)

![B](figure:fan)

![C](figure:ranc)

{table:leverz}

Table: lost"""
    numbers, tables = {"reach.plan.chance": "1", "reach.draws": "2"}, {"levers": "| x |"}
    with pytest.raises(ArticleError) as caught:
        filled(text, numbers, {"fan": "fan.png", "rank": "rank.png"}, tables)
    assert [str(fault) for fault in caught.value.faults] == [
        "reach.plan.chanse: there is no such number; nearest is reach.plan.chance",
        "figure fan: it is shown twice",
        "figure ranc: there is no such figure; nearest is rank",
        "table leverz: there is no such table; nearest is levers",
        "not a placeholder that can be read, or not in a paragraph of its own: {{ reach.draws }}",
        "not a placeholder that can be read, or not in a paragraph of its own: ![Inside](figure:fan)",
        "table leverz: no paragraph `Table: caption` stands ahead of it",
        "the caption of no table: Table: lost",
        "reference to fam: no such figure or table is shown; nearest is fan",
        "reference to fan: no such table is shown; known are leverz",
    ]
    assert str(caught.value).startswith("article.md has 10 faults:")


def test_the_shipped_text_holds_only_what_can_be_set_in_type() -> None:
    written = filled(TEXT, NUMBERS, FIGURES, TABLES)
    assert typesetting.pictures(written) == tuple(FIGURES.values())
    assert typesetting.markup(written).count("#listing([#strong[Table\u00a0") == len(TABLES)


def test_the_shipped_text_refers_to_each_figure_and_table_before_it_is_shown_and_in_order() -> None:
    for kind, names in (("figure", shown(TEXT, "figure")), ("table", shown(TEXT, "table"))):
        places = [re.search(rf"\{{ref:(?:{kind}:)?{name}\}}", TEXT) for name in names]
        assert [name for name, place in zip(names, places, strict=True) if place is None] == []
        starts = [place.start() for place in places if place]
        assert starts == sorted(starts)
        ends = [TEXT.index(f"](figure:{name})" if kind == "figure" else f"{{table:{name}}}") for name in names]
        assert [n for n, start, end in zip(names, starts, ends, strict=True) if start > end] == []


def test_no_number_is_typed_into_the_shipped_text() -> None:
    prose = re.sub(r"\{\{.*?\}\}|\{(?:ref|table):.*?\}|\(figure:.*?\)", "", PROSE, flags=re.DOTALL)
    prose = re.sub(r"```.*?```|`[^`]*`|^#.*$", "", prose, flags=re.DOTALL | re.MULTILINE)
    prose = re.sub(r"\bsection\s+\d+\b|\b(?:19[5-9]\d|20[0-2]\d)\b", "", prose)
    assert re.findall(r".{0,30}\d.{0,30}", prose) == []


def test_no_year_after_the_plan_stands_in_the_shipped_text_but_for_literature() -> None:
    without = re.sub(r"\([^()]*\d{4}\)", "", PROSE)
    assert re.findall(r".{0,30}\b20(?:1[6-9]|[2-9]\d)\b", without) == []


def test_no_line_of_the_shipped_text_begins_with_a_number_to_come() -> None:
    assert re.findall(r"^\{\{.*", TEXT, re.MULTILINE) == []  # it might come as "1." and begin a list


def test_every_work_in_the_references_is_cited_and_none_besides() -> None:
    works = re.findall(r"^(den Haan|[^\s,]+), .*?\((\d{4})\)\.", TEXT.partition("## References")[2], re.MULTILINE)
    assert len(works) > 20
    flat = " ".join(PROSE.split())
    cited = [(name, year) for name, year in works if re.search(rf"{name}[^;()]*\(?{year}\)?", flat)]
    assert cited == works
    years = re.findall(r"(?:[A-Z][\w'óé]+|et al\.) \(?(\d{4})\b", flat)
    named = {year for _, year in works}
    assert {year for year in years if int(year) < 2005 or int(year) > 2011} <= named
