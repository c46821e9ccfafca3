"""How ``fiveyear backtest`` says what it found: tables, JSON, and a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from fiveyear.experiments.console.terminal import Column, columns_text, number_text, print_text, share_text, text_width
from fiveyear.experiments.page.markdown import columns
from fiveyear.experiments.reach.figures.panels import display_unit

from .backtest import BANDS, CONTINUED, MODEL, TURNED_OUT, WALK, WIDEST, Backtest, Score
from .looks import Look

WIDEST_ALLOWED = 1.3  # times the random walk's band: what is wider says too little


# -- numbers ------------------------------------------------------------------------------------------------
def as_dict(backtest: Backtest, looks: Sequence[Look]) -> dict[str, Any]:
    """Give all that was found, ready for JSON."""
    method = backtest.method
    return {
        "schema": "fiveyear.backtest/1",
        "plan": method.plan.name,
        "origin": method.plan.base_year,
        "horizon": len(method.years),
        "facts": method.evidence.information_set,
        "draws": backtest.count,
        "seed": method.ensemble.seed,
        "method": method.fingerprint,
        "scored_against": backtest.facts_fingerprint,
        "looks": [asdict(look) for look in looks],
        "series": [_series(backtest, name) for name in backtest.series],
        "overall": {name: _interval(three) for name, three in backtest.overall.items()},
        "coverage": {
            forecaster: {f"{share:g}": _interval(three) for share, three in backtest.coverage(forecaster).items()}
            for forecaster in (MODEL, WALK)
        },
        "targets": [
            {
                **{"indicator": p.target.indicator, "comparator": p.target.comparator},
                **{"target": p.target.value, "unit": p.target.unit, "came": p.came, "met": p.met},
                **{"probability": p.chances, "brier": {f: p.brier(f) for f in p.chances}},
            }
            for p in backtest.promises
        ],
        "brier": {f: {"value": own, "model_on_the_same": model} for f, (own, model) in backtest.brier().items()},
        "scores": [s.as_dict() for s in backtest.scores],
    }


def _series(backtest: Backtest, name: str) -> dict[str, Any]:
    indicator = backtest.method.scored[name]
    return {
        "series": name,
        "label": indicator.label,
        "unit": indicator.unit,
        "years": [s.year for s in backtest.of(MODEL, name)],
        "given": backtest.method.is_given(name),
        "log_crps": {f: backtest.log_crps(f, name) for f in (MODEL, TURNED_OUT, WALK, CONTINUED)},
        "skill_against_random_walk": backtest.skill(name),
        "skill_against_growth_continues": backtest.skill(name, CONTINUED),
        "skill_if_what_is_given_was_known": _skill_if_given(backtest, name),
        "width_over_random_walk": backtest.width(name),
        "why_it_loses": backtest.why(name),
    }


def _interval(three: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("value", "low", "high"), three, strict=True))


def print_json(backtest: Backtest, looks: Sequence[Look]) -> None:
    """Print one JSON object."""
    print(json.dumps(as_dict(backtest, looks), ensure_ascii=False, allow_nan=False))


# -- words --------------------------------------------------------------------------------------------------
Table = tuple[Column, list[Column]]


def last_table(backtest: Backtest) -> Table:
    """Give what was projected for the last year that each series has a figure of, and what came."""
    own = [backtest.of(MODEL, name)[-1] for name in backtest.series]
    walks = {s.series: s for name in backtest.compared for s in backtest.of(WALK, name)[-1:]}
    before = [backtest.method.facts(name) for name in backtest.series]
    origin = backtest.method.plan.base_year

    def label(name: str) -> str:
        scored = backtest.method.scored[name]
        return f"{scored.label}, {display_unit(scored.unit, scored.nominal)}"

    return Column("series", [label(n) for n in backtest.series], left=True), [
        Column(f"{origin}", [number_text(facts[origin][0]) if origin in facts else "" for facts in before]),
        Column("year", [str(s.year) for s in own], names_rows=True),
        Column("projected (90 %)", [_with_band(s) for s in own]),
        Column("random walk (90 %)", [_with_band(walks[n]) if n in walks else "" for n in backtest.series]),
        Column("came", [number_text(s.came) for s in own]),
    ]


def _with_band(score: Score) -> str:
    low, high = score.bands[WIDEST]
    return f"{number_text(score.median)} ({number_text(low)} to {number_text(high)})"


def series_table(backtest: Backtest) -> Table:
    """Give the scores by series."""
    names = backtest.series

    def column(heading: str, values: Iterable[float | None], form: str) -> Column:
        return Column(heading, ["" if v is None else format(v, form) for v in values])

    return Column("series", [backtest.method.scored[n].label for n in names], left=True), [
        column("log-CRPS\nmodel", [backtest.log_crps(MODEL, n) for n in names], ".3f"),
        column("random\nwalk", [backtest.log_crps(WALK, n) for n in names], ".3f"),
        column("trend\ncontinues", [backtest.log_crps(CONTINUED, n) for n in names], ".3f"),
        column("skill, on\nrandom walk", [backtest.skill(n) for n in names], "+.2f"),
        column("same, given\nwas known", [_skill_if_given(backtest, n) for n in names], "+.2f"),
        column("skill, on\ngrowth", [backtest.skill(n, CONTINUED) for n in names], "+.2f"),
        column("width\nof 90 %", [backtest.width(n) for n in names], ".2f"),
        Column("inside\n50 80 90 %", [_inside(backtest.of(MODEL, n)) for n in names]),
    ]


def _skill_if_given(backtest: Backtest, name: str) -> float | None:
    return None if backtest.method.is_given(name) else backtest.skill(name, forecaster=TURNED_OUT)


def _inside(scores: Sequence[Score]) -> str:
    return " ".join(f"{sum(s.inside[k] for s in scores):.0f}" for k in range(len(BANDS))) + f" of {len(scores)}"


def coverage_table(backtest: Backtest) -> Table:
    """Give the share of numbers that came inside each band."""
    covered = {f: backtest.coverage(f) for f in (MODEL, WALK)}
    return Column("band", [f"{100 * b:.0f} %" for b in BANDS], left=True), [
        Column(f"{name}, inside", [_range_of(bands[b]) for b in BANDS]) for name, bands in covered.items() if bands
    ]


def target_table(backtest: Backtest) -> Table:
    """Give the targets whose year has come, with the probability that each forecaster gave."""
    promises = backtest.promises
    chances = [
        Column(f"P, {forecaster}", [*(_chance(p.chances[forecaster]) for p in promises), _brier(backtest, forecaster)])
        for forecaster in promises[0].chances
    ]
    labels = Column("target", [*(p.target.heading for p in promises), "Brier score (model's on the same)"], left=True)
    return labels, [
        Column("asked", [*(f"{p.target.comparator} {number_text(p.target.value)}" for p in promises), ""]),
        Column("came", [*(number_text(p.came) for p in promises), ""]),
        Column("met", [*("yes" if p.met else "no" for p in promises), ""]),
        *chances,
    ]


def _chance(value: float | None) -> str:
    return "" if value is None else share_text(value)


def _brier(backtest: Backtest, forecaster: str) -> str:
    if forecaster not in backtest.brier():
        return ""
    own, model = backtest.brier()[forecaster]
    return f"{own:.3f}" if forecaster == MODEL else f"{own:.3f} ({model:.3f})"


def _range_of(three: tuple[float, float, float]) -> str:
    return "{:.2f} ({:.2f} to {:.2f})".format(*three)


def sentences(backtest: Backtest, looks: Sequence[Look]) -> list[str]:
    """Say what the tables come to, where the model loses and why, and how often somebody has looked."""
    lines = []
    if backtest.overall:
        skill, width = (backtest.overall[k] for k in ("skill", "width"))
        verdict = "beats" if skill[1] > 0.0 else "loses to" if skill[2] < 0.0 else "cannot be told apart from"
        compared = f"Over the {len(backtest.compared)} series with a random walk the model"
        lines.append(f"{compared} {verdict} it: skill {_range_of(skill)}.")
        lines.append(
            f"Its 90 % bands are {_range_of(width)} times as wide as the random walk's; {WIDEST_ALLOWED} at most "
            f"was asked for: {'met' if width[0] <= WIDEST_ALLOWED else 'missed'}."
        )
    labels = {n: backtest.method.scored[n].label for n in backtest.series}
    losses = [f"It loses on {label}. Why: {why}." for n, label in labels.items() if (why := backtest.why(n))]
    lines += losses
    if backtest.compared and not losses:
        lines.append("It loses to the random walk on no series.")
    lines += [line for name in backtest.series if (line := _missed(backtest, name))]
    if given := [label for n, label in labels.items() if backtest.method.is_given(n)]:
        lines.append(f"Given, so that the score is of the outlook and not of the model: {', '.join(given)}.")
    if alone := [label for n, label in labels.items() if n not in backtest.compared]:
        lines.append(f"Too few facts for a random walk: {', '.join(alone)}.")
    counts = Counter(look.origin for look in looks)
    each = ", ".join(f"{count} from {origin}" for origin, count in sorted(counts.items()))
    lines.append(f"Looks at scores so far: {each}.")
    for look in looks:
        span = f"from {look.origin}, {look.horizon} years ahead"
        lines.append(f"{look.date}, {span}, method {look.method}: {look.changed}")
    return lines


def _missed(backtest: Backtest, name: str) -> str:
    """Say of a series of which more numbers lie outside the widest band than should how many do."""
    own = backtest.of(MODEL, name)
    outside = sum(not s.inside[-1] for s in own)
    if outside <= (1.0 - BANDS[-1]) * len(own):
        return ""
    score, informed = (backtest.log_crps(forecaster, name) for forecaster in (MODEL, TURNED_OUT))
    return (
        f"{backtest.method.scored[name].label}: {outside} of {len(own)} numbers lie outside the 90 % band; its log-CRPS"
        f" is {score:.3f}, and {informed:.3f} with what it is given as that turned out."
    )


NOTES = (
    "The method is the posterior at the origin, with all that is given on the outlook of the priors, and with shocks "
    "and the drift of an epoch in what the model explains. "
    "log-CRPS: continuous ranked probability score of the logarithm, the mean over the years; 0 is best, 0.1 is some "
    "10 % off. Skill: 1 less the score over the rival's; above 0 the model is better. Width: mean width of the 90 % "
    "band in logarithms over the random walk's. Intervals are 90 %, from a bootstrap over series. What came are "
    "figures of statistics, so that the model's draws have their error of measurement. The rivals are made from the "
    "same facts up to the origin. Looks count how often somebody could have tuned to the scores; what those who set "
    "the priors remembered, they cannot count."
)


def heading(backtest: Backtest) -> str:
    """Say what was scored."""
    plan, evidence = backtest.method.plan, backtest.method.evidence
    return (
        f"{plan.title}: fitted to facts up to {plan.base_year}, in the vintages of {evidence.month}; projected to "
        f"{plan.end} with nobody following a plan; {backtest.count:,} draws, seed {backtest.method.ensemble.seed}"
    )


def tables(backtest: Backtest) -> list[Table]:
    """Give the tables there is something for."""
    promised = [target_table(backtest)] if backtest.promises else []
    return [last_table(backtest), *promised, series_table(backtest), coverage_table(backtest)]


def print_tables(backtest: Backtest, looks: Sequence[Look]) -> None:
    """Print the tables and what they come to."""
    print_text(heading(backtest), "")
    for first, others in tables(backtest):
        print(f"\n{columns_text(first, others, text_width())}")
    print()
    for line in (*sentences(backtest, looks), NOTES):
        print_text(line)


# -- files --------------------------------------------------------------------------------------------------
def page(backtest: Backtest, looks: Sequence[Look], command: str, pictures: Mapping[str, str]) -> str:
    """Write all of it as Markdown; ``pictures``: file name -> what it shows."""
    parts = ["# Backtest", f"{heading(backtest)}.", f"*Written by* `{command}`."]
    parts += [columns(first, others) for first, others in tables(backtest)]
    parts.append("\n".join(f"- {line}" for line in sentences(backtest, looks)))
    parts.append(NOTES)
    parts += [f"![{words}]({name})" for name, words in pictures.items()]
    return "\n\n".join(parts) + "\n"
