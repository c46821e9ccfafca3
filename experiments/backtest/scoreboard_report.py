"""How ``fiveyear backtest --origins`` says what it found: tables, JSON, and a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from fiveyear.calibration.reference_class.study import Estimate
from fiveyear.experiments.console.terminal import Column, columns_text, print_text, text_width
from fiveyear.experiments.page.markdown import columns
from fiveyear.scenarios import load_plan

from . import scoreboard as board
from .backtest import BANDS, CONTINUED, FADES, MODEL, POOL, TURNED_OUT, WALK, WIDEST, Forecaster
from .looks import Look
from .scoreboard import BANDED, COLUMNS, FAR, Pair, Scoreboard

Table = tuple[str, Column, list[Column]]

WORDS: dict[Forecaster, str] = {
    MODEL: "model",
    TURNED_OUT: "model, had it known what it is given",
    WALK: "random walk with drift",
    CONTINUED: "growth continues",
    FADES: "growth fades",
    POOL: "pool of model and walk",
}
LEAST_COVERED, MOST_CRPS = 0.70, 1.1  # what docs/protocol.md asks for

NOTES = (
    "Errors are of logarithms: .10 is some 10 % off. The model is fitted again at each origin to the facts up to it, "
    "in the figures published later, and projects with nobody following a plan. By horizon, numbers are means over "
    "origins and series; the exponent is the power of the horizon with which it grows. Stated: the sd that the 90 % "
    "bands stand for. CRPS, log score (minus the logarithm of the density) and energy score (of all series together): "
    "less is better. Points, which growth that continues or fades is, have no bands; their CRPS is their absolute "
    "error. Intervals are 90 %, from draws of blocks of two origins. One decade holds two or three independent "
    "forecasts five years ahead: it can show a fault and certifies nothing."
)


@dataclass(frozen=True)
class Bar:
    """What was asked for, what came, and whether it is met."""

    what: str
    asked: str
    came: Estimate
    met: bool


def bars(of: Scoreboard) -> list[Bar]:
    """Give what docs/protocol.md asks of China's own years."""
    far = [h for h in of.horizons if h >= FAR]
    held = of.estimate(of.pairs(MODEL, None, far, with_walk=False), partial(board.covered, band=WIDEST))
    ratio = of.ratio()
    return [
        Bar(
            f"inside the 90 % band, {FAR} years ahead and more",
            f">= {LEAST_COVERED:.2f}",
            held,
            held.value >= LEAST_COVERED,
        ),
        Bar("CRPS over the random walk's", f"<= {MOST_CRPS:.1f}", ratio, ratio.value <= MOST_CRPS),
    ]


def summary(of: Scoreboard) -> dict[str, Any]:
    """Give what ``reach`` says of it: a share and a ratio, each with the ends of its 90 % interval."""
    held, ratio = (bar.came for bar in bars(of))
    return {
        "money": load_plan(of.plan).country.currency,  # of the country for which it holds
        "origins": [of.origins[0].year, of.origins[-1].year],
        "ahead": [FAR, of.horizons[-1]],
        "inside_90": [held.value, held.low, held.high],
        "crps_over_walk": [ratio.value, ratio.low, ratio.high],
    }


# -- tables ---------------------------------------------------------------------------------------------------------
def tables(of: Scoreboard) -> Iterator[Table]:
    """Yield the tables, each with its title."""
    yield _bars(of)
    groups: dict[str, Sequence[str] | None] = {
        "all series with a random walk": None,
        "series the model explains": of.explained,
    }
    for title, series in groups.items():
        yield _by_horizon(f"Root mean squared error, {title}", of, COLUMNS, board.rmse, series)
        if series is not None:
            yield _by_horizon(f"Bias, {title}", of, COLUMNS, board.bias, series, signed=True)
        yield _by_horizon(f"Stated sd, {title}", of, BANDED, board.stated, series)
        yield _bands(f"Inside the 50, 80 and 90 % bands, {title}", of, series)
        yield _by_horizon(f"CRPS, {title}", of, COLUMNS, board.mean_crps, series)
        yield _by_horizon(f"Log score, {title}", of, BANDED, board.mean_log_score, series, grows=False)
    yield _energy(of)
    yield _census(of)
    yield _by_series(of)
    yield _by_origin(of)


def _bars(of: Scoreboard) -> Table:
    rows = bars(of)
    return (
        "What was asked for",
        Column("", [b.what for b in rows], left=True),
        [
            Column("asked", [b.asked for b in rows]),
            Column("came (90 %)", [_with_interval(b.came) for b in rows]),
            Column("", ["met" if b.met else "missed" for b in rows], left=True),
        ],
    )


