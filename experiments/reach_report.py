"""How ``fiveyear reach`` says its answer: tables for a reader, one JSON object, files."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fiveyear.model import Unit

from . import files
from .ensemble import Ensemble
from .reach import Outlook, Probability, Reach

WIDTH = 140  # of the tables where the output is no terminal


def print_json(found: Sequence[Reach]) -> None:
    """Print one JSON object for all scenarios."""
    print(json.dumps({"schema": "fiveyear.reach/1", "scenarios": [r.as_dict() for r in found]}, ensure_ascii=False))


def print_tables(found: Sequence[Reach]) -> None:
    """Print two tables and the joint answer for each scenario, then what is known of the targets themselves."""
    console = console_of_width()
    for one in found:
        _print_scenario(console, one)
    plans = {r.ensemble.scenario.plan.name: r for r in found}
    for one in plans.values():
        console.print(f"On the targets of the {one.ensemble.scenario.plan.title}:")
        for o in one.outlooks:
            remark = "; ".join(r for r in (o.target.unmodelled or o.target.unmeasurable, o.target.note) if r)
            if remark:
                console.print(f"  {o.target.label.split(',')[0]}: {remark}", soft_wrap=True)


def console_of_width() -> Console:
    """Give a console that is wide enough for the tables where the output is no terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


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

    numbers = (f"{plan.base_year} printed", "true", f"{plan.end} target", "median (90 %)", "P (90 % MC error)")
    table = plain_table("target", right=numbers)
    table.add_column("verdict", no_wrap=True)
    modelled = [o for o in found.outlooks if o.median is not None]
    for o in modelled:
        t = o.target
        table.add_row(
            t.label,
            _number(t.base) + (f" ({plan.base_year - t.reference_lag})" if t.reference_lag else ""),
            _number(o.base_in_truth),
            f"{t.comparator} {_number(t.value)}",
            f"{_number(o.median)} ({_number(o.p05)}-{_number(o.p95)})",
            _chance(o.probability),
            o.verdict,
        )
    console.print(table)
    absent = [o.target.label.split(",")[0] for o in found.outlooks if o.median is None]
    if absent:
        console.print(f"not modelled yet: {'; '.join(absent)}")

    compared = (
        "growth %/yr:\nneeded, had",
        "P if\nrounded",
        "short\nby",
        "first\nmet",
        "random\nwalk",
        "growth\ngoes on",
        "outside\nview",
    )
    beside = plain_table("\nbeside it", right=compared)
    beside.add_column("\nflags", no_wrap=True)
    for o in modelled:
        beside.add_row(*_beside(o))
    console.print()
    console.print(beside)

    headline, total = len(found.number_met) - 1, sum(t.kind == "headline" for t in plan.targets)
    console.print(f"\nTogether, of the {headline} of {total} headline targets that are modelled:")
    for name, words in (("all", "all"), ("measurable", "the measurable"), ("without_levers", "all but levers")):
        console.print(
            f"  P({words} {len(found.joint_targets[name])}) = {_chance(found.joint[name]) or 'no such target'}"
        )
    console.print(
        "  number met: " + ", ".join(f"{k} with P {_share(p)}" for k, p in enumerate(found.number_met) if p > 0.0)
    )
    if found.binding_target:
        console.print(f"  binding target: {found.binding_target}")
    memo = "; ".join(_memo(n, v) for n, v in found.memo.items())
    console.print(f"Memo, {plan.end}, 100M yuan in current prices: {memo}\n")


def _beside(o: Outlook) -> list[str]:
    walk, continued, view = (o.rivals[n] for n in ("random_walk", "growth_continues", "outside_view"))
    return [
        o.target.label,
        f"{_percent(o.growth_needed)}, {_percent(o.growth_achieved)}",
        "-" if o.probability_rounded is None else _share(o.probability_rounded),
        _number(o.expected_shortfall) or "-",
        str(o.first_year_met or "-"),
        f"{_number(walk['median'])}, P {_share(walk['probability'])}" if walk else "-",
        f"{_number(continued['median'])}, {'met' if continued['met'] else 'missed'}" if continued else "-",
        f"{_number(view['median'])}, P {_share(view['probability'])}" if view else "-",
        ", ".join(o.flags),
    ]


def _chance(p: Probability | None) -> str:
    return "" if p is None else f"{_share(p.value)} ({_share(p.low)}-{_share(p.high)})"


def _share(value: float) -> str:
    """Write a probability with three digits, and never a bare 0 or 1."""
    if value < 0.001:
        return "<.001"
    return ">.999" if value > 0.999 else f"{value:.3f}"[1:]


def _number(value: float | None) -> str:
    """Write a number with three digits, or all before the point; nothing for what is not known."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _memo(name: str, value: dict[str, float]) -> str:
    low, middle, high = (_number(value[k] / Unit.parse("100M yuan").scale) for k in ("p05", "median", "p95"))
    return f"{name} {middle} ({low}-{high})"


# -- files --------------------------------------------------------------------------------------------------
def prepare(ensembles: Sequence[Ensemble], out: Path, force: bool) -> None:
    """Raise ExistsError, before any work, if a file that would be written is there; WriteError without a folder."""
    from .figures import fan

    files.folder(out)
    names = [e.scenario.name for e in ensembles]
    results = [f for n in names for f in (out / f"{n}.nc", *fan.files(out / f"{n}.png"))]
    files.refuse_existing([*results, out / "targets.csv"], force)


def write(found: Sequence[Reach], out: Path) -> list[Path]:
    """Write, for each scenario, the draws and the figure, and one table of all targets; gives what was written."""
    from .figures import fan

    written = []
    for one in found:
        name = one.ensemble.scenario.name
        files.write_netcdf(one.dataset, out / f"{name}.nc")
        written += [out / f"{name}.nc", *fan.draw(one, out / f"{name}.png")]
    table = out / "targets.csv"
    files.write_whole(table, lambda path: _write_table(found, path))
    return [*written, table]


def _write_table(found: Sequence[Reach], file: Path) -> None:
    rows = [{"scenario": r.ensemble.scenario.name, **_flat(o)} for r in found for o in r.outlooks]
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _flat(outlook: Outlook) -> dict[str, object]:
    content = outlook.as_dict()
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
