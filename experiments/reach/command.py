"""``fiveyear reach`` and ``fiveyear compare``: the targets of the plan under scenarios."""

from __future__ import annotations

from typing import Annotated

import typer

from fiveyear.experiments.console import files, options
from fiveyear.experiments.console.progress import counter


def reach_command(
    scenarios: Annotated[
        list[str] | None, typer.Argument(metavar="SCENARIO", help="Shipped names or .toml files.")
    ] = None,
    draws: options.Draws = options.DRAWS,
    seed: options.Seed = options.SEED,
    facts: options.SeveralFacts = None,
    vintages: options.Vintages = None,
    settings: options.Settings = None,
    asked: Annotated[
        list[str] | None,
        typer.Option(
            "--target", metavar="NAME=VALUE", help="Ask for another value of a target, as for 7500 100M yuan."
        ),
    ] = None,
    decompose: Annotated[
        bool, typer.Option("--decompose", help="Say how much parameters, shocks and growth each make uncertain.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Print all: rival forecasts, shortfalls, targets that are no headline ones.")
    ] = False,
    out: options.Files = None,
    style: options.Look = options.Style.PAGE,
    language: options.Spoken = options.Language.ENGLISH,
    engine: options.Engine = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Give every target of the plan with its probability, under scenarios (default: plan and behavioural)."""
    from fiveyear.experiments.console.language import speaking
    from fiveyear.experiments.forecast.selection import asking, ensembles_by_facts

    from . import report

    if language != options.Language.ENGLISH and (full or decompose or len(facts or []) + len(vintages or []) > 1):
        raise typer.BadParameter(
            f"--lang {language}: the short answer and figures alone; what else was asked is English"
        )
    by_set = ensembles_by_facts(scenarios or ["plan", "behavioural"], settings, facts, vintages, seed, engine)
    if asked:
        by_set = {information_set: asking(several, asked) for information_set, several in by_set.items()}
    all_ensembles = [ensemble for ensembles in by_set.values() for ensemble in ensembles]
    places = {information_set: information_set if len(by_set) > 1 else "" for information_set in by_set}
    names: list[str] = []
    if out is not None:
        from . import files as reach_files  # and all figures

        names = [f"{places[s]}/{n}".strip("/") for s, several in by_set.items() for n in reach_files.names(several)]
    with files.results(out, force, names, quiet=as_json), speaking(language):
        if out is not None:
            reach_files.get_ready()
            for note in reach_files.notes(all_ensembles, draws):
                typer.echo(f"note: {note}", err=True)
        from fiveyear.experiments.forecast.inert import of_scenario

        from .answer import Reach, reach
        from .uncertainty import WORDS, three_ways

        answers: dict[str, list[Reach]] = {information_set: [] for information_set in by_set}
        ways: list[report.Ways] = []
        for information_set, ensembles in by_set.items():
            for ensemble in ensembles:
                what = " on ".join(filter(None, [ensemble.scenario.name, places[information_set]]))
                with counter(f"{what}: draws", draws * (len(WORDS) if decompose else 1)) as count:
                    answers[information_set].append(reach(ensemble, draws, progress=count, whole=out is not None))
                    ways.append(three_ways(answers[information_set][-1], progress=count) if decompose else {})
        options.warn(line for ensemble in all_ensembles for line in of_scenario(ensemble))
        all_answers = [answer for several in answers.values() for answer in several]
        if as_json:
            report.print_json(all_answers, ways)
        elif full:
            report.print_tables(all_answers, ways)
        elif len(answers) > 1 and not decompose:
            report.print_side_by_side(answers)
        else:
            report.print_summary(all_answers, ways)
        if out is not None:
            for information_set, several in answers.items():
                reach_files.write(several, out / places[information_set], style)


def compare_command(
    first: Annotated[str, typer.Argument(metavar="SCENARIO", help="The scenario to compare with.")],
    others: Annotated[list[str], typer.Argument(metavar="OTHER", help="The scenarios to compare.")],
    draws: options.Draws = options.DRAWS,
    seed: options.Seed = options.SEED,
    facts: options.Facts = None,
    settings: options.Settings = None,
    out: options.Files = None,
    engine: options.Engine = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Set scenarios side by side, draw by draw on the same random numbers."""
    from fiveyear.experiments.forecast.selection import ensembles, require_one_plan

    from . import report
    from .answers import answers_of
    from .compare import compared, conclusions

    scenarios = ensembles([first, *others], settings, facts, seed, engine)
    require_one_plan([e.scenario for e in scenarios])
    names: list[str] = []
    if out is not None:
        from . import files as reach_files  # and all figures

        names = reach_files.names_of_comparison(scenarios)
    with files.results(out, force, names, quiet=as_json):
        answers = answers_of(scenarios, draws, whole=False)
        rows, sentences = compared(*answers), conclusions(*answers)
        (report.print_comparison_json if as_json else report.print_comparison)(answers[0], rows, sentences)
        if out is not None:
            reach_files.write_comparison(answers, rows, out)