def _by_horizon(
    title: str,
    of: Scoreboard,
    forecasters: Sequence[Forecaster],
    statistic: Callable[[Sequence[Pair]], float],
    series: Sequence[str] | None,
    *,
    signed: bool = False,
    grows: bool = True,
) -> Table:
    form = "+.3f" if signed else ".3f"
    columns = []
    for h in of.horizons:
        rows = [[p for origin in of.pairs(f, series, [h]) for p in origin] for f in forecasters]
        columns.append(Column(f"h = {h}", [format(statistic(r), form) for r in rows]))
    if grows and not signed:
        columns.append(Column("exponent", [f"{of.exponent(f, statistic, series):.2f}" for f in forecasters]))
    far = [of.estimate(of.pairs(f, series, [of.horizons[-1]]), statistic) for f in forecasters]
    columns.append(Column(f"90 %, h = {of.horizons[-1]}", [f"{e.low:{form}} to {e.high:{form}}" for e in far]))
    return title, Column("forecast", [WORDS[f] for f in forecasters], left=True), columns


def _bands(title: str, of: Scoreboard, series: Sequence[str] | None) -> Table:
    far = [h for h in of.horizons if h >= FAR]
    spans = [*([h] for h in of.horizons), far]
    columns = []
    for f in BANDED:
        cells = []
        for span in spans:
            pairs = of.pairs(f, series, span)
            held = [of.estimate(pairs, partial(board.covered, band=b)) for b in BANDS]
            words = " ".join(f"{e.value:.2f}".removeprefix("0") for e in held)
            cells.append(f"{words} ({held[-1].low:.2f} to {held[-1].high:.2f})")
        columns.append(Column(f"{WORDS[f]}\n50 80 90 % (interval of the last)", cells))
    counts = [sum(map(len, of.pairs(MODEL, series, span))) for span in spans]
    names = [*(f"h = {h}" for h in of.horizons), f"h = {far[0]} to {far[-1]}"]
    return title, Column("", names, left=True), [Column("numbers", [str(c) for c in counts]), *columns]


def _energy(of: Scoreboard) -> Table:
    forecasters: tuple[Forecaster, ...] = (MODEL, TURNED_OUT, WALK)
    return (
        "Energy score, all series with a random walk together",
        Column("forecast", [WORDS[f] for f in forecasters], left=True),
        [Column(f"h = {h} (90 %)", [_with_interval(of.energy(f, h)) for f in forecasters]) for h in of.horizons],
    )


def _census(of: Scoreboard) -> Table:
    columns = []
    for h in of.horizons:
        pairs = [p for origin in of.pairs(MODEL, board.SURVEYED, [h]) for p in origin]
        without = [p.without_census(of.rise) for p in pairs]
        cells = [f"{s(r):{form}}" for r in (pairs, without) for s, form in ((board.bias, "+.3f"), (board.rmse, ".3f"))]
        columns.append(Column(f"h = {h}", cells))
    rows = ["bias", "rmse", "bias, without the rise of the census", "rmse, without the rise of the census"]
    return "What a survey of R&D counts: the model's errors", Column("", rows, left=True), columns


def _by_series(of: Scoreboard) -> Table:
    far = [h for h in of.horizons if h >= FAR]
    names = of.series
    held = [of.estimate(of.pairs(MODEL, [n], far, with_walk=False), partial(board.covered, band=WIDEST)) for n in names]
    counts = [sum(map(len, of.pairs(MODEL, [n], far, with_walk=False))) for n in names]
    ratios = [of.ratio([n]) for n in names]
    exponents = [of.exponent(MODEL, board.rmse, [n]) for n in names]
    stated = [of.exponent(MODEL, board.stated, [n]) for n in names]
    return (
        "By series",
        Column("series", [of.labels[n] + (" (given)" if n in of.given else "") for n in names], left=True),
        [
            Column(f"numbers,\nh >= {FAR}", [str(c) for c in counts]),
            Column("inside 90 % (90 %)", [_with_interval(e) for e in held]),
            Column("CRPS over walk's (90 %)", [_with_interval(e) for e in ratios]),
            Column("exponent\nof rmse", [_two(e) for e in exponents]),
            Column("of stated\nsd", [_two(e) for e in stated]),
        ],
    )


def _by_origin(of: Scoreboard) -> Table:
    rows = [
        (o.year, [p.score.inside[-1] for p in o.pairs if p.score.forecaster == MODEL], pairs)
        for o, pairs in zip(of.origins, of.pairs(MODEL), strict=True)
    ]
    walks = of.pairs(WALK)
    return (
        "By origin",
        Column("origin", [str(year) for year, _, _ in rows], left=True),
        [
            Column("numbers", [str(len(inside)) for _, inside, _ in rows]),
            Column("inside 90 %", [f"{np.mean(inside):.2f}" for _, inside, _ in rows]),
            Column("CRPS\nmodel", [f"{board.mean_crps(pairs):.3f}" for _, _, pairs in rows]),
            Column("random\nwalk", [f"{board.mean_crps(pairs):.3f}" for pairs in walks]),
        ],
    )


