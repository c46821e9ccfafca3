"""What each section of the report shows, how to read it, and what this run says, in words and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from operator import attrgetter

import numpy as np

from fiveyear.calibration.information import NOT_REFUSED, RANGE, effective_number
from fiveyear.calibration.sampler import EFFECTIVE, LONG, R_HAT
from fiveyear.experiments.console.terminal import number_text, share_text
from fiveyear.experiments.forecast.assumed import INFORMED
from fiveyear.experiments.forecast.verdicts import verdict
from fiveyear.experiments.page.blocks import Block, Grid, Heading, number
from fiveyear.experiments.page.figure import signed
from fiveyear.experiments.page.text import listed
from fiveyear.model.labels import label

from .robustness import DRAWS, Moved
from .study import TOGETHER, ParameterRow, Study

WORST = 8  # latent numbers told of the sampling
STRONGEST = 15  # pairs of parameters told in the table
RUNS_ON = 1.0  # Durbin-Watson below which residuals hang together


@dataclass(frozen=True)
class Section:
    """A section: what it shows and how to read it, what this run says, a figure by its name, and what is below it."""

    title: str
    reading: str
    findings: Sequence[str]
    picture: str = ""
    below: Sequence[Block] = ()


def sections(study: Study) -> list[Section]:
    """Give all sections; the first finding of each is the one told at the top of the page."""
    sampled_and_met = (_convergence, _fit, _shocks, _predictive)
    taught = (_parameters, _uninformed, _spectrum, _profiles, _correlations, _left_out, _robustness)
    return [section(study) for section in (*sampled_and_met, *taught)]


# -- sections -----------------------------------------------------------------------------------------------
def _convergence(study: Study) -> Section:
    convergence = study.fitted.convergence
    r_hat, times = max(convergence.r_hat.values()), convergence.autocorrelation_times
    bulk, tail = min(convergence.ess_bulk.values()), min(convergence.ess_tail.values())
    asked = {
        f"R-hat is not below {R_HAT:g}": r_hat < R_HAT,
        f"effective draws are not above {EFFECTIVE:g}": min(bulk, tail) > EFFECTIVE,
        f"walkers took {times:.0f} times as many steps as make one forget where it was, not {LONG:g}": times >= LONG,
    }
    short = [words for words, reached in asked.items() if not reached]
    findings = [
        f"The sampling falls short of what is asked of it: {listed(short)}." if short else "The sampling has settled.",
        f"R-hat is at most {r_hat:.3f}, effective draws are at least {bulk:,.0f} in the bulk and {tail:,.0f} in the "
        f"tails; {convergence.ensembles} ensembles of {convergence.walkers} walkers took {convergence.steps:,} steps.",
    ]
    reading = (
        "This section tells whether the draws can be trusted: ensembles that know nothing of each other must agree. "
        f"R-hat compares them, below {R_HAT:g} they do; effective draws say how many independent ones they are worth, "
        f"in the middle of a distribution and in its tails, where {EFFECTIVE:g} are called enough. "
        "The worst are listed."
    )
    columns = (("latent number", 44), ("R-hat", 14), ("bulk", 14), ("tails", 14), ("steps a draw", 14))
    worst = nsmallest(WORST, convergence.ess_bulk, lambda n: min(convergence.ess_bulk[n], convergence.ess_tail[n]))
    draws = (convergence.ess_bulk, ",.0f"), (convergence.ess_tail, ",.0f"), (convergence.autocorrelation_time, ".0f")
    figures = ((convergence.r_hat, ".4f"), *draws)
    rows = tuple((_spoken(name), *(format(of[name], form) for of, form in figures)) for name in worst)
    return Section("Whether the sampling settled", reading, findings, "", (Grid(columns, rows, 1),))


def _fit(study: Study) -> Section:
    within = float(np.mean([abs(f.residual) <= 2.0 for f in study.facts]))
    missed = [
        f"{label(s.series)} (such residuals come by chance with P {share_text(s.chance)})" for s in study.not_followed
    ]
    systematic = [label(s.series) for s in study.series if s.facts > 1 and s.bias + s.variance > 0.5]
    met = f"not followed within these errors: {listed(missed)}" if missed else "every series is followed within them"
    running = [f"{label(s.series)} ({s.durbin_watson:.1f})" for s in study.series if s.durbin_watson < RUNS_ON]
    findings = [
        f"{100.0 * within:.0f} % of the facts lie within two errors of measurement of the most probable run; {met}.",
        f"More than half of the error is systematic, a wrong level or a wrong scatter, in {listed(systematic)}."
        if systematic
        else "In no series is more than half of the error systematic, a wrong level or a wrong scatter.",
        f"Residuals stay on one side for years (Durbin-Watson below {RUNS_ON:g}) in {listed(running)}."
        if running
        else f"In no series do residuals stay on one side for years (Durbin-Watson below {RUNS_ON:g}).",
    ]
    reading = (
        "This section shows each fact beside what the model says of it, without any allowance for errors of the model: "
        "a good model runs through the bars, and what it misses by has no pattern. R² is the share of the scatter of a "
        "series that the run accounts for; where yearly shocks act on a series they follow it, so that a high R² is "
        "no proof of skill. The Durbin-Watson statistic is 2 if one year's miss says nothing of the next, near 0 if "
        "misses persist. The three shares of the squared error add to 1: bias, a wrong level; variance, too much or "
        "too little scatter; covariance, the rest, which is chance at best. With three to six years each is rough."
    )
    headings = ("series", "facts", "R²", "Durbin-Watson", "bias", "variance", "covariance", "residuals, sd")
    figures = attrgetter("r_squared", "durbin_watson", "bias", "variance", "covariance", "root_mean_square")
    decimals = [[f"{value:.2f}" if np.isfinite(value) else "–" for value in figures(s)] for s in study.series]
    rows = tuple((label(s.series), str(s.facts), *of) for s, of in zip(study.series, decimals, strict=True))
    by_series = Grid(tuple(zip(headings, (30, 8, 9, 13, 8, 9, 11, 12), strict=True)), rows, 1)
    titles = ("series", "unit", "year", "fact", "model", "posterior 90 %", "residual / sd")
    fact_rows = []
    for f in study.facts:
        fact, mode, p05, p95 = map(_short, (f.fact, f.mode, f.p05, f.p95))
        fact_rows.append((label(f.series), f.unit, str(f.year), fact, mode, f"{p05} to {p95}", signed(f.residual, 2)))
    by_fact = Grid(tuple(zip(titles, (30, 14, 8, 12, 12, 16, 8), strict=True)), tuple(fact_rows), 2)
    below = (Heading("Series by series", 2), by_series, Heading("Fact by fact", 2), by_fact)
    return Section("How the facts are met", reading, findings, "fit", below)


def _shocks(study: Study) -> Section:
    one_sided = [
        f"{label(s.shock)} (up in {s.up} of {s.years} years, mean {signed(s.mean, 1)}; by chance with P "
        f"{share_text(s.chance)})"
        for s in study.shocks
        if s.one_sided
    ]
    findings = [
        "Shocks point one way more than chance would have it, so that the model lacks what moves them: "
        f"{listed(one_sided)}."
        if one_sided
        else "Shocks are up about as often as down: nothing lasting hides in them."
    ]
    reading = (
        "This section looks at what the model does not foresee: each Series of yearly shocks is nil on average a "
        "priori, and lets the run follow the facts where its mechanisms do not. If the fitted shocks of many years "
        "point the same way they stand for a mechanism that is missing, however well the facts are met."
    )
    columns = (("shock", 40), ("years", 15), ("up", 15), ("mean, prior sds", 15), ("P by chance", 15))
    rows = tuple(
        (label(s.shock), str(s.years), str(s.up), signed(s.mean, 2), share_text(s.chance)) for s in study.shocks
    )
    return Section("What shocks had to explain", reading, findings, "", (Grid(columns, rows, 1),))


def _predictive(study: Study) -> Section:
    def holding(drawn_from: str) -> str:
        shares = [r for r in study.predictive if r.drawn_from == drawn_from]
        return listed([f"{100.0 * r.inside:.0f} % inside its {100.0 * r.level:.0f} % intervals" for r in shares])

    findings = [
        f"Of {study.predictive[0].facts} facts the posterior holds {holding('posterior')}.",
        f"The prior holds {holding('prior')}: "
        + (
            "it is wide, and no fact came as a surprise."
            if _inside(study, "prior", 0.9) >= 0.9
            else "some facts came as a surprise to what had been assumed."
        ),
    ]
    if _inside(study, "posterior", 0.5) > 0.6:
        findings.append(
            "The posterior holds more than its nominal share, as it must where the same facts were fitted: so many "
            "parameters and shocks bring the run nearer to the facts than errors of measurement are large."
        )
    reading = (
        "This section shows what facts the model would have made itself, errors of measurement and rounding included: "
        "first from the prior, before it saw any, then from the posterior. Far fewer facts inside than named means "
        "that the model cannot make such a history; far more, that its bands are wider than need be."
    )
    columns = (("drawn from", 30), ("central interval", 20), ("facts", 20), ("share inside", 30))
    rows = ((r.drawn_from, f"{100.0 * r.level:.0f} %", str(r.facts), f"{r.inside:.2f}") for r in study.predictive)
    return Section("Facts the model would have made", reading, findings, "", [Grid(columns, tuple(rows), 1)])


def _parameters(study: Study) -> Section:
    informed = [p for p in study.parameters if p.informed]
    surprising = [
        f"{label(p.parameter)} ({signed(p.sds_median, 1)})" for p in study.parameters if abs(p.sds_median) > 1.0
    ]
    findings = [
        f"The facts inform {len(informed)} of {len(study.parameters)} parameters: of these they took away at least "
        "half of the prior variance.",
        f"Moved by more than one prior standard deviation: {listed(surprising)}."
        if surprising
        else "No parameter moved by more than one prior standard deviation.",
    ]
    reading = (
        "This section shows each parameter before and after the facts: a short bar was learned, a bar as long as the "
        "grey band is what was assumed. Contraction is the share of the prior variance that the facts took away: 1 "
        "all, 0 nothing; it is measured in latent numbers, which are standard normal a priori, and may be slightly "
        "negative by chance."
    )
    titles = ("parameter", "unit", "prior median (90 %)", "posterior median (90 %)", "contr.")
    columns = tuple(zip(titles, (26, 16, 25, 25, 8), strict=True))
    rows = []
    for p in study.parameters:
        prior, posterior = (p.prior_median, p.prior_p05, p.prior_p95), (p.median, p.p05, p.p95)
        rows.append((label(p.parameter), p.unit, _interval(*prior), _interval(*posterior), signed(p.contraction, 2)))
    return Section(
        "What was believed before, and after", reading, findings, "parameters", [Grid(columns, tuple(rows), 2)]
    )


def _uninformed(study: Study) -> Section:
    unread = [label(p.parameter) for p in study.uninformed if not p.read]
    findings = [
        f"{len(study.uninformed)} parameters are as good as assumed: the facts took away less than "
        f"{100.0 * INFORMED:.0f} % of their prior variance.",
        f"No fact depends on {len(unread)} of them at all, so that none could inform them: {listed(unread)}."
        if unread
        else "Every one of them is read by some fact, which is too little to settle it.",
    ]
    reading = (
        "This section names what the data did not inform: of these the model says what its priors say, each of which "
        "states its source or its reason. A tighter prior would tighten them; more years of these facts hardly would."
    )
    columns = (("parameter", 26), ("what it is", 44), ("of it the facts say", 18), ("contr.", 12))
    rows = ((label(p.parameter), p.about, _said_of(p), signed(p.contraction, 2)) for p in study.uninformed)
    return Section("What the data did not inform", reading, findings, "", [Grid(columns, tuple(rows), 3)])


def _spectrum(study: Study) -> Section:
    number, better = effective_number(study.spectrum), int(np.sum(study.spectrum >= 1.0))
    findings = [
        f"The {len(study.facts)} facts determine {number:.1f} parameters' worth of the {len(study.spectrum)} numbers "
        f"that are fitted: in {better} directions they know more than the prior.",
        f"The best informed direction is known {number_text(float(np.sqrt(1.0 + study.spectrum[0])))} times as "
        f"precisely as before the facts; {int(np.sum(study.spectrum < 0.01))} directions are as open as before.",
    ]
    reading = (
        "This section counts how much the facts can say at all: each bar is a direction, a mixture of parameters that "
        "the facts see as one, and its height is the information of the facts over that of the prior (an eigenvalue l "
        "of the Fisher information in latent numbers). Above the line the facts lead, below it the prior. The "
        "effective number of parameters is the sum of l / (1 + l) over all directions."
    )
    return Section("How many directions the facts inform", reading, findings, "spectrum")


def _profiles(study: Study) -> Section:
    shapes = {p.parameter: p.profile for p in study.parameters}
    read = [p.parameter for p in study.parameters if p.read]
    counts = {shape: sum(shapes[n] == shape for n in read) for shape in ("closed", "one-sided", "flat")}
    flat = [label(n) for n in read if shapes[n] == "flat"]
    findings = [
        f"Of {len(read)} parameters that facts depend on, {counts['closed']} have a closed profile, "
        f"{counts['one-sided']} one that is open on one side, and {counts['flat']} a flat one.",
        f"Flat: {listed(flat)}." if flat else "None is flat.",
    ]
    if open_ := [label(p.parameter) for p in study.parameters if p.informed and p.profile != "closed"]:
        findings.append(
            "Informed, in the sense of contraction, but not closed, so that the facts know them only together with the "
            f"priors: {listed(open_)}."
        )
    reading = (
        "This section asks of each parameter how much worse the facts would be met if it were elsewhere and all others "
        f"were fitted again: a steep valley was seen by the facts, a flat line was not. Beyond the broken line, a rise "
        f"of {NOT_REFUSED:.2f}, a value is refused at 95 %; a profile is flat if nothing within {RANGE:g} prior "
        "standard deviations is. The prior of the parameter itself does not count, that of the others does: without it "
        "every line would be flat, since there are more numbers than facts. Refits start near the best one, so that a "
        "deeper valley far away may be missed: flat is certain, closed is as good as the search."
    )
    return Section("How far each parameter could be elsewhere", reading, findings, "profiles")


def _correlations(study: Study) -> Section:
    close = [c for c in study.correlated if abs(c.correlation) >= TOGETHER]
    first = close[0] if close else None
    findings = [
        f"{len(close)} pairs of parameters correlate by {TOGETHER:g} or more, the closest {label(first.first)} and "
        f"{label(first.second)} ({signed(first.correlation, 2)})."
        if first
        else f"No two parameters correlate by {TOGETHER:g} or more."
    ]
    reading = (
        "This section shows which parameters the facts see together: where two go together (orange) or against each "
        "other (purple) the facts know their mixture better than either, and to change one alone would miss the facts."
    )
    columns = (("parameter", 40), ("parameter", 40), ("correlation", 20))
    rows = ((label(c.first), label(c.second), signed(c.correlation, 2)) for c in close[:STRONGEST])
    return Section("Parameters that go together", reading, findings, "correlations", [Grid(columns, tuple(rows), 2)])


def _left_out(study: Study) -> Section:
    worth = max(study.left_out, key=lambda row: row.lost)
    missed = [label(row.series) for row in study.left_out if row.inside < 0.5]
    findings = [
        f"The series that says most which no other says is {label(worth.series)}: without it {worth.lost:.1f} fewer "
        "parameters are determined.",
        f"Foretold badly by the others, fewer than half of its facts inside the 90 % band: {listed(missed)}."
        if missed
        else "Of each series at least half of the facts lie inside the 90 % band that the others foretell.",
    ]
    reading = (
        "This section fits again without each series in turn: if the others foretell it, the model ties them together; "
        "if nothing else moves, it stands alone. Bands foretold can be very wide, and then holding the facts is no "
        "achievement: the misses of the median, in errors of measurement, tell. Moved are the parameters, by so many "
        "posterior standard deviations of the fit to all facts."
    )
    columns = (("series", 26), ("what moves", 40), ("inside 90 %", 10), ("misses, sd", 12), ("lost", 12))
    rows = []
    for row in study.left_out:
        moved = "; ".join(f"{_spoken(name)} {signed(sds, 1)}" for name, sds in row.moved) or "nothing"
        figures = f"{row.inside:.2f}", number_text(row.root_mean_square), f"{row.lost:.1f}"
        rows.append((label(row.series), moved, *figures))
    return Section("What each series adds", reading, findings, "", [Grid(columns, tuple(rows), 2)])


def _robustness(study: Study) -> Section:
    asked = sorted({(m.scenario, m.indicator) for m in study.moved})
    labels = study.target_labels
    other_side = _by_whom((m for m in study.moved if m.other_side), labels)
    other_word = _by_whom((m for m in study.moved if m.other_word), labels)
    findings = [
        f"Of {len(asked)} answers (a target in a scenario) {len(asked) - len(other_word)} keep their word whichever "
        f"parameter moves, and {len(asked) - len(other_side)} stay on their side of even odds.",
        f"May turn from more likely than not to the contrary, or back: {listed(other_side)}."
        if other_side
        else "None turns from more likely than not to the contrary, or back.",
    ]
    reading = (
        "This section asks which answers hang on what was assumed: each parameter that the facts left open is taken as "
        "known to lie at the 5 %, and then at the 95 %, point of its prior, and the scenarios are run again. In every "
        "draw of the posterior the parameter is replaced; all else moves as refits move it along the range of the "
        "parameter, so that the facts stay about as well met (to move it alone would contradict them); growth, "
        "shocks to come stay draw by draw the same. "
        f"P is from {DRAWS:,} draws; the words are those of the verdicts."
    )
    titles = ("target", "scenario", "parameter", "at 5 %", "as fitted", "at 95 %")
    rows = []
    for m in sorted((m for m in study.moved if m.other_word or m.other_side), key=lambda m: -m.swing):
        chances = (f"{share_text(p)} {verdict(p)}" for p in (m.at_low, m.probability, m.at_high))
        rows.append((labels[m.indicator], m.scenario, label(m.parameter), *chances))
    grid = Grid(tuple(zip(titles, (26, 14, 24, 12, 12, 12), strict=True)), tuple(rows), 6)
    return Section("Which answers hang on what was assumed", reading, findings, "robustness", [grid])


# -- words and tables ---------------------------------------------------------------------------------------
def _said_of(row: ParameterRow) -> str:
    if not row.read:
        return "nothing: none depends on it"
    ends = {"at least": row.profile_low, "at most": row.profile_high}
    refused = [f"{words} {_short(end)}" for words, end in ends.items() if end is not None]
    return listed(refused) or "nothing that refuses any value"


def _inside(study: Study, drawn_from: str, level: float) -> float:
    return next(r.inside for r in study.predictive if (r.drawn_from, r.level) == (drawn_from, level))


def _by_whom(moved: Iterable[Moved], labels: Mapping[str, str]) -> list[str]:
    """Give the answers that are moved, each with the parameters that do it."""
    answers: dict[tuple[str, str], list[str]] = {}
    for sensitivity in moved:
        answers.setdefault((sensitivity.indicator, sensitivity.scenario), []).append(label(sensitivity.parameter))
    return [
        f"{labels[indicator]} in {scenario} (by {listed(names)})" for (indicator, scenario), names in answers.items()
    ]


def _spoken(latent: str) -> str:
    """Name a latent number: a parameter, or a shock of a year.

    >>> _spoken("hiring_time"), _spoken("effort_surprise[2008]")
    ('hiring time', 'effort surprise of 2008')
    """
    name, _, year = latent.rstrip("]").partition("[")
    return f"{label(name)} of {year}" if year else label(name)


def _interval(median: float, low: float, high: float) -> str:
    return f"{_short(median)} ({_short(low)} to {_short(high)})"


def _short(value: float) -> str:
    r"""Write a number with three digits, or all before the point of one below 100,000.

    >>> _short(7062.6), _short(-0.02348), _short(2.8e11)
    ('7,063', '−0.0235', '2.8\xa0×\xa010¹¹')
    """
    return number(round(value) if 100.0 <= abs(value) < 1e5 else float(f"{value:.3g}"))
