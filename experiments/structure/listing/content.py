"""What the listing of a model says: sector by sector, then what is counted, the loops, the integration, the works."""

from __future__ import annotations

import importlib.resources
import itertools
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from fiveyear.calibration.posterior import Posterior
from fiveyear.experiments.page.blocks import (
    Block,
    Definition,
    Heading,
    Index,
    Listing,
    Paragraph,
    References,
    Table,
    dashed,
    number,
    unit,
)
from fiveyear.experiments.page.text import listed
from fiveyear.model import INDICATORS, Indicator, Model
from fiveyear.model.labels import in_words
from fiveyear.model.steps import DEFAULT_STEP
from fiveyear.model.typeset import name

from .formulas import Formulas
from .given import Given
from .opening import opening
from .sentences import converted, distribution, origin, plain, proper, sentence, title

HOW = {"over the year": "total over the year", "average": "average over the year", "year end": "at year end"}
GIVEN = (("meaning", 30), ("unit, hard range", 16), ("how dated", 12), ("where its numbers come from", 40))
FITTED = (("meaning", 27), ("unit, hard range", 16), ("prior, or value", 16), ("posterior", 16), ("source", 24))
COUNTED = (("indicator", 25), ("definition", 35), ("unit", 14), ("what it counts", 25))
ROUND = (("loop", 25), ("the way round", 40), ("what a cut does", 26), ("this plan", 9))


def listing(model: Model, posterior: Posterior, introductions: Mapping[str, str]) -> Listing:
    """Give the listing of a model with what is known of its inputs; ``introductions`` are sentences by sector.

    The sectors "indicators" and "loops" stand for the introductions to these.
    """
    return _Content(model, posterior, introductions).listing()


def works_cited(texts: Iterable[str]) -> tuple[str, ...]:
    """Give, in full, the works of ``model/references.toml`` that these texts cite."""
    file = importlib.resources.files("fiveyear.model") / "references.toml"
    works: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8"))
    flat = re.sub(r" \((\d{4})\)", r" \1", " ".join(" ".join(texts).split()))
    return tuple(work for citation, work in works.items() if citation in flat)


