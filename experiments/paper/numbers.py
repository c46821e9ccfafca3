"""The numbers that a text quotes, each under a key: its value, how it is printed, and the study it is of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fiveyear.calibration.reference_class.records import read_planned_rises
from fiveyear.experiments.console.money import money_unit
from fiveyear.experiments.console.terminal import number_text
from fiveyear.experiments.forecast import trust
from fiveyear.experiments.forecast.verdicts import CUT_POINTS
from fiveyear.experiments.page.figure import signed
from fiveyear.experiments.reach.summary import digits, share

if TYPE_CHECKING:
    from fiveyear.experiments.learned.study import Study as Learned
    from fiveyear.experiments.need.need import Need
    from fiveyear.experiments.programmes.study import Study as Programmes
    from fiveyear.experiments.reach.answer import Finding, Reach
    from fiveyear.experiments.validation.loop_cuts import LoopCuts
    from fiveyear.experiments.validation.placebo import Placebo

#: From which probability on a figure of a programme is called likely, and up to which unlikely.
LIKELY, UNLIKELY = CUT_POINTS[1][0], CUT_POINTS[2][0]


class Number(NamedTuple):
    """A number of the text."""

    value: float | str
    text: str
    study: str


Numbers = Iterator[tuple[str, float | str, str]]


def of(study: str, result: Any) -> dict[str, Number]:
    """Give the numbers of a study, by key; none of one of which a text quotes none."""
    if study not in OF_STUDY:
        return {}
    return {key: Number(value, text, study) for key, value, text in OF_STUDY[study](result)}


def _answers(answers: Sequence[Reach]) -> Numbers:
    yield "reach.draws", answers[0].draws, f"{answers[0].draws:,}"
    yield "reach.seed", answers[0].ensemble.seed, str(answers[0].ensemble.seed)
    for answer in answers:
        place = f"reach.{answer.ensemble.scenario.name}"
        for finding in answer.findings:
            for key, value, text in _finding(finding):
                yield f"{place}.{finding.target.indicator}.{key}", value, text
        if joint := answer.joint["measurable"]:
            yield f"{place}.together", joint.value, share(joint.value)
        if len(answer.number_met) > 1:
            median = int(np.searchsorted(np.cumsum(answer.number_met), 0.5))
            yield f"{place}.number_met.median", median, str(median)


def _finding(finding: Finding) -> Numbers:
    target = finding.target
    yield "target", target.value, digits(target.value, target)
    if target.base is not None:
        yield "base", target.base, digits(target.base, target)
    yield "verdict", finding.verdict, finding.verdict
    for name in ("median", "p05", "p95"):
        value = getattr(finding, name)
        if value is not None:
            yield name, value, digits(value, target)
    if chance := finding.probability:
        yield "chance", chance.value, share(chance.value)
        yield "low", chance.low, share(chance.low)
        yield "high", chance.high, share(chance.high)


def _learned(study: Learned) -> Numbers:
    sampled = study.fitted.convergence
    yield "fit.facts", len(study.facts), str(len(study.facts))
    yield "fit.series", len(study.series), str(len(study.series))
    yield "fit.parameters", len(study.parameters), str(len(study.parameters))
    informed = sum(p.informed for p in study.parameters)
    yield "fit.contracted", informed, str(informed)
    yield "fit.sets", study.fitted.size, f"{study.fitted.size:,}"
    r_hat, effective = max(sampled.r_hat.values()), min(sampled.ess_bulk.values())
    yield "fit.r_hat", r_hat, f"{r_hat:.3f}"
    yield "fit.ess", effective, f"{effective:,.0f}"
    asked = {(m.scenario, m.indicator) for m in study.moved}
    for name, by in (("same_word", "other_word"), ("same_side", "other_side")):
        kept = len(asked - {(m.scenario, m.indicator) for m in study.moved if getattr(m, by)})
        yield f"robustness.{name}", kept, str(kept)
    yield "robustness.answers", len(asked), str(len(asked))
    rises = read_planned_rises()
    delivered = float(np.mean([rise.delivered for rise in rises]))
    yield "reference.targets", len(rises), str(len(rises))
    yield "reference.met", sum(rise.met for rise in rises), str(sum(rise.met for rise in rises))
    yield "reference.delivered", delivered, f"{delivered:.2f}"


def _need(need: Need) -> Numbers:
    yield "need.wished", need.wished, share(need.wished)
    yield "need.chance_before", need.before.value, share(need.before.value)
    yield "need.most", need.most, share(need.most)
    labels = " and ".join(target.label for target in need.targets)
    yield "need.targets", labels, labels
    for name, path in (("", need.cheapest), ("evenly_", need.straight)):
        if path is None:
            continue
        parts = {"cost": path.paid.total, "cost_government": path.paid.public, "cost_firms": path.paid.private}
        for key, amount in parts.items():
            if amount is not None:
                unit = money_unit(amount, need.scenario.plan.country.currency)
                yield f"need.{name}{key}", amount, f"{number_text(amount / unit.scale)} {unit.words}"


def _scoreboard(_: object) -> Numbers:
    kept = trust.kept_scores()
    for name, (first, last) in {"": kept["origins"], "ahead_": kept["ahead"]}.items():
        yield f"scoreboard.{name}first", first, str(first)
        yield f"scoreboard.{name}last", last, str(last)
    yield "scoreboard.inside_90", kept["inside_90"][0], f"{kept['inside_90'][0]:.2f}"
    for name, value in zip(("", "_low", "_high"), kept["crps_over_walk"], strict=True):
        yield f"scoreboard.crps_over_walk{name}", value, f"{value:.2f}"


def _programmes(study: Programmes) -> Numbers:
    chances = [answer.probability.value for answer in study.answers]
    likely, unlikely = (sum(c >= LIKELY for c in chances), sum(c < UNLIKELY for c in chances))
    for name, count in (("figures", len(chances)), ("likely", likely), ("unlikely", unlikely)):
        yield f"programmes.{name}", count, str(count)
    for answer in study.answers:
        chance = answer.probability.value
        yield f"programmes.{answer.programme}.{answer.figure.id}.chance", chance, share(chance)


def _loop_cuts(cuts: LoopCuts) -> Numbers:
    for cut in cuts.cuts:
        for name in cut.medians:
            moved = cut.moved(name)
            yield f"loops.{cut.loop}.{name}", moved, signed(moved, 1)


def _placebo(placebo: Placebo) -> Numbers:
    for name, shares in (("past", placebo.past), ("ahead", placebo.ahead)):
        median = float(np.median([*shares.values()]))
        yield f"placebo.{name}", median, f"{median:.2f}"


OF_STUDY: dict[str, Callable[[Any], Numbers]] = {
    "answers": _answers,
    "learned": _learned,
    "loop_cuts": _loop_cuts,
    "need": _need,
    "scoreboard": _scoreboard,
    "placebo": _placebo,
    "programmes": _programmes,
}
