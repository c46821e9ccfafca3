"""Scenarios side by side on common random numbers, so that a difference is not chance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fiveyear.experiments.console.defaults import DRAWS, SEED
from fiveyear.experiments.console.terminal import share_text
from fiveyear.experiments.forecast.targets import MEASURED
from fiveyear.model.errors import Fault, InputError
from fiveyear.scenarios import Scenario

from .answer import Reach
from .answers import reach

if TYPE_CHECKING:
    import pandas as pd

LEAST = 0.01  # by which a probability must differ to count


def compare(
    first: str | Path | Scenario,
    *others: str | Path | Scenario,
    draws: int = DRAWS,
    seed: int = SEED,
    facts: str | None = None,
    engine: str | None = None,
) -> pd.DataFrame:
    """Set scenarios beside the first, draw by draw on the same random numbers.

    Gives a row for each target and other scenario: the scenario's median, its difference from the first (median, p05,
    p95, all in ``unit``), the share of draws in which it is higher, and both probabilities. Raises what ``reach`` does.
    """
    import pandas as pd

    if not others:
        raise InputError("compare", [Fault("", found="one scenario", expected="two or more")])
    return pd.DataFrame(
        compared(*reach(first, *others, draws=draws, seed=seed, facts=facts, engine=engine).by_scenario)
    )


def compared(first: Reach, *others: Reach) -> list[dict[str, Any]]:
    """Give, for each target that is modelled, each answer's difference from the first, draw by draw; ready for JSON."""
    modelled = [k for k, o in enumerate(first.findings) if o.median is not None]
    return [_row(first, other, place) for place in modelled for other in others]


def conclusions(first: Reach, *others: Reach) -> list[str]:
    """Say of each other scenario whether it does better than the first, in what and by how much, a paragraph each."""
    return [" ".join(_sentences(first, other)) for other in others]


def _sentences(first: Reach, other: Reach) -> Iterator[str]:
    names = other.ensemble.scenario.name, first.ensemble.scenario.name
    together, before = (answer.joint["measurable"] for answer in (other, first))
    if together and before:
        rise, count = together.value - before.value, len(other.joint_targets["measurable"])
        does = "better than" if rise >= LEAST else "worse than" if rise <= -LEAST else "about as well as"
        chances = f"{share_text(together.value)}, against {share_text(before.value)}"
        yield f"{names[0]} does {does} {names[1]}: all {count} headline targets {MEASURED} are met with P {chances}."
    else:
        yield f"{names[0]} against {names[1]}:"
    gains = [
        (there.value - here.value, f"{of.target.label} ({share_text(there.value)}, against {share_text(here.value)})")
        for of, reference in zip(other.findings, first.findings, strict=True)
        if of.target.kind == "headline" and (there := of.probability) and (here := reference.probability)
    ]
    gains.sort(key=lambda gain: -abs(gain[0]))
    for words, sign in (("Likelier", 1.0), ("Less likely", -1.0)):
        if moved := [text for gain, text in gains if sign * gain >= LEAST]:
            yield f"{words}: {'; '.join(moved)}."
    if same := sum(abs(gain) < LEAST for gain, _ in gains):
        yield f"{same} of {len(gains)} headline targets differ by less than {share_text(LEAST)}."


def _row(first: Reach, other: Reach, place: int) -> dict[str, Any]:
    mine, reference = other.findings[place], first.findings[place]
    target, name = mine.target, mine.target.indicator
    there, here = (r.outcomes.decisive[name] for r in (other, first))
    # Two runs that differ in their last bits do not differ.
    difference = np.where(np.isclose(there, here, rtol=1e-12, atol=1e-12), 0.0, there - here)
    p05, median, p95 = np.quantile(difference, [0.05, 0.5, 0.95])
    return {
        "scenario": other.ensemble.scenario.name,
        "indicator": name,
        "label": target.label,
        "unit": target.unit,
        "median": mine.median,
        "difference": float(median),
        "difference_p05": float(p05),
        "difference_p95": float(p95),
        "share_higher": float(np.mean(difference > 0.0)),
        "probability": mine.probability.value if mine.probability else None,
        "probability_of_first": reference.probability.value if reference.probability else None,
    }
