"""The answer in few lines: scenarios side by side, what stands in the way, how far to trust it, and where to go on."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterator, Sequence

from fiveyear.experiments.console.language import month_in_words, say
from fiveyear.experiments.console.terminal import LEAST_FIRST, Column, columns_text, folded
from fiveyear.experiments.forecast import inert, trust
from fiveyear.experiments.page.text import cut
from fiveyear.scenarios import Plan, Target, load_plan

from .answer import Finding, Reach

LEAST, MOST = 0.05, 0.95  # what is nearer to 0 or 1 rests on the form of the model, and is not told apart
MOST_LABEL, MOST_TITLE = 40, 100  # signs, beyond which labels and the title are cut
MOST_LINES = 19  # of the table: with all that is said around it there are 30
MARKS = "abcdefgh"


def text(answers: Sequence[Reach], width: int, further: str) -> str:
    """Give the answer for scenarios of one plan, in at most 30 lines of ``width`` columns, from 80 on.

    ``further`` says where to go on. Of many scenarios, the first are shown.
    """
    table, count = _table(answers, width)
    left = len(answers) - count
    more = (
        [say("(and 1 scenario more)") if left == 1 else say("(and {count} scenarios more)", count=left)] if left else []
    )
    notes = [folded(note, width, "    ") for note in _notes(answers)]
    remarks = [folded(remark, width, "  ") for remark in _remarks(answers[:count], further)]
    return "\n".join([folded(_title(answers), width), "", table, *more, *notes, "", *remarks])


def as_html(answers: Sequence[Reach], further: str) -> str:
    """Give the same as HTML, with all scenarios."""
    labels, *targets = _of_targets(answers)
    columns = [labels, *targets, *itertools.chain(*_of_scenarios(answers, medians=True, ranges=True))]
    head = "".join(f"<th>{html.escape(c.heading).replace(chr(10), '<br>')}</th>" for c in columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>"
        for row in zip(*(c.cells for c in columns), strict=True)
    )
    paragraphs = "".join(f"<p>{html.escape(t)}</p>" for t in (*_notes(answers), *_remarks(answers, further)))
    title = f"<p><b>{html.escape(_title(answers))}</b></p>"
    return f"{title}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{paragraphs}"


# -- the table ----------------------------------------------------------------------------------------------
def _table(answers: Sequence[Reach], width: int) -> tuple[str, int]:
    """Lay the table out with medians and ranges, medians, or chances alone, as there is room; and say of how many."""
    labels, *targets = _of_targets(answers)
    for medians, ranges in ((True, True), (True, False), (False, False)):
        blocks = _of_scenarios(answers, medians, ranges)
        if width - sum(c.width + 2 for c in (*targets, *itertools.chain(*blocks))) >= LEAST_FIRST:
            break
    for count in range(len(answers), 0, -1):
        table = columns_text(labels, [*targets, *itertools.chain(*blocks[:count])], width)
        if table.count("\n") < MOST_LINES:
            break
    return table, count


def _of_targets(answers: Sequence[Reach]) -> list[Column]:
    """Give the columns of what a target is, whatever the scenario."""
    targets, plan, marks = _headline(answers), answers[0].ensemble.scenario.plan, iter(MARKS)
    labels = [_heading(t) + (f" ({next(marks)})" if t.unmeasurable else "") for t in targets]
    count = len(answers[0].joint_targets["measurable"])
    together = [say("All {count} that statistics measure", count=count)] * answers[0].has_joint
    return [
        Column("", [*labels, *together], left=True),
        Column(str(plan.base_year), [*(digits(t.base, t) for t in targets), *[""] * len(together)]),
        Column(say("target"), [*(digits(t.value, t) for t in targets), *[""] * len(together)]),
    ]


def _of_scenarios(answers: Sequence[Reach], medians: bool, ranges: bool) -> list[list[Column]]:
    """Give the columns of what is said under each scenario."""
    order = [t.indicator for t in _headline(answers)]
    blocks = []
    for answer in answers:
        name, end = say(answer.ensemble.scenario.name), answer.ensemble.scenario.plan.end
        findings = sorted(_said(answer), key=lambda f: order.index(f.target.indicator))
        together = [_together(answer)] * answers[0].has_joint
        chance = say("chance")
        chances = Column(chance if medians else f"{name}\n{chance}", [*map(_chance, findings), *together])
        heading = f"{name}\n{end}{' (90 %)' if ranges else ''}"
        beside = [Column(heading, [*(_median(f, ranges) for f in findings), *[""] * len(together)])] if medians else []
        blocks.append([chances, *beside])
    return blocks


def _headline(answers: Sequence[Reach]) -> list[Target]:
    """Give the headline targets, the likeliest in the first scenario first."""
    return [f.target for f in sorted(_said(answers[0]), key=_order, reverse=True)]


def _said(answer: Reach) -> list[Finding]:
    return [f for f in answer.findings if f.target.kind == "headline"]


def _order(finding: Finding) -> float:
    """Give the chance of a target; least if nothing is said."""
    return finding.probability.value if finding.probability else -1.0


def _chance(finding: Finding) -> str:
    return share(finding.probability.value) if finding.probability else say(finding.verdict)


def _median(finding: Finding, with_range: bool) -> str:
    if finding.median is None:
        return ""
    middle, low, high = (digits(v, finding.target) for v in (finding.median, finding.p05, finding.p95))
    if not with_range or low == high:
        return middle
    if low.startswith("-") or high.startswith("-"):
        return say("{middle} ({low} to {high})", middle=middle, low=low, high=high)
    return f"{middle} ({low}-{high})"


def _together(answer: Reach) -> str:
    if answer.refused("measurable"):
        return say("refused")
    joint = answer.joint["measurable"]
    return share(joint.value) if joint else "-"


# -- the words ----------------------------------------------------------------------------------------------
def _title(answers: Sequence[Reach]) -> str:
    plan, evidence = answers[0].ensemble.scenario.plan, answers[0].ensemble.posterior.evidence
    month, vintage_year = month_in_words(evidence.month), int(evidence.month[:4])
    title = cut(say(plan.title), MOST_TITLE)
    if (
        vintage_year > plan.base_year + 1
    ):  # figures of those years in a later vintage: what came after them is not known
        return say(
            "{plan}: what is met in {end}, from figures to {base} as of {month}",
            plan=title, end=plan.end, base=plan.base_year, month=month,
        )  # fmt: skip
    return say("{plan}: what is met in {end}, as known in {month}", plan=title, end=plan.end, month=month)


def _notes(answers: Sequence[Reach]) -> Iterator[str]:
    """Say what is no statistic, why of some targets nothing is said, and what was set for this run alone."""
    for mark, target in zip(MARKS, [t for t in _headline(answers) if t.unmeasurable], strict=False):
        yield f"({mark}) {say(target.unmeasurable or '')}"
    if without := [_name(f.target) for f in _said(answers[0]) if f.probability and "without facts" in f.flags]:
        yield say("No facts, so that its chance rests on priors alone: {targets}", targets=", ".join(without))
    for reason, names in refused([f for answer in answers for f in _said(answer)]).items():
        yield say("Refused, since {reason}: {targets}", reason=reason, targets=", ".join(names))
    if asked := asked_otherwise(answers[0].ensemble.scenario.plan):
        yield say("Asked for in this answer: {targets}", targets="; ".join(asked))
    for answer in answers:
        if settings := answer.ensemble.scenario.settings:
            yield say(
                "Set in {scenario}: {settings}",
                scenario=say(answer.ensemble.scenario.name),
                settings="; ".join(settings),
            )


def asked_otherwise(plan: Plan) -> list[str]:
    """Say which targets have another value than in the plan's file, if that is there to compare with."""
    if not plan.file:
        return []
    own = {target.indicator: target for target in load_plan(plan.file).targets}
    return [
        say(
            "{target} {comparator} {value}, where the plan has {own}",
            target=_heading(t),
            comparator=t.comparator,
            value=digits(t.value, t),
            own=digits(own[t.indicator].value, t),
        )
        for t in plan.targets
        if t.indicator in own and own[t.indicator].value != t.value
    ]


