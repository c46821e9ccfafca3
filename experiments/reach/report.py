"""How ``fiveyear reach`` says its answer: tables for a reader, or one JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fiveyear.experiments.console.terminal import (
    Column,
    columns_text,
    folded,
    number_text,
    print_text,
    share_text,
    text_width,
)
from fiveyear.experiments.forecast.ensemble import Uncertainty
from fiveyear.experiments.forecast.probability import Probability
from fiveyear.experiments.forecast.targets import MEASURED
from fiveyear.model.labels import in_words, with_unit

from . import summary, uncertainty
from .answer import Finance, Finding, Ranks, Reach
from .dependence import Dependence
from .finance import Contribution
from .places import RIVAL

WIDTH = 100  # of the summary, at most
FURTHER = "More: --full (rival forecasts, shortfalls, all other targets), --out DIR (figures, files), fiveyear compare."
FLAGS_WIDTH = 12
MEMO_WORDS = {
    "gdp_counted": "GDP as published",
    "rd_counted": "R&D expenditure",
    "high_tech_value_added": "high-tech value added",
}


Ways = Mapping[Uncertainty, Sequence[Finding]]  # empty where they were not asked for


def print_side_by_side(answers_by_facts: Mapping[str, Sequence[Reach]]) -> None:
    """Print one table for each scenario: what is said of each target on the facts of each set, by the set's name."""
    for several in zip(*answers_by_facts.values(), strict=True):
        _print_heading(several[0])
        plan_targets = several[0].ensemble.scenario.plan.targets
        targets = [f"{t.heading} {t.comparator} {number_text(t.value)}" for t in plan_targets]
        measured = len(several[0].joint_targets["measurable"])
        columns = [
            Column(
                f"facts of {name}", [*(_chance_and_band(f) or f.verdict for f in answer.findings), _together(answer)]
            )
            for name, answer in zip(answers_by_facts, several, strict=True)
        ]
        together = f"the {measured} {MEASURED}, together"
        first = Column("P, median (90 %)", [*targets, together], left=True)
        print(f"\n{columns_text(first, columns, text_width())}\n")
        _print_refused(several)


def _print_heading(answer: Reach, facts: str = "") -> None:
    """Print what a scenario is and what to expect of it, what has been changed in it, and how it was run."""
    scenario, draws = answer.ensemble.scenario, answer.draws
    print_text(f"{scenario.name.upper()}: {scenario.title}. {scenario.expect}", "")
    for text in summary.asked_otherwise(scenario.plan):
        print_text(f"  asked for in this answer: {text}", "    ")
    for text in scenario.settings:
        print_text(f"  set: {text}", "    ")
    print_text(f"{scenario.plan.title}; {draws:,} draws, seed {answer.ensemble.seed}{facts}", "")


def _together(answer: Reach) -> str:
    chance = answer.joint["measurable"]
    return share_text(chance.value) if chance else "refused" if answer.refused("measurable") else "-"


def print_json(answers: Sequence[Reach], ways: Sequence[Ways]) -> None:
    """Print one JSON object for all scenarios."""
    scenarios = [
        r.as_dict() | ({"uncertainty": uncertainty.as_dict(w)} if w else {}) for r, w in zip(answers, ways, strict=True)
    ]
    print(json.dumps({"schema": "fiveyear.reach/1", "scenarios": scenarios}, ensure_ascii=False, allow_nan=False))


def print_summary(answers: Sequence[Reach], ways: Sequence[Ways]) -> None:
    """Print the answer in few lines, plan by plan, and how much each kind of uncertainty adds, where asked for."""
    by_plan: dict[str, list[Reach]] = {}
    for answer in answers:
        by_plan.setdefault(answer.ensemble.scenario.plan.name, []).append(answer)
    print("\n\n".join(summary.text(several, min(text_width(), WIDTH), FURTHER) for several in by_plan.values()))
    for answer, way in zip(answers, ways, strict=True):
        if way:
            print_text(f"\n{answer.ensemble.scenario.name}:")
            _print_ways(way)


def print_tables(answers: Sequence[Reach], ways: Sequence[Ways]) -> None:
    """Print two tables and the joint answer for each scenario, then what is known of the targets themselves."""
    for answer, way in zip(answers, ways, strict=True):
        _print_scenario(answer)
        if way:
            _print_ways(way)
    for answer in {r.ensemble.scenario.plan.name: r for r in answers}.values():
        print_text(f"On the targets of the {answer.ensemble.scenario.plan.title}:")
        for f in answer.findings:
            remarks = [r for r in (f.target.unmodelled or f.target.unmeasurable, f.target.note) if r]
            if remarks:
                print_text(f"  {f.target.label}: {'; '.join(remarks)}", "    ")


