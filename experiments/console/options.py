"""Options that several commands share: one spelling and one meaning each."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from enum import Enum, StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

import typer
from typer.core import TyperCommand

from .defaults import BACKTESTED as BACKTESTED
from .defaults import DRAWS as DRAWS
from .defaults import MOST_DRAWS as MOST_DRAWS
from .defaults import MOST_SEED as MOST_SEED
from .defaults import PLAN as PLAN
from .defaults import SEED as SEED

Function = TypeVar("Function", bound=Callable[..., Any])

#: What Python takes for a number, it takes in digits of every script, and with underscores.
NUMBERS = {
    int: (re.compile(r"[+-]?[0-9]+"), "a whole number in plain digits, such as 100"),
    float: (re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"), "a number in plain digits, such as 0.25"),
}


class Command(TyperCommand):
    """A command that refuses what is empty, and numbers that are not written in plain digits, wherever it is given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse such words; then as any command does."""
        given = self.make_parser(ctx).parse_args(args=list(args))[0]
        kinds = get_type_hints(self.callback)
        for parameter in self.params:
            values = given.get(parameter.name)
            for value in values if isinstance(values, list | tuple) else [values]:
                if isinstance(value, str):
                    _require_plain(value, parameter, kinds.get(parameter.name), ctx)
        return super().parse_args(ctx, args)


def _require_plain(value: str, parameter: Any, kind: Any, ctx: Any) -> None:
    """Raise BadParameter for a word that is empty, or for a number that is not written as one."""
    kinds = {kind, *get_args(kind)}
    number = next((form for of, form in NUMBERS.items() if of in kinds), None)
    choices = next(
        ([str(choice.value) for choice in of] for of in kinds if isinstance(of, type) and issubclass(of, Enum)), []
    )
    if value.strip() and (number is None or number[0].fullmatch(value)) and (not choices or value in choices):
        return
    from fiveyear.scenarios.errors import printable, shown

    is_option = parameter.param_type_name == "option"
    name = parameter.opts[0] if is_option else parameter.metavar
    expected = number[1] if number else f"one of {', '.join(choices)}" if choices else parameter.metavar
    if choices and value.strip():
        raise typer.BadParameter(f"{name} is {value!r}; expected one of {', '.join(map(repr, choices))}", ctx=ctx)
    if value.strip():
        raise typer.BadParameter(f"{name} is {printable(shown(value))}; expected {expected}", ctx=ctx)
    without = f", or no {name} at all" if is_option and not parameter.required else ""
    raise typer.BadParameter(f"{name} is empty; expected {expected}{without}", ctx=ctx)


class App(typer.Typer):
    """The program, or a group of its commands; each of them is a ``Command``."""

    def __init__(self, about: str, name: str | None = None) -> None:
        super().__init__(
            name=name,
            help=about,
            rich_markup_mode=None,
            no_args_is_help=True,
            add_completion=name is not None,  # of the program itself
            pretty_exceptions_enable=False,
        )

    def command(self, name: str | None = None, **others: Any) -> Callable[[Function], Function]:
        """Add a command of this name, with its docstring as its help, even where Python's ``-OO`` has taken it away."""

        def add(function: Function) -> Function:
            if sys.flags.optimize >= 2:  # the import takes long
                from fiveyear.model.docstrings import docstring

                function.__doc__ = docstring(function)
            return super(App, self).command(name, cls=Command, **others)(function)

        return add


class MethodName(StrEnum):
    """How the model is integrated."""

    RK4 = "rk4"
    EULER = "euler"


class EngineName(StrEnum):
    """What runs the model."""

    FAST = "fast"
    REFERENCE = "reference"


class Style(StrEnum):
    """What figures are drawn for."""

    COLUMN = "column"
    PAGE = "page"
    SLIDE = "slide"


class Language(StrEnum):
    """In what language something is said."""

    ENGLISH = "en"
    CHINESE = "zh"


def out(about: str, metavar: str = "DIR", name: str = "--out") -> Any:
    """Give the option that says where a command writes, and refuses the current folder as a name."""
    return typer.Option(name, metavar=metavar, help=about, callback=_other_than_here)


def _other_than_here(path: Path | None) -> Path | None:
    if path == Path():
        raise typer.BadParameter("expected a path other than the current folder")
    return path


