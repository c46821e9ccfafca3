"""Valid scenario, plan, experiment and stored files, drawn from the tables and declarations of the project itself."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from fiveyear import model
from fiveyear.model import INDICATORS
from fiveyear.scenarios import (
    Plan,
    load_plan,
    load_scenario,
    plan_names,
    scenario_names,
)

SPENDING = ("planned_rd_intensity", "fiscal_share", "other_rd_intensity")

Content = dict[str, Any]

WHOLE = model.load()
PLANS = {name: load_plan(name) for name in plan_names()}
SHIPPED = {name: load_scenario(name) for name in scenario_names()}
TEXTS = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=12).map("T{}".format)


@st.composite
def some(draw: st.DrawFn, names: Sequence[str], most: int) -> list[str]:
    """Draw some of the names, in any order."""
    return draw(st.lists(st.sampled_from(list(names)), unique=True, max_size=most)) if names else []


@st.composite
def numbers(draw: st.DrawFn, low: float, high: float) -> float | int:
    """Draw a number of a range, now and then a whole one."""
    number = draw(st.floats(low, high, allow_subnormal=False))
    return int(number) if low <= int(number) and draw(st.booleans()) else number


@st.composite
def paths(draw: st.DrawFn, name: str, plan: Plan) -> Content:
    """Draw what a scenario may say of a path."""
    declared, later = WHOLE.series[name], range(plan.base_year + 1, plan.end + 1)
    table: Content = {"unit": declared.unit, draw(st.sampled_from(["source", "assumed"])): draw(TEXTS)}
    years = sorted(draw(st.sets(st.sampled_from(list(later)), min_size=1, max_size=3)))
    if draw(st.integers(0, 3)) == 0:
        years = sorted({later[0], *years})
        return table | {"unit": "1/year", "growth": {str(y): draw(numbers(-0.5, 1.0)) for y in years}}
    table["values"] = {str(y): draw(numbers(declared.low, declared.high)) for y in years}
    if len(years) == 1 and draw(st.booleans()):
        table["shape"] = draw(numbers(0.01, 100.0))
        if name in SPENDING:
            table["hold"] = draw(st.sampled_from(["intensity", "spend"]))
    return table


@st.composite
def scenario_files(draw: st.DrawFn) -> Content:
    """Draw a scenario over a shipped plan or scenario."""
    content: Content = {"title": draw(TEXTS), "expect": draw(TEXTS)}
    if draw(st.booleans()):
        content["plan"] = draw(st.sampled_from(list(PLANS)))
        plan = PLANS[content["plan"]]
    else:
        content["extends"] = draw(st.sampled_from(list(SHIPPED)))
        plan = SHIPPED[content["extends"]].plan
    content["cuts"] = draw(some(list(WHOLE.loops), 3))
    content["closes"] = draw(some([n for n in plan.cuts if n not in content["cuts"]], 2))
    names = ["planned_rd_intensity", "gdp_real", *WHOLE.series]
    content["paths"] = {n: draw(paths(n, plan)) for n in draw(some(list(dict.fromkeys(names)), 3))}
    content["parameters"] = {
        n: {
            "value": draw(numbers(WHOLE.parameters[n].low, WHOLE.parameters[n].high)),
            "unit": WHOLE.parameters[n].unit,
            draw(st.sampled_from(["source", "assumed"])): draw(TEXTS),
        }
        for n in draw(some(list(WHOLE.parameters), 3))
    }
    for key in draw(some(["cuts", "closes", "paths", "parameters"], 4)):
        if not content[key]:
            del content[key]
    return content


@st.composite
def plan_files(draw: st.DrawFn) -> Content:
    """Draw a part of a shipped plan."""
    content = copy.deepcopy(dict(PLANS[draw(st.sampled_from(list(PLANS)))].content))
    targets = draw(st.sets(st.integers(0, len(content["targets"]) - 1), min_size=1, max_size=4))
    content["targets"] = [content["targets"][place] for place in sorted(targets)]
    for group in ("paths", "parameters"):
        content[group] = {n: content[group][n] for n in draw(some(list(content[group]), 4))}
    content["title"] = draw(TEXTS)
    return content


@st.composite
def experiment_files(draw: st.DrawFn) -> Content:
    """Draw an experiment with a few cases."""
    of_plan = ["plan", "behavioural", "crisis_2012", "talent_first", "own.toml"]
    content: Content = {
        "title": draw(TEXTS),
        "scenarios": draw(st.lists(st.sampled_from(of_plan), unique=True, min_size=1, max_size=3)),
        "draws": draw(st.integers(1, 10**8)),
    }
    own: Content = {
        "seed": draw(st.integers(0, 2**63 - 1)),
        "facts": draw(TEXTS),  # whether there is such an information set is for the calibration to say
        "keep": draw(st.sampled_from(["draws", "summary"])),
        "outputs": draw(some([*INDICATORS, *WHOLE.units], 3)) or ["rd_intensity"],
        "method": draw(st.sampled_from(["rk4", "euler"])),
        "step": draw(numbers(1e-3, 1.0)),
    }
    content |= {key: own[key] for key in draw(some(list(own), 6))}
    kind = draw(st.sampled_from(["full factorial", "latin hypercube", "sobol"]))
    ranges = {"paths.planned_rd_intensity.values.2015": (1.8, 2.6), "parameters.attrition_rate.value": (0.02, 0.08)}
    factors: Content = {}
    for key in draw(some([*ranges, "closes", "expect"], 3)):
        if key not in ranges:
            values = [[], ["R1"], ["FINANCE", "R1"]] if key == "closes" else ["Much.", "Little."]
            factors[key] = {"values": values[: draw(st.integers(1, 3))]}
        elif kind != "full factorial" and draw(st.booleans()):
            factors[key] = {"low": ranges[key][0], "high": draw(st.floats(ranges[key][0] * 1.01, ranges[key][1]))}
            factors[key] |= draw(st.sampled_from([{}, {"scale": "log"}, {"scale": "linear"}]))
        else:
            given_values = st.lists(st.floats(*ranges[key]), unique=True, min_size=1, max_size=3)
            factors[key] = {"values": draw(given_values)}
    if factors:
        content["factors"] = factors
        content["design"] = {"kind": kind}
        if kind != "full factorial":
            content["design"]["points"] = 2 ** draw(st.integers(0, 4)) + draw(st.integers(0, 2)) * (kind != "sobol")
            content["design"] |= draw(st.sampled_from([{}, {"seed": 3}]))
    return content


@st.composite
def stored_scenarios(draw: st.DrawFn) -> Content:
    """Draw a scenario as a result stores it."""
    scenario = SHIPPED[draw(st.sampled_from(list(SHIPPED)))]
    stored: Content = copy.deepcopy(scenario.stored())
    stored["content"]["title"] = draw(TEXTS)
    stored["settings"] = draw(st.lists(TEXTS, max_size=2))
    return stored


FILES: dict[str, st.SearchStrategy[Content]] = {
    "scenario": scenario_files(),
    "plan": plan_files(),
    "experiment": experiment_files(),
    "stored scenario": stored_scenarios(),
}
