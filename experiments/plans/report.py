"""Plans in a terminal, and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from fiveyear.experiments.console.terminal import Column, columns_text, print_text, text_width
from fiveyear.experiments.page.text import one_line
from fiveyear.scenarios import Target

from .check import Checked


def print_new(out: Path) -> None:
    """Say what a new plan holds, and what to do with it."""
    print_text(f"written: {out}/plan.toml (targets), observed.csv (facts), priors.toml, scenarios/")
    print_text(f"next: fiveyear plan check {out}; fiveyear reach {out} (fits it first); then put your own numbers in")


def print_check(checked: Checked, as_json: bool) -> None:
    """Print what each target lacks."""
    plan = checked.plan
    if as_json:
        content: dict[str, Any] = {"schema": "fiveyear.plan-check/1", "plan": plan.name, "folder": str(plan.folder)}
        content |= {"targets": [_target(checked, t) for t in plan.targets], "missing": checked.missing}
        typer.echo(json.dumps({**content, "unfitted": checked.unfitted}, ensure_ascii=False, indent=2))
        return
    for target in plan.targets:
        print_text(f"{one_line(target.label)}: {_state(checked, target)}", "  ")
    for text in checked.missing:
        print_text(text, "  ")
    for evidence in checked.evidence:
        facts = f"{sum(map(len, evidence.facts.values()))} figures of {len(evidence.facts)} series"
        fitted = f"not fitted yet: fiveyear calibrate --plan {plan.call}"
        if not checked.unfitted[evidence.information_set]:
            fitted = "fitted"
        print_text(f"{evidence.information_set}: {facts}, published by {evidence.month}; {fitted}")
    if not checked.missing:
        print_text(f"the targets of {plan.name} lack nothing")


def show(checked: Checked, as_json: bool) -> None:
    """Print what a plan holds."""
    plan = checked.plan
    if as_json:
        facts = {n: sorted(years) for n, years in checked.evidence[0].facts.items()}
        content: dict[str, Any] = {"schema": "fiveyear.plan-show/1", "folder": str(plan.folder), **plan.as_dict()}
        content |= {"facts": facts, "scenarios": [s.name for s in checked.scenarios]}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
        return
    print_text(f"{plan.name}: {one_line(plan.title)}")
    print_text(f"Facts from {plan.start} to {plan.base_year}; targets of {plan.end}; amounts in {plan.country.money}.")
    print_text(f"Source: {one_line(plan.source)}", "  ")
    print_text("")
    columns = [
        Column("target", [one_line(t.heading) for t in plan.targets], left=True),
        Column(str(plan.base_year), ["-" if t.base is None else f"{t.base:,g}" for t in plan.targets]),
        Column(str(plan.end), [f"{t.comparator} {t.value:,g}" for t in plan.targets]),
        Column("kind", [t.kind for t in plan.targets], left=True),
    ]
    typer.echo(columns_text(columns[0], columns[1:], text_width()))
    print_text("")
    for name, years in checked.evidence[0].facts.items():
        print_text(f"{name}: {min(years)} to {max(years)}, {len(years)} figures", "  ")
    print_text(f"Scenarios: {', '.join(s.name for s in checked.scenarios)}", "  ")


def _target(checked: Checked, target: Target) -> dict[str, Any]:
    return {
        "indicator": target.indicator,
        "label": target.label,
        "unmodelled": target.unmodelled,
        "lacking": checked.lacking.get(target.indicator, []),
        "state": _state(checked, target),
    }


def _state(checked: Checked, target: Target) -> str:
    """Say whether a target can be answered, and if not why."""
    if target.indicator not in checked.lacking:
        return f"the model says nothing of it: {target.unmodelled}"
    if lacking := checked.lacking[target.indicator]:
        return f"lacks {len(lacking)} {'things' if len(lacking) > 1 else 'thing'}, below"
    if target.untold is not None:
        return f"computed, without a probability: {target.untold}"
    return "can be answered"
