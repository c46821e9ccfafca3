"""How ``fiveyear reach`` says its answer: tables for a reader, one JSON object, files."""

from __future__ import annotations

import csv
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from fiveyear.model import Unit
from fiveyear.model.errors import InputError

from . import files, uncertainty
from .decomposition import Contribution
from .ensemble import Ensemble, Uncertainty
from .rank import RIVAL
from .reach import CORRELATION, Finance, Finding, Probability, Ranks, Reach, has_finance, has_ranks

WIDTH = 146  # of the tables
FLAGS_WIDTH = 14
MEMO_WORDS = {"gdp": "GDP", "rd_spending": "R&D spending", "high_tech_value_added": "high-tech value added"}
SUMMARY = "targets.csv"


Ways = Mapping[Uncertainty, Sequence[Finding]]  # empty where they were not asked for


def print_json(found: Sequence[Reach], ways: Sequence[Ways]) -> None:
    """Print one JSON object for all scenarios."""
    scenarios = [
        r.as_dict() | ({"uncertainty": uncertainty.as_dict(w)} if w else {}) for r, w in zip(found, ways, strict=True)
    ]
    print(json.dumps({"schema": "fiveyear.reach/1", "scenarios": scenarios}, ensure_ascii=False, allow_nan=False))


def print_tables(found: Sequence[Reach], ways: Sequence[Ways]) -> None:
    """Print two tables and the joint answer for each scenario, then what is known of the targets themselves."""
    for one, way in zip(found, ways, strict=True):
        _print_scenario(one)
        if way:
            _print_ways(way)
    for one in {r.ensemble.scenario.plan.name: r for r in found}.values():
        _print(f"On the targets of the {one.ensemble.scenario.plan.title}:")
        for f in one.findings:
            remarks = [r for r in (f.target.unmodelled or f.target.unmeasurable, f.target.note) if r]
            if remarks:
                _print(f"  {_name(f)}: {'; '.join(remarks)}", "    ")


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


def _width() -> int:
    """Give the columns to print in: those of the terminal, if it is one, up to the width of the tables."""
    console = Console()
    return min(console.width, WIDTH) if console.is_terminal else WIDTH


@dataclass(frozen=True)
class Column:
    """A column of a table: a heading and cells, each of one line or more."""

    heading: str
    cells: Sequence[str]
    left: bool = False  # else numbers, which stand at the right

    @property
    def width(self) -> int:
        return max(cell_len(line) for text in (self.heading, *self.cells) for line in text.split("\n"))


