"""The search: paths of levers, what they cost, and the chance that they give, with exact slopes.

A path is a point: how far each lever is moved in each year after the base year, over the scenario's own level, in steps
of its limit. Some numbers make a point by a shape, (coordinate, number): all of it, or only what rises in a straight
line, or is moved from some year on. Chances are smoothed for the search only: a share of draws moves by steps, which
no solver can follow.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import LinearConstraint, brentq, linprog, minimize
from scipy.special import ndtr

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.levers import by_draw
from fiveyear.model import PreparedRun, Reading
from fiveyear.model.cores import cores
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Target
from fiveyear.scenarios.checks import Limit

from .margins import margin_of

STEP = 0.5  # years; half of it moves no chance by more than a ten-thousandth
SMOOTHED = 0.15  # of the scatter of a margin, over which it is smoothed
MANY = 4_000  # draws from which on they are shared among the processor's cores
FAR = 2.0  # the same, where hardly a draw may meet the targets
NEAR = 0.002  # to which the chance that is wished for is met
ROUNDS = 6  # in which what smoothing moves is made good
TRIED = 4  # ends of the allowed paths that are looked at, before a solver looks between them
AS_IT_IS = 1e-4  # of what is spent: what a step of a lever that costs nothing counts for, so that it is left as it is
SOLVER = {"ftol": 1e-5, "maxiter": 60}
PUBLIC, ALL = ("government_rd", "tax_forgone"), "rd_counted"  # what government pays, and all pay, for R&D
Runs = Callable[[Array], tuple[Array, Array]]  # takes slopes by readings to slopes by parameters and by series


@dataclass(frozen=True)
class Paid:
    """What is spent beyond the scenario in the years after the base year, discounted to it, in its money and prices."""

    total: float
    public: float | None  # of it, by government; None where the plan lets the model say nothing of who pays

    @property
    def private(self) -> float | None:
        """What firms and others pay of it."""
        return None if self.public is None else self.total - self.public


def priced(ensemble: Ensemble) -> set[str]:
    """Give the levers whose moves are paid for: what is spent follows from them, whatever comes back by a loop."""
    model = ensemble.model
    alone = model.cut(loop for loop in model.loops if loop not in model.cuts)
    upstream = set(alone.upstream([n for n in (*PUBLIC, ALL) if n in ensemble.names]))
    return {n for n, declared in model.series.items() if declared.lever and n in upstream}


class Search:
    """Paths of some levers of a scenario, held against some targets of its plan, over the same draws."""

    def __init__(
        self,
        ensemble: Ensemble,
        limits: Mapping[str, Limit],
        targets: Sequence[Target],
        draws: int,
        discount: float,
        referee: Search | None = None,
    ) -> None:
        plan, inputs = ensemble.scenario.plan, ensemble.inputs(0, draws)
        self.limits, self.draws = dict(limits), draws
        self.referee = referee or self  # over more draws, whose word on a chance is the last
        self.priced = [name in priced(ensemble) for name in self.limits]
        self.margins = [margin_of(ensemble, target) for target in targets]
        self.first = plan.base_year - plan.start + 1  # the place of the first year that may be moved
        self.years = range(plan.base_year + 1, plan.end + 1)
        self.paid = {n: Reading(n, "over the year") for n in (*PUBLIC, ALL) if n in ensemble.names}
        self.readings = tuple(dict.fromkeys([*(r for m in self.margins for r in m.readings), *self.paid.values()]))
        parameters = [n for n, v in inputs.parameters.items() if np.ndim(v) == 1]
        series = [n for n, v in inputs.series.items() if np.ndim(v) == 2 or n in self.limits]
        self._run = PreparedRun(ensemble.model, inputs, parameters, series, self.readings, STEP)
        self._parameters = np.array([np.asarray(inputs.parameters[n]) for n in parameters])
        self._given = np.array([by_draw(inputs.series[n], draws) for n in series])
        self.places = [series.index(name) for name in self.limits]
        prices = by_draw(inputs.series["price_level"], draws)[self.first :]
        ahead = np.arange(1, len(prices) + 1)[:, None]
        #: What money of a year is worth in the base year, (year ahead, draw).
        self.worth = 1.0 / (prices * (1.0 + discount) ** ahead)
        own = self._given[self.places, self.first - 1 :]
        #: The scenario's own levels, (lever, year), from the base year on, in the middle of all draws.
        self.own = np.median(own, axis=2)
        self._last: tuple[bytes, At] | None = None

    def of(self, limits: Mapping[str, Limit] | None = None, targets: Sequence[Target] | None = None) -> Search:
        """Give the search within other limits of the same levers, or for some of its targets alone."""
        search = copy.copy(self)
        # What the scenario itself comes to does not hang on limits.
        for name in ("steps", "allowed", *(() if targets is None else ("start", "scatters"))):
            search.__dict__.pop(name, None)
        search._last = None
        search.limits = dict(limits or self.limits)
        search.margins = [m for m in self.margins if targets is None or m.target in targets]
        search.referee = search if self.referee is self else self.referee.of(limits, targets)
        return search

    # -- paths ------------------------------------------------------------------------------------------------
    @property
    def size(self) -> int:
        """The number of coordinates of a point."""
        return int(self.own[:, 1:].size)

    @cached_property
    def steps(self) -> Array:
        """The unit of a point: the largest step of each lever, (lever,)."""
        return np.array([limit.step for limit in self.limits.values()])

    def levels(self, point: Array) -> Array:
        """Give the levels of a point, (lever, year), in base units."""
        return np.asarray(self.own[:, 1:] + point.reshape(len(self.own), -1) * self.steps[:, None])

    def point(self, levels: Array) -> Array:
        """Give the point of levels, (lever, year)."""
        return np.asarray(((levels - self.own[:, 1:]) / self.steps[:, None]).ravel())

    def whole(self, from_year: int = 0) -> Array:
        """Give the shape of all paths that are moved from a year on."""
        free = [year >= from_year for _ in self.limits for year in self.years]
        return np.eye(self.size)[:, free]

    def straight(self) -> Array:
        """Give the shape of paths that rise over the scenario's own by the same each year: a number a lever."""
        years = len(self.years)
        return np.asarray(np.kron(np.eye(len(self.limits)), (np.arange(1, years + 1) / years)[:, None]), dtype=float)

    @cached_property
    def allowed(self) -> LinearConstraint:
        """What limits allow: levels, and changes from year to year; what the scenario itself does is allowed."""
        limits = list(self.limits.values())
        low, high = (np.array([getattr(limit, end) for limit in limits])[:, None] for end in ("low", "high"))
        levels = self.own[:, 1:]
        change = np.diff(self.own, axis=1) / self.steps[:, None]
        # Money is put on top of what the scenario spends: what is saved in one year would be missed by other targets.
        least = np.where(np.array(self.priced)[:, None], levels, np.minimum(low, levels))
        ends = [
            ((least - levels) / self.steps[:, None], np.minimum(-1.0, change) - change),
            ((np.maximum(high, levels) - levels) / self.steps[:, None], np.maximum(1.0, change) - change),
        ]
        years = len(self.years)
        difference = np.kron(np.eye(len(limits)), np.eye(years) - np.eye(years, k=-1))
        least, most = (np.concatenate([of_levels.ravel(), of_changes.ravel()]) for of_levels, of_changes in ends)
        return LinearConstraint(np.concatenate([np.eye(self.size), difference]), least, most)

    def is_allowed(self, point: Array) -> bool:
        """Tell whether a point keeps to all limits."""
        of = self.allowed.A @ point
        return bool(np.all((of >= self.allowed.lb - 1e-6) & (of <= self.allowed.ub + 1e-6)))

    def binding(self, point: Array) -> list[tuple[str, str]]:
        """Give the limits that a point meets: lever, and ``low``, ``high`` or ``step``."""
        of = self.allowed.A @ point
        shape = (2, len(self.limits), len(self.years))  # levels first, then changes
        at_low, at_high = ((of <= self.allowed.lb + 1e-6).reshape(shape), (of >= self.allowed.ub - 1e-6).reshape(shape))
        met = []
        for place, lever in enumerate(self.limits):
            kinds = {
                "low": at_low[0, place] & (not self.priced[place]),  # one that is paid for stays on the scenario's own
                "high": at_high[0, place],
                "step": at_low[1, place] | at_high[1, place],
            }
            met += [(lever, kind) for kind, years in kinds.items() if years.any()]
        return met

    # -- what a point comes to --------------------------------------------------------------------------------
    def at(self, point: Array) -> At:
        """Run the draws at a point; the last is remembered."""
        key = np.asarray(point).tobytes()
        if self._last is None or self._last[0] != key:
            given = self._given.copy()
            for place, row in zip(self.places, self.levels(point), strict=True):
                given[place, self.first :] = row[:, None]
            self._last = key, self._at(given)
        return self._last[1]

    @cached_property
    def start(self) -> At:
        """What the scenario itself comes to, its levers as they are drawn."""
        return self._at(self._given)

    def _at(self, given: Array) -> At:
        shares = cores() if self.draws >= MANY else 1
        ends = [self.draws * share // shares for share in range(shares + 1)]
        parts = [slice(*pair) for pair in itertools.pairwise(ends)]
        with ThreadPoolExecutor(len(parts)) as threads:  # the kernel lets other threads run
            runs = list(threads.map(lambda part: self._run(self._parameters[:, part], given[..., part]), parts))
        values = np.concatenate([of for of, _ in runs], axis=-1)

        def back(by_reading: Array) -> tuple[Array, Array]:
            of_parts = [slopes(by_reading[..., part]) for part, (_, slopes) in zip(parts, runs, strict=True)]
            by_parameter, by_series = zip(*of_parts, strict=True)
            return np.concatenate(by_parameter, axis=-1), np.concatenate(by_series, axis=-1)

        return At(self, dict(zip(self.readings, values, strict=True)), back)

    @cached_property
    def scatters(self) -> list[float]:
        """The scatter of the margin of each target, in the scenario itself."""
        return [max(float(np.std(margin)), 1e-12) for margin, _ in self.start.margins]

    # -- the search -------------------------------------------------------------------------------------------
    def likeliest(self, shape: Array) -> Array:
        """Give the point of a shape with the largest chance that limits allow."""
        point = np.zeros(self.size)
        for _ in range(TRIED):
            slopes = shape.T @ self.at(point).smoothed(FAR)[1]
            if not np.any(slopes) or not np.all(np.isfinite(slopes)):
                return point  # nothing that is moved moves a target, or it is moved beyond what can be computed
            end = shape @ linprog(-slopes / np.max(np.abs(slopes)), **self._of_shape_in_rows(shape)).x
            if np.allclose(end, point, atol=1e-6):
                return point  # every way from here that limits allow leads down
            point = end
        point = np.zeros(self.size)
        for smoothed in (FAR, SMOOTHED):

            def missed(numbers: Array, smoothed: float = smoothed) -> tuple[float, Array]:
                value, slopes = self.at(shape @ numbers).smoothed(smoothed)
                return -float(np.log(value)), -(shape.T @ slopes) / value

            begin = np.asarray(np.linalg.lstsq(shape, point, rcond=None)[0], dtype=float)
            solution = minimize(
                missed, begin, jac=True, method="SLSQP", constraints=[self._of_shape(shape)], options=SOLVER
            )
            better = shape @ solution.x
            if self.is_allowed(better) and missed(solution.x)[0] <= missed(begin)[0]:
                point = better
        return point

    def chance(self, point: Array) -> float:
        """Give the chance of a point, over the draws of the referee."""
        return self.referee.at(point).chance

    def cheapest(self, wished: float, shape: Array, begin: Array) -> Array | None:
        """Give the cheapest point of a shape that has a chance, from one that has at least that; None if none is found.

        The chance is met to ``NEAR``, over the draws of the referee.
        """
        if self.referee.start.chance >= wished:
            return np.zeros(self.size)
        point = self._between(begin, wished)
        asked, most = self.at(point).smooth_chance(SMOOTHED), self.at(begin).smooth_chance(SMOOTHED)
        enough = begin
        for _ in range(ROUNDS):
            if shape.shape[1] > 1:
                point = self._cheapest(min(asked, most), point, shape)
            missed = wished - self.chance(point)
            if abs(missed) <= NEAR and self.is_allowed(point):
                return point
            if missed < 0.0 and self.is_allowed(point) and self.at(point).paid.total < self.at(enough).paid.total:
                enough = point
            asked = float(np.clip(asked + missed, 1e-4, 1.0 - 1e-4))
            if shape.shape[1] == 1:
                point = self._between(begin, asked, smoothed=True)
        if self.chance(enough) < wished:
            return None
        if self.chance(np.zeros(self.size)) >= wished:
            return np.zeros(self.size)
        # Between the scenario itself and a point with more than is wished for, whose way the solver has found.
        return np.asarray(brentq(lambda part: self.chance(part * enough) - wished, 0.0, 1.0, xtol=1e-4) * enough)

    def _between(self, point: Array, wished: float, smoothed: bool = False) -> Array:
        """Give the point between the scenario's own and another that has a chance; an end where none has."""

        def missed(part: float) -> float:
            at = self.at(part * point)
            return (at.smooth_chance(SMOOTHED) if smoothed else at.chance) - wished

        if missed(0.0) >= 0.0 or missed(1.0) <= 0.0:
            return np.asarray(point * float(missed(0.0) < 0.0))
        return np.asarray(brentq(missed, 0.0, 1.0, xtol=1e-4) * point)

    def _cheapest(self, wished: float, begin: Array, shape: Array) -> Array:
        scale = max(abs(self.at(begin).paid.total), 1e-6 * self.start.spent)

        def cost(numbers: Array) -> tuple[float, Array]:
            point = shape @ numbers
            at, free = self.at(point), AS_IT_IS * np.where(self._of_no_price, point, 0.0)
            return float(at.paid.total / scale + free @ point / 2.0), shape.T @ (at.paid_slopes / scale + free)

        def chance(numbers: Array) -> float:
            return _logit(self.at(shape @ numbers).smooth_chance(SMOOTHED)) - _logit(wished)

        def chance_slopes(numbers: Array) -> Array:
            value, slopes = self.at(shape @ numbers).smoothed(SMOOTHED)
            return np.asarray(shape.T @ slopes / (value * (1.0 - value)))

        enough = {"type": "ineq", "fun": chance, "jac": chance_slopes}
        constraints = [enough, self._of_shape(shape)]
        numbers = np.linalg.lstsq(shape, begin, rcond=None)[0]
        solution = minimize(cost, numbers, jac=True, method="SLSQP", constraints=constraints, options=SOLVER)
        return np.asarray(shape @ solution.x)

    @property
    def _of_no_price(self) -> Array:
        return np.repeat(~np.array(self.priced), len(self.years))

    def _of_shape(self, shape: Array) -> LinearConstraint:
        return LinearConstraint(self.allowed.A @ shape, self.allowed.lb, self.allowed.ub)

    def _of_shape_in_rows(self, shape: Array) -> dict[str, Any]:
        of = self._of_shape(shape)
        rows, ends = np.concatenate([of.A, -of.A]), np.concatenate([of.ub, -of.lb])
        return {"A_ub": rows, "b_ub": ends, "bounds": (None, None)}


class At:
    """What a point comes to, over all draws of a search."""

    def __init__(self, search: Search, values: Mapping[Reading, Array], back: Runs) -> None:
        self._search, self._values, self._back = search, values, back
        self._smoothed: dict[float, tuple[float, Array]] = {}

    @cached_property
    def margins(self) -> list[tuple[Array, dict[Reading, Array]]]:
        """The margin of each target, (draw,), with its slopes by reading."""
        return [margin(self._values) for margin in self._search.margins]

    @property
    def chance(self) -> float:
        """The share of draws in which all targets are met."""
        pairs = zip(self.margins, self._search.margins, strict=True)
        met = [margin >= -1e-9 * abs(of.target.value) for (margin, _), of in pairs]
        return float(np.mean(np.all(met, axis=0)))

    def smooth_chance(self, width: float) -> float:
        """Give the chance with each margin smoothed by so much of its scatter."""
        return float(np.clip(np.mean(np.prod(self._met(width)[1], axis=0)), 1e-12, 1.0 - 1e-12))

    def _met(self, width: float) -> tuple[list[Array], Array]:
        """Give each margin in widths that it is smoothed by, and how far it is met, from 0 to 1."""
        z = [margin / (width * s) for (margin, _), s in zip(self.margins, self._search.scatters, strict=True)]
        return z, np.maximum([ndtr(of) for of in z], 1e-300)

    def smoothed(self, width: float) -> tuple[float, Array]:
        """Give the same chance, and its slopes by the point."""
        if width not in self._smoothed:
            widths = [width * scatter for scatter in self._search.scatters]
            z, parts = self._met(width)
            each = np.prod(parts, axis=0)
            by_reading = dict.fromkeys(self._search.readings, 0.0)
            for (_, slopes), of, part, w in zip(self.margins, z, parts, widths, strict=True):
                by_margin = each / part * np.exp(-0.5 * of**2) / (np.sqrt(2.0 * np.pi) * w * len(each))
                for reading, slope in slopes.items():
                    by_reading[reading] = by_reading[reading] + by_margin * slope
            self._smoothed[width] = self.smooth_chance(width), self._by_point(by_reading)
        return self._smoothed[width]

    @property
    def spent(self) -> float:
        """All R&D of the years ahead, discounted."""
        return self._worth_of(ALL)

    @cached_property
    def paid(self) -> Paid:
        """What is spent beyond the scenario."""
        start = self._search.start
        public = [self._worth_of(n) - start._worth_of(n) for n in PUBLIC if n in self._search.paid]
        return Paid(self.spent - start.spent, sum(public) if public else None)

    @cached_property
    def paid_slopes(self) -> Array:
        """The slopes of all that is spent by the point."""
        search = self._search
        worth = np.zeros_like(self._values[search.paid[ALL]])
        worth[search.first :] = search.worth / search.draws
        return self._by_point({search.paid[ALL]: worth})

    def _worth_of(self, name: str) -> float:
        search = self._search
        return float(np.mean(np.sum(self._values[search.paid[name]][search.first :] * search.worth, axis=0)))

    def _by_point(self, by_reading: Mapping[Reading, Array | float]) -> Array:
        search = self._search
        shape = next(iter(self._values.values())).shape
        asked = [np.broadcast_to(by_reading.get(reading, 0.0), shape) for reading in search.readings]
        by_series = self._back(np.array(asked))[1]
        own = np.array([by_series[place, search.first :].sum(axis=1) for place in search.places])
        return np.asarray((own * search.steps[:, None]).ravel())


def _logit(chance: float) -> float:
    return float(np.log(chance / (1.0 - chance)))
