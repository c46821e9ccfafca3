"""What the title of a figure of answers finds, derived from its numbers; and plan, year and facts beneath it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fiveyear.experiments.console.language import month_in_words, say
from fiveyear.experiments.forecast.probability import Probability
from fiveyear.experiments.forecast.verdicts import verdict
from fiveyear.experiments.page.heat_map import HALF
from fiveyear.experiments.page.text import cut

from ..answer import Finance, Finding, Reach
from ..summary import MOST_TITLE, share
from .scenarios import scenario_titles

Chances = Sequence[tuple[str, float]]  # the title of a scenario, and a probability under it

MOST_NAME = 60  # signs of a target's label in a title
MOST_NAMED = 2  # targets in a title
LEAST_COUNTED = 3  # targets, of which a title says how many


def chance_text(value: float) -> str:
    """Give a probability as the printed answer has it: with two digits, and none below .05 or above .95.

    >>> chance_text(0.213), chance_text(0.999), chance_text(0.0)
    ('.21', '> .95', '< .05')
    """
    digits = share(value)[-2:]
    if share(value).startswith(">"):
        return say("> .{hundredths}", hundredths=digits)
    return (
        say("< .{hundredths}", hundredths=digits) if share(value)[0] == "<" else say(".{hundredths}", hundredths=digits)
    )


def subtitle(answers: Sequence[Reach]) -> str:
    """Give the line beneath a title: the plan, the year of its targets, and when what is known had been published."""
    plan, evidence = answers[0].ensemble.scenario.plan, answers[0].ensemble.posterior.evidence
    name, month = cut(say(plan.title), MOST_TITLE), month_in_words(evidence.month)
    if int(evidence.month[:4]) > plan.base_year + 1:  # a later vintage: what came after the base year is not known
        return say(
            "{plan}: targets of {end}, from figures to {base} as of {month}",
            plan=name, end=plan.end, base=plan.base_year, month=month,
        )  # fmt: skip
    return say("{plan}: targets of {end}, as known in {month}", plan=name, end=plan.end, month=month)


def least_likely(answers: Sequence[Reach], headline: bool) -> str:
    """Say which target is the weak link: of headline targets, of those that statistics measure; with its chances."""
    titles = scenario_titles(answers)
    weakest = [_weakest(answer, headline) for answer in answers]
    labels = {f.target.indicator: cut(say(f.target.label), MOST_NAME) for f in weakest if f}
    if not labels:
        if headline:
            return say("Of no headline target that statistics measure can a probability be given")
        return say("Of no target beside the headline ones can a probability be given")
    if len(labels) == 1:
        ((indicator, name),) = labels.items()
        chances = under(_of_target(answers, titles, indicator))
        counted = max(len(_counted(answer, headline)) for answer in answers)
        if counted == 1:
            return say("Chance that the target of {target} is met: {chances}", target=name, chances=chances)
        if headline:
            return say(
                "{target} is the weak link among the targets that statistics measure: {chances}",
                target=name, chances=chances,
            )  # fmt: skip
        return say("{target} is the weak link beside the headline targets: {chances}", target=name, chances=chances)
    links = [
        say(
            "{target}, {chances}",
            target=labels[f.target.indicator],
            chances=under([(title, f.probability.value)]),
        )
        for title, f in zip(titles, weakest, strict=True)
        if f and f.probability
    ]
    return say("The weak link depends on the scenario: {links}", links=after_another(links))


def more_likely_than_not(answers: Sequence[Reach], targets: Sequence[str]) -> str:
    """Say which of some headline targets, by indicator, are missed more likely than met, or how many are not."""
    missed = []
    for answer in answers:
        with_chance = [f for f in answer.findings if f.target.indicator in targets and f.probability]
        missed.append([f.target for f in with_chance if f.probability and f.probability.value < HALF])
    total = len(targets)
    if total < LEAST_COUNTED:
        return least_likely(answers, headline=True)
    counts = [total - len(several) for several in missed]
    if all(several == missed[0] for several in missed) and 0 < len(missed[0]) <= MOST_NAMED:
        names, *others = [cut(say(target.label), MOST_NAME) for target in missed[0]]
        for other in others:
            names = say("{first} and {second}", first=names, second=other)
        return say("More likely met than missed: {count} of {total} headline targets, all but {targets}",
                   count=counts[0], total=total, targets=names)  # fmt: skip
    if min(counts) == max(counts):
        return say("More likely met than missed: {count} of {total} headline targets", count=counts[0], total=total)
    if len(answers) > 2:
        return say(
            "More likely met than missed: {least} to {most} of {total} headline targets, by scenario",
            least=min(counts), most=max(counts), total=total,
        )  # fmt: skip
    titles = scenario_titles(answers)
    return say(
        "More likely met than missed: {count} of {total} headline targets under “{scenario}”, {other_count} under "
        "“{other}”",
        count=counts[0], total=total, scenario=titles[0], other_count=counts[1], other=titles[1],
    )  # fmt: skip


def together(answers: Sequence[Reach]) -> str:
    """Say how likely it is that the measurable headline targets are met together: at best, of several scenarios."""
    joint = [a.joint["measurable"] if a.has_joint else None for a in answers]
    chances = _there(scenario_titles(answers), joint)
    if not chances:
        return least_likely(answers, headline=True)
    count = max(len(a.joint_targets["measurable"]) for a in answers)
    if len(chances) <= 2:
        return say(
            "All {count} targets that statistics measure are met together with a chance of {chances}",
            count=count, chances=under(chances),
        )  # fmt: skip
    best = max(chances, key=lambda of: of[1])
    if all(chance_text(value) == chance_text(best[1]) for _, value in chances):
        return say(
            "All {count} targets that statistics measure are met together with a chance of {chance} in each scenario",
            count=count, chance=chance_text(best[1]),
        )  # fmt: skip
    return say(
        "At best, all {count} targets that statistics measure are met together with a chance of {chances}",
        count=count, chances=under([best]),
    )  # fmt: skip


def of_rank(answers: Sequence[Reach], place: int, held: Sequence[float]) -> str:
    """Say how likely the target's place by citations, or a better one, is: the share of draws that hold it."""
    year = answers[0].ensemble.scenario.plan.end
    chances = under(list(zip(scenario_titles(answers), held, strict=True)))
    if len({verdict(value) for value in held}) == 1:
        return say(
            "Place {place} by citations, or a better one, is {verdict} in {year}: {chances}",
            place=place, verdict=say(verdict(held[0])), year=year, chances=chances,
        )  # fmt: skip
    return say(
        "Place {place} by citations, or a better one, in {year}: {chances}", place=place, year=year, chances=chances
    )


