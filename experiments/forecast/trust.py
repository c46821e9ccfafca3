"""How far the method is to be trusted: what its kept scoreboard says, in a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fiveyear.experiments.console.language import say
from fiveyear.model import Country, ordinary_files

#: What ``make scoreboard`` keeps: a share and a ratio of scores, each with the ends of its 90 % interval.
KEPT = Path(__file__).with_name("scoreboard_summary.json")
LARGEST = 10_000  # bytes


def kept_scores() -> dict[str, Any]:
    """Give what is kept of the scoreboard."""
    scores: dict[str, Any] = json.loads(ordinary_files.read(KEPT, LARGEST))
    return scores


def is_scored(country: Country) -> bool:
    """Tell whether forecasts of this country have been held against what came."""
    return bool(kept_scores()["money"] == country.currency)


def sentence(country: Country) -> str:
    """Say how the method did where what came is known; better or worse is what it is all over the interval."""
    kept = kept_scores()
    if not is_scored(country):
        return say("Trust: no forecast of this country has been held against what came.")
    (first, last), (near, far) = kept["origins"], kept["ahead"]
    covered = f"{kept['inside_90'][0]:.2f}".removeprefix("0")
    shared = {"first": first, "last": last, "near": near, "far": far, "covered": covered}
    _, least, most = kept["crps_over_walk"]
    if most < 1.0:
        return say(
            "Trust: from {first}-{last}, 90 % bands held {covered} {near} to {far} years on; errors smaller than a "
            "random walk's.",
            **shared,
        )
    if least > 1.0:
        return say(
            "Trust: from {first}-{last}, 90 % bands held {covered} {near} to {far} years on; errors larger than a "
            "random walk's.",
            **shared,
        )
    return say(
        "Trust: from {first}-{last}, 90 % bands held {covered} {near} to {far} years on; errors no smaller than a "
        "random walk's.",
        **shared,
    )
