"""Programme files: what the shipped ones hold, and every fault of a bad one at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fiveyear.scenarios import ScenarioError, load_plan
from fiveyear.scenarios.programme import folder, load_portfolio, programme_files, read_platforms, read_programme
from fiveyear.scenarios.register import read_register

TWELFTH = load_plan("twelfth")
GOOD = """\
title = "Drugs"
plan = "twelfth"

[pace]
overrun = [1.0, 1.2]
spread = 0.1
national = 0.05
assumed = "why"

[money]
share = 1
assumed = "why"

[lines.candidates]
title = "candidates"
starts = [80, 250]
begins = 2008
over = 3.0
patience = 2
priority = 1
assumed = "why"

[[lines.candidates.stages]]
name = "phase 1"
years = 1.5
spread = 0.3
gate = 0.54
cost = 0.1
platform = "clinical_trials"
sources = { gate = "a paper" }

[[lines.candidates.stages]]
name = "phase 2"
years = [2, 3]
spread = 0.3

[deliverables.S063]
line = "candidates"

[diffusions.S110]
base = 1
growth = [0.1, 0.3]
assumed = "why"
lift = { line = "candidates", each = 1, ramp = 2, assumed = "why" }
"""


def programme(place: Path, *changes: tuple[str, str]) -> list[str]:
    """Give the faults of a programme file that is changed in these ways."""
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = place / "drugs.toml"
    file.write_text(text, encoding="utf-8")
    try:
        read_programme(file, read_platforms(folder(TWELFTH) / "platforms.toml"))
    except ScenarioError as error:
        return [str(fault) for fault in error.faults if error.title == str(file)]
    return []


# -- the shipped ones ---------------------------------------------------------------------------------------
def test_every_figure_that_the_register_gives_to_a_programme_stands_in_its_file_and_no_other() -> None:
    portfolio, _ = load_portfolio(TWELFTH)
    of_register = {
        f.id: f.model for f in read_register(TWELFTH) if f.modelled_as in ("portfolio", "diffusion", "milestone")
    }
    of_files = {i: p.name for p in portfolio.programmes.values() for i in p.figures}
    assert of_files == of_register


def test_the_programmes_that_the_plan_dwells_on_are_shipped() -> None:
    assert {
        "integrated_circuits", "machine_tools", "oil_and_gas", "nuclear_power", "water_pollution", "new_drugs",
        "infectious_disease", "led_lighting", "displays", "biomedicine", "biomaterials", "medical_devices",
        "seed_industry", "agricultural_biologicals", "biomanufacturing", "high_speed_rail", "biomass",
        "electric_vehicles", "rural_commissioners", "studios_and_teams",
    } <= set(programme_files(TWELFTH))  # fmt: skip


def test_numbers_without_a_source_are_told_from_those_with_one() -> None:
    portfolio, _ = load_portfolio(TWELFTH)
    numbers = {n.key: n.source for n in portfolio.programmes["new_drugs"].numbers}
    assert "Paul et al. 2010" in numbers['lines.innovative_drugs.stages."phase 2".gate']
    assert not numbers["lines.innovative_drugs.starts"]


def test_the_gates_of_drugs_are_those_published() -> None:
    portfolio, _ = load_portfolio(TWELFTH)
    stages = portfolio.programmes["new_drugs"].table.lines["innovative_drugs"].stages
    assert [s.gate.low for s in stages] == [0.54, 0.34, 0.70, 0.91]


def test_what_shares_a_platform_is_simulated_together_and_the_rest_is_not() -> None:
    portfolio, asked = load_portfolio(TWELFTH, ["oil_and_gas"])
    assert asked == ("oil_and_gas",)
    assert set(portfolio.among(asked).programmes) == {"machine_tools", "oil_and_gas"}
    assert "biomaterials" in portfolio.among(["new_drugs"]).programmes  # by way of reagents, which share with vaccines


def test_a_programme_of_a_file_takes_the_place_of_the_shipped_one_with_its_figures(tmp_path: Path) -> None:
    file = tmp_path / "fewer_drugs.toml"
    shipped = (folder(TWELFTH) / "new_drugs.toml").read_text(encoding="utf-8")
    file.write_text(shipped.replace("starts = [80, 250]", "starts = 20"), encoding="utf-8")
    portfolio, asked = load_portfolio(TWELFTH, [str(file)])
    assert asked == ("fewer_drugs",)
    assert "new_drugs" not in portfolio.programmes
    assert portfolio.programmes["fewer_drugs"].table.lines["innovative_drugs"].starts == (20.0, 20.0)


# -- faults -------------------------------------------------------------------------------------------------
def test_the_good_file_is_good(tmp_path: Path) -> None:
    assert programme(tmp_path) == []


FAULTS: dict[str, tuple[tuple[str, str], str]] = {
    "an unknown key": (("over = 3.0", "overr = 3.0"), "lines.candidates.overr: no such key; nearest is over"),
    "an unknown key of a stage": (
        ("gate = 0.54", "gates = 0.54"),
        'lines.candidates.stages."phase 1".gates: no such key; nearest is gate',
    ),
    "a missing key": (("patience = 2\n", ""), "lines.candidates.patience: missing"),
    "a negative duration": (
        ("years = 1.5", "years = -1.5"),
        'lines.candidates.stages."phase 1".years: found -1.5, expected a number above 0 to 100',
    ),
    "a probability above 1": (
        ("gate = 0.54", "gate = 1.2"),
        'lines.candidates.stages."phase 1".gate: found 1.2, expected a number from 0 to 1',
    ),
    "a probability below 0": (("gate = 0.54", "gate = -0.1"), '"phase 1".gate: found -0.1, expected a number from 0'),
    "a range that falls": (("starts = [80, 250]", "starts = [250, 80]"), "lines.candidates.starts: found a list"),
    "a range of three": (("years = [2, 3]", "years = [2, 3, 4]"), 'stages."phase 2".years: found a list'),
    "half a project": (("starts = [80, 250]", "starts = 2.5"), "starts: found 2.5, expected a whole number from 1"),
    "a truth for a number": (("priority = 1", "priority = true"), "priority: found true, expected a whole number"),
    "not finite": (("share = 1", "share = inf"), "money.share: found inf, expected a number from 0 to 100"),
    "a date before the plan's start": (
        ("begins = 2008", "begins = 2001"),
        "lines.candidates.begins: found 2001, expected 2005 or later",
    ),
    "due before the start": (
        ("begins = 2008", "begins = 2017"),
        "deliverables.S063.line: candidates begins in 2017, and S063 is due at the end of 2015",
    ),
    "circular stages": (
        ('name = "phase 1"\n', 'name = "phase 1"\nafter = ["phase 2"]\n'),
        "in a circle",
    ),
    "a stage after itself": (
        ('name = "phase 2"\n', 'name = "phase 2"\nafter = ["phase 2"]\n'),
        "lines.candidates.stages: phase 2 after phase 2, in a circle",
    ),
    "a stage after none": (
        ('name = "phase 2"\n', 'name = "phase 2"\nafter = ["phase 3"]\n'),
        'stages."phase 2".after: no stage is called "phase 3"; nearest is phase 2',
    ),
    "a stage twice": (('name = "phase 2"', 'name = "phase 1"'), "lines.candidates.stages: phase 1 stands twice"),
    "no such platform": (
        ("clinical_trials", "clinical_trial"),
        'stages."phase 1".platform: no such platform; nearest is clinical_trials',
    ),
    "no such line": (
        ('[deliverables.S063]\nline = "candidates"', '[deliverables.S063]\nline = "candidate"'),
        'deliverables.S063.line: no line is called "candidate"; nearest is candidates',
    ),
    "no such stage": (
        ('[deliverables.S063]\n', '[deliverables.S063]\nstage = "phase 9"\n'),
        'deliverables.S063.stage: no stage of candidates is called "phase 9"',
    ),
    "no such figure": (("deliverables.S063", "deliverables.S999"), "deliverables.S999: no S999 in the register"),
    "no id": (("deliverables.S063", "deliverables.drugs"), "deliverables.drugs: found \"drugs\", expected the id of a"),
    "a figure of another class": (("diffusions.S110", "diffusions.S064"), "diffusions.S064: S064 is portfolio in"),
    "a base above the ceiling": (
        ("base = 1\n", "base = 100\nceiling = 50\n"),
        "diffusions.S110.base: found 100 to 100, expected numbers above 0 and below the ceiling, 50",
    ),
    "no source and not assumed": (
        ('share = 1\nassumed = "why"', "share = 1"),
        "money: found no source for share, expected one in sources, or why in assumed",
    ),
    "a source of nothing": (
        ('sources = { gate = "a paper" }', 'sources = { gates = "a paper" }'),
        'lines.candidates.stages."phase 1".sources.gates: no number of this name stands here; nearest is gate',
    ),
    "no money for what costs": (
        ('[money]\nshare = 1\nassumed = "why"\n', ""),
        "money: missing: a stage costs something, and nothing pays for it",
    ),
    "no such plan": (('plan = "twelfth"', 'plan = "thirteenth"'), "plan: found"),
    "a name with blanks": (("[lines.candidates]", '[lines."new drugs"]'), 'expected a name of small letters'),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_key_what_was_found_and_what_was_expected(tmp_path: Path, name: str) -> None:
    change, message = FAULTS[name]
    assert message in "\n".join(programme(tmp_path, change))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = programme(
        tmp_path,
        ("over = 3.0", "overr = 3.0"),
        ("years = 1.5", "years = -1.5"),
        ("gate = 0.54", "gate = 1.2"),
        ("begins = 2008", "begins = 1908"),
        ('name = "phase 2"\n', 'name = "phase 2"\nafter = ["phase 2"]\n'),
    )
    for part in ("overr: no such key", "years: found -1.5", "gate: found 1.2", "in a circle"):
        assert sum(part in fault for fault in found) == 1, part


def test_faults_of_several_files_are_told_together(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(GOOD.replace("spread = 0.1", "spread = 9"), encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        load_portfolio(TWELFTH, [str(tmp_path / "one.toml"), str(tmp_path / "two.toml"), "no_such"])
    assert str(refused.value).count("pace.spread: found 9") == 2
    assert "no_such" in str(refused.value)


def test_two_files_of_one_name_are_refused_and_none_is_left_out_unsaid(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "drugs.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ScenarioError, match="has the same name; give one of them another"):
        load_portfolio(TWELFTH, [str(tmp_path / "a" / "drugs.toml"), str(tmp_path / "b" / "drugs.toml")])


def test_the_file_of_platforms_is_no_programme() -> None:
    with pytest.raises(ScenarioError, match="its name is that of the file of platforms"):
        load_portfolio(TWELFTH, [str(folder(TWELFTH) / "platforms.toml")])


def test_an_unknown_programme_is_answered_with_the_nearest_or_with_all_of_them() -> None:
    with pytest.raises(ScenarioError, match="no programme of this name is shipped; nearest is new_drugs"):
        load_portfolio(TWELFTH, ["new_drug"])
    with pytest.raises(ScenarioError, match=f"those that are: {', '.join(programme_files(TWELFTH))};"):
        load_portfolio(TWELFTH, ["platforms"])


UNREADABLE: dict[str, Callable[[Path], object]] = {
    "not TOML": lambda file: file.write_text("title ="),
    "not text": lambda file: file.write_bytes(b"\xff\xfe"),
    "a folder": lambda file: file.mkdir(),
    "empty": lambda file: file.write_text(""),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_programme_file_is_refused(tmp_path: Path, name: str) -> None:
    UNREADABLE[name](tmp_path / "x.toml")
    with pytest.raises(ScenarioError, match=r"x\.toml"):
        load_portfolio(TWELFTH, [str(tmp_path / "x.toml")])