def refused(findings: Sequence[Finding]) -> dict[str, list[str]]:
    """Give the targets of which nothing is said, by the reason why."""
    reasons: dict[str, dict[str, None]] = {}
    for f in findings:
        if f.refused:
            reasons.setdefault(f.refused, {})[_name(f.target)] = None
    return {reason: list(names) for reason, names in reasons.items()}


def _remarks(answers: Sequence[Reach], further: str) -> Iterator[str]:
    links = []
    for answer in answers:
        counted = [f for f in _said(answer) if f.target.indicator in answer.joint_targets["measurable"]]
        if len(with_chance := [f for f in counted if f.probability]) > 1:
            weakest = min(with_chance, key=_order)
            links.append((say(answer.ensemble.scenario.name), _name(weakest.target), _chance(weakest)))
    if links:
        first, *others = links
        words = [say("The weak link in {scenario}: {target} ({chance})", **_named(*first))]
        words += [say("in {scenario}: {target} ({chance})", **_named(*link)) for link in others]
        yield say("{sentence}.", sentence=say("; ").join(words))
    if still := unmoved(answers):
        yield say(
            "No lever, raised by a tenth, changes by .01 or more the chance of: {targets}.",
            targets=say(", ").join(map(_name, still)),
        )
    yield from asked(answers)
    yield trust.sentence(answers[0].ensemble.scenario.plan.country)
    yield say(
        "{draws} draws, seed {seed}. {further}",
        draws=f"{answers[0].draws:,}", seed=answers[0].ensemble.seed, further=say(further),
    )  # fmt: skip


