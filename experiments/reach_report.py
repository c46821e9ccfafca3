"""How ``fiveyear reach`` says its answer: tables for a reader, one JSON object, files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from fiveyear.model import Unit
from fiveyear.model.errors import InputError

from . import files, uncertainty
from .decomposition import Contribution
from .ensemble import Ensemble, Uncertainty
from .reach import CORRELATION, Finance, Finding, Probability, Ranks, Reach, has_finance, has_ranks

WIDTH = 146  # of the tables
SUMMARY = "targets.csv"


Ways = Mapping[Uncertainty, Sequence[Finding]]  # empty where they were not asked for


def print_json(found: Sequence[Reach], ways: Sequence[Ways]) -> None:
    """Print one JSON object for all scenarios."""
    scenarios = [
        r.as_dict() | ({"uncertainty": uncertainty.as_dict(w)} if w else {}) for r, w in zip(found, ways, strict=True)
    ]
    print(json.dumps({"schema": "fiveyear.reach/1", "scenarios": scenarios}, ensure_ascii=False))


def print_tables(found: Sequence[Reach], ways: Sequence[Ways]) -> None:
    """Print two tables and the joint answer for each scenario, then what is known of the targets themselves."""
    console = wide_console()
    for one, way in zip(found, ways, strict=True):
        _print_scenario(console, one)
        if way:
            _print_ways(console, way)
    for one in {r.ensemble.scenario.plan.name: r for r in found}.values():
        console.print(f"On the targets of the {one.ensemble.scenario.plan.title}:")
        for f in one.findings:
            remarks = [r for r in (f.target.unmodelled or f.target.unmeasurable, f.target.note) if r]
            if remarks:
                console.print(f"  {_name(f)}: {'; '.join(remarks)}")


def wide_console() -> Console:
    """Give a console wide enough for the tables; a narrower terminal wraps their lines, and no number is cut."""
    width = max(Console().width, WIDTH) if Console().is_terminal else WIDTH
    return Console(highlight=False, markup=False, emoji=False, width=width)


def plain_table(*columns: str, right: Sequence[str]) -> Table:
    """Give a table without lines: ``columns`` on the left, which fold, then ``right``, which do not."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="none")
    for heading in columns:
        table.add_column(heading, overflow="fold", min_width=22)
    for heading in right:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _print_scenario(console: Console, found: Reach) -> None:
    scenario, plan = found.ensemble.scenario, found.ensemble.scenario.plan
    known = found.ensemble.posterior.evidence.information_set
    draws = found.dataset.sizes["draw"]
    console.print(f"{scenario.name.upper()}: {scenario.title}. {scenario.expect}")
    console.print(f"{plan.title}; {draws:,} draws, seed {found.ensemble.seed}, facts of {known}\n")

    numbers = (f"{plan.base_year} printed", "true", f"{plan.end} target", "median (90 %)", "P (counting error)")
    table = plain_table("target", right=numbers)
    table.add_column("verdict", no_wrap=True)
    for f in found.findings:
        t = f.target
        table.add_row(
            t.label,
            number_text(t.base) + (f" ({plan.base_year - t.reference_lag})" if t.reference_lag else ""),
            number_text(f.base_in_truth),
            f"{t.comparator} {number_text(t.value)}",
            _band(f),
            _chance(f.probability),
            f.verdict,
        )
    console.print(table)

    compared = (
        "needed\n%/yr",
        "had %/yr,\nsince",
        "P, with\nrounding",
        "shortfall\nif missed",
        "first year\nP >= 1/2",
        "random\nwalk",
        "growth\ngoes on",
        "outside\nview",
    )
    beside = plain_table("\nbeside it", right=compared)
    beside.add_column("\nflags", no_wrap=True)
    for f in found.findings:
        if f.median is not None:
            beside.add_row(*_beside(f))
    console.print()
    console.print(beside)

    headline, total = len(found.number_met) - 1, sum(t.kind == "headline" for t in plan.targets)
    console.print(f"\nTogether, of the {headline} of {total} headline targets that are modelled:")
    for name, words in (("measurable", "the measurable"), ("without_levers", "all that are no levers"), ("all", "all")):
        chance, in_common = found.joint[name], found.joint_in_common[name]
        said = "none: the scenario's own levers decide it"
        if chance and in_common:
            said = f"{_chance(chance)}; {share_text(in_common.value)} if errors of indicators correlate by {CORRELATION}"
        console.print(f"  P({words}, {len(found.joint_targets[name])}) = {said}")
    counted = [f"{k} with P {share_text(p)}" for k, p in enumerate(found.number_met) if p > 0.0]
    console.print(f"  number met: {', '.join(counted)}")
    binding = [_name(f) for f in found.findings if f.target.indicator == found.binding_target]
    if binding:
        console.print(f"  binding target: {binding[0]}")
    lagged = [
        f"{_name(f)} {share_text(f.probability_as_printed)} ({plan.end - f.target.reference_lag})"
        for f in found.findings
        if f.probability_as_printed is not None
    ]
    if lagged:
        console.print(f"P as the plan counts, of a year as late as its base value: {', '.join(lagged)}")
    if found.ranks:
        console.print(f"World rank by citations in {plan.end}: {_ranks(found.ranks)}")
    memo = "; ".join(_memo(n, v) for n, v in found.memo.items())
    console.print(f"Memo, {plan.end}, 100M yuan in current prices: {memo}\n")
    if found.finance:
        _print_finance(console, found.finance)


