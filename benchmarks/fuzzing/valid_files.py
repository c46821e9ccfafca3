"""Valid scenario, plan, experiment and programme files, made from the tables and declarations of the project itself."""

from __future__ import annotations

import copy
import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any

import numpy as np

from fiveyear.calibration import outlook, posterior
from fiveyear.model import INDICATORS, Unit
from fiveyear.scenarios import Plan, load_plan, load_scenario, scenario_names
from fiveyear.scenarios.programme import programme_files

SPENDING = ("planned_rd_intensity", "fiscal_share", "other_rd_intensity")

Content = dict[str, Any]

WHOLE = load_plan("twelfth").model
OF_PLAN = {"twelfth": "plan", "eleventh": "eleventh_plan"}  # those of one money: folder_cases has another
PLANS = {name: load_plan(name) for name in OF_PLAN}
SHIPPED = {n: scenario for n in scenario_names() if (scenario := load_scenario(n)).plan.name in PLANS}
PROGRAMMES = programme_files(PLANS["twelfth"])
_SIGNS = [
    chr(n)
    for first, last in ((32, 126), (0xA1, 0x24F), (0x370, 0x3FF), (0x3000, 0x303F), (0x4E00, 0x4EFF), (0xFF01, 0xFF5E))
    for n in range(first, last + 1)
    if unicodedata.category(chr(n))[0] != "C" and unicodedata.category(chr(n)) not in ("Zl", "Zp")
]


def text(random: Random) -> str:
    """Give a text on one line, in letters and signs of several scripts."""
    return "T" + "".join(random.choices(_SIGNS, k=random.randint(0, 12)))


def some(random: Random, names: Sequence[str], most: int) -> list[str]:
    """Give some of the names, in any order."""
    return random.sample(list(names), random.randint(0, min(most, len(names))))


@cache
def at_base(plan: str) -> dict[str, float]:
    """Give each Series of a plan in the base year, in base units."""
    evidence = posterior.evidence(PLANS[plan], None)
    middle = outlook.median_course(
        evidence.priors, evidence.growth, evidence.history, PLANS[plan].end - PLANS[plan].base_year
    )
    years = np.arange(PLANS[plan].start, PLANS[plan].end + 1, dtype=float)
    run = SHIPPED[OF_PLAN[plan]].yearly_paths(years, evidence.history, middle.get("gdp_real"))
    place = PLANS[plan].base_year - PLANS[plan].start
    return {n: float(v[place]) for n, v in {**evidence.history, **run}.items() if np.ndim(v) == 1}


@cache
def growing(plan: str) -> dict[str, float]:
    """Give the yearly growth that is foreseen of each Series that grows."""
    courses = posterior.evidence(PLANS[plan], None).priors.outlook
    return {n: c.mean * Unit.parse(c.unit).scale for n, c in courses.items() if c.kind == "growth" and c.mean > 0.01}


@cache
def middle(plan: str) -> dict[str, float]:
    """Give the value of each Parameter that the plan gives, or else the middle of what is believed of it."""
    evidence = posterior.evidence(PLANS[plan], None)
    fitted = {n: float(b(np.zeros(1))[0]) for n, b in evidence.problem().parameters.items()}
    return {**fitted, **PLANS[plan].parameters}


def near(random: Random, value: float, low: float, high: float) -> float | int:
    """Give a number between half and twice a value, and in a range; now and then a whole one."""
    if value == 0.0 or not low <= value <= high:
        number = low + (high - low) * random.random()
    else:
        number = min(max(value * 2.0 ** random.uniform(-1.0, 1.0), low), high)
    number = float(f"{number:.{random.randint(2, 17)}g}")
    number = min(max(number, low), high)
    return int(number) if low <= int(number) and int(number) and random.random() < 0.3 else number


def path(random: Random, name: str, plan: Plan) -> Content:
    """Give what a scenario may say of a path."""
    declared, later = WHOLE.series[name], range(plan.base_year + 1, plan.end + 1)
    table: Content = {"unit": declared.unit, random.choice(["source", "assumed"]): text(random)}
    years = sorted(random.sample(later, random.randint(1, 3)))
    if random.random() < 0.25 and name in growing(plan.name):
        years = sorted({later[0], *years})
        mean = growing(plan.name)[name]
        return table | {"unit": "1/year", "growth": {str(y): mean * random.uniform(0.7, 1.4) for y in years}}
    value = at_base(plan.name)[name]
    table["values"] = {str(y): near(random, value, declared.low, declared.high) for y in years}
    if len(years) == 1 and random.random() < 0.5:
        table["shape"] = float(f"{random.uniform(0.2, 5.0):.3g}")
        if name in SPENDING:
            table["hold"] = random.choice(["intensity", "spend"])
    return table