def of_finance(finance: Finance, signed: Sequence[str]) -> str:
    """Say how R&D over GDP moves in the last period, and which factor moves it most; ``signed``: how both are written.

    By medians, as they are drawn.
    """
    period = finance.periods[-1]
    most = max(period.rows, key=lambda row: abs(row.median))
    return say(
        "R&D / GDP moves by {change} percentage points from {first} to {last}, most by {factor} ({part})",
        change=signed[0], first=period.from_year, last=period.to_year, factor=say(most.label), part=signed[1],
    )  # fmt: skip


def under(chances: Chances) -> str:
    """Give probabilities, each with the title of its scenario; of more than two, from the least to the most."""
    if len(chances) > 2:
        low, high = (chance_text(end([value for _, value in chances])) for end in (min, max))
        if low == high:
            return say("{chance} in each of {count} scenarios", chance=low, count=len(chances))
        return say("{low} to {high} in {count} scenarios", low=low, high=high, count=len(chances))
    return after_another(
        [say("{chance} under “{scenario}”", chance=chance_text(value), scenario=title) for title, value in chances]
    )


def after_another(texts: Iterable[str]) -> str:
    """Give texts one after another."""
    whole = ""
    for text in texts:
        whole = say("{first}; {second}", first=whole, second=text) if whole else text
    return whole


def _there(titles: Sequence[str], chances: Sequence[Probability | None]) -> list[tuple[str, float]]:
    return [(title, chance.value) for title, chance in zip(titles, chances, strict=True) if chance]


def _of_target(answers: Sequence[Reach], titles: Sequence[str], indicator: str) -> list[tuple[str, float]]:
    of = [next(f for f in a.findings if f.target.indicator == indicator) for a in answers]
    return _there(titles, [f.probability for f in of])


def _counted(answer: Reach, headline: bool) -> list[Finding]:
    """Give the findings with a probability, of headline targets those that statistics measure, or of the others."""
    with_chance = [f for f in answer.findings if f.probability and (f.target.kind == "headline") == headline]
    return [f for f in with_chance if not (headline and f.target.unmeasurable)]


def _weakest(answer: Reach, headline: bool) -> Finding | None:
    return min(_counted(answer, headline), key=lambda f: f.probability.value if f.probability else 1.0, default=None)
