"""What one replication runs on: the numbers that files leave open, and how each project will turn out.

All of it is keyed by the draw: a replication is the same whatever others are computed, and project 17 of a line is the
same however many there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.special import ndtri, stdtrit

from fiveyear.calibration.random_numbers import uniforms, uniforms_of_draw
from fiveyear.model.programmes.works import Work
from fiveyear.model.quantities import Array, Condition
from fiveyear.scenarios.errors import dotted
from fiveyear.scenarios.programme import Number, Portfolio, Programme
from fiveyear.scenarios.programme_table import Range

MONEY = 1e4  # of the country's: costs and appropriations are whole numbers of it, so that nothing gets lost
LARGE = 1e8
TAIL = 4.0  # degrees of freedom of the programme factor: its tail is heavy (Flyvbjerg 2003)
LATER = 5  # years after the plan that are simulated, to see when what is late arrives


@dataclass(frozen=True)
class Draws:
    """The draws ``start`` to ``stop`` of a portfolio.

    ``government``: (draw, year), government's R&D funds a year, from the plan's first year to its last;
    ``starts``: of lines, as programme and line, how many projects start in place of what their files say;
    ``later``: years after the plan that are simulated.
    """

    portfolio: Portfolio
    seed: int
    start: int
    stop: int
    government: Array
    starts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    later: int = LATER

    @property
    def end(self) -> float:
        """When the simulation ends."""
        return float(self.portfolio.plan.end + 1 + self.later)

    def number(self, of: str, number: Number) -> Array:
        """Give a number of a programme's file, or of the platforms', in each draw: (draw,)."""
        low, high = number.range
        if not number.range.is_open:
            return np.full(self.stop - self.start, low)
        random = uniforms(self.seed, f"programmes {of} {number.key}", self.start, self.stop, 1)[:, 0]
        return np.asarray(low + (high - low) * random)

    @cached_property
    def numbers(self) -> dict[str, dict[str, Array]]:
        """All numbers, by programme, or "platforms", and key: (draw,)."""
        files = {n: p.numbers for n, p in self.portfolio.programmes.items()} | {"platforms": self.portfolio.numbers}
        return {of: {n.key: self.number(of, n) for n in numbers} for of, numbers in files.items()}

    def value(self, draw: int, programme: Programme, key: str, usual: Range) -> float:
        """Give a number in one draw; ``usual`` if the file does not give it."""
        values = self.numbers[programme.name].get(key)
        return usual.low if values is None else float(values[draw - self.start])

    @cached_property
    def shock(self) -> Array:
        """The shock that all programmes share, standard normal: (draw,)."""
        return np.asarray(ndtri(uniforms(self.seed, "programmes national shock", self.start, self.stop, 1)[:, 0]))

    @cached_property
    def own(self) -> dict[str, Array]:
        """What is each programme's own in its factor, of Student's t: (draw,)."""
        return {
            n: stdtrit(TAIL, uniforms(self.seed, f"programmes {n} factor", self.start, self.stop, 1)[:, 0])
            for n in self.portfolio.programmes
        }

    @cached_property
    def factors(self) -> dict[str, Array]:
        """By how much all takes longer than planned, of each programme: (draw,)."""
        factors = {}
        for name, own in self.own.items():
            pace = self.numbers[name]
            logs = pace["pace.spread"] * own + pace["pace.national"] * self.shock
            factors[name] = pace["pace.overrun"] * np.exp(logs)
        return factors

    @cached_property
    def lines(self) -> dict[str, tuple[Programme, str]]:
        """All lines in order, as programme and line, by the name that they have in the simulation."""
        return {line.name: (p, n) for p in self.portfolio.programmes.values() for n, line in p.lines.items()}

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """The lines that work on each platform, by name."""
        users: dict[str, list[str]] = {n: [] for n in self.portfolio.platforms}
        for name, (programme, line) in self.lines.items():
            for platform in {stage.platform for stage in programme.lines[line].stages if stage.platform}:
                users[platform].append(name)
        return users

    def capacities(self, draw: int) -> dict[str, int]:
        """Give how many projects each platform takes at once."""
        at = draw - self.start
        keys = {n: f"platforms.{n}.capacity" for n in self.portfolio.platforms}
        return {n: round(float(self.numbers["platforms"][key][at])) for n, key in keys.items()}

    def appropriations(self, draw: int) -> dict[str, list[tuple[float, int]]]:
        """Give what each programme gets at the start of each year, in ``MONEY``; later as in the plan's last year."""
        plan = self.portfolio.plan
        funds = self.government[draw - self.start] / MONEY
        appropriations = {}
        for name, programme in self.portfolio.programmes.items():
            percent = self.numbers[name].get("money.share")
            share = 0.0 if percent is None else 0.01 * float(percent[draw - self.start])
            begins = [int(line.begins.low) for line in programme.table.lines.values()]
            years = np.arange(min(begins, default=plan.base_year + 1), plan.end + 1 + LATER)
            amounts = (share * funds[np.minimum(years, plan.end) - plan.start]).astype(int)
            appropriations[name] = list(zip(years.astype(float).tolist(), amounts.tolist(), strict=True))
        return appropriations

    def works(self, draw: int) -> list[Work]:
        """Give what the projects of all lines go through."""
        return [self.work(draw, p, name) for p in self.portfolio.programmes.values() for name in p.lines]

    def work(self, draw: int, programme: Programme, name: str) -> Work:
        """Give what the projects of one line go through."""
        line, at = programme.lines[name], draw - self.start
        numbers = self.numbers[programme.name]
        count = self.starts.get((programme.name, name)) or round(float(numbers[f"lines.{name}.starts"][at]))
        begins, years, passes = self.projects(draw, programme, name, count)
        patience = float(numbers[f"lines.{name}.patience"][at])
        costs = self._costs[line.name][at]
        return Work(line, begins, years, passes, costs, patience)

    def projects(self, draw: int, programme: Programme, name: str, count: int) -> tuple[Array, Array, Condition]:
        """Give when each project of a line begins, (project,), its years and passes, (project, stage).

        The first are the same however many there are.
        """
        line, at = programme.lines[name], draw - self.start
        numbers = self.numbers[programme.name]
        stages = len(line.stages)
        random = uniforms_of_draw(self.seed, f"programmes {line.name}", draw, count * (1 + 2 * stages))
        random = random.reshape(count, 1 + 2 * stages)
        begins = numbers[f"lines.{name}.begins"][at] + numbers[f"lines.{name}.over"][at] * random[:, 0]
        years, spread, gate, _ = self._of_stages[line.name][:, at]
        logs = spread * ndtri(random[:, 1 : 1 + stages])
        return begins, years * self.factors[programme.name][at] * np.exp(logs), random[:, 1 + stages :] < gate

    @cached_property
    def _costs(self) -> dict[str, list[list[int]]]:
        """The costs of each line's stages, in ``MONEY``: (draw, stage)."""
        return {n: np.rint(of[3] * (LARGE / MONEY)).astype(int).tolist() for n, of in self._of_stages.items()}

    @cached_property
    def _of_stages(self) -> dict[str, Array]:
        """The numbers of each line's stages: (number, draw, stage), of years, spread, gate and cost."""
        stage_numbers = {}
        for programme in self.portfolio.programmes.values():
            numbers = self.numbers[programme.name]
            for name, line in programme.lines.items():
                values = np.empty((4, self.stop - self.start, len(line.stages)))
                for place, stage in enumerate(line.stages):
                    for n, (what, usual) in enumerate((("years", 0.0), ("spread", 0.0), ("gate", 1.0), ("cost", 0.0))):
                        key = dotted("lines", name, "stages", stage.name, what)
                        values[n, :, place] = numbers.get(key, usual)
                stage_numbers[line.name] = values
        return stage_numbers