def columns_text(first: Column, others: Sequence[Column], width: int) -> str:
    """Lay columns out beside the first; those for which ``width`` has no room go below, beside the first once more.

    >>> print(columns_text(Column("target", ["R&D"], left=True), [Column("2010", ["1.75"]), Column("P", [".473"])], 16))
    target  2010
    R&D     1.75
    <BLANKLINE>
    target     P
    R&D     .473
    """
    room = max(width // 2, 1)
    folded = [_folded(text, room) for text in (first.heading, *first.cells)]
    first = Column(folded[0], folded[1:], first.left)
    blocks: list[list[Column]] = []
    for column in others:
        if not blocks or sum(c.width + 2 for c in (*blocks[-1], column)) - 2 > width:
            blocks.append([first])
        blocks[-1].append(column)
    return "\n\n".join("\n".join(_rows(block)) for block in blocks)


def _rows(columns: Sequence[Column]) -> Iterator[str]:
    """Give the lines of a table; headings stand on the same last line, cells on the same first."""
    texts = zip(*([c.heading, *c.cells] for c in columns), strict=True)
    for place, cells in enumerate(texts):
        split = [cell.split("\n") for cell in cells]
        most = max(map(len, split))
        padded = [[""] * (most - len(s)) + s if place == 0 else s + [""] * (most - len(s)) for s in split]
        for line in zip(*padded, strict=True):
            gaps = [" " * (c.width - cell_len(word)) for c, word in zip(columns, line, strict=True)]
            parts = [w + g if c.left else g + w for c, w, g in zip(columns, line, gaps, strict=True)]
            yield "  ".join(parts).rstrip()


def _folded(text: str, width: int, further: str = "") -> str:
    """Fold a text between words; ``further`` starts every line but the first."""
    return textwrap.fill(text, max(width, 1), subsequent_indent=further, break_long_words=False, break_on_hyphens=False)


def _print(text: str, further: str = "  ") -> None:
    print(_folded(text, _width(), further))


def _print_scenario(found: Reach) -> None:
    scenario, plan = found.ensemble.scenario, found.ensemble.scenario.plan
    known = found.ensemble.posterior.evidence.information_set
    draws = found.dataset.sizes["draw"]
    _print(f"{scenario.name.upper()}: {scenario.title}. {scenario.expect}", "")
    _print(f"{plan.title}; {draws:,} draws, seed {found.ensemble.seed}, facts of {known}", "")
    all_of_them = found.findings
    printed = [
        number_text(f.target.base) + (f" ({plan.base_year - f.target.reference_lag})" if f.target.reference_lag else "")
        for f in all_of_them
    ]
    answers = (
        Column(f"{plan.base_year} printed", printed),
        Column("true", [number_text(f.base_in_truth) for f in all_of_them]),
        Column(f"{plan.end} target", [f"{f.target.comparator} {number_text(f.target.value)}" for f in all_of_them]),
        Column("median (90 %)", [_band(f) for f in all_of_them]),
        Column("P (counting error)", [_chance(f.probability) for f in all_of_them]),
        Column("verdict", [f.verdict for f in all_of_them], left=True),
    )
    labels = Column("target", [f.target.label for f in all_of_them], left=True)
    print(f"\n{columns_text(labels, answers, _width())}")

    modelled = [f for f in all_of_them if f.median is not None]
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
    cells = list(zip(*(_beside(f) for f in modelled), strict=True)) if modelled else [()] * len(compared)
    flags = [_folded(", ".join(f.flags), FLAGS_WIDTH) for f in modelled]
    beside = [*(Column(h, c) for h, c in zip(compared, cells, strict=True)), Column("flags", flags, left=True)]
    labels = Column("beside it", [f.target.label for f in modelled], left=True)
    print(f"\n{columns_text(labels, beside, _width())}\n")
    _print_together(found)
    _print_further(found)
    if found.finance:
        _print_finance(found.finance)


def _print_together(found: Reach) -> None:
    """Print how likely it is that the headline targets are met together."""
    plan, everything = found.ensemble.scenario.plan, found.joint_targets["all"]
    total = sum(t.kind == "headline" for t in plan.targets)
    of_all = "" if len(everything) == total else f"{len(everything)} of "
    modelled = "" if len(everything) == total else " that are modelled"
    _print(f"Together, the {of_all}{total} headline targets{modelled}:")
    for name, words in (
        ("measurable", "that statistics measure"),
        ("without_levers", "that the scenario does not set"),
        ("all", ""),
    ):
        members = found.joint_targets[name]
        if name != "all" and members == everything:
            continue
        chance, in_common = found.joint[name], found.joint_in_common[name]
        said = "none: what the scenario itself sets decides it"
        if chance and in_common:
            said = (
                f"{_chance(chance)}; {share_text(in_common.value)} if errors of indicators correlate by {CORRELATION}"
            )
        _print(f"  P({f'the {len(members)} {words}' if words else f'all {len(members)}'}) = {said}", "    ")
    counted = [f"{k} with P {share_text(p)}" for k, p in enumerate(found.number_met) if p > 0.0]
    _print(f"  number met: {', '.join(counted)}", "    ")
    binding = [_name(f) for f in found.findings if f.target.indicator == found.binding_target]
    if binding:
        _print(f"  binding target, the least likely: {binding[0]}", "    ")


def _print_further(found: Reach) -> None:
    """Print P by the plan's own way of counting, ranks, and sums of money."""
    plan = found.ensemble.scenario.plan
    lagged = [
        f"{_name(f)} {share_text(f.probability_as_printed)} (of {plan.end - f.target.reference_lag})"
        for f in found.findings
        if f.probability_as_printed is not None
    ]
    if lagged:
        _print(f"P if a figure as old as the plan's own base value counts: {', '.join(lagged)}")
    if found.ranks:
        last = 1 + sum(str(n).startswith(RIVAL) for n in found.dataset)
        _print(f"World rank by citations in {plan.end}: {_ranks(found.ranks, last)}")
    memo = "; ".join(_memo(n, v) for n, v in found.memo.items())
    _print(f"Memo, {plan.end}, 100M yuan in current prices: {memo}")
    print()


def _ranks(ranks: Ranks, last: int) -> str:
    shares = {k: p for k, p in ranks.distribution.items() if p > 0.0}
    places = [f"{k}{' or beyond' if k == last else ''} with P {share_text(p)}" for k, p in shares.items()]
    low, middle, high = (f"{100.0 * (np.exp(ranks.margin[k]) - 1.0):+z.0f}" for k in ("p05", "median", "p95"))
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
    print(columns_text(first, periods, _width()))
    for curve in finance.curves:
        centres = [b.centre for b in curve.bins]
        places = max(0, 1 - int(np.floor(np.log10(max(centres) - min(centres))))) if len(set(centres)) > 1 else 2
        points = ", ".join(f"{share_text(b.probability)} at {b.centre:z.{places}f}" for b in curve.bins)
        unit = "" if curve.unit == "1" else f", {curve.unit}"
        _print(f"P({curve.target}) by {curve.driver}{unit}: {points}")
    print()


def _print_ways(ways: Ways) -> None:
    told = [f for f in zip(*ways.values(), strict=True) if f[0].median is not None]
    columns = [
        Column(uncertainty.WORDS[way], [_chance_and_band(findings[place]) for findings in told])
        for place, way in enumerate(ways)
    ]
    labels = Column("P, median (90 %), the more is drawn", [f[0].target.label for f in told], left=True)
    print(f"{columns_text(labels, columns, _width())}\n")


def _chance_and_band(f: Finding) -> str:
    return (f"{share_text(f.probability.value)}, " if f.probability else "") + _band(f)


def _points(row: Contribution | None) -> str:
    if row is None:
        return "-"
    band = f" ({row.p05:+z.2f} to {row.p95:+z.2f})" if row.p95 - row.p05 > 0.005 else ""
    return f"{row.median:+z.2f}{band}"


def _beside(f: Finding) -> list[str]:
    walk, continued, view = (f.rivals[n] for n in ("random_walk", "growth_continues", "outside_view"))
    had = "-" if f.growth_achieved is None else f"{f.growth_achieved:.1f}, {f.achieved_since}"
    return [
        "-" if f.growth_needed is None else f"{f.growth_needed:.1f}",
        had,
        "-" if f.probability_rounded is None else share_text(f.probability_rounded),
        number_text(f.expected_shortfall) or "-",
        str(f.first_year_met or "-"),
        f"{number_text(walk['median'])}, P {share_text(walk['probability'])}" if walk else "-",
        f"{number_text(continued['median'])}, {'met' if continued['met'] else 'missed'}" if continued else "-",
        f"{number_text(view['median'])}, P {share_text(view['probability'])}" if view else "-",
    ]


def _name(f: Finding) -> str:
    return f.target.label.split(",")[0]


def _band(f: Finding) -> str:
    if f.median is None:
        return ""
    band = f" ({number_text(f.p05)} to {number_text(f.p95)})"
    return number_text(f.median) + ("" if f.p05 == f.p95 else band)


def _chance(p: Probability | None) -> str:
    if p is None:
        return ""
    ends = share_text(p.low), share_text(p.high)
    return share_text(p.value) + ("" if set(ends) == {share_text(p.value)} else f" ({' to '.join(ends)})")


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
    return f"{MEMO_WORDS.get(name, name.replace('_', ' '))} {middle} ({low} to {high})"


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