def _named(scenario: str, target: str, chance: str) -> dict[str, str]:
    return {"scenario": scenario, "target": target, "chance": chance}


def asked(answers: Sequence[Reach]) -> Iterator[str]:
    """Say of what some scenarios ask, and no forecast is, what others expect of it."""
    for findings in zip(*(answer.findings for answer in answers), strict=True):
        called = [say(answer.ensemble.scenario.name) for answer in answers]
        both = [(n, f) for n, f in zip(called, findings, strict=True) if f.median is not None]
        asking, expecting = ([(n, f) for n, f in both if bool(f.untold) == untold] for untold in (True, False))
        target = findings[0].target
        if asking and target.untold_where_cut:
            medians = [say("asked by {scenario}, {median}", scenario=n, median=_median(f, True)) for n, f in asking[:1]]
            medians += [
                say("expected by {scenario}, {median}", scenario=n, median=_median(f, True)) for n, f in expecting[:1]
            ]
            yield say("{target}: {medians}.", target=_heading(target), medians=say("; ").join(medians))


def unmoved(answers: Sequence[Reach]) -> list[Target]:
    """Give the headline targets that no lever moves in any of the scenarios (see ``inert.moved``)."""
    moved = {name for answer in answers for name in inert.moved(answer.ensemble)}
    modelled = {f.target.indicator for f in _said(answers[0]) if f.median is not None}
    return [t for t in _headline(answers) if t.indicator in modelled - moved]


def _name(target: Target) -> str:
    return cut(say(target.label), MOST_LABEL)


def _heading(target: Target) -> str:
    """Give the label of a target with its unit."""
    label = say(target.label)
    shows_unit = target.heading != target.label  # in English, which goes by its words
    return cut(say("{label}, {unit}", label=label, unit=say(target.unit)) if shows_unit else label, MOST_LABEL)


def share(value: float) -> str:
    """Write a probability with two digits, and none below ``LEAST`` or above ``MOST``.

    >>> share(0.2134), share(0.995), share(0.003)
    ('.21', '> .95', '< .05')
    """
    sign = "> " if value > MOST else "< " if value < LEAST else ""
    return sign + f"{min(max(value, LEAST), MOST):.2f}".removeprefix("0")


def digits(value: float | None, target: Target) -> str:
    """Write a number in the unit of a target with two digits; a rank whole, and what the plan prints as printed."""
    if value is None:
        return ""
    if target.unit == "rank":
        return f"{value:.0f}"
    if value in (target.base, target.value):
        return f"{value:,.10g}"
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 10.0 else f"{rounded:.1f}" if abs(rounded) >= 1.0 else f"{rounded:.2g}"
