"""What is computed for a paper: each study once, for all figures, tables and numbers that are made of it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fiveyear.experiments.forecast import trust
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.scenarios.programme import programme_files

if TYPE_CHECKING:
    from fiveyear.experiments.backtest.backtest import Backtest
    from fiveyear.experiments.backtest.scoreboard import Scoreboard
    from fiveyear.experiments.learned.study import Study as Learned
    from fiveyear.experiments.levers.table import Table as Levers
    from fiveyear.experiments.need.need import Need, Wish
    from fiveyear.experiments.programmes.study import Study as Programmes
    from fiveyear.experiments.reach.answer import Reach
    from fiveyear.experiments.validation.loop_cuts import LoopCuts
    from fiveyear.experiments.validation.placebo import Placebo
    from fiveyear.experiments.validation.subject import Subject
    from fiveyear.scenarios import Plan

    from .paper_file import Paper

OF_PROGRAMMES = 10  # times fewer draws, each of which simulates a thousand projects
LEAST_OF_PROGRAMMES = 200
OF_LEVERS = 1_000  # draws


def answers(paper: Paper) -> list[Reach]:
    """Give the answers for the scenarios that every figure shows, with all draws by year."""
    from fiveyear.experiments.reach.answer import reach

    return [reach(ensemble, paper.draws) for ensemble in paper.first]


def scenarios(paper: Paper) -> list[Reach]:
    """Give the answers for all scenarios, on fewer draws; those that every figure shows come first."""
    from fiveyear.experiments.reach.answer import reach

    return [reach(e, paper.draws_of_others, whole=False) for e in (*paper.first, *paper.others)]


def model(paper: Paper) -> Plan:
    """Give the plan, whose country has the model."""
    return paper.plan


def loop_cuts(paper: Paper) -> LoopCuts:
    """Give what each feedback loop moves."""
    from fiveyear.experiments.validation.loop_cuts import DRAWS
    from fiveyear.experiments.validation.loop_cuts import loop_cuts as cuts

    return cuts(paper.first[0], min(paper.draws, DRAWS))


def placebo(paper: Paper) -> Placebo:
    """Give what is projected from facts with half the growth."""
    from fiveyear.experiments.validation.placebo import placebos

    result = placebos(_subject(paper.first[0]))
    assert result is not None  # or the plan would not give it
    return result


def levers(paper: Paper) -> list[Levers]:
    """Give what each lever moves under the scenarios that every figure shows."""
    from fiveyear.experiments.levers.command import RAISED
    from fiveyear.experiments.levers.table import tables

    return tables([e.going_on(paper.plan.outlook_end) for e in paper.first], OF_LEVERS, RAISED)


def wish(paper: Paper) -> Wish:
    """Give what is wished for of the first scenario, checked; raises InputError with every fault."""
    from fiveyear.experiments.need.need import SEARCHED
    from fiveyear.experiments.need.wishes import wish, with_chance

    of, asked = paper.first[0], paper.table.need
    targets = asked.targets or [with_chance(of)[0].indicator]
    return wish(of, targets, asked.probability, draws=max(paper.draws, SEARCHED))


def need(paper: Paper) -> Need:
    """Give what it would take to have that."""
    return wish(paper).answer()


def learned(paper: Paper) -> Learned:
    """Give what the facts said of each parameter."""
    from fiveyear.experiments.learned.calibrate import fitted
    from fiveyear.experiments.learned.study import study

    return study(*fitted(paper.first[0].posterior.evidence))


def scoreboard(paper: Paper) -> Scoreboard | Backtest:
    """Give how the method did from each origin; for a look, from that origin whose posterior is there."""
    from fiveyear.experiments.backtest import on_record

    if paper.quick:
        return on_record.backtest(draws=paper.draws)
    return on_record.scoreboard(draws=paper.draws)


def programmes(paper: Paper) -> Programmes:
    """Give when the figures of the plan's programmes are reached."""
    from fiveyear.experiments.programmes.study import study
    from fiveyear.model.cores import cores
    from fiveyear.scenarios.programme import load_portfolio

    portfolio, asked = load_portfolio(paper.plan)
    return study(paper.first[0], portfolio, asked, _of_programmes(paper), cores())


