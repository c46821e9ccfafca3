"""What is asked of a portfolio: is each figure reached, what limits it, what does it hang on, what does it add."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np

from fiveyear.experiments.console.language import month_in_words, say
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.probability import Probability, estimate
from fiveyear.experiments.forecast.targets import meets
from fiveyear.experiments.parallel.work import Chunk, compute_here
from fiveyear.model.programmes.works import ENDS
from fiveyear.model.quantities import Array, Condition
from fiveyear.scenarios.errors import ScenarioError
from fiveyear.scenarios.programme import Portfolio, Programme, due
from fiveyear.scenarios.programme_table import Range
from fiveyear.scenarios.register import Figure

from .draws import Draws
from .replication import RAMPS, Replications, replicate

BATCH = 50  # draws that a worker takes at a time
HIGH_TECH = "high_tech_value_added_share"
OF_CORE = ("government_rd", "manufacturing_value_added")  # variables of the model that programmes hang on
WAITING = 0.01  # of a line's project-years: what it waits for less is no bottleneck
ERRORS = 3.0  # standard errors from which on a number is said to move a probability
MOST_NUMBERS = 3  # that are told for each figure

Progress = Callable[[int], None]
Part = TypeVar("Part")


@dataclass(frozen=True)
class Bottleneck:
    """What a figure's line waits for most, and how much of that is used; or its longest stage, if nothing."""

    what: str
    waiting: float  # share of the line's project-years during the plan
    utilisation: float | None  # of places, or of the money appropriated, during the plan: median over draws


@dataclass(frozen=True)
class Sensitivity:
    """A number that the plan does not give: the probability in the lowest and the highest third of its draws."""

    of: str  # the programme, or platforms
    key: str
    low: float
    high: float


@dataclass(frozen=True)
class Answer:
    """What is said of one figure of the plan."""

    programme: str
    figure: Figure
    line: str | None  # whose arrivals count, or lift what spreads
    starts: Range | None  # of that line, as the programme's file has it
    probability: Probability
    met: Mapping[str, float | None]  # p05 to p95 of when it is reached; None: not by the end of the simulation
    level: Mapping[str, float]  # p05 to p95 of the number at the end of the year in which it is due
    bottleneck: Bottleneck | None  # of the line; None where nothing but time makes it spread
    sensitivity: tuple[Sensitivity, ...]


