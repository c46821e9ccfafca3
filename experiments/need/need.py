"""What it would take: the cheapest path with which targets are met with a wished probability, and why there is none."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.probability import Probability, estimate
from fiveyear.experiments.forecast.targets import met_of
from fiveyear.model import Unit
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Scenario, Target
from fiveyear.scenarios.changes import changed
from fiveyear.scenarios.checks import Limit

from .search import FAR, NEAR, SMOOTHED, Paid, Search, priced

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TRIED = 128  # draws on which levers are told that move nothing
WIDTH = 100  # columns of what a console shows of an answer
DRAWS, SEARCHED, PRICED = 20_000, 1_000, 500  # of the answer, of the search, and of that for each chance that is priced
DISCOUNT = 0.05  # a year
DIGITS = 3  # significant, of the levels of a path; one more where these would give too much
SURE = 0.1  # of chance, by which the search over fewer draws is never off
TOO_MUCH = 0.008  # beyond the chance that is wished for
MARGINS = (0.003, 0.006, 0.012)  # of the chance
TOLD = 8  # levels that are rounded both ways, to see which is cheaper
FRONTIER = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
LATE = (0.5, 0.8)  # chances that are asked of changes that begin late
WIDEST = 10.0  # times as wide as it is, to which a limit is relaxed
RELAXED = 1e-3  # to which the smallest relaxation is found
STEPS = 4  # of an answer, that progress is told of


@dataclass(frozen=True)
class Path:
    """A path of levers: ``levels``, (lever, year), in the unit of each limit; what it costs; the chance it gives."""

    levels: dict[str, tuple[float, ...]]
    paid: Paid
    chance: Probability  # over draws of another seed than those of the search


@dataclass(frozen=True)
class Relaxation:
    """The least change of one limit alone with which a wish can be met: ``kind`` is ``low``, ``high`` or ``step``."""

    lever: str
    kind: str
    before: float  # in the unit of the limit
    after: float
    unit: str


@dataclass(frozen=True, repr=False)
class Need:
    """The answer. ``cheapest`` is None where limits allow no path that has the chance."""

    scenario: Scenario
    information_set: str
    month: str  # by which its facts were published
    targets: tuple[Target, ...]
    wished: float
    discount: float
    limits: dict[str, Limit]
    not_costed: tuple[str, ...]
    inert: tuple[str, ...]  # levers that were left out, since they move no target
    before: Probability  # the scenario's own chance
    own: dict[str, tuple[float, ...]]  # its levels, in the unit of each limit
    at_base: dict[str, float]  # those of the base year
    cheapest: Path | None
    straight: Path | None  # the cheapest that rises by the same each year
    likeliest: Path  # that with the largest chance which limits allow
    most: float  # that chance, over the draws of the search
    binding: tuple[tuple[str, str], ...]  # limits that the likeliest path meets
    relaxation: Relaxation | None  # where limits allow no such path
    all_relaxed: float | None  # how many times as large all limits together have to be, where none alone is enough
    frontier: tuple[tuple[float, Paid], ...]
    too_late: dict[str, dict[float, int | None]]  # by target: the last year in which changes may begin, by chance
    seed: int
    draws: int

    @property
    def is_met(self) -> bool:
        """Whether the scenario itself has the chance."""
        return self.before.value >= self.wished

    @property
    def years(self) -> tuple[int, ...]:
        """The years of a path."""
        return tuple(range(self.scenario.plan.base_year + 1, self.scenario.plan.end + 1))

    @property
    def paths(self) -> dict[str, Path]:
        """The paths to show, by what they are called: where none has the chance, the likeliest."""
        if self.is_met:
            return {}
        with_chance = {"cheapest": self.cheapest, "cheapest that rises evenly": self.straight}
        return {name: path for name, path in with_chance.items() if path} or {"likeliest": self.likeliest}

    @property
    def table(self) -> pd.DataFrame:
        """A row for each path, lever and year, the scenario's own first: ``level`` in ``unit``."""
        import pandas as pd

        named = {self.scenario.name: self.own} | {name: path.levels for name, path in self.paths.items()}
        rows = [
            {"path": name, "lever": lever, "year": year, "level": level, "unit": self.limits[lever].unit}
            for name, levels in named.items()
            for lever, row in levels.items()
            for year, level in zip(self.years, row, strict=True)
        ]
        return pd.DataFrame(rows)

    @property
    def costs(self) -> pd.DataFrame:
        """What each probability costs beyond the scenario, by the cheapest path: discounted, in the plan's money."""
        import pandas as pd

        rows = [(p.total, p.public, p.private) for _, p in self.frontier]
        index = pd.Index([chance for chance, _ in self.frontier], name="probability")
        amounts = pd.DataFrame(rows, index, ["total", "government", "firms_and_others"], dtype=float)
        return amounts / self.scenario.plan.country.scale

    def plot(self) -> Figure:
        """Give the figure of what each probability costs, as ``fiveyear need --out`` does."""
        from fiveyear.experiments.page.figure import printed
        from fiveyear.experiments.page.style import house_style

        from .frontier import drawing

        with house_style():
            drawn = drawing(self).figure()
        # A notebook shows a figure by itself only where pyplot has been loaded.
        drawn._repr_png_ = lambda: printed(drawn, "png")  # type: ignore[attr-defined]
        return drawn

    def __repr__(self) -> str:
        from .report import text

        return text(self, WIDTH)

    @property
    def needed(self) -> Scenario:
        """The scenario of the first of these; the scenario itself where it has the chance."""
        for path in self.paths.values():
            return scenario_of(self.scenario, self.limits, self.targets, path.levels, self.at_base)
        return replace(self.scenario, name="needed")


