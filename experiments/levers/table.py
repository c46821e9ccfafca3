"""The table of levers of a scenario: in which scenarios each moves a target, and what it moves here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from fiveyear.experiments.forecast import levers
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.levers import Effect
from fiveyear.experiments.forecast.planning import acting_in

from .chain import Response, responses


@dataclass(frozen=True)
class Table:
    """What the levers of a scenario move.

    ``acting``: by lever, the shipped scenarios of the plan in which it moves a target; ``missing``: the indicators of
    which nothing can be said, and the inputs that each lacks; ``chain``: what more of each link comes to.
    """

    ensemble: Ensemble
    draws: int
    by: float
    acting: Mapping[str, Sequence[str]]
    effects: tuple[Effect, ...]
    missing: Mapping[str, tuple[str, ...]]
    chain: tuple[Response, ...]

    @property
    def years(self) -> list[int]:
        """The years of which effects are given."""
        return levers.years_of(self.ensemble)

    def rows(self) -> Iterator[dict[str, object]]:
        """Yield a row for each lever, indicator and year."""
        for effect in self.effects:
            content = asdict(effect)
            name = content.pop("lever")
            acts_in = " ".join(self.acting[name])
            yield {"scenario": self.ensemble.scenario.name, "lever": name, "acts_in": acts_in, **content}


def tables(
    ensembles: Sequence[Ensemble], draws: int, by: float, progress: Callable[[int], object] | None = None
) -> list[Table]:
    """Give the tables of scenarios of one plan; raises InputError where a lever would leave its range."""
    first = ensembles[0]
    given = first.inputs(0, 1).series
    names = [n for n, series in first.model.series.items() if series.lever and n in given]
    acting = acting_in(first.scenario.plan, first.posterior, names)
    made = []
    for ensemble in ensembles:
        effects = tuple(levers.effects(ensemble, draws, by))
        chain = tuple(responses(ensemble, draws, by))
        made.append(Table(ensemble, draws, by, acting, effects, levers.missing(ensemble), chain))
        if progress:
            progress(1)
    return made
