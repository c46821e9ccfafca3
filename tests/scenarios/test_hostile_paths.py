"""Names and paths that a stranger's file may hold: they are refused or they work, and loading never writes anything.

A name that passes becomes the label of a scenario, and a part of the names of results.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from fiveyear.scenarios import Experiment, Scenario, ScenarioError, load_experiment, load_scenario

SCENARIO = 'title = "Own"\nextends = "plan"\nexpect = "As the plan."\n'
EXPERIMENT = 'title = "Hostile"\ndraws = 10\nscenarios = [{entry}]\n'

#: What an entry of ``scenarios``, or ``plan`` and ``extends`` of a scenario, may name though it should not.
PATHS = {
    "parent folder": "..",
    "parent folder, as a file": "../.toml",
    "parent of many": "../" * 2000 + "own.toml",
    "password file": "/etc/passwd",
    "password file by parents": "../../../../../../../../../etc/passwd",
    "root": "/",
    "this folder": ".",
    "this folder with a separator": "./",
    "no name": ".toml",
    "only dots": "...toml",
    "blank": " .toml",
    "blank at the end": "own.toml ",
    "blanks alone": "   ",
    "nothing": "",
    "NUL": "own\0.toml",
    "NUL at the end": "own.toml\0",
    "line break": "own\n.toml",
    "carriage return": "own\r.toml",
    "escape": "\x1b[31mown.toml",
    "one-byte escape": "\x9b31mown.toml",
    "bell": "\x07.toml",
    "delete": "own\x7f.toml",
    "right to left": "\u202elmot.nwo.toml",
    "no width": "own\u200b.toml",
    "line separator": "own\u2028.toml",
    "very long": "x" * 5000 + ".toml",
    "longer than a file name": "x" * 252 + ".toml",
    "longer in bytes than in signs": "\u8ba1" * 100 + ".toml",
    "backslashes": "..\\..\\own.toml",
    "drive": "C:\\own.toml",
    "share of another computer": "\\\\server\\share\\own.toml",
    "address": "http://example.org/own.toml",
    "file address": "file:///etc/passwd",
    "device": "NUL.toml",
    "device with a number": "com1.toml",
    "device in capitals": "PRN.toml",
    "random numbers without end": "/dev/urandom",
    "zeros without end": "/dev/zero",
    "terminal": "/dev/tty",
    "memory": "/proc/self/mem",
    "home": "~/own.toml",
    "variable": "$HOME/own.toml",
    "command": "$(touch written).toml",
    "command in backquotes": "`touch written`.toml",
    "command after a pipe": "| touch written",
    "option": "--out=written.toml",
    "hyphen": "-",
    "formula": "=cmd|' /C calc'!A0.toml",
    "formula with a sign": "@SUM(1).toml",
    "wildcard": "*.toml",
    "quotation marks": '"own".toml',
    "a file below a file": "own.toml/own.toml",
    "link to nothing": "dangling.toml",
    "link to itself": "circle.toml",
    "link to a folder": "folder.toml",
    "link out of the folder": "outside.toml",
    "link to endless zeros": "zeros.toml",
    "pipe": "pipe.toml",
    "folder": "below",
    "folder with the name of a file": "below.toml",
    "own": "own.toml",
    "own in another way": "below/../own.toml",
    "own in Chinese": "\u8ba1\u5212 2.toml",
    "own with signs": "own (copy), v1.2 & more.toml",
}

#: Those that are what they seem, and work.
WORK = {"own", "own in another way", "own in Chinese", "own with signs", "link out of the folder"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a scenario of one's own in many disguises."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    (inside / "below").mkdir(parents=True)
    (inside / "below.toml").mkdir()
    outside.mkdir()
    for name in PATHS.values():
        path = inside / name
        if "\0" not in name and path.parent == inside and len(path.name.encode()) < 250 and not os.path.lexists(path):
            path.write_text(SCENARIO, encoding="utf-8")  # so that it is refused for what it is, not for being absent
    (outside / "secret.toml").write_text(SCENARIO, encoding="utf-8")
    links = {"dangling": "nothing", "circle": "circle.toml", "folder": "below", "zeros": "/dev/zero"}
    for link, target in {**links, "outside": "../outside/secret.toml"}.items():
        (inside / f"{link}.toml").unlink()
        (inside / f"{link}.toml").symlink_to(target)
    (inside / "pipe.toml").unlink()
    os.mkfifo(inside / "pipe.toml")
    return inside


def everything(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Give what there is in a folder and beside it: kind, time and content."""
    return {
        str(path): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() and not path.is_symlink() else b"",
        )
        for path in folder.parent.rglob("*")
    }


def loaded(files: Path, kind: str, path: str) -> Scenario | ScenarioError:
    quoted = json.dumps(path, ensure_ascii=False).replace("\x7f", "\\u007f")
    try:
        if kind == "scenarios":
            (files / "experiment.toml").write_text(EXPERIMENT.format(entry=quoted), encoding="utf-8")
            return load_experiment(str(files / "experiment.toml")).cases[0].scenario
        (files / "of.toml").write_text(f'title = "A"\n{kind} = {quoted}\nexpect = "B"\n', encoding="utf-8")
        return load_scenario(str(files / "of.toml"))
    except ScenarioError as error:
        return error


def test_there_are_more_than_sixty_of_them() -> None:
    assert len(PATHS) >= 60


@pytest.mark.parametrize("kind", ["scenarios", "extends", "plan"])
@pytest.mark.parametrize("name", PATHS)
def test_a_hostile_path_works_or_is_refused_where_it_stands_and_nothing_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: str
) -> None:
    monkeypatch.chdir(folder)
    written = folder / ("experiment.toml" if kind == "scenarios" else "of.toml")
    loaded(folder, kind, "plan")  # writes the file
    before = everything(folder)
    found = loaded(folder, kind, PATHS[name])
    if kind == "plan":
        assert isinstance(found, ScenarioError)  # none of the files is a plan
    elif kind == "scenarios":
        assert isinstance(found, Scenario) == (name in WORK)
    if isinstance(found, ScenarioError):
        assert all(line.isprintable() for line in str(found).split("\n"))
        if found.title == str(written):  # otherwise it is the other file that is named, and what is wrong in it
            assert all(re.match(rf"{kind}(\.0)?: ", fault) for fault in found.faults)
    else:
        assert found.plan.name == "twelfth"
        assert_label(found.name)
    after = everything(folder)
    assert before.pop(str(written)) != after.pop(str(written))
    assert after == before


@pytest.mark.parametrize("name", [n for n, p in PATHS.items() if p and not p.endswith("/")])
def test_a_file_with_a_hostile_name_is_a_label_or_refused(folder: Path, name: str) -> None:
    path = str(folder / PATHS[name]) if name != "pipe" else "no.toml"  # whose other end nobody opens
    for found in (_name_of(load_scenario, path), _name_of(load_experiment, path)):
        if isinstance(found, ScenarioError):
            assert all(line.isprintable() for line in str(found).split("\n"))
        else:
            assert_label(found)


def _name_of(load: Callable[[str], Scenario | Experiment], path: str) -> str | ScenarioError:
    try:
        return load(path).name
    except ScenarioError as error:
        return error


def assert_label(name: str) -> None:
    assert 0 < len(name.encode()) <= 200
    assert unicodedata.category(name[0])[0] in "LN" or name[0] == "_"
    assert name.isprintable()
    assert not set(name) & set('/\\:*?"<>|')
    assert name.rstrip(" .") == name
    assert Path(name).name == name
