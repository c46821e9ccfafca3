"""What ``reach`` answers to a program: a table, the draws, the chance of any threshold, a figure."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fiveyear.experiments.console.defaults import DRAWS, MOST_DRAWS, SEED
from fiveyear.experiments.console.progress import counter
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.inert import of_scenario
from fiveyear.experiments.forecast.probability import Probability, estimate
from fiveyear.experiments.forecast.selection import ensembles, require_one_plan, require_whole
from fiveyear.experiments.forecast.targets import meets, met_of
from fiveyear.model import InputError
from fiveyear.model.errors import Fault, nearest
from fiveyear.model.quantities import Condition
from fiveyear.scenarios import Scenario
from fiveyear.scenarios.changes import Quantity, quantity, shown_value

from . import conditions, summary
from .answer import Reach
from .answer import reach as reach_of

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure

WIDTH = 100  # columns of what a console shows of an answer
FURTHER = "More: .table (rivals, all targets), .draws, .chance(indicator, at_least=...), .plot()."
Thresholds = Quantity | Mapping[str, Quantity]


def reach(
    *scenarios: str | Path | Scenario,
    draws: int = DRAWS,
    seed: int = SEED,
    facts: str | None = None,
    engine: str | None = None,
) -> Answers:
    """Give every target of a plan with its probability under scenarios of it.

    Parameters
    ----------
    scenarios : shipped names, scenario files, or scenarios of ``Plan.scenario`` and ``Scenario.change``
    draws : how many draws of all that is uncertain
    seed : the same seed gives the same numbers
    facts : information set: what had been published when; by default the plan's first
    engine : "fast" or "reference"; by default the compiled kernel, if llvmlite is installed

    Raises Error with every fault of the scenarios; none of them, two of one name, or two plans is one, too. Warns of
    paths and parameters that a scenario changes and that move no headline target.
    """
    require_whole("draws", draws, 1, MOST_DRAWS)
    chosen = ensembles(scenarios, None, facts, seed, engine)
    require_one_plan([e.scenario for e in chosen])
    answers = Answers(tuple(answers_of(chosen, draws)))
    for line in dict.fromkeys(line for e in chosen for line in of_scenario(e)):  # on the kernels that answered
        warnings.warn(line, stacklevel=2)
    return answers


def answers_of(ensembles: Sequence[Ensemble], draws: int, *, whole: bool = True) -> list[Reach]:
    """Give the answer for each ensemble, and show how far it is."""
    answers = []
    for ensemble in ensembles:
        with counter(f"{ensemble.scenario.name}: draws", draws) as count:
            answers.append(reach_of(ensemble, draws, progress=count, whole=whole))
    return answers


@dataclass(frozen=True, repr=False)
class Answers:
    """The answers for several scenarios of one plan, on the same random numbers."""

    by_scenario: tuple[Reach, ...]

    @property
    def table(self) -> pd.DataFrame:
        """A row for each scenario and target, as in ``targets.csv`` of ``fiveyear reach --out``.

        Numbers are in ``unit``, growth in %/year; NaN where nothing can be said.
        """
        import pandas as pd

        return pd.DataFrame([row for answer in self.by_scenario for row in answer.rows()])

    @property
    def draws(self) -> xr.Dataset:
        """The indicators draw by draw, dims (scenario, draw, year), units in the attributes.

        Of scenarios with different variables, those that all of them have.
        """
        import xarray as xr

        datasets = [answer.dataset for answer in self.by_scenario]
        common = [n for n in datasets[0].data_vars if all(n in d for d in datasets)]
        names = [answer.ensemble.scenario.name for answer in self.by_scenario]
        merged = xr.concat([d[common] for d in datasets], dim="scenario", combine_attrs="drop_conflicts")
        return merged.assign_coords(scenario=names)

    def chance(
        self,
        *indicators: str,
        at_least: Thresholds | None = None,
        at_most: Thresholds | None = None,
        given: Mapping[str, conditions.Ends] | None = None,
    ) -> pd.DataFrame:
        """Give the probability that indicators meet thresholds in the last year, all of them in the same draw.

        Parameters
        ----------
        indicators : one, with ``at_least`` or ``at_most``; or several targets of the plan, at the plan's own values
        at_least, at_most : a number such as "2.1 %", or numbers by indicator; without a unit in that of the indicator
        given : only draws in which a given Series grows so, a year: ``{"gdp_real": (None, "7 %/year")}`` by 7 % at most

        Returns
        -------
        a row for each scenario: ``probability`` and the 90 % interval of its Monte Carlo error, ``low`` to ``high``

        Where something is given, ``draws`` says how many are left. Raises Error for unknown names, units that do not
        convert, and indicators of which a scenario says nothing.
        """
        import pandas as pd

        thresholds = self._thresholds(indicators, at_least, at_most)
        rows = []
        for answer in self.by_scenario:
            among = conditions.draws_that_grow(answer.ensemble, answer.draws, given or {})
            chance = _chance(answer, thresholds, among)
            rows.append((chance.value, chance.low, chance.high, int(among.sum())))
        scenarios = pd.Index([answer.ensemble.scenario.name for answer in self.by_scenario], name="scenario")
        chances = pd.DataFrame(rows, scenarios, ["probability", "low", "high", "draws"])
        return chances if given else chances.drop(columns="draws")

    def plot(self) -> Figure:
        """Give the heat map of the probability of each target under each scenario, as ``fiveyear reach --out`` does."""
        from fiveyear.experiments.page.figure import printed
        from fiveyear.experiments.page.style import house_style

        from .figures import heat_map

        with house_style():
            figure = heat_map.drawing(self.by_scenario).figure()
        # A notebook shows a figure by itself only where pyplot has been loaded.
        figure._repr_png_ = lambda: printed(figure, "png")  # type: ignore[attr-defined]
        return figure

    def _thresholds(
        self, indicators: Sequence[str], at_least: Thresholds | None, at_most: Thresholds | None
    ) -> list[tuple[str, str, float]]:
        """Give indicator, comparator and value of each threshold."""
        faults: list[Fault] = []
        of_model = self.by_scenario[0].ensemble.model.indicators
        met_if: list[tuple[str, str, float]] = []
        targets = {t.indicator: t for t in self.by_scenario[0].ensemble.scenario.plan.targets}
        texts: Sequence[object] = indicators
        if wrong := [shown_value(i) for i in texts if not isinstance(i, str)]:
            expected = "names of indicators, one by one"
            raise InputError("chance", [Fault(w, found=w, expected=expected) for w in wrong])
        twice = dict.fromkeys(i for i in indicators if indicators.count(i) > 1)
        faults += [Fault(name, "it is asked for twice; expected each once") for name in twice]
        asked: set[str] = set()  # by a threshold
        for name, comparator, thresholds in (("at_least", ">=", at_least), ("at_most", "<=", at_most)):
            if thresholds is None:
                continue
            if not isinstance(thresholds, Mapping):
                if len(indicators) != 1:
                    count, expected = f"{len(indicators)} indicators", "one, or numbers by indicator"
                    faults.append(Fault(name, found=count, expected=expected))
                    continue
                thresholds = {indicators[0]: thresholds}
            asked |= thresholds.keys()
            for indicator, value in thresholds.items():
                if indicator not in of_model:
                    faults.append(_unknown(indicator, of_model, "no such indicator"))
                    continue
                number = quantity(f"{name}.{indicator}", value, of_model[indicator].unit, faults, "it is in")
                met_if.append((indicator, comparator, number))
        least, most = ({i: v for i, c, v in met_if if c == comparator} for comparator in (">=", "<="))
        for indicator in least.keys() & most.keys():
            if least[indicator] > most[indicator]:
                text = f"no number is at least {least[indicator]:g} and at most {most[indicator]:g}"
                faults.append(Fault(indicator, text))
        for indicator in indicators:
            if indicator not in asked and indicator not in targets:
                text = "no target of the plan; expected at_least or at_most beside it"
                faults.append(_unknown(indicator, targets, text))
            elif indicator not in asked:
                met_if.append((indicator, targets[indicator].comparator, targets[indicator].value))
        for answer in self.by_scenario:
            findings = {f.target.indicator: f for f in answer.findings}
            faults += [
                Fault(indicator, f"no probability under {answer.ensemble.scenario.name}: {findings[indicator].untold}")
                for indicator in dict.fromkeys(c[0] for c in met_if)
                if indicator in findings and findings[indicator].untold
            ]
            for indicator in dict.fromkeys(c[0] for c in met_if if c[0] not in answer.run.values):
                reason = (
                    findings[indicator].refused or "the model has no such indicator"
                    if indicator in findings
                    else "not computed"
                )
                faults.append(Fault(indicator, f"nothing can be said under {answer.ensemble.scenario.name}: {reason}"))
        if not met_if and not faults:
            faults.append(Fault("", found="no indicator", expected="one or more"))
        if faults:
            raise InputError("chance", faults)
        return met_if

    # -- what is shown -----------------------------------------------------------------------------------------
    def __repr__(self) -> str:
        return summary.text(self.by_scenario, WIDTH, FURTHER)

    def _repr_html_(self) -> str:
        return summary.as_html(self.by_scenario, FURTHER)


def _unknown(indicator: object, among: Mapping[str, object], text: str) -> Fault:
    return Fault(str(indicator), text, found=shown_value(indicator), near=nearest(str(indicator), among))


def _chance(answer: Reach, thresholds: Sequence[tuple[str, str, float]], among: Condition) -> Probability:
    ensemble, draws = answer.ensemble, answer.draws
    targets = {t.indicator: t for t in ensemble.scenario.plan.targets}
    met: list[Condition] = []
    for indicator, comparator, value in thresholds:
        values, target = answer.run.values[indicator], targets.get(indicator)
        if target is None:
            met.append(meets(values[:, -1], value, comparator))
        else:
            asked = target.model_copy(update={"value": value, "comparator": comparator})
            met.append(met_of(ensemble, asked, values)[:, -1])
    _, sets = np.unique(ensemble.parameter_sets(0, draws)[among], return_inverse=True)
    return estimate(np.all(met, axis=0)[among], sets)
