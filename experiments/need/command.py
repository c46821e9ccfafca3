"""``fiveyear need``: what it would take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import files, options


def need_command(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET[=VALUE]...|all",
            help="Indicators that the plan has targets for; =VALUE asks for another value.",
        ),
    ],
    probability: Annotated[
        float, typer.Option("--probability", metavar="P", help="With which all of them are to be met.")
    ] = 0.8,
    scenario: Annotated[str, options.scenario("The scenario that is moved, and that costs are beyond.")] = "plan",
    levers: Annotated[
        list[str] | None,
        typer.Option("--lever", metavar="NAME", help="Move these; default: all that are paid for and have limits."),
    ] = None,
    caps: Annotated[
        list[str] | None, typer.Option("--cap", metavar="LEVER=LEVEL", help="The most of a lever, as 2.4 %.")
    ] = None,
    steps: Annotated[
        list[str] | None, typer.Option("--step", metavar="LEVER=LEVEL", help="The most that it may change in a year.")
    ] = None,
    discount: Annotated[
        float, typer.Option("--discount", metavar="RATE", help="A year, of the money of later years.")
    ] = 0.05,
    draws: Annotated[int, options.draws(least=2_000, most=200_000)] = options.DRAWS,
    seed: options.Seed = options.SEED,
    facts: options.Facts = None,
    out: Annotated[Path | None, options.out("Write the path, a scenario of it, and the frontier there.")] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Give the cheapest path of levers with which targets are met with a probability; exit code 1 if there is none."""
    from . import files as need_files
    from . import report
    from .wishes import need

    with files.results(out, force, need_files.names(), quiet=as_json):
        answer = need(
            *targets,
            probability=probability,
            scenario=scenario,
            levers=levers,
            caps=_by_name("--cap", caps),
            steps=_by_name("--step", steps),
            discount=discount,
            draws=draws,
            seed=seed,
            facts=facts,
        )
        (report.print_json if as_json else report.print_answer)(answer)
        if out is not None:
            with files.together(out) as folder:
                need_files.write(answer, folder)
    if not answer.is_met and answer.cheapest is None:
        raise typer.Exit(1)


def _by_name(option: str, texts: list[str] | None) -> dict[str, str]:
    """Read LEVER=LEVEL; raises BadParameter for anything else, or a lever twice."""
    pairs = [text.partition("=") for text in texts or ()]
    wrong = [text for text, (name, _, level) in zip(texts or (), pairs, strict=True) if not name.strip() or not level]
    twice = [name for name, *_ in pairs if [n for n, *_ in pairs].count(name) > 1]
    if wrong:
        raise typer.BadParameter(f"{option} {wrong[0]}: expected LEVER=LEVEL, such as planned_rd_intensity=2.4")
    if twice:
        raise typer.BadParameter(f"{option} {twice[0]}: given twice; expected each lever once")
    return {name.strip(): level for name, _, level in pairs}
