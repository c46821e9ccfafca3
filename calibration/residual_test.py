"""Are these the facts they are said to be? A test of units, and of the years they are put to, before a fit is used.

A fit bends to wrong figures and spreads the misfit over all series. So each series is held against what the priors
alone foresee of it, with the scatter that priors and measurement allow: one that is far off, or fits much
better with its years in another order, is flagged. How much is what happens to one series in a thousand of those that
model, priors and errors have made themselves. The series that a run is given, and the model does not foresee, are held
against the hard ranges of the model, the values that the plan prints, the outlook, and their own smoothness.

No test tells figures apart that differ by less than their errors: shares that hardly change, in another order, pass.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fiveyear.model import INDICATOR_FACTS, Unit
from fiveyear.model.labels import in_words
from fiveyear.model.quantities import Array

from .errors import CalibrationError
from .facts import FACTS, Fact
from .fit import Problem
from .history import history, indicator_facts
from .random_numbers import normals

DRAWS = 4000
PER_YEAR = Unit.parse("1/year")
RARE = 0.001  # the share of series made by the model itself that a test flags
SEED = 2011
OFF = 3.0  # times by which facts may differ from what the plan has
FAR = 4.0  # sds of the outlook by which the mean of the past may differ from it
FAR_OFF = 4.0  # sds of a prior by which a level may
ROUGH = 4.0  # times as rough as in another order: that is then the right one


@dataclass(frozen=True)
class Flag:
    """What is wrong with a series: the test that it failed, its figure, and the most that is allowed."""

    series: str
    test: str
    figure: float
    allowed: float

    def __str__(self) -> str:
        return f"{self.series}: {self.test}: {self.figure:.4g}, expected {self.allowed:.4g} at most"


def require_plausible(problem: Problem) -> None:
    """Raise CalibrationError, in the name of the table of facts, with all that is flagged."""
    flags = flagged(problem)
    if flags:
        remedy = (
            "look for a wrong unit, or years in the wrong order; where the facts are right, the priors are too narrow"
        )
        raise CalibrationError(str(problem.plan.folder / FACTS), [*map(str, flags), remedy])


def flagged(problem: Problem) -> list[Flag]:
    """Give what is wrong with the facts of a problem."""
    given = [f for test in (_out_of_range, _unlike_the_plan, _unlike_the_outlook, _rough) for f in test(problem)]
    # From what is out of range the model foresees nothing.
    return given if any(_out_of_range(problem)) else [*_unforeseen(problem), *given]


# -- what the model foresees --------------------------------------------------------------------------------
def _unforeseen(problem: Problem) -> Iterator[Flag]:
    predicted = problem.predict(normals(SEED, "residual test", 0, DRAWS, len(problem.names)))
    facts = problem.observations
    for series in problem.observed:
        places = [i for i, f in enumerate(facts) if f.series == series and np.isfinite(f.rounding)]
        if places:
            yield from _far_off(series, [facts[i] for i in places], predicted[:, places], problem)


def _far_off(series: str, facts: list[Fact], predicted: Array, problem: Problem) -> Iterator[Flag]:
    """Test a series against what is foreseen of it, (draw, fact), by squared distances in units of the scatter."""
    shift = 1.0 if series in problem.rises else 0.0  # growth may be below none
    value, noise = np.array([(f.value + shift, np.hypot(f.sd, f.rounding / np.sqrt(12.0))) for f in facts]).T
    errors = normals(SEED, f"errors of {series}", 0, DRAWS, len(facts))
    made = np.log(predicted + shift) + errors * (noise / value)
    middle, root = made.mean(axis=0), np.linalg.inv(np.linalg.cholesky(np.atleast_2d(np.cov(made.T))))

    def distance(numbers: Array) -> Array:
        return np.asarray(np.sum(((numbers - middle) @ root.T) ** 2, axis=-1))

    def out_of_order(numbers: Array) -> Array:
        return np.asarray(distance(numbers) - np.min([distance(numbers[:, o]) for o in _orders(len(facts))], axis=0))

    tests = {"squared distance from what the priors foresee": distance}
    if len(facts) > 1:
        tests["squared distance, with another order of years taken off"] = out_of_order
    with np.errstate(invalid="ignore"):  # of a figure below 0, which is flagged
        own = np.log(value)[None]
    for test, measure in tests.items():
        figure, allowed = float(measure(own)[0]), float(np.quantile(measure(made), 1.0 - RARE))
        if not figure <= max(allowed, 0.0):
            yield Flag(series, test, figure, allowed)


def _orders(count: int) -> list[list[int]]:
    """Give the orders that differ by two that have changed places, and the reverse."""
    orders = [list(range(count))[::-1]]
    for first, other in itertools.combinations(range(count), 2):
        order = list(range(count))
        order[first], order[other] = other, first
        orders.append(order)
    return orders


# -- what a run is given ------------------------------------------------------------------------------------
def _given(problem: Problem) -> dict[str, Array]:
    return history(problem.facts, problem.plan.start, problem.plan.base_year, problem.model)


def _out_of_range(problem: Problem) -> Iterator[Flag]:
    for name, values in _given(problem).items():
        declared = problem.model.series[name]
        for figure, allowed in ((values.max(), declared.high), (-values.min(), -declared.low)):
            if figure > allowed:
                which = "most" if allowed == declared.high else "least, with its sign turned"
                what = f"{in_words(name)}, {which}"
                yield Flag(_made_of(problem, name), what, float(figure), allowed)


def _unlike_the_plan(problem: Problem) -> Iterator[Flag]:
    """Hold indicators against what the plan prints of them, and Series against their start, if the plan states it."""
    plan = problem.plan
    middle = {n: float(b(np.zeros(1))[0]) for n, b in problem.parameters.items()}
    for target in plan.targets:
        ratio, year = INDICATOR_FACTS.get(target.indicator), plan.base_year - target.reference_lag
        compared = ratio and {ratio.numerator, ratio.denominator or ratio.numerator} <= {*problem.observed}
        if ratio and target.base and not compared:
            figures = indicator_facts(problem.facts, target.indicator, target.unit, {**middle, **plan.parameters})
            series = ", ".join(n for n in (ratio.numerator, ratio.denominator) if n)
            if year in figures:
                yield from _times_off(series, figures[year][0], target.base, f"printed of {year}")
    for name, values in _given(problem).items():
        if f"{name}_at_start" in plan.parameters:
            yield from _times_off(
                _made_of(problem, name), values[0], plan.parameters[f"{name}_at_start"], "stated of the start"
            )


def _times_off(series: str, figure: float, plan_figure: float, where: str) -> Iterator[Flag]:
    times = float(np.exp(abs(np.log(figure / plan_figure)))) if figure / plan_figure > 0.0 else np.inf
    if times > OFF:
        yield Flag(series, f"times off what the plan has {where}", times, OFF)


def _unlike_the_outlook(problem: Problem) -> Iterator[Flag]:
    """Hold growth, or change, a year against the outlook, and levels against what the priors say where facts do not."""
    for name, values in _given(problem).items():
        course, past = problem.priors.outlook.get(name), problem.priors.past.get(name)
        words = in_words(name)
        if course:
            change = _yearly(values, course.kind) / Unit.parse(course.unit).scale
            # Of the mean over the years: a shock lasts, and many of them even out.
            lasting = course.yearly_sd / (1.0 - course.autocorrelation) / np.sqrt(len(values) - 1)
            far = abs(change - course.mean) / np.hypot(course.sd, lasting)
            if not far <= FAR:
                yield Flag(
                    _made_of(problem, name), f"sds of {course.kind} of {words} from its outlook", float(far), FAR
                )
        if past and past.level:
            median = past.level.median * Unit.parse(past.level.unit).scale
            far = abs(np.log(values[-1] / median)) / past.level.sigma
            if not far <= FAR_OFF:
                yield Flag(_made_of(problem, name), f"sds of {words} from its prior", float(far), FAR_OFF)


def _yearly(values: Array, kind: str) -> float:
    """Give the growth, or change, a year; NaN for growth to or from what is below 0."""
    years = len(values) - 1
    if kind == "change":
        return float(values[-1] - values[0]) / years
    times = values[-1] / values[0]
    return float(times ** (1.0 / years)) - 1.0 if times > 0.0 else np.nan


def _made_of(problem: Problem, name: str) -> str:
    return ", ".join(problem.model.histories[name].facts)


def _rough(problem: Problem) -> Iterator[Flag]:
    made_of = [n for past in problem.model.histories.values() for n in past.facts if n not in problem.observed]
    given = {n: problem.facts.get(n, {}) for n in made_of}
    for series, figures in given.items():
        if len(figures) < 4 or any(Unit.parse(f.unit).converts_to(PER_YEAR) for f in figures.values()):
            continue  # growth is as rough in any order
        logs = np.log([figures[y].value for y in sorted(figures)])
        smoothest = min(_roughness(logs[o]) for o in _orders(len(logs)))
        times = _roughness(logs) / max(smoothest, 1e-6)
        if times > ROUGH:
            yield Flag(series, "times as rough as with its years in another order", float(times), ROUGH)


def _roughness(logs: Array) -> float:
    return float(np.sum(np.diff(logs, 2) ** 2))
