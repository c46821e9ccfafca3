"""Figures of a paper for which a choice among the answers is to be made."""

from __future__ import annotations

from collections.abc import Sequence

from fiveyear.experiments.backtest import bands, scoreboard_figure
from fiveyear.experiments.backtest.backtest import Backtest
from fiveyear.experiments.backtest.scoreboard import Scoreboard
from fiveyear.experiments.page.figure import Drawing
from fiveyear.experiments.reach.answer import Reach
from fiveyear.experiments.reach.figures import decomposition


def scoreboard(scores: Scoreboard | Backtest) -> Drawing:
    """Give how forecasts from several origins did, or what came of those from one."""
    return bands.drawing(scores) if isinstance(scores, Backtest) else scoreboard_figure.drawing(scores)


def finance(answers: Sequence[Reach]) -> Drawing:
    """Give what R&D over GDP is made of, in the first scenario in which those who pay set what is spent."""
    answer = next(answer for answer in answers if answer.finance is not None)
    assert answer.finance is not None
    return decomposition.drawing(answer, answer.finance)
