"""Markdown set in type by Typst: every text as it was, tables and figures with their captions, the same bytes."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from fiveyear.experiments.console.errors import MissingPackageError
from fiveyear.experiments.page.text import one_line
from fiveyear.experiments.paper import article, typesetting
from fiveyear.experiments.paper.errors import ArticleError
from fiveyear.experiments.paper.typesetting import escaped, markup, pdf

FONTS = typst.Fonts(include_system_fonts=False)

# What a reader sees of a piece of markup, as plain text.
SEEN = """
#let seen(it) = {
  if type(it) == str { it } else if it.func() == smartquote { if it.double { "\\"" } else { "'" } }
  else if it.has("text") { seen(it.text) } else if it.has("body") { seen(it.body) }
  else if it.has("children") { it.children.map(seen).join("") } else if it.func() == linebreak { "\\n" } else { " " }
}
"""


def seen(content: str) -> str:
    """Give the plain text that Typst makes of a piece of its markup."""
    source = f"{SEEN}\n#let piece = [{content}]\n#metadata(seen(piece))<piece>"
    compiler = typst.Compiler(source.encode(), font_paths=FONTS, ignore_system_fonts=True)
    value = json.loads(compiler.query("<piece>", field="value", one=True))
    return value or ""


def test_each_sign_of_typst_is_written_as_itself() -> None:
    table = {
        "a_b*c": r"a\_b\*c",
        "# [x] $y$": r"\# \[x\] \$y\$",
        "`<a>@b~": r"\`\<a\>\@b\~",
        "= head": r"\= head",
        "- item": r"\- item",
        "+ item": r"\+ item",
        "/ term: x": r"\/ term: x",
        "1. item": r"1\. item",
        "1.75": r"1\.75",
        "1.. 2": r"1\.. 2",
        "https://a.b // c /* d */": r"https:\/\/a.b \/\/ c \/\* d \*\/",
        "a -- b --- c...": r"a \-\- b \-\-\- c\.\..",
        "back\\slash \\u{41}": r"back\\slash \\u{41}",
        "R&D: 2.2 % (90 %)": "R&D: 2.2 % (90 %)",
        "专利\n€": "专利 €",
    }
    assert {text: escaped(text) for text in table} == table


@settings(max_examples=200, deadline=None)
@given(st.text(st.one_of(st.sampled_from("\\#$*_`<>@~[](){}=+-/'\".:;1a\n "), st.characters()), max_size=30))
def test_any_text_is_seen_as_it_was(text: str) -> None:
    expected, alone, within = (
        re.sub(r"[\s\x1c-\x1f]+", " ", each)
        for each in (one_line(text), seen(escaped(text)), seen(f"|{escaped(text)}|"))
    )
    assert (alone.strip(), within) == (expected.strip(), f"|{expected}|")


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20))
def test_any_text_can_be_code(text: str) -> None:
    assert seen(f"#raw({typesetting._quoted(one_line(text))});") == one_line(text)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a *b*(c) **d**[e] `f`.g ;h", "a b(c) d[e] f.g ;h"),
        ("*a*; [b](https://example.org/x_y)(c)", "a; b(c)"),
        ("see [a page](limits.md)", "see a page"),
        ("one\ntwo\\\n3. three", "one two\n3. three"),
        ("Figure 3 and section 10", "Figure\u00a03 and section\u00a010"),
        ("&gt; .95 and &lt; .05, \\*", "> .95 and < .05, *"),
        ("from -1.3 to -.2, 1.9-2.3, 2011-2015, in 2011-07", "from −1.3 to −.2, 1.9–2.3, 2011–2015, in 2011-07"),
    ],
)
def test_what_stands_after_a_call_is_no_part_of_it(markdown: str, expected: str) -> None:
    assert seen(markup(markdown).rpartition("\n\n")[2].strip()) == expected


def test_all_that_is_not_set_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ArticleError) as caught:
        pdf("text\n\n---\n\n> *a*\n>\n> ***\n", tmp_path)
    assert [str(fault) for fault in caught.value.faults] == [
        "line 3: hr cannot be set in type",
        "line 7: hr cannot be set in type",
    ]


def test_missing_pictures_are_told_all_at_once(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match=r"(?s)2 faults.*a b\.png: there is no such picture.*c\.png"):
        pdf("![Figure 1. A](a%20b.png)\n\n![Figure 2. C](c.png)", tmp_path)


def test_a_picture_from_outside_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "secret.svg").write_text(SQUARE)
    with pytest.raises(ArticleError, match="by Typst"):
        pdf("![A](../secret.svg)", tmp_path / "inner")


def test_without_typst_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "available", lambda: False)
    with pytest.raises(MissingPackageError, match=r'pip install "fiveyear\[paper\]"'):
        pdf("text", tmp_path)


def test_a_table_takes_its_caption_and_its_note_with_it() -> None:
    written = markup("**Table 1.** What *it* is\n\n| a | b |\n|:---|---:|\n| `x_y` | 2 |\n\n*A note.*\n\nText")
    assert written.partition("\n\n#listing(")[2].strip() == (
        "[#strong[Table\u00a01.]; What #emph[it]; is], (auto, auto,), (left, right,), ([a], [b],), (\n"
        '  ([#raw("x_\u200by");], [2],),\n), [#emph[A note.];])\n\nText'
    )


SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="200" height="100"/></svg>'


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], bytes]:
    """Set the shipped article, with made-up numbers, in a new folder each time."""
    text = article.shipped()
    numbers = dict.fromkeys(article.keys(text), "2.2")
    figures = {name: f"{name}.svg" for name in article.shown(text, "figure")}
    wide = [["an_indicator_with_a_long_name", *["4.8 (3.5-6.5)"] * 9]] * 60
    rows = [["what", *["a column"] * 9], [":---", *["---:"] * 9], *wide]
    tables = dict.fromkeys(article.shown(text, "table"), "\n".join(f"| {' | '.join(row)} |" for row in rows))

    def make() -> bytes:
        folder = tmp_path_factory.mktemp("paper")
        for file in figures.values():
            (folder / file).write_text(SQUARE)
        return pdf(article.filled(text, numbers, figures, tables), folder)

    return make


def test_the_shipped_article_comes_as_the_same_bytes_twice(paper: Callable[[], bytes]) -> None:
    made = paper()
    assert made.startswith(b"%PDF-")
    assert made == paper()


def test_a_font_that_is_not_there_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "markup", lambda markdown, place: '#set text(font: "No Such Font")\ntext')
    with pytest.raises(ArticleError, match="unknown font family"):
        pdf("text", tmp_path)
