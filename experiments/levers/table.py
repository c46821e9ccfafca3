"""The table of levers of a scenario: what each is, in which scenarios it acts, and what it moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass

from fiveyear.experiments.forecast import levers
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.levers import Effect
from fiveyear.experiments.forecast.planning import acting_in, base_values, scenarios_of


@dataclass(frozen=True)
class Lever:
    """A lever: its unit, its value of the base year if facts or the plan give one, and where it acts."""

    name: str
    about: str
    unit: str
    base: float | None
    acts_in: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """What the levers of a scenario move; ``missing``: the indicators of which nothing can be said, and what for."""

    ensemble: Ensemble
    draws: int
    by: float
    levers: tuple[Lever, ...]
    effects: tuple[Effect, ...]
    missing: Mapping[str, tuple[str, ...]]
    shipped: tuple[str, ...]  # the scenarios of the plan in which levers were tried

    @property
    def years(self) -> list[int]:
        """The years of which effects are told."""
        return levers.years_of(self.ensemble)

    def rows(self) -> Iterator[dict[str, object]]:
        """Yield a row for each lever, indicator and year."""
        of = {lever.name: lever for lever in self.levers}
        for effect in self.effects:
            others = {k: v for k, v in asdict(effect).items() if k != "lever"}
            acts_in = " ".join(of[effect.lever].acts_in)
            yield {"scenario": self.ensemble.scenario.name, "lever": effect.lever, "acts_in": acts_in, **others}


def table(ensemble: Ensemble, draws: int, by: float, progress: Callable[[int], object] | None = None) -> Table:
    """Give the table of a scenario; raises InputError where a lever would leave its range."""
    effects = levers.effects(ensemble, draws, by)
    names = list(dict.fromkeys(effect.lever for effect in effects))
    plan = ensemble.scenario.plan
    shipped = tuple(s.name for s in scenarios_of(plan))
    acting = acting_in(plan, ensemble.posterior, names)
    base = base_values(plan, ensemble.ground.history)
    declared = ensemble.model.series
    known = tuple(Lever(n, declared[n].about, declared[n].unit, base.get(n), tuple(acting[n])) for n in names)
    if progress:
        progress(1)
    return Table(ensemble, draws, by, known, tuple(effects), levers.missing(ensemble), shipped)