def _print_scenario(answer: Reach) -> None:
    plan, all_of_them = answer.ensemble.scenario.plan, answer.findings
    _print_heading(answer, f", facts of {answer.ensemble.posterior.evidence.information_set}")
    printed = [
        number_text(f.target.base) + (f" ({plan.base_year - f.target.reference_lag})" if f.target.reference_lag else "")
        for f in all_of_them
    ]
    answers = (
        Column(f"{plan.base_year} printed", printed),
        Column("true", [number_text(f.base_in_truth) for f in all_of_them]),
        Column(f"{plan.end} target", [f"{f.target.comparator} {number_text(f.target.value)}" for f in all_of_them]),
        Column("median (90 %)", [_band(f) for f in all_of_them]),
        Column("probability\n(Monte Carlo error)", [_chance(f.probability) for f in all_of_them]),
        Column("verdict", [f.verdict for f in all_of_them], left=True),
    )
    labels = Column("target", [f.target.heading for f in all_of_them], left=True)
    print(f"\n{columns_text(labels, answers, text_width())}")

    modelled = [f for f in all_of_them if f.median is not None]
    compared = (
        "needed\n%/yr",
        "growth so\nfar, %/yr\n(since)",
        "P, with\nrounding",
        "shortfall\nif missed",
        "first\nyear with\nP >= 1/2",
        "random\nwalk",
        "trend\ncontinues",
        "record of\nearlier\nplans",
        "pool of model\nand walk",
    )
    cells = list(zip(*(_beside(f) for f in modelled), strict=True)) if modelled else [()] * len(compared)
    flags = [folded(", ".join(f.flags), FLAGS_WIDTH) for f in modelled]
    beside = [*(Column(h, c) for h, c in zip(compared, cells, strict=True)), Column("flags", flags, left=True)]
    labels = Column("details", [f.target.heading for f in modelled], left=True)
    print(f"\n{columns_text(labels, beside, text_width())}\n")
    _print_refused([answer])
    for f in answer.findings:
        if f.untold:
            print_text(f"No probability of {f.target.label}: {f.untold}")
    print()
    _print_together(answer)
    _print_further(answer)
    if answer.finance:
        _print_finance(answer.finance)


def _print_refused(answers: Sequence[Reach]) -> None:
    """Print why of some targets nothing is said."""
    reasons = summary.refused([f for answer in answers for f in answer.findings])
    for reason, names in reasons.items():
        print_text(f"Refused, since {reason}: {', '.join(names)}")
    if reasons:
        print()


def _print_together(answer: Reach) -> None:
    """Print how likely it is that the headline targets are met together."""
    plan, everything = answer.ensemble.scenario.plan, answer.joint_targets["all"]
    total = sum(t.kind == "headline" for t in plan.targets)
    of_all = "" if len(everything) == total else f"{len(everything)} of "
    modelled = "" if len(everything) == total else " that are modelled"
    print_text(f"Together, the {of_all}{total} headline targets{modelled}:")
    for name, words in (("measurable", MEASURED), ("all", "")):
        members = answer.joint_targets[name]
        if not members or (name != "all" and members == everything):
            continue
        chance, refused = answer.joint[name], [f.target.label for f in answer.refused(name)]
        statement = f"refused, as are {', '.join(refused)}" if refused else _chance(chance)
        print_text(f"  P({f'the {len(members)} {words}' if words else f'all {len(members)}'}) = {statement}", "    ")
        if chance and (apart := answer.dependence[name]):
            print_text(f"    {_of_dependence(answer, apart)}", "      ")
    covered = len(answer.number_met) - 1
    of_covered = f" of the {covered} of which the facts tell something" if covered < len(everything) else ""
    counted = [f"{k} with P {share_text(p)}" for k, p in enumerate(answer.number_met) if p > 0.0]
    print_text(f"  number met{of_covered}: {', '.join(counted)}", "    ")
    binding = [f.target.label for f in answer.findings if f.target.indicator == answer.binding_target]
    if binding:
        print_text(f"  binding target, the least likely: {binding[0]}", "    ")