def scenario_of(
    scenario: Scenario,
    limits: Mapping[str, Limit],
    targets: Sequence[Target],
    levels: Mapping[str, Sequence[float]],
    at_base: Mapping[str, float],
) -> Scenario:
    """Give a scenario on a path of levels, in the units of limits, under the name ``needed``."""
    base = scenario.plan.base_year
    changes = {}
    for lever, row in levels.items():
        path = scenario.paths.get(lever) or scenario.plan.paths.get(lever)
        # Where the plan gives the past, too, it is kept as it was: without it, the way to the first year would bend it.
        given = path is not None and path.points[0][0] <= base
        first, whole = (base, (at_base[lever], *row)) if given else (base + 1, row)
        changes[lever] = {first + n: f"{level:.12g} {limits[lever].unit}" for n, level in enumerate(whole)}
    wish = " and ".join(f"{t.label} {t.comparator} {t.value:g} {t.unit}" for t in targets)
    return changed(
        scenario, changes, "needed", f"Toward {wish}", f"Levers are moved within their limits, toward {wish}."
    )


class Wish:
    """Targets that are to be met together with a probability, by some levers of a scenario within limits."""

    def __init__(
        self,
        ensemble: Ensemble,
        targets: Sequence[Target],
        wished: float,
        limits: Mapping[str, Limit],
        draws: int = DRAWS,
        discount: float = DISCOUNT,
    ) -> None:
        self.ensemble, self.targets, self.wished = ensemble, tuple(targets), wished
        self.draws, self.discount = draws, discount
        slopes = self._search(limits, TRIED).start.smoothed(FAR)[1].reshape(len(limits), -1)
        acts = np.any(slopes != 0.0, axis=1)
        self.inert = tuple(name for name, does in zip(limits, acts, strict=True) if not does)
        self.limits = {name: limit for name, limit in limits.items() if name not in self.inert}

    def _search(self, limits: Mapping[str, Limit], draws: int, referee: Search | None = None) -> Search:
        return Search(self.ensemble, limits, self.targets, min(draws, self.draws), self.discount, referee)

    @cached_property
    def search(self) -> Search:
        """The search for the wish, with a referee over all draws."""
        return self._search(self.limits, SEARCHED, self._search(self.limits, self.draws))

    @cached_property
    def likeliest(self) -> Array:
        """The point with the largest chance that limits allow."""
        return self.search.likeliest(self.search.whole())

    def cheapest(self) -> Path | None:
        """Give the cheapest path that has the chance; None where limits allow none."""
        return self._path(self.search.whole(), self.likeliest)

    def straight(self) -> Path | None:
        """Give the cheapest path that rises over the scenario's own by the same each year, and has the chance."""
        shape = self.search.straight()
        return self._path(shape, self.search.likeliest(shape))

    def _path(self, shape: Array, likeliest: Array) -> Path | None:
        # The referee, whose word is the last, is asked where the search over fewer draws is not sure.
        if self.search.at(likeliest).chance < self.wished + SURE and self.search.chance(likeliest) < self.wished:
            return None
        return self._rounded(shape, likeliest)

    def answer(self, progress: Callable[[int], None] = lambda _: None) -> Need:
        """Look for the path, and say what keeps it from being found, or when it is too late."""
        before = self._fresh(self.ensemble.scenario)
        is_met, most = before.value >= self.wished, self.search.chance(self.likeliest)
        progress(1)
        cheapest, straight = (None, None) if is_met else (self.cheapest(), self.straight())
        progress(1)
        relaxation = all_relaxed = None
        if not is_met and most < self.wished:
            relaxation = self.relaxation()
            all_relaxed = None if relaxation else self._times([(n, k) for n in self.limits for k in self._kinds(n)])
        progress(1)
        frontier, too_late = tuple(self.frontier()), self.too_late()
        progress(1)
        own = [self._own(place) for place in range(len(self.search.years) + 1)]
        return Need(
            scenario=self.ensemble.scenario,
            information_set=self.ensemble.posterior.evidence.information_set,
            month=self.ensemble.posterior.evidence.month,
            targets=self.targets,
            wished=self.wished,
            discount=self.discount,
            limits=self.limits,
            not_costed=tuple(n for n in self.limits if n not in priced(self.ensemble)),
            inert=self.inert,
            before=before,
            own={n: tuple(levels[n] for levels in own[1:]) for n in self.limits},
            at_base=own[0],
            cheapest=cheapest,
            straight=straight,
            likeliest=self._run(self._toward_own(self.likeliest)),
            most=most,
            binding=tuple(self.search.binding(self.likeliest)),
            relaxation=relaxation,
            all_relaxed=all_relaxed,
            frontier=frontier,
            too_late=too_late,
            seed=self.ensemble.seed,
            draws=self.draws,
        )

    # -- a path ---------------------------------------------------------------------------------------------------
    @property
    def _factors(self) -> dict[str, float]:
        """What takes a number in the unit of a limit to base units."""
        units = self.ensemble.model.units
        return {n: Unit.parse(limit.unit).factor_to(units[n]) for n, limit in self.limits.items()}

    def _own(self, place: int) -> dict[str, float]:
        """Give the scenario's own levels in a year, counted from the base year, in the units of limits."""
        levels = self.search.own[:, place]
        return {n: float(level / self._factors[n]) for n, level in zip(self.limits, levels, strict=True)}

    def _rounded(self, shape: Array, likeliest: Array) -> Path | None:
        """Give the cheapest path of a shape in numbers of few digits, run on other draws."""
        search, factors = self.search, np.array(list(self._factors.values()))[:, None]
        for more in (0.0, *MARGINS):  # where limits hold numbers down, the chance that is asked for makes up for it
            wished = min(self.wished + more, search.chance(likeliest)) if more else self.wished
            point = search.cheapest(wished, shape, likeliest)
            if point is None:
                continue
            levels, own = search.levels(point) / factors, search.own[:, 1:] / factors
            stays = np.abs(levels - own) * factors < 1e-6 * search.steps[:, None]
            for digits in (DIGITS, DIGITS + 1):
                below, above = (np.where(stays, own, of) for of in neighbours(levels, digits))
                chosen = self._cheapest_of(levels, below, above)
                if chosen is None:
                    continue
                beyond = search.chance(search.point(chosen * factors)) - self.wished
                if beyond <= TOO_MUCH or digits > DIGITS:
                    return self._run(chosen)
        return None

    def _toward_own(self, point: Array) -> Array:
        """Give levels, (lever, year), rounded toward the scenario's own, so that they keep to limits."""
        factors = np.array(list(self._factors.values()))[:, None]
        levels, own = self.search.levels(point) / factors, self.search.own[:, 1:] / factors
        below, above = neighbours(levels)
        return np.asarray(np.where(levels > own, np.maximum(below, own), np.minimum(above, own)))

    def _run(self, levels: Array) -> Path:
        """Run levels, (lever, year), in the units of limits."""
        rows = {n: row.tolist() for n, row in zip(self.limits, levels, strict=True)}
        factors = np.array(list(self._factors.values()))[:, None]
        paid = self.search.referee.at(self.search.point(levels * factors)).paid
        return Path({n: tuple(row) for n, row in rows.items()}, paid, self._fresh(self.scenario(rows)))

    def _cheapest_of(self, levels: Array, below: Array, above: Array) -> Array | None:
        """Give the cheapest of the allowed paths between two neighbours of each level that has the chance."""
        search, factors = self.search, np.array(list(self._factors.values()))[:, None]
        here, chance = search.at(search.point(levels * factors)), search.chance(search.point(levels * factors))
        by_chance, by_cost = here.smoothed(SMOOTHED)[1], here.paid_slopes
        # The levels that tell most are tried both ways; the others are rounded to the safe side.
        rise = ((above - below) * factors / search.steps[:, None]).ravel()
        telling = np.argsort(-np.abs(by_chance * rise), kind="stable")[:TOLD]
        telling = telling[rise[telling] > 0.0]
        safe = np.where(by_chance.reshape(levels.shape) >= 0.0, above, below).ravel()
        tried = []
        for ways in itertools.product((False, True), repeat=len(telling)):
            wanted = safe.copy()
            wanted[telling] = np.where(ways, above.ravel()[telling], below.ravel()[telling])
            path = self._within(wanted.reshape(levels.shape), below)
            point = search.point(path * factors)
            if search.is_allowed(point):
                apart = point - search.point(levels * factors)
                tried.append((float(by_cost @ apart), float(by_chance @ apart), path, point))
        for _, rises, path, point in sorted(tried, key=lambda one: one[0]):
            if chance + rises >= self.wished - NEAR / 4.0 and search.chance(point) >= self.wished:
                return path
        return None

    def _within(self, levels: Array, below: Array) -> Array:
        """Give levels of which none rises by more than limits allow: such are the neighbour below."""
        search, factors = self.search, np.array(list(self._factors.values()))
        own = search.own / factors[:, None]
        within = levels.copy()
        for row, low, scenario, factor, limit in zip(within, below, own, factors, self.limits.values(), strict=True):
            before = scenario[0]
            for year in range(len(row)):
                most = max(limit.step / factor, scenario[year + 1] - scenario[year]) + before
                if row[year] > min(most, max(limit.high / factor, scenario[year + 1])) + 1e-9:
                    row[year] = low[year]
                before = row[year]
        return within

    def scenario(self, levels: Mapping[str, Sequence[float]]) -> Scenario:
        """Give the scenario of a path, in the units of limits."""
        return scenario_of(self.ensemble.scenario, self.limits, self.targets, levels, self._own(0))

    def _fresh(self, scenario: Scenario) -> Probability:
        """Give the chance of a scenario over other draws than those of the search."""
        ensemble = replace(self.ensemble, scenario=scenario, seed=self.ensemble.seed + 1)
        run = ensemble.run(self.draws, indicators=[t.indicator for t in self.targets])
        met = [met_of(ensemble, t, run.values[t.indicator])[:, -1] for t in self.targets]
        return estimate(np.all(met, axis=0), ensemble.parameter_sets(0, self.draws))

    # -- around it ------------------------------------------------------------------------------------------------
    def frontier(self) -> Iterator[tuple[float, Paid]]:
        """Yield what each chance costs, from the scenario's own on."""
        search = self._search(self.limits, PRICED, self.search.referee)
        most, own = search.chance(self.likeliest), search.chance(np.zeros(search.size))
        for chance in sorted({*FRONTIER, self.wished}):
            if own < chance <= most:
                point = search.cheapest(chance, search.whole(), self.likeliest)
                if point is not None:
                    yield chance, search.referee.at(point).paid

    def too_late(self) -> dict[str, dict[float, int | None]]:
        """Give by target and chance the last year in which changes may begin; None where none is early enough."""
        last: dict[str, dict[float, int | None]] = {}
        for target in self.targets:
            search = self.search.of(targets=[target])
            most = {year: search.chance(search.likeliest(search.whole(year))) for year in search.years}
            last[target.indicator] = {
                chance: max((year for year, of in most.items() if of >= chance), default=None) for chance in LATE
            }
        return last

    def relaxation(self) -> Relaxation | None:
        """Give the smallest relaxation of one limit alone with which the wish can be met; None if none is enough."""
        enough = []
        for name, limit in self.limits.items():
            for kind in self._kinds(name):
                if (times := self._times([(name, kind)])) is not None:
                    before, after = (
                        getattr(of, kind) / self._factors[name] for of in (limit, self._wider(name, kind, times))
                    )
                    enough.append((times, Relaxation(name, kind, before, self._safe(name, kind, after), limit.unit)))
        return min(enough, key=lambda one: one[0])[1] if enough else None

    def _kinds(self, name: str) -> tuple[str, ...]:
        """Give the limits of a lever that may hold it: one that is paid for is not lowered."""
        return ("high", "step") if name in priced(self.ensemble) else ("low", "high", "step")

    def _wider(self, name: str, kind: str, times: float) -> Limit:
        """Give the limits of a lever with one of them so many times as wide, within what the model takes."""
        limit, declared = self.limits[name], self.ensemble.model.series[name]
        if kind == "low":
            return limit._replace(low=max(limit.low / times, declared.low))
        if kind == "high":
            return limit._replace(high=min(limit.high * times, declared.high))
        return limit._replace(step=limit.step * times)

    def _safe(self, name: str, kind: str, level: float) -> float:
        """Round a limit, in its unit, to the wider side, within what the model takes."""
        below, above = (float(of[0]) for of in neighbours(np.array([level])))
        declared, factor = self.ensemble.model.series[name], self._factors[name]
        if kind == "low":
            return max(below, declared.low / factor)
        return min(above, declared.high / factor) if kind == "high" else above

    def _times(self, which: Sequence[tuple[str, str]]) -> float | None:
        """Give how many times as wide some limits have to be; None if they cannot be wide enough."""

        def is_enough(times: float) -> bool:
            limits = dict(self.limits)
            for name, kind in which:
                limits[name] = limits[name]._replace(**{kind: getattr(self._wider(name, kind, times), kind)})
            search = self.search.of(limits)
            return search.chance(search.likeliest(search.whole())) >= self.wished

        low, high = 1.0, WIDEST
        if not is_enough(high):
            return None
        while high / low > 1.0 + RELAXED:
            middle = float(np.sqrt(low * high))
            low, high = (low, middle) if is_enough(middle) else (middle, high)
        return high


def neighbours(levels: Array, digits: int = DIGITS) -> tuple[Array, Array]:
    """Give the numbers of so many significant digits at or below, and at or above, some levels.

    >>> [row.tolist() for row in neighbours(np.array([2.1234, 0.5, 0.0]))]
    [[2.12, 0.5, 0.0], [2.13, 0.5, 0.0]]
    """
    size = np.where(levels == 0.0, 1.0, np.abs(levels))
    unit = 10.0 ** (np.floor(np.log10(size)) - digits + 1)
    below, above = np.floor(levels / unit + 1e-9) * unit, np.ceil(levels / unit - 1e-9) * unit
    return np.round(below, 12) + 0.0, np.round(above, 12) + 0.0  # no nil below nil
