"""Which factors of an experiment move the chances of targets, and which carry one across a word of the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fiveyear.experiments.forecast.verdicts import verdict

from .results import Result

MOST_LEVELS, GROUPS = 8, 4  # numbers of more levels are told apart by groups of as many cases each
SCENARIO = "scenario"


@dataclass(frozen=True)
class Swing:
    """How far the chance of a target moves with one factor, in the mean over all that the others take.

    ``least`` and ``most``: the mean chances of the levels between which it is largest, ``at_least`` and ``at_most``.
    """

    factor: str
    indicator: str
    label: str
    at_least: str
    at_most: str
    least: float
    most: float

    @property
    def size(self) -> float:
        """By how much it moves."""
        return self.most - self.least

    @property
    def crosses(self) -> bool:
        """Whether the verdict is another at the one end than at the other."""
        return verdict(self.least) != verdict(self.most)


def swings(result: Result) -> list[Swing]:
    """Give the swing of each target of which there is a chance with each factor that varies, the largest first."""
    of_cases = result.of_cases
    ranked = []
    for factor, levels in _factors(result):
        groups = np.array(_groups(levels))
        for target in result.plan_targets:
            every = [chance for case in of_cases if (chance := case.probability(target.indicator)) is not None]
            if len(set(groups)) < 2 or len(every) < len(of_cases):
                continue
            chances = np.array(every)
            means = {name: float(chances[groups == name].mean()) for name in dict.fromkeys(groups.tolist())}
            least, most = min(means, key=lambda name: means[name]), max(means, key=lambda name: means[name])
            ranked.append(Swing(factor, target.indicator, target.label, least, most, means[least], means[most]))
    return sorted(ranked, key=lambda swing: -swing.size)


def _factors(result: Result) -> Iterator[tuple[str, list[object]]]:
    """Yield each factor with what it takes in each case; which scenario it is comes first."""
    cases = result.description.cases
    yield SCENARIO, [case.scenario for case in cases]
    for key in dict.fromkeys(key for case in cases for key in case.factors):
        yield key, [case.factors.get(key) for case in cases]


def _groups(levels: Sequence[object]) -> list[str]:
    """Give the group of each case: its level, or of numbers with many levels the range that it lies in.

    >>> _groups([1.0, 2.0, 1.0])
    ['1', '2', '1']
    >>> _groups([float(n) for n in range(12)])[:4]
    ['0 to 2', '0 to 2', '0 to 2', '3 to 5']
    """
    texts = [level_text(level) for level in levels]
    if len(set(texts)) <= MOST_LEVELS or not all(isinstance(level, int | float) for level in levels):
        return texts
    order = np.argsort(np.array(levels, dtype=float), kind="stable")
    groups = [""] * len(levels)
    for part in np.array_split(order, GROUPS):
        name = f"{level_text(levels[part[0]])} to {level_text(levels[part[-1]])}"
        for place in part:
            groups[place] = name
    return groups


def level_text(level: object) -> str:
    """Write what a factor takes."""
    if isinstance(level, int | float):
        return f"{level:.4g}"
    return ", ".join(map(str, level)) or "none" if isinstance(level, list | tuple) else str(level)
