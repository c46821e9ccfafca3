"""The catalogue of Chinese: all that the project says is in it, with the same names in braces, and nothing else."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

import fiveyear as package
from fiveyear.calibration import posterior
from fiveyear.calibration.reference_class.panel import SERIES
from fiveyear.experiments.backtest.scoreboard_report import WORDS
from fiveyear.experiments.backtest.skills import OVERALL
from fiveyear.experiments.console.language import say, speaking
from fiveyear.experiments.console.terminal import folded
from fiveyear.experiments.forecast.verdicts import CUT_POINTS
from fiveyear.experiments.learned.figures.fit import UNITS
from fiveyear.experiments.page.style import undrawable
from fiveyear.experiments.paper.contents import FIGURES, TABLES
from fiveyear.experiments.reach import answers, finance, report
from fiveyear.experiments.reach.figures.decomposition import UNIT
from fiveyear.experiments.reach.figures.panels import display_unit, unit_of
from fiveyear.experiments.reach.outcomes import DRIVERS
from fiveyear.experiments.reference.left_out import LOOKS
from fiveyear.experiments.structure.diagrams import overview
from fiveyear.model.indicators import INDICATORS, STATISTICS
from fiveyear.model.labels import label
from fiveyear.scenarios import load_plan, plan_names
from fiveyear.scenarios.programme import load_portfolio
from fiveyear.scenarios.shipped import headings

PACKAGE = Path(__file__).parents[3]
FILE = PACKAGE / "experiments" / "console" / "chinese.toml"
CATALOGUE: dict[str, str] = tomllib.loads(FILE.read_text(encoding="utf-8"))
NAMES = re.compile(r"\{(\w+)\}")


def written() -> Iterator[str]:
    """Yield every text that stands in the code as what is to be said."""
    for folder in ("experiments", "model", "scenarios", "calibration"):
        for file in (PACKAGE / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "say":
                    text = call.args[0]
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield text.value


def of_plans() -> Iterator[str]:
    """Yield what shipped plans and scenarios are called, and their targets and units."""
    for name in plan_names():
        plan = load_plan(name)
        yield plan.title
        for target in plan.targets:
            yield from (target.label, unit_of(target))
    yield from (heading.title for heading in headings())


def of_lists() -> Iterator[str]:
    """Yield the words that stand in lists of their own: of verdicts, of what moves R&D over GDP."""
    yield from (word for _, word in CUT_POINTS)
    yield from DRIVERS
    yield from (display_unit(unit, nominal=False) for unit in DRIVERS.values() if unit != "1")
    yield from (finance.BUDGET, finance.SCIENCE, finance.CONTENT, finance.ADDED, finance.REVENUE, finance.COVERAGE)
    yield from (finance.EFFORT, finance.OTHERS, finance.REVISION, finance.TOTAL, UNIT)


def of_model() -> Iterator[str]:
    """Yield what is drawn of the model of the twelfth plan: its parameters, series, sectors, loops and levers."""
    plan = load_plan("twelfth")
    evidence = posterior.evidence(plan, None)
    levers = [name for name, series in plan.model.series.items() if series.lever]
    shown = overview.overview(plan)
    yield from (label(name) for name in (*evidence.priors.parameters, *evidence.facts, *levers, *shown.sectors))
    yield from (label(name) for names in shown.chain.values() for name in names)
    yield from (loop.about for loop in plan.model.loops.values())


def of_answers() -> Iterator[str]:
    """Yield what is said after an answer, and its scenarios in a word."""
    yield from (report.FURTHER, answers.FURTHER, "plan", "behavioural", "100M yuan")
    yield from (t.unmeasurable for t in load_plan("twelfth").targets if t.unmeasurable)
    yield from (entry.about for entry in (*FIGURES.values(), *TABLES.values()))


def of_further_figures() -> Iterator[str]:
    """Yield what figures that no paper shows say: of programmes, loops, backtests and the reference class."""
    plan = load_plan("twelfth")
    portfolio, _ = load_portfolio(plan)
    yield from (programme.table.title.partition(" (")[0] for programme in portfolio.programmes.values())
    for name in (
        *plan.model.units,
        *portfolio.platforms,
        *(n for p in portfolio.programmes.values() for n in p.platforms),
    ):
        yield label(name)
    yield from (indicator.label for indicator in (*INDICATORS.values(), *STATISTICS.values()))
    yield from (
        *WORDS.values(),
        *(series.label for series in SERIES.values()),
        *LOOKS,
        *UNITS.values(),
        OVERALL,
        "yuan",
    )


SAID = {*written(), *of_plans(), *of_lists(), *of_model(), *of_answers()}


def test_the_package_looked_at_is_the_one_installed() -> None:
    assert (PACKAGE / "experiments" / "console" / "language.py").samefile(
        Path(package.experiments.console.language.__file__)
    )


def test_all_that_is_said_has_a_chinese_text() -> None:
    assert sorted(SAID - CATALOGUE.keys()) == []


def test_no_chinese_text_is_of_what_nothing_says() -> None:
    assert sorted(CATALOGUE.keys() - SAID - {*of_further_figures()}) == []


@pytest.mark.parametrize("text", CATALOGUE)
def test_a_chinese_text_has_the_names_in_braces_of_the_english_one(text: str) -> None:
    assert sorted(NAMES.findall(CATALOGUE[text])) == sorted(NAMES.findall(text))


def test_every_chinese_text_can_be_drawn_and_has_no_english_words_but_commands() -> None:
    assert {text: undrawable(chinese) for text, chinese in CATALOGUE.items() if undrawable(chinese)} == {}
    latin = {text for text, chinese in CATALOGUE.items() if re.search("[a-z]{3,}", NAMES.sub("", chinese))}
    assert latin == {report.FURTHER, answers.FURTHER}


def test_what_the_catalogue_lacks_is_said_as_it_stands() -> None:
    with speaking("zh"):
        assert say("own title {of} mine") == "own title {of} mine"
        assert say("target for {end}", end=2015) == "2015年目标"
    assert say("target for {end}", end=2015) == "target for 2015"


def test_chinese_is_folded_to_the_width_that_its_signs_take_and_no_line_starts_with_a_stop() -> None:
    text = "可信度：2003—2009年所作预测，3至5年后的结果落入90%区间的份额为1.00；误差小于随机游走。fiveyear compare"
    for width in range(20, 90):
        lines = folded(text, width, "  ").split("\n")
        assert all(cell_len(line) <= width for line in lines)
        assert not [line for line in lines if line.strip()[0] in "，。；：、）"]
        assert "".join(line.strip() for line in lines).replace(" ", "") == text.replace(" ", "")


def test_the_short_answer_is_printed_in_chinese_and_the_long_one_refused(
    fiveyear: Callable[..., tuple[int, str, str]],
) -> None:
    code, printed, _ = fiveyear("reach", "--draws", "500", "--lang", "zh")
    assert code == 0
    assert "概率" in printed and "研究与试验发展经费与国内生产总值之比" in printed
    assert not re.search("chance|target|Trust|weak link", printed)
    assert max(map(cell_len, printed.splitlines())) <= 100
    code, _, errors = fiveyear("reach", "--full", "--lang", "zh")
    assert code == 2 and "--lang zh" in errors
