"""What the tests of the experiments share: the answer for a scenario, and the command line as a user calls it."""

from __future__ import annotations

import functools
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main
from matplotlib.text import Text

from fiveyear.experiments import command_line
from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.style import SHEETS, house_style, sheet
from fiveyear.experiments.reach.answer import Reach, reach
from fiveyear.experiments.store.computation import describe
from fiveyear.model import best_engine
from fiveyear.scenarios import load_experiment, load_plan, load_scenario

DRAWS, SEED = 2000, 2011

# Typer puts all commands together again at each call, which takes longer than most of what is asked of them.
put_together = functools.cache(typer.main.get_command)


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@functools.cache
def _ensemble(scenario: str, facts: str, seed: int) -> Ensemble:
    return ensemble(load_scenario(scenario), facts, seed)


@functools.cache
def _reached(scenario: str, facts: str, seed: int, draws: int) -> Reach:
    return reach(_ensemble(scenario, facts, seed), draws)


@pytest.fixture(scope="session")
def shipped() -> Callable[..., Ensemble]:
    """Give the ensemble of a shipped scenario."""

    def give(scenario: str = "plan", facts: str = "july2011", seed: int = SEED) -> Ensemble:
        return _ensemble(scenario, facts, seed)

    return give


@pytest.fixture(scope="session")
def reached() -> Callable[..., Reach]:
    """Give the answer for a shipped scenario; it is computed once."""

    def give(scenario: str = "plan", facts: str = "july2011", seed: int = SEED, draws: int = DRAWS) -> Reach:
        return _reached(scenario, facts, seed, draws)

    return give


@pytest.fixture
def own_plan(tmp_path: Path) -> Path:
    """Give the file of a plan of one's own: a copy of the twelfth, in a folder of this name, without its scenarios."""
    ignored = shutil.ignore_patterns("scenarios", "programmes", "*.py")
    shutil.copytree(load_plan("twelfth").folder, tmp_path / "twelfth", ignore=ignored)
    return tmp_path / "twelfth" / "plan.toml"


@pytest.fixture
def unprinted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay figures out, but print nothing into their files: where a test asks only which there are."""
    monkeypatch.setattr(page, "printed", lambda picture, form: form.encode())


@pytest.fixture
def fits() -> Callable[[Callable[[], page.Drawing]], list[str]]:
    """Draw a figure for a column, a page and a slide; gives what a reader could not read, or would read as code."""

    def told(make: Callable[[], page.Drawing]) -> list[str]:
        wrong = []
        for style in SHEETS:
            with house_style(style):
                picture = make().figure()
                high = picture.get_size_inches()[1] * 25.4
                wrong += [f"{style}: {fault}" for fault in page.faults(picture)]
                wrong += [f"{style}: {high:.1f} mm high"] if high > sheet().tallest + 0.01 else []
                texts = [t.get_text() for t in picture.findobj(Text)]
                wrong += [f"{style}: {text!r} is code" for text in texts if "_" in text]
        return wrong

    return told


@pytest.fixture
def described(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Give the content of a description: lines of an experiment in, over those of a small one with two cases."""

    def give(*lines: str, chunk: int = 10, engine: Any = None, draws: int = 23, **keys: str) -> dict[str, Any]:
        told = {"title": "'Small'", "scenarios": "['plan', 'behavioural']", "draws": str(draws), **keys}
        file = tmp_path / "small.toml"
        file.write_text("\n".join([*(f"{key} = {value}" for key, value in told.items()), *lines]))
        return describe(load_experiment(str(file)), chunk, engine or best_engine()).content()

    return give


@pytest.fixture
def fiveyear(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ended]]:
    """Give the command line in this process: its words in, its end out."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    monkeypatch.setattr(typer.main, "get_command", put_together)

    def run(*words: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["fiveyear", *(str(w) for w in words)])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        code = ended.value.code
        out, err = capfd.readouterr()
        return Ended(code if isinstance(code, int) else int(code is not None), out, err)

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)