def _with_interval(of: Estimate) -> str:
    return "" if np.isnan(of.value) else f"{of.value:.2f} ({of.low:.2f} to {of.high:.2f})"


def _two(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.2f}"


# -- words ----------------------------------------------------------------------------------------------------------
def heading(of: Scoreboard) -> str:
    """Say what was scored."""
    return (
        f"Forecasts from {len(of.origins)} origins, {of.origins[0].year} to {of.origins[-1].year}, up to "
        f"{of.horizons[-1]} years ahead and to {of.last_year}; {of.draws:,} draws, seed {of.seed}"
    )


def sentences(of: Scoreboard, looks: Sequence[Look]) -> list[str]:
    """Say what the tables come to, and how often somebody has looked."""
    grow, say = (of.exponent(MODEL, s, of.explained) for s in (board.rmse, board.stated))
    lines = [
        f"Of the series that the model explains, errors grow with the horizon to the power of {grow:.2f}, and the sd "
        f"that its bands state to the power of {say:.2f}.",
        f"Had it known what it is given, its rmse {of.horizons[-1]} years ahead would have been "
        f"{_last(of, TURNED_OUT):.3f} in place of {_last(of, MODEL):.3f}; the walk's is {_last(of, WALK):.3f}.",
    ]
    few = [
        f"{of.labels[n]} from {', '.join(str(o.year) for o in missing)}"
        for n in of.series
        if (missing := [o for o in of.origins if n not in {p.score.series for p in o.pairs}])
    ]
    if few:
        lines.append(f"Not scored, since the facts up to then let nothing be said or none came: {'; '.join(few)}.")
    lines += [f"{look.date}, {look.origin}, method {look.method}: {look.changed}" for look in looks]
    return lines


def _last(of: Scoreboard, forecaster: Forecaster) -> float:
    return board.rmse([p for o in of.pairs(forecaster, of.explained, [of.horizons[-1]]) for p in o])


# -- output ---------------------------------------------------------------------------------------------------------
def rows(of: Scoreboard) -> Iterator[dict[str, Any]]:
    """Yield every forecast and its scores."""
    for o in of.origins:
        yield from ({"origin": o.year, "given": p.given, **p.score.as_dict()} for p in o.pairs)


def as_dict(of: Scoreboard, looks: Sequence[Look]) -> dict[str, Any]:
    """Give all that was found, ready for JSON."""
    by_horizon = {
        f: [
            {
                "horizon": h,
                "numbers": len(pairs),
                "bias": board.bias(pairs),
                "rmse": board.rmse(pairs),
                "crps": board.mean_crps(pairs),
                **({"inside": {f"{b:g}": board.covered(pairs, b) for b in BANDS}} if f in BANDED else {}),
                **({"log_score": board.mean_log_score(pairs)} if f in BANDED else {}),
            }
            for h in of.horizons
            for pairs in [[p for origin in of.pairs(f, None, [h]) for p in origin]]
        ]
        for f in COLUMNS
    }
    return {
        "schema": "fiveyear.scoreboard/1",
        **{"plan": of.plan, "origins": of.name, "facts": of.information_set, "draws": of.draws, "seed": of.seed},
        **{"method": of.method, "scored_against": of.facts},
        "looks": [asdict(look) for look in looks],
        "bars": [{"what": b.what, "asked": b.asked, **asdict(b.came), "met": b.met} for b in bars(of)],
        "by_horizon": by_horizon,
        "energy": {f: {str(h): of.energy(f, h).value for h in of.horizons} for f in (MODEL, TURNED_OUT, WALK)},
        "scores": list(rows(of)),
    }


def print_json(of: Scoreboard, looks: Sequence[Look]) -> None:
    """Print one JSON object."""
    print(json.dumps(as_dict(of, looks), ensure_ascii=False, allow_nan=False))


def print_tables(of: Scoreboard, looks: Sequence[Look]) -> None:
    """Print the tables and what they come to."""
    print_text(heading(of), "")
    for title, first, others in tables(of):
        print(f"\n{title}\n{columns_text(first, others, text_width())}")
    print()
    for line in (*sentences(of, looks), NOTES):
        print_text(line)


def page(of: Scoreboard, looks: Sequence[Look], command: str, pictures: Mapping[str, str]) -> str:
    """Write all of it as Markdown; ``pictures``: file name -> what it shows."""
    parts = ["# The scoreboard", f"{heading(of)}.", f"*Written by* `{command}`."]
    parts.append("\n".join(f"- {line}" for line in sentences(of, looks)))
    parts += [f"![{words}]({name})" for name, words in pictures.items()]
    for title, first, others in tables(of):
        parts += [f"## {title}", columns(first, others)]
    return "\n\n".join([*parts, NOTES]) + "\n"
