"""A backtest whose look at the scores is put on record: what the command prints, and a program is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from fiveyear.experiments.console.defaults import BACKTESTED, DRAWS, MOST_DRAWS, MOST_SEED, ORIGINS, SEED
from fiveyear.experiments.forecast.selection import require_text, require_whole
from fiveyear.model.errors import InputError

from . import looks
from .backtest import Backtest, read_later
from .backtest import backtest as scored_by
from .method import at_origin
from .scoreboard import Scoreboard
from .scoreboard import scoreboard as scored_at


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
    looks.have(looks.ledger(plan), looks.at(evaluation, look or ""))
    return evaluation


def scoreboard(
    plan: str = BACKTESTED,
    *,
    origins: Sequence[int] = ORIGINS,
    facts: str | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    look: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Scoreboard:
    """Fit to the facts up to each of several years, and score the forecasts of up to five years by their horizon.

    Parameters
    ----------
    origins : years, two or more; each takes a minute or two of one processor
    look : what has changed since the last look at the scores, where this is a new one
    progress : called with 1 after each origin

    Gives ``pairs``, forecasts and what came by origin, and ``estimate``, a statistic of them with its interval. Raises
    Error for what cannot be used, and for a new look that does not say what has changed.
    """
    require_text("plan", plan, "the name of a plan")
    require_whole("draws", draws, 1, MOST_DRAWS)
    require_whole("seed", seed, 0, MOST_SEED)
    years = sorted(set(origins))
    if len(years) < 2:
        raise InputError("origins", [f"found {', '.join(map(str, years)) or 'none'}: expected two years or more"])
    for year in years:
        require_whole("origins", year, 1900, 2100)
    evaluation = scored_at(plan, years, facts, draws, seed, progress)
    looks.have(looks.ledger(plan), looks.at(evaluation, look or ""))
    return evaluation
