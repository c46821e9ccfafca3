"""A table as CSV, LaTeX and Markdown."""

from __future__ import annotations

import csv
import io

from fiveyear.experiments.page.printed_table import Number, PrintedTable

TABLE = PrintedTable(
    "Spending & more",
    ("Series", "2010, %", "Source"),
    (("R&D_x | y", Number(1.7593812345678, "1.8"), "yearbook " * 9), ("研发", Number(None, "–"), "=1+1")),
    "Of 100 %.",
)


def test_csv_has_more_digits_than_print_and_no_formula() -> None:
    head, first, second = csv.reader(io.StringIO(TABLE.csv(6).decode()))
    assert head == ["Series", "2010, %", "Source"]
    assert first[1] == "1.75938" and second[1] == ""
    assert second[2] == "'=1+1"


def test_latex_escapes_all_but_chinese_and_sets_long_texts_in_lines() -> None:
    text = TABLE.latex("spending")
    assert r"\caption{Spending \& more}" in text and r"\label{tab:spending}" in text
    assert r"\begin{tabular}{@{}lrp{0.3\linewidth}@{}}" in text
    assert r"R\&D\_\allowbreak{}x $\vert$ y & 1.8 & yearbook" in text
    assert "研发 & " in text
    assert text.count(r"\\") == 3 and text.index(r"\toprule") < text.index(r"\midrule") < text.index(r"\bottomrule")


def test_markdown_has_one_row_a_line_and_the_note_below_in_italics() -> None:
    head, sides, first, second, _, note = TABLE.markdown().splitlines()
    assert head == "| Series | 2010, % | Source |" and sides == "| :--- | ---: | :--- |"
    assert first.count("|") - first.count(r"\|") == 4 and second.startswith("| 研发 | – |")
    assert note == "*Of 100 %.*"
