"""Words that no option takes: nothing at all, and digits that only Python takes for digits. All commands are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import typer.main

from fiveyear.experiments import command_line

Run = Callable[..., Any]  # words -> how it ended: code, out, err

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
ODD_WHOLE = ("100".translate(FULL_WIDTH), "100".translate(ARABIC), "1_000", " 100", "100\n", "1e2", "10.0", "0x10", "½")
ODD_REAL = ("0.5".translate(FULL_WIDTH), "0.2_5", " 0.5", "1__0", "nan", "inf", "½", "0,5", ".", "1e")


def of_the_program() -> Iterator[tuple[str, Any, set[Any]]]:
    """Give each parameter of each command that takes a word, with the command and the types that the word may have."""

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name, part in getattr(command, "commands", {}).items():
            yield from below(part, (*words, name))
        if not hasattr(command, "commands"):
            yield " ".join(words), command

    for name, command in below(typer.main.get_command(command_line.app), ()):
        kinds = get_type_hints(command.callback)
        for parameter in command.params:
            kind = kinds.get(parameter.name, bool)  # `--help` is no parameter of the function
            if kind is not bool:
                yield name, parameter, {kind, *get_args(kind)}


PARAMETERS = list(of_the_program())
OPTIONS = {(c, p.opts[0]): kinds for c, p, kinds in PARAMETERS if p.param_type_name == "option"}
ARGUMENTS = [(c, p.metavar) for c, p, _ in PARAMETERS if p.param_type_name == "argument"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder that must stay empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_options_that_were_misread_are_among_those_asked() -> None:
    misread = {"--shard", "--facts", "--set", "--keep", "--out", "--scheduler", "--vintage", "--region", "--draw"}
    assert misread | {"--plan", "--look", "--draws", "--seed", "--step"} <= {option for _, option in OPTIONS}
    assert len(OPTIONS) > 60


@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_an_option_without_a_word_is_refused_with_what_was_expected(
    fiveyear: Run, folder: Path, command: str, option: str
) -> None:
    for words in ((option, ""), (f"{option}=",), (option, "  ")):
        ended = fiveyear(*command.split(), *words)
        assert (ended.code, ended.out) == (2, "")
        assert f"{option} is empty; expected " in ended.err
        assert "None" not in ended.err
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("command", "name"), ARGUMENTS)
def test_an_empty_name_is_refused_with_what_was_expected(fiveyear: Run, command: str, name: str) -> None:
    before = [n for c, n in ARGUMENTS if c == command]
    ended = fiveyear(*command.split(), *["plan"] * before.index(name), "")
    assert (ended.code, ended.out) == (2, "")
    assert f"{name} is empty; expected {name}" in ended.err or f"{name} is empty; expected one of " in ended.err


@pytest.mark.parametrize(("command", "option"), [o for o, kinds in OPTIONS.items() if kinds & {int, float}])
def test_a_number_is_written_in_plain_digits_or_refused(fiveyear: Run, folder: Path, command: str, option: str) -> None:
    for odd in ODD_WHOLE if int in OPTIONS[command, option] else ODD_REAL:
        ended = fiveyear(*command.split(), f"{option}={odd}")
        assert (ended.code, ended.out) == (2, "")
        assert f"{option} is " in ended.err
        assert "in plain digits, such as" in ended.err
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("reach", "plan", "--vintage", "２０１１-０７"), "expected a month such as 2011-07"),
        (("run", "plan", "--out", "x.nc", "--draw", "３"), "expected median, or the number"),
        (("run", "e.toml", "--out", "x", "--shard", "１/２"), "--shard"),
        (("run", "plan", "--out", "x.nc", "--keep", ","), "expected names, with one comma between two of them"),
        (("run", "plan", "--out", "x.nc", "--keep", "gdp,,researchers"), "with one comma between"),
        (("reach", "plan", "--set", "paths.planned_rd_intensity.values.２０１５=2.0"), "２０１５"),
        (("reach", "plan", "--set", "paths.planned_rd_intensity.values.2015=２.0"), "２.0"),
    ],
)
def test_what_has_a_form_of_its_own_takes_plain_digits_too(
    fiveyear: Run, folder: Path, words: tuple[str, ...], message: str
) -> None:
    if "e.toml" in words:
        (folder / "e.toml").write_text('title = "A"\ndraws = 10\nscenarios = ["plan"]\n')
    ended = fiveyear(*words)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


@pytest.mark.parametrize("words", [("--draws", "10", "--seed", "+7"), ("--draws=10", "--seed=007")])
def test_plain_digits_are_read(fiveyear: Run, words: tuple[str, ...]) -> None:
    ended = fiveyear("reach", "plan", *words)
    assert (ended.code, ended.err) == (0, "")
    assert "10 draws, seed 7." in ended.out
