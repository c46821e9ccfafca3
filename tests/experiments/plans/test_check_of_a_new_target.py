"""``fiveyear plan check``: a target is added in a scratch copy, and the command says what is to come next."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fiveyear.calibration import posterior
from fiveyear.experiments.plans.check import check
from fiveyear.scenarios import load_plan

SECTOR = '''"""The arts: visits to galleries."""

from ..declarations import Parameter
from ..observation import Observation, Reading
from ..quantities import Persons, PersonsPerYear, PerYear

visiting_rate = Parameter("1/year", low=0.01, high=10.0, about="visits to galleries of a resident in a year")


def gallery_visits(visiting_rate: PerYear, population: Persons) -> PersonsPerYear:
    """Visits to galleries in a year."""
    return visiting_rate * population
'''
OBSERVATION = """
visits_observed = Observation(
    "gallery_visits",
    like=("population", "visiting_rate"),
    total=True,
    readings=(Reading("gallery_visits", "over the year"),),
)
"""
TARGET = """
[[targets]]
indicator = "gallery_visits"
label = "Visits to galleries"
value = 40000
unit = "10k person"
comparator = ">="
kind = "headline"
rounding = 1000
source = "made for a test"
"""
INDICATOR = """
INDICATORS["gallery_visits"] = Indicator(
    label="Visits to galleries",
    unit="10k person",
    numerator=Reading("gallery_visits", "over the year"),
    denominator=None,
    about="Visits to galleries in a year.",
    coverage="all galleries",
    low=1.0,
    high=1e7,{facts}
)
"""
PRIOR = """
[parameters.visiting_rate]
distribution = "lognormal"
median = 0.25
sigma = 0.5
unit = "1/year"
assumed = "made for a test"
"""
ROWS = "".join(
    f"gallery_visits,{year},{visits},10k person,500,1,made,2011-03,made for a test,seen\n"
    for year, visits in {2007: 30_000, 2008: 31_000, 2009: 32_000, 2010: 33_000}.items()
)
# A posterior of few and short trajectories, which is good enough for a number between 0 and 1.
REFIT = """
from fiveyear import model
from fiveyear.calibration import posterior, sampler
from fiveyear.scenarios import load_plan
sampler.WARM_UP, sampler.LEAPS, sampler.STEPS, sampler.AGAIN = (2, 2, 2), 10, 4, 1
evidence = posterior.evidence(load_plan("twelfth"), None)
posterior.save(posterior.calibrate(evidence)[1], posterior.file_of(evidence))
"""
COMMAND = "from fiveyear.experiments.command_line import main; main()"


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    for name in ("model", "scenarios", "calibration", "experiments"):
        source = importlib.import_module(f"fiveyear.{name}").__file__
        assert source is not None
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(source).parent, tmp_path / "fiveyear" / name, ignore=ignored)
    return tmp_path


def run(scratch: Path, program: str, *words: str) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-c", program, *words],
        env={**os.environ, "PYTHONPATH": str(scratch)},
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def added(file: Path, text: str) -> None:
    file.write_text(file.read_text("utf-8") + text, "utf-8")


@pytest.mark.slow
def test_a_target_is_one_sector_file_one_indicator_and_the_plan_s_files(scratch: Path) -> None:
    package = scratch / "fiveyear"
    sector, indicators = package / "model/sectors/arts.py", package / "model/indicators.py"
    table, priors = (package / "scenarios/plans/twelfth" / name for name in ("observed.csv", "priors.toml"))
    registry = indicators.read_text("utf-8")

    def stated(facts: str) -> None:
        place = "\n\n#: How an indicator's figures follow from the facts."
        assert place in registry
        indicators.write_text(registry.replace(place, INDICATOR.format(facts=facts) + place, 1), "utf-8")

    def lacking() -> list[str]:
        code, out = run(scratch, COMMAND, "plan", "check", "twelfth", "--json")
        assert code == 1, out
        return [text.replace(f"{package}/", "") for text in json.loads(out)["missing"]]

    def named(text: str, *words: str) -> bool:
        return all(word in text for word in words)

    sector.write_text(SECTOR, "utf-8")
    assert [text.partition(":")[0] for text in lacking()] == ["model/xmile/names_zh.toml"] * 2
    added(
        package / "model/xmile/names_zh.toml", 'arts = "艺术"\nvisiting_rate = "参观率"\ngallery_visits = "参观人次"\n'
    )
    code, out = run(scratch, COMMAND, "plan", "check", "twelfth")
    assert code == 0 and out.endswith("the targets of twelfth lack nothing\n")

    added(package / "scenarios/plans/twelfth/plan.toml", TARGET)
    code, out = run(scratch, COMMAND, "plan", "check", "twelfth")
    assert code == 2
    assert named(" ".join(out.split()), "twelfth/plan.toml", "gallery_visits", "no such indicator")

    stated("")
    unheld, unfit = lacking()
    assert named(unheld, "model/indicators.py", "gallery_visits", "no `facts`")
    assert named(unfit, "twelfth/priors.toml", "parameters.visiting_rate: missing", "Visits to galleries")

    stated('\n    facts=Ratio("gallery_visits"),')
    unread, absent, still_unfit, stale = lacking()
    assert named(unread, "model/sectors/arts.py", "no Observation of gallery_visits has readings")
    assert named(absent, "scenarios/plans/twelfth/observed.csv", "no row of gallery_visits")
    assert still_unfit == unfit
    assert named(stale, "posterior_july2011.nc", "is stale", "fit again with: fiveyear calibrate")

    added(sector, OBSERVATION)
    assert lacking()[:-1] == [absent, unfit]

    added(table, ROWS)
    assert lacking()[:-1] == [unfit]

    added(priors, PRIOR)
    (stale,) = lacking()
    assert named(stale, "posterior_july2011.nc", "is stale", "facts, priors")

    code, out = run(scratch, REFIT)
    assert code == 0, out
    code, out = run(scratch, COMMAND, "plan", "check", "twelfth")
    assert code == 0 and out.endswith("the targets of twelfth lack nothing\n")
    code, out = run(scratch, COMMAND, "reach", "plan", "--draws", "400", "--json")
    assert code == 0, out
    (answer,) = (t for t in json.loads(out)["scenarios"][0]["targets"] if t["indicator"] == "gallery_visits")
    # Visits of 330 M in 2010 grow like the population alone, far from the 400 M of the target.
    assert 0.0 <= answer["probability"] < 0.5
    assert 300e2 < answer["median"] < 400e2


def test_a_series_that_ends_in_the_base_year_lacks_an_outlook(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = load_plan("twelfth")
    evidence = posterior.evidence(plan, None)
    outlook = {n: course for n, course in evidence.priors.outlook.items() if n != "population"}
    without = replace(evidence, priors=evidence.priors.model_copy(update={"outlook": outlook}))
    monkeypatch.setattr(posterior, "evidence", lambda *given: without)
    (text,) = (text for text in check("twelfth").missing if "outlook." in text)
    assert "priors.toml: outlook.population: missing: facts end in 2010" in text


def test_nothing_is_missing_of_a_shipped_plan() -> None:
    assert check("eleventh").missing == []
