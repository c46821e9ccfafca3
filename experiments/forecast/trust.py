"""How far the method is to be trusted: what its kept backtest says, in a line."""

from __future__ import annotations

import json
from pathlib import Path

from fiveyear.model import ordinary_files

#: What ``make backtest`` keeps: a share and a skill, each with the ends of its 90 % interval.
KEPT = Path(__file__).with_name("backtest_summary.json")
LARGEST = 10_000  # bytes


def sentence() -> str:
    """Say how the method did where what came is known; better or worse is what it is all over the interval."""
    kept = json.loads(ordinary_files.read(KEPT, LARGEST))
    covered = f"{kept['inside_90'][0]:.2f}".removeprefix("0")
    _, least, most = kept["skill"]
    against = "smaller than" if least > 0.0 else "larger than" if most < 0.0 else "no smaller than"
    bands = f"90 % bands held {covered} of what came by {kept['end']}"
    return f"Trust: from {kept['origin']}, {bands}; errors {against} a random walk's."
