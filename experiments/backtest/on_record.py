"""A backtest whose look at the scores is put on record: what the command prints, and a program is given."""

from __future__ import annotations

from pathlib import Path

from fiveyear.experiments.console.defaults import BACKTESTED, DRAWS, MOST_DRAWS, MOST_SEED, SEED
from fiveyear.experiments.forecast.selection import require_text, require_whole

from . import looks
from .backtest import Backtest, read_later
from .backtest import backtest as scored_by
from .method import at_origin


def backtest(
    plan: str = BACKTESTED,
    *,
    origin: int | None = None,
    horizon: int | None = None,
    scored: str | Path | None = None,
    facts: str | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    look: str | None = None,
) -> Backtest:
    """Fit to the facts up to a year, project, and score it against later facts, beside rival forecasts.

    Parameters
    ----------
    origin : the last year that is fitted; by default the base year of the plan
    horizon : how many years are projected; by default to the end of the plan
    scored : a file of later facts to score with; by default those of the next plan
    look : what has changed since the last look at the scores, where this is a new one

    Gives ``scores``, a row for each forecaster, series and year, and ``skill``, ``coverage`` and ``brier`` over them.
    Raises Error for what cannot be used, and for a new look that does not say what has changed.
    """
    require_text("plan", plan, "the name of a plan")
    require_whole("draws", draws, 1, MOST_DRAWS)
    require_whole("seed", seed, 0, MOST_SEED)
    method = at_origin(plan, origin, horizon, facts, seed)
    evaluation = scored_by(method, read_later(method, None if scored is None else Path(scored)), draws)
    looks.have(looks.LEDGER, looks.at(evaluation, look or ""))
    return evaluation
