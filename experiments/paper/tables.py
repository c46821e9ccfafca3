"""The tables of a paper, each made of the result of one study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fiveyear.experiments.backtest.backtest import MODEL, POOL, WALK, WIDEST, Backtest
from fiveyear.experiments.backtest.scoreboard import Scoreboard, covered, mean_crps, rmse
from fiveyear.experiments.console.language import month_in_words, say, say_heading
from fiveyear.experiments.console.terminal import number_text
from fiveyear.experiments.page.blocks import number as power_of_ten
from fiveyear.experiments.page.figure import signed
from fiveyear.experiments.page.printed_table import Cell, Number, PrintedTable
from fiveyear.experiments.reach.figures.findings import chance_text
from fiveyear.model.labels import in_words, label, with_unit
from fiveyear.scenarios import Scenario, Target

if TYPE_CHECKING:
    from fiveyear.calibration.facts import Fact
    from fiveyear.experiments.learned.study import ParameterRow
    from fiveyear.experiments.learned.study import Study as Learned
    from fiveyear.experiments.levers.table import Table as Levers
    from fiveyear.experiments.reach.answer import Finding, Reach

NONE = Number(None, "–")
LARGE = 1e6  # from which on a number stands as a power of ten
WHOLE = 100.0  # medians from which on differences are printed without decimals


def targets(answers: Sequence[Reach]) -> PrintedTable:
    """Give the median of each target under each scenario, and how far it is from that under the one that it alters."""
    first, plan = answers[0], answers[0].ensemble.scenario.plan
    columns = [
        say("Scenario"),
        *(say(with_unit(f.target.label, f.target.unit)) for f in _headline(first)),
    ]
    rows: list[tuple[Cell, ...]] = []
    for answer, baseline in _with_baselines(answers):
        title = say(answer.ensemble.scenario.title)
        rows.append((title, *(_level(f.median, f.target) for f in _headline(answer))))
        if baseline is not None:
            pairs = zip(_headline(answer), _headline(baseline), strict=True)
            name = say(in_words(baseline.ensemble.scenario.name))
            rows.append((say("difference from {scenario}", scenario=name), *(_change(*pair) for pair in pairs)))
    return PrintedTable(
        say("Medians of {year} by scenario, and differences from the scenario that each alters", year=plan.end),
        tuple(columns),
        tuple(rows),
        say(
            "{draws} draws, seed {seed}; facts published by {month}.",
            draws=f"{first.draws:,}",
            seed=first.ensemble.seed,
            month=month_in_words(first.ensemble.posterior.evidence.month),
        ),
    )


def _with_baselines(answers: Sequence[Reach]) -> Iterator[tuple[Reach, Reach | None]]:
    """Yield each answer after that for the scenario which its own alters, or else the first; with that."""
    names = [answer.ensemble.scenario.name for answer in answers]
    baselines: dict[str, str | None] = {
        name: next((below for below in _below(answer.ensemble.scenario) if below in names), names[0])
        for name, answer in zip(names, answers, strict=True)
    } | {names[0]: None}

    def place(name: str) -> tuple[int, ...]:
        baseline = baselines[name]
        return (*(place(baseline) if baseline else ()), names.index(name))

    by_name = dict(zip(names, answers, strict=True))
    for name in sorted(names, key=place):
        baseline = baselines[name]
        yield by_name[name], by_name[baseline] if baseline else None


def _below(scenario: Scenario) -> Iterator[str]:
    """Yield the names of the scenarios that one alters, the nearest first."""
    while scenario.before is not None:
        scenario = scenario.before
        yield scenario.name


def attainment(answers: Sequence[Reach]) -> PrintedTable:
    """Give each target with its base value, its median and 90 % band, and its probability under each scenario."""
    plan = answers[0].ensemble.scenario.plan
    columns = [say("Target"), str(plan.base_year), say("target")]
    titles = {in_words(answer.ensemble.scenario.name): say(answer.ensemble.scenario.title) for answer in answers}
    for title in map(say, titles):
        columns += [
            say("{scenario}: median", scenario=title),
            say("{scenario}: 90 % band", scenario=title),
            say("{scenario}: probability", scenario=title),
        ]
    rows: list[tuple[Cell, ...]] = []
    for of_target in zip(*(answer.findings for answer in answers), strict=True):
        target = of_target[0].target
        cells = [cell for finding in of_target for cell in _band_and_chance(finding)]
        name = say(with_unit(target.label, target.unit))
        rows.append((name, _level(target.base, target), _level(target.value, target), *cells))
    joint = [answer.joint["measurable"] for answer in answers if answer.has_joint]
    if all(joint) and joint:
        cells = [cell for p in joint if p for cell in (NONE, "", _chance(p.value))]
        rows.append((say("All that statistics measure"), NONE, NONE, *cells))
    return PrintedTable(
        say("Attainment of the targets of {year}", year=plan.end),
        tuple(columns),
        tuple(rows),
        say(
            "Probability: the share of draws that meet the target. –: no probability is given. {scenarios}.",
            scenarios=say("; ").join(
                say("{name}: {title}", name=say(name), title=title) for name, title in titles.items()
            ),
        ),
    )


def levers(tables: Sequence[Levers]) -> PrintedTable:
    """Give what each lever, raised, moves of the headline targets in the year in which they fall due."""
    of = tables[0]
    plan = of.ensemble.scenario.plan
    asked = [t for t in plan.targets if t.kind == "headline"]
    effects = {(e.lever, e.indicator): e for e in of.effects if e.year == plan.end}
    rows: list[tuple[Cell, ...]] = []
    for lever in dict.fromkeys(e.lever for e in of.effects):
        cells = [effects.get((lever, t.indicator)) for t in asked]
        if any(e is not None and e.median for e in cells):
            rows.append(
                (say_heading(label(lever)), *(Number(e.median, _effect(e.median)) if e else NONE for e in cells))
            )
    return PrintedTable(
        say(
            "What a lever raised by {share} % moves of each target in {year}, under: {scenario}",
            share=f"{100.0 * of.by:g}",
            year=plan.end,
            scenario=say(of.ensemble.scenario.title),
        ),
        (say("Lever"), *(say(with_unit(t.label, t.unit)) for t in asked)),
        tuple(rows),
        say("Medians over {draws} draws.", draws=f"{of.draws:,}"),
    )


def parameters(study: Learned) -> PrintedTable:
    """Give each parameter with its prior, its posterior, and where the prior is from."""
    return _parameters(study, say("Parameters: prior, posterior and source"), study.parameters)


def informed(study: Learned) -> PrintedTable:
    """Give the same of those of which the facts took away half of the prior variance, or more; the most first."""
    rows = sorted((p for p in study.parameters if p.informed), key=lambda p: -p.contraction)
    return _parameters(study, say("Parameters that the facts inform: prior, posterior and source"), rows)


def _parameters(study: Learned, caption: str, of: Sequence[ParameterRow]) -> PrintedTable:
    priors = study.fitted.evidence.priors.parameters
    rows: list[tuple[Cell, ...]] = []
    for row in of:
        prior = priors[row.parameter]
        origin = prior.source or say("assumed: {reason}", reason=prior.assumed)
        rows.append(
            (
                say_heading(label(row.parameter)),
                row.unit,
                _number(row.prior_median),
                _band(row.prior_p05, row.prior_p95),
                _number(row.median),
                _band(row.p05, row.p95),
                Number(row.contraction, f"{row.contraction:.2f}"),
                origin,
            )
        )
    return PrintedTable(
        caption,
        (
            say("Parameter"),
            say("Unit"),
            say("Prior median"),
            say("Prior 90 %"),
            say("Posterior median"),
            say("Posterior 90 %"),
            say("Contraction"),
            say("Source of the prior"),
        ),
        tuple(rows),
        say("Contraction: the share of the prior variance that the facts took away."),
    )


def fit(study: Learned) -> PrintedTable:
    """Give how the most probable run follows each series of facts."""
    rows = [
        (
            say_heading(label(s.series)),
            Number(s.facts, str(s.facts)),
            _decimals(s.r_squared),
            _decimals(s.durbin_watson),
            _decimals(s.root_mean_square),
            _decimals(s.bias),
            _decimals(s.variance),
            _decimals(s.covariance),
        )
        for s in study.series
    ]
    return PrintedTable(
        say("Fit of the most probable run to each series of facts"),
        (
            say("Series"),
            say("Facts"),
            say("R squared"),
            say("Durbin-Watson"),
            say("Residuals, in errors of measurement"),
            say("Bias"),
            say("Variance"),
            say("Covariance"),
        ),
        tuple(rows),
        say("Bias, variance and covariance: Theil's shares of the mean squared error. –: too few facts."),
    )


def sources(study: Learned) -> PrintedTable:
    """Give each series of facts with its years, and the vintages and sources that its figures are from."""
    rows: list[tuple[Cell, ...]] = []
    for series, by_year in study.fitted.evidence.facts.items():
        by_source: dict[tuple[str, str, str], list[Fact]] = {}
        for fact in by_year.values():
            by_source.setdefault((fact.source, fact.vintage, fact.unit), []).append(fact)
        for (source, vintage, unit), several in by_source.items():
            years = sorted(fact.year for fact in several)
            span = str(years[0]) if years[0] == years[-1] else f"{years[0]}-{years[-1]}"
            published = month_in_words(max(fact.first_published for fact in several))
            rows.append((say_heading(label(series)), unit, span, vintage, published, source))
    return PrintedTable(
        say("Facts: series, years, vintages and sources"),
        (say("Series"), say("Unit"), say("Years"), say("Vintage"), say("Public by"), say("Source")),
        tuple(rows),
    )


def _headline(answer: Reach) -> list[Finding]:
    return [f for f in answer.findings if f.target.kind == "headline"]


def _level(value: float | None, target: Target) -> Number:
    from fiveyear.experiments.reach.summary import digits

    return NONE if value is None else Number(value, digits(value, target).replace("-", "−"))


def _change(finding: Finding, first: Finding) -> Number:
    """Give a difference of medians, with a digit more than these are printed with; what is less than that is nil."""
    if finding.median is None or first.median is None:
        return NONE
    change, level = finding.median - first.median, _level(first.median, first.target).text
    decimals = 0 if first.median >= WHOLE else len(level.partition(".")[2]) + 1
    return Number(change, signed(change, decimals))


def _effect(value: float) -> str:
    """Write an effect with two digits."""
    return signed(value, 0 if abs(value) >= 10.0 else 2)


def _band_and_chance(finding: Finding) -> tuple[Cell, ...]:
    target, chance = finding.target, finding.probability
    if finding.p05 is None or finding.p95 is None:
        return (NONE, "–", NONE)
    low, high = (_level(v, target).text for v in (finding.p05, finding.p95))
    return (_level(finding.median, target), f"{low} – {high}", _chance(chance.value) if chance else NONE)


def _chance(value: float) -> Number:
    return Number(value, chance_text(value))


def _number(value: float) -> Number:
    return Number(value, _three_digits(value))


def _band(low: float, high: float) -> str:
    return f"{_three_digits(low)} – {_three_digits(high)}"


def _three_digits(value: float) -> str:
    return number_text(value).replace("-", "−") if abs(value) < LARGE else power_of_ten(float(f"{value:.3g}"))


def _decimals(value: float) -> Number:
    return NONE if value != value else Number(value, f"{value:.2f}")


def scoreboard(scores: Scoreboard | Backtest) -> PrintedTable:
    """Give the scores by how far forecasts look ahead; of those from one origin, by series."""
    return _of_series(scores) if isinstance(scores, Backtest) else _of_horizons(scores)


def _of_horizons(board: Scoreboard) -> PrintedTable:
    forecasters = (MODEL, WALK, POOL)
    rows: list[tuple[Cell, ...]] = []
    for horizon in board.horizons:
        by = {f: [p for of in board.pairs(f, None, [horizon]) for p in of] for f in forecasters}
        scores = [_thousandths(of(by[f])) for of in (rmse, mean_crps) for f in forecasters]
        held = [_decimals(covered(by[f], WIDEST)) for f in forecasters]
        rows.append((str(horizon), Number(len(by[MODEL]), str(len(by[MODEL]))), *scores, *held))
    named = [say("model"), say("random walk"), say("pool of both")]
    return PrintedTable(
        say(
            "Scores of forecasts from {first} to {last}, by years ahead",
            first=board.origins[0].year,
            last=board.origins[-1].year,
        ),
        (
            say("Years ahead"),
            say("Numbers"),
            *(say("Root mean squared error: {forecaster}", forecaster=name) for name in named),
            *(say("CRPS: {forecaster}", forecaster=name) for name in named),
            *(say("Inside the 90 % band: {forecaster}", forecaster=name) for name in named),
        ),
        tuple(rows),
        say("Errors and CRPS are of logarithms; all series that a random walk can forecast."),
    )


def _of_series(backtest: Backtest) -> PrintedTable:
    rows: list[tuple[Cell, ...]] = []
    for name in backtest.series:
        own = backtest.of(MODEL, name)
        scores = [backtest.log_crps(forecaster, name) for forecaster in (MODEL, WALK)]
        inside = sum(int(score.inside[-1]) for score in own)
        rows.append(
            (
                say(backtest.method.scored[name].label),
                Number(len(own), str(len(own))),
                *(NONE if value is None else _thousandths(value) for value in scores),
                Number(inside, str(inside)),
            )
        )
    return PrintedTable(
        say("Scores of forecasts from {year}", year=backtest.method.plan.base_year),
        (
            say("Series"),
            say("Numbers"),
            say("CRPS of the model"),
            say("CRPS of a random walk"),
            say("Inside the 90 % band"),
        ),
        tuple(rows),
        say("CRPS of logarithms; –: a random walk has too few facts."),
    )


def _thousandths(value: float) -> Number:
    return Number(value, f"{value:.3f}")
