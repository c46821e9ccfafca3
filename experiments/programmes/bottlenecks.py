"""What limits programmes: where their projects spend time, and how full platforms are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import LETTER, LINE, MARGIN, Page, legend_height, same_decimals, tint
from fiveyear.model.labels import in_words
from fiveyear.model.quantities import Array

from .study import Study, lines

# Millimetres on the page.
ROW = 4.2
NAMES = 40.0  # where the bars start
WIDE = 118.0
VALUES = 160.0  # where the shares of money drawn stand
UNDER = 9.0
HEADER = LINE + 2.0

Colour = tuple[float, float, float]
Shares = Mapping[str, Mapping[str, float]]  # of the project-years of each programme, by what they are spent on


def shares(study: Study) -> dict[str, dict[str, float]]:
    """Give the share of its project-years that each programme spends waiting, by what for; those with projects."""
    whats = ("work", "money", *study.portfolio.platforms)
    spent: dict[str, Array] = {}
    for place, (programme, _) in enumerate(lines(study.portfolio)):
        if programme.name in study.asked:
            years = study.replications.spent[:, place].sum(axis=0)
            spent[programme.name] = spent.get(programme.name, np.zeros(len(whats))) + years
    return {n: dict(zip(whats, (s / max(s.sum(), 1e-300)).tolist(), strict=True)) for n, s in spent.items()}


def platforms(study: Study) -> dict[str, tuple[float, float, float]]:
    """Give how full each platform is that the programmes use: p05, median and p95 over draws."""
    used = {p for name in study.asked for p in study.portfolio.programmes[name].platforms}
    return {n: tuple(np.quantile(v, [0.05, 0.5, 0.95]).tolist()) for n, v in study.utilisation().items() if n in used}


def table(study: Study) -> Rows:
    """Give every number drawn."""
    yield "panel", "row", "what", "value", "p05", "p95"
    for name, of in shares(study).items():
        yield from (("waiting", name, what, v, None, None) for what, v in of.items() if what != "work")
        yield "money", name, "drawn", float(np.median(study.spending()[name])), None, None
    for name, (low, middle, high) in platforms(study).items():
        yield "platforms", name, "in use", middle, low, high


def figure(study: Study) -> page.Figure:
    """Lay out, in the house style, waits by programme above the use of platforms."""
    from matplotlib.patches import Patch

    waits, full = shares(study), platforms(study)
    whats = [w for w in ("money", *study.portfolio.platforms) if any(of[w] >= 0.0005 for of in waits.values())]
    # Six colours are told apart; beyond them the same ones, lighter.
    colours = {what: tint(f"C{n % 6}", 1.0 if n < 6 else 0.45) for n, what in enumerate(whats)}
    marks = [(Patch(color=colours[w]), f"waiting for {in_words(w)}") for w in whats]
    key = legend_height(marks) + 2.0 if whats else 0.0
    above, below = ROW * len(waits), ROW * len(full)
    high = HEADER + above + UNDER + key + ((HEADER + below + UNDER) if full else 0.0)
    foot = (
        f"{study.made_from} The rest of the time projects are at work. Money: what is drawn by the end of the plan of "
        "what a programme gets, median. Capacities, shares of money and numbers of projects are assumed."
    )
    sheet = Page("What limits the plan's programmes", study.portfolio.plan.title, foot, high)
    _draw_waits(sheet, sheet.top, waits, colours, study.spending())
    top = sheet.top + HEADER + above + UNDER
    sheet.legend(marks, top)
    if full:
        _draw_platforms(sheet, top + key, full)
    return sheet.picture


def _draw_waits(
    sheet: Page, top: float, waits: Shares, colours: Mapping[str, Colour], money: Mapping[str, Array]
) -> None:
    sheet.letter("a", MARGIN, top, ["Time that projects spend waiting, % of their project-years during the plan"])
    sheet.text(VALUES, top, ["money"], weight="bold")
    axes = sheet.axes(NAMES, top + HEADER, WIDE, ROW * len(waits))
    axes.set_ylim(len(waits) or 1.0, 0.0)
    axes.set_yticks([])
    for n, (name, of) in enumerate(waits.items()):
        left = 0.0
        for what, colour in colours.items():
            axes.barh(n + 0.5, 100.0 * of[what], 0.7, left=left, color=colour)
            left += 100.0 * of[what]
        at = top + HEADER + n * ROW + 0.5
        sheet.text(MARGIN + LETTER, at, [in_words(name)])
        sheet.text(VALUES, at, [f"{100.0 * float(np.median(money[name])):.0f} % drawn"])
    axes.set_xlim(0.0, max(5.0, 1.05 * max(100.0 * (1.0 - of["work"]) for of in waits.values())) if waits else 5.0)
    same_decimals(axes.xaxis)


def _draw_platforms(sheet: Page, top: float, full: Mapping[str, tuple[float, float, float]]) -> None:
    words = "Places of platforms that are taken during the plan, %: median, 5 to 95 % of draws"
    sheet.letter("b", MARGIN, top, [words])
    axes = sheet.axes(NAMES, top + HEADER, WIDE, ROW * len(full))
    axes.set_ylim(len(full), 0.0)
    axes.set_xlim(0.0, 102.0)
    axes.set_yticks([])
    for n, (name, (low, middle, high)) in enumerate(full.items()):
        at = [n + 0.5, n + 0.5]
        axes.plot([100.0 * low, 100.0 * high], at, color=tint("C0", 0.45), lw=2.4, solid_capstyle="butt")
        axes.plot([100.0 * middle], [n + 0.5], "o", color="C0", ms=3.5)
        sheet.text(MARGIN + LETTER, top + HEADER + n * ROW + 0.5, [in_words(name)])
        sheet.text(VALUES, top + HEADER + n * ROW + 0.5, [f"{100.0 * middle:.0f} %"])