def _ranks(ranks: Ranks) -> str:
    places = [f"{place} with P {share_text(p)}" for place, p in ranks.distribution.items() if p > 0.0]
    low, middle, high = (f"{100.0 * (np.exp(ranks.margin[k]) - 1.0):+.0f}" for k in ("p05", "median", "p95"))
    return f"{', '.join(places)}; margin to place {ranks.place}: {middle} % ({low} to {high})"


def _print_finance(console: Console, finance: Finance) -> None:
    """Print why R&D over GDP changes, factor by factor, and how the probability of its target hangs on what drives it."""
    labels = list(dict.fromkeys(r.label for p in finance.periods for r in p.rows))
    headings = [f"{p.from_year}-{p.to_year} (90 %)" for p in finance.periods]
    table = plain_table("R&D / GDP by who pays, percentage points", right=headings)
    for label in labels:
        rows = [next((r for r in p.rows if r.label == label), None) for p in finance.periods]
        table.add_row(label, *(_points(r) for r in rows))
    table.add_row("in all", *(_points(p.total) for p in finance.periods))
    console.print(table)
    for curve in finance.curves:
        points = ", ".join(f"{share_text(b.probability)} at {b.centre:.3g}" for b in curve.bins)
        unit = "" if curve.unit == "1" else f", {curve.unit}"
        console.print(f"P({curve.target}) over {curve.driver}{unit}: {points}")
    console.print()


def _print_ways(console: Console, ways: Ways) -> None:
    table = plain_table("P, and median (90 %), with more and more drawn", right=[uncertainty.WORDS[w] for w in ways])
    for findings in zip(*ways.values(), strict=True):
        if findings[0].median is not None:
            chances = [f"{share_text(f.probability.value)}, " if f.probability else "" for f in findings]
            told = [f"{chance}{_band(f)}" for chance, f in zip(chances, findings, strict=True)]
            table.add_row(findings[0].target.label, *told)
    console.print(table)
    console.print()


def _points(row: Contribution | None) -> str:
    if row is None:
        return "-"
    band = f" ({row.p05:+.2f} to {row.p95:+.2f})" if row.p95 - row.p05 > 0.005 else ""
    return f"{row.median:+.2f}{band}"


def _beside(f: Finding) -> list[str]:
    walk, continued, view = (f.rivals[n] for n in ("random_walk", "growth_continues", "outside_view"))
    had = "-" if f.growth_achieved is None else f"{f.growth_achieved:.1f}, {f.achieved_since}"
    return [
        f.target.label,
        "-" if f.growth_needed is None else f"{f.growth_needed:.1f}",
        had,
        "-" if f.probability_rounded is None else share_text(f.probability_rounded),
        number_text(f.expected_shortfall) or "-",
        str(f.first_year_met or "-"),
        f"{number_text(walk['median'])}, P {share_text(walk['probability'])}" if walk else "-",
        f"{number_text(continued['median'])}, {'met' if continued['met'] else 'missed'}" if continued else "-",
        f"{number_text(view['median'])}, P {share_text(view['probability'])}" if view else "-",
        ", ".join(f.flags),
    ]


def _name(f: Finding) -> str:
    return f.target.label.split(",")[0]


def _band(f: Finding) -> str:
    if f.median is None:
        return ""
    band = f" ({number_text(f.p05)} to {number_text(f.p95)})"
    return number_text(f.median) + ("" if f.p05 == f.p95 else band)


def _chance(p: Probability | None) -> str:
    return "" if p is None else f"{share_text(p.value)} ({share_text(p.low)} to {share_text(p.high)})"


