"""The command line: ``fiveyear COMMAND``. Each command imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from collections import UserDict
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from fiveyear.experiments.console import options, printing, progress, streams
from fiveyear.experiments.console.files import remove_unfinished

BAD_INPUT, NOT_WRITTEN, INTERRUPTED, TERMINATED = 2, 74, 130, 143

#: The commands in the order of the help: the room of each, and what it is called there; an ``app`` is a group of them.
COMMANDS = {
    "reach": ("reach", "reach_command"),
    "run": ("store", "run_command"),
    "compare": ("reach", "compare_command"),
    "levers": ("levers", "levers_command"),
    "need": ("need", "need_command"),
    "calibrate": ("learned", "calibrate_command"),
    "validate": ("validation", "validate_command"),
    "backtest": ("backtest", "backtest_command"),
    "reference": ("reference", "reference_command"),
    "paper": ("paper", "paper_command"),
    "plan": ("plans", "app"),
    "scenario": ("forecast", "app"),
    "model": ("structure", "app"),
    "store": ("store", "app"),
    "programmes": ("programmes", "app"),
}


class Commands(UserDict[str, Any]):
    """Commands by name, each made when it is asked for: all of them take a third of the time of ``--version``."""

    def __getitem__(self, name: str) -> Any:
        if self.data[name] is None:
            self.data[name] = _made(name, *COMMANDS[name])
        return self.data[name]


def _made(name: str, room: str, of_room: str) -> Any:
    app = getattr(importlib.import_module(f"fiveyear.experiments.{room}.command"), of_room)
    if not isinstance(app, options.App):
        function, app = app, options.App("")
        app.command(name)(function)
    command = typer.main.get_command(app)
    command.name = name
    return command


class Program(TyperGroup):
    """The program, which makes its commands when they are asked for."""

    def __init__(self, **others: Any) -> None:
        super().__init__(**others)
        self.commands = Commands({**dict.fromkeys(COMMANDS), **self.commands})


app = options.App("Say whether a five-year plan's targets are reachable, and with what probability.", "fiveyear")


def _print_version(asked: bool) -> None:
    if asked:
        import fiveyear

        typer.echo(f"fiveyear {fiveyear.__version__}")
        raise typer.Exit


@app.callback(cls=Program)
def program(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """Say whether a five-year plan's targets are reachable, and with what probability."""


def _end(number: int, _: object) -> None:
    """End at once on a signal, with nothing half-written left; an exception could get lost on its way out."""
    remove_unfinished(by_signal=True)
    how = "interrupted" if number == signal.SIGINT else "terminated"
    print("; ".join([how, *progress.endings()]), file=sys.stderr, flush=True)
    os._exit(INTERRUPTED if number == signal.SIGINT else TERMINATED)


def main() -> None:
    """Run the command line; a user's mistake ends in a message and an exit code, never in a traceback."""
    if sys.platform == "win32":  # which has no forkserver, no locks of this kind, and other signals
        text = (
            "fiveyear needs a POSIX system, such as Linux; on Windows, run it in the Windows Subsystem for Linux (WSL)"
        )
        print(text, file=sys.stderr)
        sys.exit(BAD_INPUT)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "1"  # for which it would look in everything that is installed
    try:
        streams.prepare()
        _keep_out_settings_of_matplotlib()
        try:
            with printing.escaped():
                app(prog_name="fiveyear")  # not "python -m fiveyear", or what a test is started as
        finally:
            remove_unfinished()
            sys.stdout.flush()
    except Exception as error:  # noqa: BLE001  # what is no user's mistake is raised again
        sys.exit(_exit_code(error))


def _keep_out_settings_of_matplotlib() -> None:
    """Draw the same whatever a notebook hands on to what it starts, or lies in the working folder."""
    os.environ.pop("MPLBACKEND", None)  # may name what is not installed here; every figure is a file
    if os.path.lexists("matplotlibrc"):  # which is read on import, and evaluated by some versions
        with contextlib.chdir(sys.prefix):
            importlib.import_module("matplotlib")


def _exit_code(error: Exception) -> int:
    """Say what is wrong in a message and give the exit code; raise what is no user's mistake again."""
    from fiveyear.experiments.console.errors import ExistsError
    from fiveyear.model.errors import Error, ModelError

    if isinstance(error, OSError):  # of standard output, which must not fail a second time when Python ends
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    elif not isinstance(error, Error | MemoryError):
        raise error
    text = "too little memory: ask for fewer draws" if isinstance(error, MemoryError) else str(error)
    print(printing.visible(text, sys.stderr.encoding), file=sys.stderr)
    return BAD_INPUT if isinstance(error, ExistsError | ModelError) else NOT_WRITTEN