def scenario_file(random: Random) -> Content:
    """Give a scenario over a shipped scenario."""
    content: Content = {"title": text(random), "expect": text(random)}
    content["extends"] = random.choice(list(SHIPPED))
    plan = SHIPPED[content["extends"]].plan
    closed = SHIPPED[content["extends"]].content.get("closes", [])
    content["cuts"] = some(random, [n for n in WHOLE.loops if n not in closed], 3)
    open_to = plan.cuts if plan.name == "twelfth" else ()  # of those who pay the other plan says too little
    content["closes"] = some(random, [n for n in open_to if n not in content["cuts"]], 2)
    names = [n for n in ("planned_rd_intensity", "gdp_real", *WHOLE.series) if n in at_base(plan.name)]
    content["paths"] = {n: path(random, n, plan) for n in some(random, list(dict.fromkeys(names)), 3)}
    content["parameters"] = {
        n: {
            "value": near(random, middle(plan.name)[n], WHOLE.parameters[n].low, WHOLE.parameters[n].high),
            "unit": WHOLE.parameters[n].unit,
            random.choice(["source", "assumed"]): text(random),
        }
        for n in some(random, [n for n in WHOLE.parameters if n in middle(plan.name)], 3)
    }
    for key in some(random, ["cuts", "closes", "paths", "parameters"], 4):
        if not content[key]:
            del content[key]
    return content


def plan_file(random: Random) -> Content:
    """Give a shipped plan with some of its targets."""
    content = copy.deepcopy(dict(PLANS[random.choice(list(PLANS))].content))
    targets = random.sample(range(len(content["targets"])), random.randint(1, min(4, len(content["targets"]))))
    content["targets"] = [content["targets"][place] for place in sorted(targets)]
    content["title"] = text(random)
    return content


def experiment_file(random: Random) -> Content:
    """Give an experiment with a few cases."""
    of_plan = ["plan", "behavioural", "crisis_2012", "talent_first", "own.toml"]
    content: Content = {
        "title": text(random),
        "scenarios": random.sample(of_plan, random.randint(1, 3)),
        "draws": random.randint(1, 10 ** random.randint(1, 6)),
    }
    own: Content = {
        "seed": random.randint(0, 2 ** random.choice([8, 31, 63]) - 1),
        "facts": random.choice(["july2011", "yearbook"]),
        "keep": random.choice(["draws", "summary"]),
        "outputs": some(random, list(INDICATORS), 3) or ["rd_intensity"],
        "method": random.choice(["rk4", "euler"]),
        "step": random.choice([1, 0.5, 0.25, 0.125, 0.0625]),
    }
    content |= {key: own[key] for key in some(random, list(own), 6)}
    kind = random.choice(["full factorial", "latin hypercube", "sobol"])
    ranges = {"paths.planned_rd_intensity.values.2015": (1.8, 2.6), "parameters.attrition_rate.value": (0.02, 0.08)}
    factors: Content = {}
    for key in some(random, [*ranges, "closes", "expect"], 3):
        if key not in ranges:
            values = [[], ["R1"], ["FINANCE", "R1"]] if key == "closes" else ["Much.", "Little."]
            factors[key] = {"values": values[: random.randint(1, 3)]}
            continue
        low, high = ranges[key]
        if kind != "full factorial" and random.random() < 0.5:
            factors[key] = {"low": low, "high": random.uniform(low * 1.01, high)}
            factors[key] |= random.choice([{}, {"scale": "log"}, {"scale": "linear"}])
        else:
            factors[key] = {"values": list({random.uniform(low, high) for _ in range(random.randint(1, 3))})}
    if factors:
        content["factors"] = factors
        content["design"] = {"kind": kind}
        if kind != "full factorial":
            content["design"]["points"] = 2 ** random.randint(0, 4) + random.randint(0, 2) * (kind != "sobol")
            content["design"] |= random.choice([{}, {"seed": 3}])
    return content


def programme_file(random: Random) -> Content:
    """Give a shipped programme under another title."""
    file = random.choice(list(PROGRAMMES.values()))
    return tomllib.loads(file.read_text(encoding="utf-8")) | {"title": text(random)}


def stored_scenario(random: Random) -> Content:
    """Give a scenario as a result stores it."""
    stored: Content = copy.deepcopy(SHIPPED[random.choice(list(SHIPPED))].stored())
    stored["content"]["title"] = text(random)
    stored["settings"] = [text(random) for _ in range(random.randint(0, 2))]
    return stored


FILES: dict[str, Callable[[Random], Content]] = {
    "scenario": scenario_file,
    "plan": plan_file,
    "experiment": experiment_file,
    "programme": programme_file,
    "stored scenario": stored_scenario,
}
