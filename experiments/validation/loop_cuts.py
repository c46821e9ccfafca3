"""What each feedback loop does: how far the indicators of the last year move when it is cut, draw by draw the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from fiveyear.experiments.forecast.ensemble import Ensemble

from .behaviour import at_work

DRAWS = 2000


@dataclass(frozen=True)
class LoopCut:
    """A loop, the scenario in which it is at work, and by headline indicator the median of the last year.

    ``medians``: (with the loop closed, with it cut), on common random numbers; ``unit``: the unit of the move.
    """

    loop: str
    about: str
    sign: str
    scenario: str
    title: str  # of the scenario
    medians: dict[str, tuple[float, float]]
    units: dict[str, Literal["%", "places"]]

    def moved(self, indicator: str) -> float:
        """Give how far cutting the loop moves a median: in per cent, or of a rank in places."""
        closed, cut = self.medians[indicator]
        return cut - closed if self.units[indicator] == "places" else 100.0 * (cut / closed - 1.0)


@dataclass(frozen=True)
class LoopCuts:
    """All loops that can be at work, and what their numbers were made from."""

    ensemble: Ensemble
    draws: int
    cuts: tuple[LoopCut, ...]

    @property
    def indicators(self) -> tuple[str, ...]:
        """The headline indicators that are computed, in the order of the plan."""
        return tuple(dict.fromkeys(n for cut in self.cuts for n in cut.medians))


def loop_cuts(ensemble: Ensemble, draws: int = DRAWS) -> LoopCuts:
    """Cut each loop in a scenario in which it is at work; the same draws run with it and without."""
    headline = [t.indicator for t in ensemble.scenario.plan.targets if t.kind == "headline"]
    cuts = []
    for name, closed in at_work(ensemble).items():
        loop = ensemble.scenario.plan.model.loops[name]
        shown = [n for n in headline if n in closed.indicators]
        without = replace(closed, scenario=replace(closed.scenario, cuts=(*closed.scenario.cuts, name)))
        ends = [of.run(draws, indicators=shown).values for of in (closed, without)]
        medians = {n: (float(np.median(ends[0][n][:, -1])), float(np.median(ends[1][n][:, -1]))) for n in shown}
        units: dict[str, Literal["%", "places"]] = {
            n: "places" if closed.indicators[n].unit == "rank" else "%" for n in shown
        }
        cuts.append(LoopCut(name, loop.about, loop.sign, closed.scenario.name, closed.scenario.title, medians, units))
    return LoopCuts(ensemble, draws, tuple(cuts))