@dataclass(frozen=True)
class Study:
    """A portfolio simulated under a scenario: draw by draw on the core's own draws."""

    ensemble: Ensemble
    portfolio: Portfolio
    asked: tuple[str, ...]
    seed: int
    government: Array  # (draw, year), money a year
    replications: Replications
    high_tech: Mapping[str, Array]  # of the last year, (draw,): the share in %, and manufacturing value added

    @property
    def draws(self) -> int:
        return len(self.government)

    @property
    def made_from(self) -> str:
        """The sentence that says what a figure was made from."""
        return say(
            "Scenario “{scenario}”, facts published by {month}; {draws} draws, seed {seed}.",
            scenario=say(self.ensemble.scenario.title), draws=f"{self.draws:,}", seed=self.seed,
            month=month_in_words(self.ensemble.posterior.evidence.month),
        )  # fmt: skip

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """What is said of each figure of the programmes asked for."""
        return tuple(
            self._answer(programme, figure, place)
            for place, (programme, figure) in enumerate(figures(self.portfolio))
            if programme.name in self.asked
        )

    @cached_property
    def numbers(self) -> dict[str, dict[str, Array]]:
        """The numbers that files leave open, and what is drawn for whole programmes, in each draw: (draw,)."""
        drawn = Draws(self.portfolio, self.seed, 0, self.draws, self.government)
        by_programme = {of: dict(numbers) for of, numbers in drawn.numbers.items()}
        for name, own in drawn.own.items():
            by_programme[name]["pace (drawn)"] = own
            by_programme[name]["national shock (drawn)"] = drawn.shock
        return by_programme

    def share_assumed(self) -> tuple[int, int]:
        """Give how many numbers of the programmes asked for, and of their platforms, are assumed, and how many are."""
        programmes = [self.portfolio.programmes[n] for n in self.asked]
        shared = {f"platforms.{p}.capacity" for programme in programmes for p in programme.platforms}
        numbers = [n for programme in programmes for n in programme.numbers]
        numbers += [n for n in self.portfolio.numbers if n.key in shared]
        return sum(not n.source for n in numbers), len(numbers)

    def ends(self) -> dict[str, dict[str, dict[str, float]]]:
        """Give what became of the projects of each line of the programmes asked for: means over draws, by ENDS."""
        by_programme: dict[str, dict[str, dict[str, float]]] = {}
        for place, (programme, line) in enumerate(lines(self.portfolio)):
            if programme.name in self.asked:
                means = self.replications.ends[:, place].mean(axis=0)
                by_programme.setdefault(programme.name, {})[line] = dict(zip(ENDS, means.tolist(), strict=True))
        return by_programme

    def utilisation(self) -> dict[str, Array]:
        """Give the share of each platform's places that is taken during the plan, in each draw: (draw,)."""
        years = self.portfolio.plan.end - self.portfolio.plan.base_year
        numbers = self.numbers["platforms"]
        return {
            name: self.replications.busy[:, place] / (np.rint(numbers[f"platforms.{name}.capacity"]) * years)
            for place, name in enumerate(self.portfolio.platforms)
        }

    def spending(self) -> dict[str, Array]:
        """Give the share of its appropriations that each programme has drawn by the end of the plan: (draw,)."""
        money = self.replications.money
        return {
            name: np.divide(money[:, n, 1], money[:, n, 0], out=np.zeros(self.draws), where=money[:, n, 0] > 0.0)
            for n, name in enumerate(self.portfolio.programmes)
        }

    def coupled(self) -> dict[str, dict[str, Any]]:
        """Give what arrivals make of the target for high-tech industry, by ramp: ``off``, ``low`` and ``high``.

        The core's own draws take what the same draws of the portfolio add; arrivals do not act back on the core.
        """
        targets = [t for t in self.portfolio.plan.targets if t.indicator == HIGH_TECH]
        if not targets or not self.high_tech:
            return {}
        added = {"off": np.zeros(self.draws)} | {r: self.replications.added[:, n, -1] for n, r in enumerate(RAMPS)}
        sets = self.ensemble.parameter_sets(0, self.draws)
        by_ramp = {}
        for ramp, amount in added.items():
            points = 100.0 * amount / self.high_tech["manufacturing_value_added"]
            share = self.high_tech[HIGH_TECH] + points
            quantiles = {"added": _quantiles(amount), "added_points": _quantiles(points), "share": _quantiles(share)}
            chance = estimate(meets(share, targets[0].value, targets[0].comparator), sets)
            by_ramp[ramp] = {**quantiles, "probability": chance}
        return by_ramp

    def _answer(self, programme: Programme, figure: Figure, place: int) -> Answer:
        met = self.replications.met[:, place]
        line = counted_line(programme, figure)
        reached = met < due(figure) + 1
        return Answer(
            programme.name,
            figure,
            line,
            programme.table.lines[line].starts if line else None,
            estimate(reached, self.ensemble.parameter_sets(0, self.draws)),
            {n: q if np.isfinite(q) else None for n, q in _quantiles(met).items()},
            _quantiles(self.replications.level[:, place]),
            self._bottleneck(programme, line) if line else None,
            self._sensitivity(programme, figure, line, reached),
        )

    def _bottleneck(self, programme: Programme, line: str) -> Bottleneck:
        place = line_place(self.portfolio, programme, line)
        what, share, waiting = most_waited_for(self.portfolio, self.replications.spent[:, place].sum(axis=0))
        if share < WAITING:
            stages = programme.table.lines[line].stages
            return Bottleneck(max(stages, key=lambda s: s.years.middle).name, waiting, None)
        used = self.spending()[programme.name] if what == "money" else self.utilisation()[what]
        return Bottleneck(what, share, float(np.median(used)))

    def _sensitivity(
        self, programme: Programme, figure: Figure, line: str | None, reached: Condition
    ) -> tuple[Sensitivity, ...]:
        """Give the numbers that move a probability most: of the figure, its line, the programme, and its platforms."""
        own = ["pace", "money.", "national shock", f"deliverables.{figure.id}.", f"diffusions.{figure.id}."]
        own += [f"lines.{line}."] if line else []
        of_line = {f"platforms.{s.platform}.capacity" for s in programme.lines[line].stages} if line else set()
        numbers = self.numbers[programme.name]
        candidates = [(programme.name, k, v) for k, v in numbers.items() if k.startswith(tuple(own))]
        candidates += [("platforms", k, v) for k, v in self.numbers["platforms"].items() if k in of_line]
        sensitivities = []
        for of, key, values in candidates:
            low, high = np.quantile(values, [1.0 / 3.0, 2.0 / 3.0])
            if low == high:
                continue
            below, above = reached[values <= low], reached[values >= high]
            error = np.sqrt(sum(float(r.mean() * (1.0 - r.mean())) / len(r) for r in (below, above)))
            difference = float(above.mean() - below.mean())
            if abs(difference) > ERRORS * error:
                sensitivities.append(Sensitivity(of, key, float(below.mean()), float(above.mean())))
        return tuple(sorted(sensitivities, key=lambda s: -abs(s.high - s.low))[:MOST_NUMBERS])


