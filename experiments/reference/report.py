"""How ``fiveyear reference`` says what the class says: tables, sentences, and a page."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from fiveyear.calibration.reference_class.last_link import CAUSES
from fiveyear.calibration.reference_class.left_out import AMONG, BARS, KINDS, LEVELS, LeftOut
from fiveyear.calibration.reference_class.panel import SERIES
from fiveyear.calibration.reference_class.records import NATION
from fiveyear.calibration.reference_class.study import ENOUGH, HORIZONS, Estimate
from fiveyear.experiments.console.terminal import Column, columns_text, print_text, text_width
from fiveyear.experiments.page.markdown import columns as as_markdown
from fiveyear.model.labels import in_words

from .study import FIRST, Study
from .study import LEVELS as QUANTILES

Table = tuple[str, Column, list[Column]]
NEAR, FAR = HORIZONS[0], HORIZONS[-1]
GROUPS = {"all": "over all", "large economies": "large economies", "fast growers": "fast growers"}
_CAUSES = {"knowledge": "knowledge per unit of output", "patents": "patents per head"}
NOTES = (
    "Errors are of logarithms: .10 is some 10 % off. A window is a year with a figure in it and five years before; "
    "the growth in between is carried on. Each country counts the same; robust sd and share retained are of all "
    "windows. Intervals are 90 %, from draws of countries. Fastest: the quarter of windows with the fastest growth "
    "before. s: sd of a yearly shock; u: sd of the growth a year of an epoch; together they give the sd of h years, "
    "the root of s² h + u² h². One country left out: the share retained, s and u are those of all other countries, "
    "with tails of Student's t. CRPS: continuous ranked probability score; less is better. Random walk: the growth of"
    " five years carried on, with the sd of its yearly changes. Fast growers: windows as fast as the fastest quarter "
    "of those of the others. Last link: elasticities of the odds of the medium- and high-tech share of manufacturing, "
    "or of exports, with effects of countries and years; standard errors are clustered by country, and intervals those "
    "of Student's t. What enters, and how each is computed, is in docs/protocol.md."
)


def print_json(study: Study) -> None:
    """Print one JSON object."""
    print(json.dumps({"schema": "fiveyear.reference/1", "rows": list(study.rows())}))


def print_tables(study: Study) -> None:
    """Print the tables and what they come to."""
    print_text(heading(study), "")
    for title, first, others in tables(study):
        print(f"\n{title}\n{columns_text(first, others, text_width())}")
    print()
    for line in (*sentences(study), NOTES):
        print_text(line)


def page(study: Study, command: str, pictures: dict[str, str]) -> str:
    """Write all of it as Markdown; ``pictures``: file name -> what it shows."""
    parts = ["# The reference class", f"{heading(study)}.", f"*Written by* `{command}`."]
    parts.append("\n".join(f"- {line}" for line in sentences(study)))
    for title, first, others in tables(study):
        parts += [f"## {title}", as_markdown(first, others)]
    parts += [NOTES, *(f"![{words}]({name})" for name, words in pictures.items())]
    return "\n\n".join(parts) + "\n"


def heading(study: Study) -> str:
    """Say what it is of."""
    return (
        f"Forecasts of countries other than {own(study)}, from series to {study.last_year}: errors of growth carried "
        "on, what of growth lasts, what goes together"
    )


def own(study: Study) -> str:
    """Say whose forecasts the class is for."""
    return study.without or NATION


def sentences(study: Study) -> list[str]:
    """Say what the tables come to."""
    exponents = sorted(study.exponent(name) for name in study.series)
    means = [SERIES[s.series].label for s in study.support if s.gives_means]
    scales = [SERIES[s.series].label for s in study.support if not s.gives_means]
    delivered = study.delivered
    quantiles = ", ".join(f"{q:.2f}" for q in np.quantile(delivered, QUANTILES))
    since = f"in the five years to {study.last_year}" if study.without else f"from {FIRST} on"
    lines = [
        f"Errors grow with the horizon to the power of {exponents[0]:.2f} to {exponents[-1]:.2f}, in the middle "
        f"{np.median(exponents):.2f}; those of a random walk, whose steps are independent, to the power of 0.5.",
        f"At least {ENOUGH} countries grew as fast as {own(study)} {since}, so that the class says what comes on "
        f"average, in: {', '.join(means) or 'no series'}; of the others it says how much they scatter: "
        f"{', '.join(scales) or 'none'}.",
        f"Of {len(delivered)} official targets of R&D due by {study.last_year}, {_met(study)}; of the "
        f"planned rise {delivered.mean():.2f} was delivered on average (sd {delivered.std(ddof=1):.2f}; 5, 25, 50, 75, "
        f"95 %: {quantiles}).",
    ]
    for m in study.markets:
        lines.append(
            f"{in_words(m.series).capitalize()} in {m.provinces} provinces of China: of the growth of 2000-05, "
            f"{m.retained:.2f} was retained in 2005-10; growth carried on was {m.rmse:.2f} off."
        )
    return [*lines, *_bars(study), *_link(study)]


def _met(study: Study) -> str:
    met = sum(rise.met for rise in study.rises)
    return f"{met} {'was' if met == 1 else 'were'} met"


def _bars(study: Study) -> list[str]:
    """Say which bars of the scores with one country left out hold, and where the others do not."""
    lines = []
    for among in AMONG:
        rows = [r for r in study.left_out if r.among == among]
        least, most = BARS[among]
        asked = f"{least:.2f} to {most:.2f}" if most < 1.0 else f"at least {least:.2f}"
        held = [r.process.covered[LEVELS[-1]].value for r in rows]
        failed = [f"{_case(r)} ({h:.3f})" for r, h in zip(rows, held, strict=True) if not r.holds]
        worse = [f"{_case(r)} ({r.ratio.value:.3f})" for r in rows if r.ratio.value > 1.0]
        lines.append(
            f"One country left out, {GROUPS[among]}: bands of {LEVELS[-1]} % held {min(held):.3f} to {max(held):.3f}, "
            f"in the mean {np.mean(held):.3f}; the bar, {asked}, holds in {len(rows) - len(failed)} of {len(rows)} "
            f"cases{_but(failed)}. CRPS over the random walk's is {np.mean([r.ratio.value for r in rows]):.2f} in the "
            f"mean; the bar, at most 1, holds in {len(rows) - len(worse)} of {len(rows)} cases{_but(worse)}."
        )
    return lines


def _link(study: Study) -> list[str]:
    """Say what the last link comes to."""
    lines = []
    for cause in CAUSES:
        of, specifications = study.last_link.estimate(cause), study.last_link.specifications
        slopes = sorted(s.estimate(cause).value for s in specifications)
        conclusion = "cannot be told from nil" if of.low <= 0.0 <= of.high else "can be told from nil"
        lines.append(
            f"Last link, {_CAUSES[cause]}: the elasticity of the odds of the high-tech share is {of.value:.2f} in the "
            f"mean of {len(specifications)} specifications ({slopes[0]:.2f} to {slopes[-1]:.2f}); with an sd of "
            f"{study.last_link.sd(cause):.2f}, of what each is off and of how they differ, it {conclusion}."
        )
    return lines


def _case(row: LeftOut) -> str:
    return f"{SERIES[row.series].label}, h = {row.horizon}"


def _but(cases: Sequence[str]) -> str:
    return f", not in: {'; '.join(cases)}" if cases else ""


def tables(study: Study) -> list[Table]:
    """Give the tables, each with its title."""
    return [
        _errors("Errors of growth carried on", study, "all"),
        _errors("The same, the seven largest economies", study, "large economies"),
        _lasting(study),
        _splits(study),
        _together(study),
        _spreads(study),
        _left_out(study),
        _last_link(study),
    ]


def _labels(names: Sequence[str]) -> Column:
    return Column("series", [SERIES[n].label for n in names], left=True)


def _errors(title: str, study: Study, among: str) -> Table:
    names = [n for n in study.series if study.at(n, NEAR, among) and study.at(n, FAR, among)]
    near, far = ([study.at(n, h, among) for n in names] for h in (NEAR, FAR))
    columns = [
        Column(f"windows, countries\nh = {FAR}", [f"{e.windows}, {e.countries}" for e in far if e]),
        Column(f"rmse\nh = {NEAR}", [_two(e.rmse.value) for e in near if e]),
        Column(f"rmse (90 %)\nh = {FAR}", [_with_interval(e.rmse) for e in far if e]),
        Column(f"robust sd\nh = {NEAR}", [_two(e.robust_sd.value) for e in near if e]),
        Column(f"robust sd (90 %)\nh = {FAR}", [_with_interval(e.robust_sd) for e in far if e]),
        Column(f"t band holds\nh = {FAR}", [_two(e.covered) for e in far if e]),
    ]
    if among == "all":
        columns.append(Column("exponent", [f"{study.exponent(n):.2f}" for n in names]))
    return title, _labels(names), columns


def _lasting(study: Study) -> Table:
    supports = {s.series: s for s in study.support}
    of = [supports[p.series] for p in study.persistence]
    return (
        f"What lasts of the fastest growth, and who grew as fast as {own(study)}",
        _labels([p.series for p in study.persistence]),
        [
            Column("cases, countries", [f"{p.cases}, {p.countries}" for p in study.persistence]),
            Column(
                "%/year before\nand after",
                [f"{100 * p.last:.1f}, {100 * p.following:.1f}" for p in study.persistence],
            ),
            Column("retained (90 %)", [_with_interval(p.retained) for p in study.persistence]),
            Column(f"{own(study)},\n%/year", [f"{100 * s.own:.1f}" for s in of]),
            Column("countries\nas fast", [f"{s.countries} of {s.of}" for s in of]),
            Column("the class\ngives", ["means" if s.gives_means else "scales" for s in of], left=True),
        ],
    )


def _splits(study: Study) -> Table:
    return (
        "Errors about the retained growth, split into yearly shocks and epochs",
        _labels([s.series for s in study.splits]),
        [
            Column("s (90 %)", [_with_interval(s.yearly, 3) for s in study.splits]),
            Column("u (90 %)", [_with_interval(s.epoch, 3) for s in study.splits]),
            Column(f"sd of both (90 %)\nh = {FAR}", [_with_interval(s.floor) for s in study.splits]),
        ],
    )


def _together(study: Study) -> Table:
    rows = study.together
    return (
        f"Errors that go together, h = {FAR}",
        Column("series", [f"{SERIES[t.first].label}; {SERIES[t.second].label}" for t in rows], left=True),
        [
            Column("windows, countries", [f"{t.windows}, {t.countries}" for t in rows]),
            Column("correlation (90 %)", [_with_interval(t.correlation) for t in rows]),
        ],
    )


def _spreads(study: Study) -> Table:
    rows = [(s, n) for s in study.spreads for n in range(len(KINDS))]
    return (
        "The same split of plain errors, by kind of window",
        _labels([s.series for s, _ in rows]),
        [
            Column("windows", [KINDS[n] for _, n in rows], left=True, names_rows=True),
            Column("s (90 %)", [_with_interval(s.yearly[n], 3) for s, n in rows]),
            Column("u (90 %)", [_with_interval(s.epoch[n], 3) for s, n in rows]),
            Column(f"sd of both (90 %)\nh = {FAR}", [_with_interval(s.far[n]) for s, n in rows]),
        ],
    )


def _left_out(study: Study) -> Table:
    rows = study.left_out
    *inner, widest = LEVELS
    return (
        "One country left out",
        _labels([r.series for r in rows]),
        [
            Column("among", [r.among for r in rows], left=True, names_rows=True),
            Column("h", [str(r.horizon) for r in rows], names_rows=True),
            Column("windows,\ncountries", [f"{r.windows}, {r.countries}" for r in rows]),
            Column(
                f"{' and '.join(map(str, inner))} %\nbands hold",
                [", ".join(_two(r.process.covered[level].value) for level in inner) for r in rows],
            ),
            Column(f"{widest} % bands\nhold (90 %)", [_with_interval(r.process.covered[widest]) for r in rows]),
            Column("random\nwalk's hold", [_two(r.walk.covered[widest].value) for r in rows]),
            Column("CRPS", [f"{r.process.crps.value:.3f}" for r in rows]),
            Column("random\nwalk's CRPS", [f"{r.walk.crps.value:.3f}" for r in rows]),
            Column("ratio (90 %)", [_with_interval(r.ratio) for r in rows]),
        ],
    )


def _last_link(study: Study) -> Table:
    link = study.last_link
    rows = [*link.specifications, *link.checks]
    columns = [
        Column("for", ["the prior"] * len(link.specifications) + ["a check"] * len(link.checks), left=True),
        Column("observations,\ncountries", [f"{s.fit.observations}, {s.fit.clusters}" for s in rows]),
    ]
    for cause in CAUSES:
        of = [s if cause in s.causes else None for s in rows]
        columns += [
            Column(f"{_CAUSES[cause]}\n(90 %)", [_with_interval(s.estimate(cause)) if s else "" for s in of]),
            Column("standard\nerror", [_two(s.standard_error(cause)) if s else "" for s in of]),
        ]
    return "Last link", Column("specification", [s.label for s in rows], left=True), columns


def _with_interval(of: Estimate, decimals: int = 2) -> str:
    return f"{of.value:.{decimals}f} ({of.low:.{decimals}f} to {of.high:.{decimals}f})"


def _two(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.2f}"