def _of_dependence(answer: Reach, of: Dependence) -> str:
    """Say what a joint probability would be without dependence, and where that comes from."""
    apart = f"{share_text(of.independent)} if each were met or missed by itself"
    if (pair := of.pair) is None:
        return f"{apart}; no two go together by more than Monte Carlo error"
    labels = {f.target.indicator: f.target.label for f in answer.findings}
    often = "more" if pair.together > pair.by_chance else "less"
    return (
        f"{apart}; {labels[pair.first]} and {labels[pair.second]} are met together {often} often than by chance, "
        f"{share_text(pair.together)} and not {share_text(pair.by_chance)}: both hang on {in_words(pair.shared)}"
    )


def _print_further(answer: Reach) -> None:
    """Print P by the plan's own way of counting, ranks, and sums of money."""
    plan = answer.ensemble.scenario.plan
    lagged = [
        f"{f.target.label} {share_text(f.probability_as_printed)} (of {plan.end - f.target.reference_lag})"
        for f in answer.findings
        if f.probability_as_printed is not None
    ]
    if lagged:
        print_text(f"P if a figure as old as the plan's own base value counts: {', '.join(lagged)}")
    if answer.ranks:
        last = 1 + sum(n.startswith(RIVAL) for n in answer.ensemble.names)
        print_text(f"World rank by citations in {plan.end}: {_ranks(answer.ranks, last)}")
    if len(answer.regimes) > 1:
        _print_regimes(answer)
    if answer.memo:
        memo = "; ".join(_memo(n, v, plan.country.scale) for n, v in answer.memo.items())
        print_text(f"Memo, {plan.end}, {plan.country.money} in current prices: {memo}")
    print()


def _print_regimes(answer: Reach) -> None:
    """Print what holds hiring back, and how likely targets are under each; those first that differ the most."""
    first, second = answer.regimes
    labels = {f.target.indicator: f.target.label for f in answer.findings}
    apart = {n: abs(p.value - second.chances[n].value) for n, p in first.chances.items()}
    weights = ", ".join(f"{r.short} in {share_text(r.weight.value)}" for r in answer.regimes)
    chances = ", ".join(
        f"{labels[n]} {share_text(first.chances[n].value)} and {share_text(second.chances[n].value)}"
        for n in sorted(apart, key=lambda n: -apart[n])
    )
    print_text(f"What is short where people are hired, as a share of draws: {weights}; P under each: {chances}")


def _ranks(ranks: Ranks, last: int) -> str:
    shares = {k: p for k, p in ranks.distribution.items() if p > 0.0}
    places = [f"{k}{' or beyond' if k == last else ''} with P {share_text(p)}" for k, p in shares.items()]
    low, middle, high = (f"{100.0 * (np.exp(ranks.margin_log[k]) - 1.0):+z.0f}" for k in ("p05", "median", "p95"))
    return (
        f"{', '.join(places)}; citations over those of the rival in place {ranks.place}: {middle} % ({low} to {high})"
    )


def _print_finance(finance: Finance) -> None:
    """Print why R&D over GDP changes, factor by factor, and how P of its target hangs on what drives it."""
    labels = list(dict.fromkeys(r.label for p in finance.periods for r in p.rows))
    periods = []
    for p in finance.periods:
        rows = {r.label: r for r in p.rows}
        cells = [*(_points(rows.get(label)) for label in labels), _points(p.total)]
        periods.append(Column(f"{p.from_year}-{p.to_year}, median (90 %)", cells))
    first = Column("change of R&D / GDP, percentage points", [*labels, "in all"], left=True)
    print(columns_text(first, periods, text_width()))
    for curve in finance.curves:
        centres = [b.centre for b in curve.bins]
        places = max(0, 1 - int(np.floor(np.log10(max(centres) - min(centres))))) if len(set(centres)) > 1 else 2
        points = ", ".join(f"{share_text(b.probability)} at {b.centre:z.{places}f}" for b in curve.bins)
        unit = "" if curve.unit == "1" else f", {curve.unit}"
        print_text(f"P({curve.target}) by {curve.driver}{unit}: {points}")
    print()


def _print_ways(ways: Ways) -> None:
    rows = [f for f in zip(*ways.values(), strict=True) if f[0].median is not None]
    columns = [
        Column(uncertainty.WORDS[way], [_chance_and_band(findings[place]) for findings in rows])
        for place, way in enumerate(ways)
    ]
    shares = [uncertainty.share_of_outlook(dict(zip(ways, findings, strict=True))) for findings in rows]
    columns.append(Column("of the band,\noutlook", ["" if s is None else f"{100.0 * s:.0f} %" for s in shares]))
    labels = Column("P, median (90 %), the more is drawn", [f[0].target.heading for f in rows], left=True)
    print(f"{columns_text(labels, columns, text_width())}\n")