class _Content:
    def __init__(self, model: Model, posterior: Posterior, introductions: Mapping[str, str]) -> None:
        self.model = model
        self.posterior = posterior
        self.evidence = posterior.evidence
        self.plan = posterior.evidence.plan
        self.introductions = introductions
        self.formulas = Formulas(model)
        self.groups = tuple(dict.fromkeys(m.group for m in self.formulas.members.values()))
        self.given = Given(model, posterior)
        self.fixed: Mapping[str, Any] = self.plan.content.get("parameters", {})  # by the plan
        self.numbers: dict[str, int] = {}  # of equations

    def listing(self) -> Listing:
        blocks: list[Block] = [*opening(self.model, self.posterior, self.groups)]
        for sector in sorted(set(self.model.sectors.values())):
            blocks += self._sector(sector)
        blocks += [*self.given.values(), *self._indicators(), *self._loops(), Heading("Integration", 1)]
        steps = (
            "All equations are integrated together by the classical Runge-Kutta method of fourth order (RK4), in"
            f" steps of {number(DEFAULT_STEP)} years at most, shortened so that steps end at year ends and at the"
            " bends of paths. Each draw starts from the initial values above; totals over a year are integrated"
            " beside the states, by the same steps."
        )
        blocks.append(Paragraph(steps))
        if works := works_cited(_texts(blocks)):
            blocks += [Heading("References", 1), References(works)]
        blocks += [Heading("Index", 1), Index(tuple(self._index()))]
        return Listing(dashed(f"Equations of the model: {self.plan.title}"), tuple(blocks))

    def _index(self) -> Iterable[tuple[str, int, str]]:
        for n in sorted(self.formulas.once, key=lambda n: self.formulas.name(n).words.casefold()):
            kind = "" if n in self.numbers else "parameter, " if n in self.model.parameters else "series, "
            yield self.formulas.name(n).words, self.numbers.get(n, 0), kind + plain(self.model.sectors[n])

    # -- sectors -----------------------------------------------------------------------------------------------
    def _sector(self, sector: str) -> Iterable[Block]:
        own = [n for n in self.formulas.once if self.model.sectors[n] == sector]
        yield Heading(title(sector), 1)
        yield from self._introduction(sector)
        parameters, series = ([n for n in own if n in g] for g in (self.model.parameters, self.model.series))
        states = [n for n in own if n in self.model.stocks or n in self.model.chains]
        leaving = {self.model.chains[n].outflow for n in states if n in self.model.chains}
        computed = [n for n in own if n in self.model.equations]
        for kind, names in (("Stocks", [*states, *leaving]), ("Equations", computed)):
            if names:
                yield Heading(kind, 2)
                yield from (self._definition(n) for n in self.model.names if n in names)
        if parameters:
            yield Heading("Parameters", 2)
            yield Table(FITTED, tuple((self.formulas.name(n), self._parameter(n)) for n in parameters))
        if series:
            yield Heading("Series", 2)
            yield Table(GIVEN, tuple((self.formulas.name(n), self._series(n)) for n in series))

    def _introduction(self, of: str) -> Iterable[Block]:
        for paragraph in re.split(r"\n\s*\n", self.introductions.get(of, "").strip()):
            if paragraph.strip():
                yield Paragraph(" ".join(paragraph.split()))

    def _definition(self, variable: str) -> Definition:
        model = self.model
        kind = "constant" if variable in model.constants else "of time" if variable in model.timed else ""
        if variable in model.chains:
            stages = model.chains[variable].stages
            kind = f"a delay of {stages} stages" if stages > 1 else "a delay of one stage"
        measured = unit(str(model.units[variable]))
        measured += f"; {kind}" if kind else ""
        place, shown = self.numbers.setdefault(variable, len(self.numbers) + 1), self.formulas.name(variable)
        return Definition(place, shown, measured, self._about(variable), self.formulas.of(variable))

    def _about(self, variable: str) -> str:
        chain = self.model.outflows.get(variable)
        about = f"what leaves {plain(chain)}" if chain else self.model.about(variable)
        member = self.formulas.members.get(variable)
        about = about.removesuffix(f" ({in_words(member.member)})") if member else about
        return sentence(about)

    # -- parameters and series -----------------------------------------------------------------------------------
    def _parameter(self, first: str) -> tuple[str, ...]:
        declared = self.model.parameters[first]
        names = self.formulas.all_of(first)
        cells = [self._each(names, cell) for cell in (self._prior, self._posterior, self._source)]
        return (self._about(first), _range(declared), *cells)

    def _each(self, names: tuple[str, ...], cell: Any) -> str:
        """Give what a cell says of the members of a group: once, if it is the same of all."""
        texts = {n: cell(n) for n in names}
        if len(set(texts.values())) == 1:
            return str(texts[names[0]])
        return "\n".join(f"{proper(self.formulas.members[n].member)}: {text}" for n, text in texts.items())

    def _prior(self, parameter: str) -> str:
        if parameter in self.fixed:
            fixed = self.fixed[parameter]
            return f"fixed: {converted(fixed['value'], fixed['unit'], self.model.parameters[parameter].unit)}"
        prior = self.evidence.priors.parameters.get(parameter)
        return distribution(prior) if prior else "none"

    def _posterior(self, parameter: str) -> str:
        draws = self.posterior.parameters.get(parameter)
        if draws is None:
            return "none: fixed by the plan" if parameter in self.fixed else "none: a scenario must give it"
        quantiles = np.quantile(draws, [0.05, 0.5, 0.95])
        # All three to the place at which the width of the interval has three digits.
        places = 2 - math.floor(math.log10(quantiles[2] - quantiles[0])) if quantiles[2] > quantiles[0] else 12
        low, middle, high = (number(round(float(q), places)) for q in quantiles)
        return f"{middle} ({low} to {high})"

    def _source(self, parameter: str) -> str:
        if parameter in self.fixed:
            return origin(self.fixed[parameter])
        prior = self.evidence.priors.parameters.get(parameter)
        return origin(prior.model_dump()) if prior else "none"

    def _series(self, first: str) -> tuple[str, ...]:
        declared = self.model.series[first]
        dated = f"{declared.dated}\nlever" if declared.lever else declared.dated
        given = self._each(self.formulas.all_of(first), self.given.source)
        return (self._about(first), _range(declared), dated, given)

    # -- indicators and loops --------------------------------------------------------------------------------------
    def _indicators(self) -> Iterable[Block]:
        yield Heading("Indicators", 1)
        yield from self._introduction("indicators")
        rows = []
        for of, indicator in INDICATORS.items():
            about = f"{indicator.about} Coverage: {indicator.coverage}."
            rows.append((name(of), (indicator.label, _defined(indicator), indicator.unit, about)))
        yield Table(COUNTED, tuple(rows))

    def _loops(self) -> Iterable[Block]:
        yield Heading("Loops", 1)
        yield from self._introduction("loops")
        cuts = [n for n in self.model.loops if n in self.plan.cuts]
        which = f"The plan `{self.plan.name}` cuts {listed(cuts) or 'no loop'}; all others are closed in it."
        yield Paragraph(f"{which} A scenario may cut others, or close what the plan cuts.")
        cycles = {n: self.model.cycle(loop)[0] for n, loop in self.model.loops.items()}
        rows = []
        for of, loop in self.model.loops.items():
            way = " → ".join(plain(n) for n in cycles[of])
            links = set(itertools.pairwise(cycles[of]))
            same = [n for n, other in cycles.items() if n != of and links == set(itertools.pairwise(other))]
            if same and links:
                way += f"\nThe same way round as {listed(same)}, cut at another place."
            kind = "reinforcing (+)" if loop.sign == "+" else "balancing (−)"
            reader, held, source = (plain(n) for n in (loop.reader, loop.held, loop.source))
            cut = f"feeds {held} to {reader}, in place of {source}"
            state = "cut" if of in cuts else "closed"
            rows.append((name(of), (f"{sentence(loop.about)}\n{kind}", way, sentence(cut), state)))
        yield Table(ROUND, tuple(rows))


def _defined(indicator: Indicator) -> str:
    above = f", its rise above {indicator.above}" if indicator.above else ""
    read = [f"{plain(r.variable)}, {HOW[r.how]}{above}" for r in indicator.readings]
    return "\nover\n".join(read) + ("\nin current prices" if indicator.nominal else "")


def _range(declared: Any) -> str:
    return f"{unit(declared.unit)}\n{number(declared.low)} to {number(declared.high)}"


def _texts(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.text
        elif isinstance(block, Definition):
            yield block.about
        elif isinstance(block, Table):
            yield from (cell for _, cells in block.rows for cell in cells)