def _of_programmes(paper: Paper) -> int:
    return max(paper.draws // OF_PROGRAMMES, LEAST_OF_PROGRAMMES)


def _always(first: Sequence[Ensemble]) -> bool:
    return bool(first)


def _has_limits(first: Sequence[Ensemble]) -> bool:
    from fiveyear.experiments.need.wishes import with_chance

    return bool(first[0].scenario.plan.limits and with_chance(first[0]))


def _is_scored(first: Sequence[Ensemble]) -> bool:
    return trust.is_scored(first[0].scenario.plan.country)


def _has_loops(first: Sequence[Ensemble]) -> bool:
    from fiveyear.experiments.validation.behaviour import at_work

    return bool(at_work(first[0]))


def _subject(ensemble: Ensemble) -> Subject:
    from fiveyear.experiments.validation.subject import Subject

    return Subject(ensemble.scenario.plan.call, ensemble.posterior.evidence.information_set)


def _has_placebo(first: Sequence[Ensemble]) -> bool:
    from fiveyear.experiments.validation.behaviour import has_placebo

    subject = _subject(first[0])
    return subject.deciding is not None and has_placebo(subject.evidence)


def _has_programmes(first: Sequence[Ensemble]) -> bool:
    from fiveyear.experiments.programmes.study import OF_CORE

    return bool(programme_files(first[0].scenario.plan)) and set(OF_CORE) <= set(first[0].names)


@dataclass(frozen=True)
class Study:
    """A study: what computes it, the command that prints the same, and whether a plan gives what it takes."""

    compute: Callable[[Paper], Any]
    command: Callable[[Paper], Sequence[str]]
    given: Callable[[Sequence[Ensemble]], bool] = _always


def _called(ensembles: Sequence[Ensemble]) -> list[str]:
    """Give what a command calls scenarios: a shipped name, or the path of a file."""
    return [_call(ensemble) for ensemble in ensembles]


def _call(ensemble: Ensemble) -> str:
    scenario = ensemble.scenario
    return scenario.name if scenario.plan.named else os.path.relpath(scenario.file)


def _size(paper: Paper, draws: int) -> list[str]:
    return ["--draws", str(draws), "--seed", str(paper.table.seed)]


STUDIES = {
    "model": Study(model, lambda p: ["model", "list", "--plan", p.plan.call]),
    "answers": Study(answers, lambda p: ["reach", *_called(p.first), *_size(p, p.draws)]),
    "scenarios": Study(scenarios, lambda p: ["reach", *_called([*p.first, *p.others]), *_size(p, p.draws_of_others)]),
    "levers": Study(levers, lambda p: ["levers", *_called(p.first), *_size(p, OF_LEVERS)]),
    "need": Study(
        need,
        lambda p: [
            "need",
            *(target.indicator for target in wish(p).targets),
            *("--probability", f"{p.table.need.probability:g}"),
            *("--scenario", _call(p.first[0])),
            *_size(p, p.draws),
        ],
        _has_limits,
    ),
    "loop_cuts": Study(loop_cuts, lambda p: ["validate", "--plan", p.plan.call], _has_loops),
    "placebo": Study(placebo, lambda p: ["validate", "--plan", p.plan.call], _has_placebo),
    "learned": Study(learned, lambda p: ["calibrate", "--plan", p.plan.call]),
    "scoreboard": Study(
        scoreboard,
        lambda p: ["backtest", *([] if p.quick else ["--origins", "2003-2009"]), "--draws", str(p.draws)],
        _is_scored,
    ),
    "programmes": Study(
        programmes,
        lambda p: ["programmes", "reach", "--scenario", _call(p.first[0]), *_size(p, _of_programmes(p))],
        _has_programmes,
    ),
}


def command(paper: Paper, study: str) -> str:
    """Give the command that prints what a study computes."""
    return shlex.join(["fiveyear", *STUDIES[study].command(paper)])