def draws(about: str = "How many draws.", least: int = 1, most: int = MOST_DRAWS) -> Any:
    """Give the option that says how many of something there are to be."""
    return typer.Option("--draws", min=least, max=most, help=about)


def seed(about: str = "The same seed gives the same numbers.") -> Any:
    """Give the option that says by which numbers something is random."""
    return typer.Option("--seed", min=0, max=MOST_SEED, help=about)


def plan(about: str) -> Any:
    """Give the option that names a plan, or several."""
    return typer.Option("--plan", metavar="PLAN", help=about)


def scenario(about: str) -> Any:
    """Give the option that names a scenario."""
    return typer.Option("--scenario", metavar="SCENARIO", help=about)


def draw(about: str = "The parameter set: in the middle, or that of a draw.") -> Any:
    """Give the option that chooses a single parameter set."""
    return typer.Option("--draw", metavar="median|I", help=about)


def workers(default: str) -> Any:
    """Give the option that says how many processes compute."""
    return typer.Option("--workers", min=1, max=1024, help=f"Processes; they move no number. Default: {default}.")


LANG = typer.Option("--lang", help="The language of names.")
Scenario = Annotated[str, typer.Argument(metavar="SCENARIO", help="A shipped name or a .toml file.")]
Files = Annotated[Path | None, out("Write data, tables and figures there.")]
Draws = Annotated[int, draws()]
Experiment = Annotated[bool, typer.Option("--experiment", help="Of an experiment instead.")]
Workers = Annotated[int | None, workers("all cores")]
Seed = Annotated[int, seed()]
Facts = Annotated[
    str | None,
    typer.Option(
        "--facts", metavar="SET", help="Information set: what had been published when; default: the plan's first."
    ),
]
SeveralFacts = Annotated[
    list[str] | None,
    typer.Option(
        "--facts",
        metavar="SET|FILE",
        help="Information set: what had been published when; given several times, they stand side by side. Default: the"
        " plan's first. A .csv like observed.csv adds facts to that, of later years, too: the model is fitted to them,"
        " and stands beside it.",
    ),
]
Vintages = Annotated[
    list[str] | None,
    typer.Option(
        "--vintage",
        metavar="YYYY-MM",
        help="Facts as they had been published by a month, whatever their source. If no information set holds the same,"
        " the model is fitted to them first, in a minute or so. Priors and outlook stay those of the plan.",
    ),
]
End = Annotated[
    int | None,
    typer.Option("--end", metavar="YEAR", help="The last year, by default that in which the targets fall due."),
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the scenario.")
]
Method = Annotated[MethodName, typer.Option("--method", help="How to integrate.")]
Step = Annotated[float, typer.Option("--step", min=1e-4, max=1.0, help="Longest step, in years.")]
Engine = Annotated[
    EngineName | None,
    typer.Option(
        "--engine", help="The compiled kernel or the plain equations; default: fast, if llvmlite is installed."
    ),
]
Look = Annotated[Style, typer.Option("--style", help="What figures are drawn for: a column, a page or a slide.")]
Spoken = Annotated[Language, typer.Option("--lang", help="Of what is printed, and of figures.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Force = Annotated[bool, typer.Option("--force", help="Write over what exists.")]

STEP = 0.125  # model.simulation.DEFAULT_STEP, which a `--help` does not wait for; tests compare the two


def refuse_file(facts: str | None) -> None:
    """Refuse a file of facts where what is written names the information set by which it is made again."""
    from fiveyear.scenarios.toml_files import is_path

    if facts is not None and is_path(facts):
        raise typer.BadParameter("--facts: a file of facts goes with reach and compare; expected an information set")


def refuse_given(context: typer.Context, names: Iterable[str], reason: str) -> None:
    """Refuse options that were given on the command line, where they have no meaning."""
    given = [n for n in names if getattr(context.get_parameter_source(n), "name", "") == "COMMANDLINE"]
    if given:
        raise typer.BadParameter(f"--{given[0].replace('_', '-').replace('settings', 'set')}: {reason}")


def warn(lines: Iterable[str]) -> None:
    """Print warnings on the error stream, none twice."""
    for line in dict.fromkeys(lines):
        typer.echo(f"warning: {line}", err=True)