def most_waited_for(portfolio: Portfolio, spent: Array) -> tuple[str, float, float]:
    """Give what a line waits for most, money or a platform; the share of its project-years, and that of all waits.

    ``spent``: (what,), project-years at work, waiting for money, and for each platform.
    """
    names = ("money", *portfolio.platforms)
    shares = spent[1:] / max(float(spent.sum()), 1e-300)
    most = int(np.argmax(shares))
    return names[most], float(shares[most]), float(shares.sum())


def figures(portfolio: Portfolio) -> list[tuple[Programme, Figure]]:
    """Give every figure of a portfolio, in the order in which replications hold them."""
    return [(p, figure) for p in portfolio.programmes.values() for figure in p.figures.values()]


def lines(portfolio: Portfolio) -> list[tuple[Programme, str]]:
    """Give every line of a portfolio, in the order in which replications hold them."""
    return [(p, line) for p in portfolio.programmes.values() for line in p.lines]


def line_place(portfolio: Portfolio, programme: Programme, line: str) -> int:
    """Give the place of a line in replications."""
    return [(p.name, name) for p, name in lines(portfolio)].index((programme.name, line))


def counted_line(programme: Programme, figure: Figure) -> str | None:
    """Give the line whose arrivals count for a figure, or lift what spreads; None where none does."""
    if figure.id in programme.table.deliverables:
        return programme.table.deliverables[figure.id].line
    lift = programme.table.diffusions[figure.id].lift
    return lift.line if lift else None


def study(
    ensemble: Ensemble,
    portfolio: Portfolio,
    asked: Sequence[str],
    draws: int,
    workers: int,
    progress: Progress | None = None,
) -> Study:
    """Simulate a portfolio on the draws of a scenario, and all that shares platforms with what is asked for.

    Raises ScenarioError if the scenario is of another plan.
    """
    if (of := ensemble.scenario.plan.name) != (plan := portfolio.plan.name):
        text = f"is of the plan {of}, the programmes are of {plan}; give a scenario of {plan}"
        raise ScenarioError(f"scenario {ensemble.scenario.name}", [text])
    portfolio = portfolio.among(asked)
    last = [HIGH_TECH] if HIGH_TECH in ensemble.indicators else []
    core = ensemble.run(draws, OF_CORE, indicators=last).values
    government = core["government_rd"]
    runs = replications(portfolio, ensemble.seed, government, workers, progress)
    names = (*last, "manufacturing_value_added") if last else ()
    high_tech = {n: core[n][:, -1] for n in names}
    return Study(ensemble, portfolio, tuple(asked), ensemble.seed, government, runs, high_tech)


def replications(
    portfolio: Portfolio, seed: int, government: Array, workers: int, progress: Progress | None = None
) -> Replications:
    """Simulate a portfolio once for each draw of government's funds: the same for any number of workers."""
    task = partial(_replicate, portfolio, seed, government)
    return Replications.joined(in_batches(task, len(government), BATCH, workers, progress))


def in_batches(
    task: Callable[[Chunk], Part], count: int, batch: int, workers: int, progress: Progress | None
) -> list[Part]:
    """Have a task done for so many things, a batch at a time, here or on worker processes; gives its results in order.

    ``progress`` is told of each batch.
    """
    todo = [Chunk(n, min(n + batch, count)) for n in range(0, count, batch)]
    parts: dict[Chunk, Part] = {}

    def keep(chunk: Chunk, part: Part) -> None:
        parts[chunk] = part
        if progress:
            progress(chunk.stop - chunk.start)

    if workers == 1 or len(todo) == 1:
        for chunk in todo:
            keep(chunk, task(chunk))
    else:
        compute_here(task, deque(todo), min(workers, len(todo)), keep, [__name__], "try fewer --workers")
    return [parts[chunk] for chunk in todo]


def _replicate(portfolio: Portfolio, seed: int, government: Array, chunk: Chunk) -> Replications:
    some = government[chunk.start : chunk.stop]
    return replicate(Draws(portfolio, seed, chunk.start, chunk.stop, some))


def _quantiles(values: Array) -> dict[str, float]:
    # "inverted_cdf" never mixes a date with what does not come at all.
    shares = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
    quantiles = np.quantile(values, list(shares.values()), method="inverted_cdf")
    return dict(zip(shares, quantiles.tolist(), strict=True))