def share_text(value: float) -> str:
    """Write a probability with three digits, and never a bare 0 or 1."""
    if value < 0.001:
        return "<.001"
    return ">.999" if value > 0.999 else f"{value:.3f}"[1:]


def number_text(value: float | None) -> str:
    """Write a number with three digits, or all before the point; nothing for what is not known."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def _memo(name: str, value: dict[str, float]) -> str:
    low, middle, high = (number_text(value[k] / Unit.parse("100M yuan").scale) for k in ("p05", "median", "p95"))
    return f"{name.replace('_', ' ')} {middle} ({low} to {high})"


# -- files --------------------------------------------------------------------------------------------------
def prepare(ensembles: Sequence[Ensemble], out: Path, force: bool) -> None:
    """Refuse, before any work, what could not be written.

    Raises ExistsError if a file is there and not ``force``, WriteError without a folder, InputError if two results
    would have one name.
    """
    names = _names(ensembles)
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise InputError("reach", [f"two results would be called {n}: give the scenario another name" for n in twice])
    files.folder(out)
    files.refuse_existing([out / n for n in names], force)


def _names(ensembles: Sequence[Ensemble]) -> list[str]:
    from .figures.page import files as of_figure

    draws = [f"{e.scenario.name}.nc" for e in ensembles]
    return [*draws, *(f.name for figure in _figures(ensembles) for f in of_figure(Path(figure))), SUMMARY]


def _figures(ensembles: Sequence[Ensemble]) -> dict[str, Callable[[Sequence[Reach], Path], object]]:
    """Give the figures by the name of their PNG, each with what draws it from the answers of all scenarios."""
    from .figures import exceedance, fan, heat_map, rank
    from .figures.page import MOST

    figures: dict[str, Callable[[Sequence[Reach], Path], object]] = {}
    for place, ensemble in enumerate(ensembles):
        name = ensemble.scenario.name
        figures[f"{name}.png"] = partial(_draw_one, fan.draw, place)
        if has_finance(ensemble):
            figures[f"{name}_finance.png"] = partial(_draw_one, _draw_finance, place)
    for plan in dict.fromkeys(e.scenario.plan.name for e in ensembles):
        of_plan = [e for e in ensembles if e.scenario.plan.name == plan]
        figures[f"{plan}_heat_map.png"] = partial(_draw_plan, heat_map.draw, plan)
        if len(of_plan) <= MOST:  # more curves could not be told apart
            figures[f"{plan}_exceedance.png"] = partial(_draw_plan, exceedance.draw, plan)
            if all(has_ranks(e) for e in of_plan):
                figures[f"{plan}_ranks.png"] = partial(_draw_plan, rank.draw, plan)
    return figures


def _draw_one(draw: Callable[[Reach, Path], object], place: int, found: Sequence[Reach], file: Path) -> None:
    draw(found[place], file)


def _draw_finance(one: Reach, file: Path) -> None:
    from .figures import decomposition

    decomposition.draw(one, file, one.finance.curves if one.finance else ())


def _draw_plan(draw: Callable[[Sequence[Reach], Path], object], plan: str, found: Sequence[Reach], file: Path) -> None:
    draw([r for r in found if r.ensemble.scenario.plan.name == plan], file)


def write(found: Sequence[Reach], out: Path) -> list[Path]:
    """Write the draws of each scenario, the figures, and one table of all targets: all of them or none.

    Gives what was written.
    """
    ensembles = [r.ensemble for r in found]
    with files.together(out) as folder:
        for one in found:
            files.write_netcdf(one.dataset, folder / f"{one.ensemble.scenario.name}.nc")
        for name, draw in _figures(ensembles).items():
            draw(found, folder / name)
        files.write_whole(folder / SUMMARY, lambda path: _write_table(found, path))
    return [out / n for n in _names(ensembles)]


def _write_table(found: Sequence[Reach], file: Path) -> None:
    rows = [{"scenario": r.ensemble.scenario.name, **_flat(o)} for r in found for o in r.findings]
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _flat(finding: Finding) -> dict[str, object]:
    content = finding.as_dict()
    rivals = content.pop("rivals")
    content["flags"] = " ".join(content["flags"])
    for rival, keys in (
        ("random_walk", ("median", "probability")),
        ("growth_continues", ("median", "met")),
        ("outside_view", ("median", "probability")),
    ):
        for key in keys:
            content[f"{rival}_{key}"] = (rivals.get(rival) or {}).get(key)
    return content