def _chance_and_band(f: Finding) -> str:
    return (f"{share_text(f.probability.value)}, " if f.probability else "") + _band(f)


def _points(row: Contribution | None) -> str:
    if row is None:
        return "-"
    band = f" ({row.p05:+z.2f} to {row.p95:+z.2f})" if row.p95 - row.p05 > 0.005 else ""
    return f"{row.median:+z.2f}{band}"


def _beside(f: Finding) -> list[str]:
    walk, continued, view, pool = (f.rivals[n] for n in ("random_walk", "growth_continues", "outside_view", "pool"))
    so_far = "-" if f.growth_achieved is None else f"{f.growth_achieved:.1f} ({f.achieved_since})"
    return [
        "-" if f.growth_needed is None else f"{f.growth_needed:.1f}",
        so_far,
        "-" if f.probability_rounded is None else share_text(f.probability_rounded),
        number_text(f.expected_shortfall) or "-",
        str(f.first_year_met or "-"),
        f"{number_text(walk['median'])}, P {share_text(walk['probability'])}" if walk else "-",
        f"{number_text(continued['median'])}, {'met' if continued['met'] else 'missed'}" if continued else "-",
        f"{number_text(view['median'])}, P {share_text(view['probability'])}" if view else "-",
        f"{number_text(pool['median'])}, P {share_text(pool['probability'])}" if pool else "-",
    ]


def _band(f: Finding) -> str:
    return "" if f.median is None else _interval(*(number_text(v) for v in (f.median, f.p05, f.p95)))


def _chance(p: Probability | None) -> str:
    return "" if p is None else _interval(*(share_text(v) for v in (p.value, p.low, p.high)))


def _interval(middle: str, low: str, high: str) -> str:
    return middle if low == high == middle else f"{middle} ({low} to {high})"


def _memo(name: str, value: dict[str, float], scale: float) -> str:
    low, middle, high = (number_text(value[k] / scale) for k in ("p05", "median", "p95"))
    return f"{MEMO_WORDS.get(name, in_words(name))} {middle} ({low} to {high})"


# -- scenarios side by side ---------------------------------------------------------------------------------
def print_comparison_json(first: Reach, rows: Sequence[Mapping[str, Any]], sentences: Sequence[str]) -> None:
    """Print one JSON object: each difference from the first scenario."""
    content = {
        "schema": "fiveyear.compare/1",
        "draws": first.draws,
        "seed": first.ensemble.seed,
        "first": first.ensemble.scenario.name,
        "conclusions": sentences,
        "comparisons": rows,
    }
    print(json.dumps(content, ensure_ascii=False))


def print_comparison(first: Reach, rows: Sequence[Mapping[str, Any]], sentences: Sequence[str]) -> None:
    """Print what comes of it in words, then a row for each target and scenario: the difference from the first."""
    draws, name = first.draws, first.ensemble.scenario.name
    for sentence in sentences:
        print_text(sentence)
    print()
    print_text(f"{draws:,} draws on the same random numbers; difference = scenario less {name}\n")
    cells = {
        **({"scenario": [r["scenario"] for r in rows]} if len({r["scenario"] for r in rows}) > 1 else {}),
        "median": [number_text(r["median"]) for r in rows],
        "difference (90 %)": [
            f"{_with_sign(r['difference'])} ({_with_sign(r['difference_p05'])} to {_with_sign(r['difference_p95'])})"
            for r in rows
        ],
        "higher\nin": [f"{100.0 * r['share_higher']:.0f} %" for r in rows],
        "P": [_share(r["probability"]) for r in rows],
        "P of\nfirst": [_share(r["probability_of_first"]) for r in rows],
    }
    columns = [
        Column(heading, texts, left=heading == "scenario", names_rows=heading == "scenario")
        for heading, texts in cells.items()
    ]
    targets = Column("target", [with_unit(r["label"], r["unit"]) for r in rows], left=True)
    print(columns_text(targets, columns, text_width()))


def _share(value: float | None) -> str:
    return "-" if value is None else share_text(value)


def _with_sign(value: float) -> str:
    return ("+" if value >= 0.0 else "-") + number_text(abs(value))
