"""Scenarios that stack others, which agree or contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from fiveyear.scenarios import load_scenario

from .case import EQUAL, OTHER, Case, Ended, Expected
from .toml_text import toml
from .valid_files import PLANS, WHOLE, Content, at_base, middle

PLAN = PLANS["twelfth"]
KEYS = [
    ("paths", "graduates"),
    ("paths", "planned_rd_intensity"),
    ("parameters", "attrition_rate"),
    ("parameters", "hiring_time"),
]
NAMES = ("a", "b", "c")

Numbers = dict[tuple[str, str], float]  # by path or parameter, in base units


def case(random: Random) -> Case:
    """Give two or three scenarios over the plan, and one that stacks them."""
    names = NAMES[: random.randint(2, 3)]
    set_by: dict[str, Numbers] = {name: _numbers(random) for name in names}
    decided: Numbers = _numbers(random) if random.random() < 0.3 else {}
    files = {f"{name}.toml": _file("plan", set_by[name], random) for name in names}
    extends = [f"{name}.toml" for name in names]
    merged, disputed = _merged(set_by, decided)
    label = random.choice(["as they are", "put the other way round", "one below another", *WRONG])
    if label == "put the other way round":
        extends.reverse()
    if label == "one below another":  # which then counts over it
        set_by["d"] = _numbers(random)
        files["d.toml"] = _file("a.toml", set_by["d"], random)
        extends.append("d.toml")
        merged, disputed = _merged(
            {**set_by, "a": {k: v for k, v in set_by["a"].items() if k not in set_by["d"]}}, decided
        )
    taken_as = EQUAL if label in ("as they are", "put the other way round") else OTHER
    expected = Expected(refused=False, taken_as=taken_as, holds=_holds(merged))
    if disputed:
        label = f"{label}, contradicting each other"
        expected = Expected(("mine.toml", *(".".join(key) for key in disputed)), ("extends:",))
    if label.split(",")[0] in WRONG:
        label = label.split(",")[0]
        extends.insert(random.randint(0, len(extends)), WRONG[label])
        last = max(place for place, name in enumerate(extends) if name == WRONG[label])
        places = [1] if label == "a scenario of another plan" and last == 0 else [last]  # the first is the measure
        expected = Expected(("mine.toml",), tuple(f"extends.{place}:" for place in places))
    files["mine.toml"] = _file(extends, decided, random)
    return Case(label, ("scenario", "check", "mine.toml"), expected, files)


#: What cannot stand in a stack.
WRONG = {
    "a scenario twice": "a.toml",
    "a scenario of another plan": "eleventh_plan",
    "a file that there is not": "no.toml",
    "a name that there is not": "plann",
    "a file that extends itself": "mine.toml",
}


def _numbers(random: Random) -> Numbers:
    """Give numbers for some of the keys, each out of two, so that files now agree and now do not."""
    of_base = {key: at_base(PLAN.name)[key[1]] if key[0] == "paths" else middle(PLAN.name)[key[1]] for key in KEYS}
    return {key: of_base[key] * random.choice([1.05, 1.2]) for key in random.sample(KEYS, random.randint(0, 2))}


def _merged(set_by: Mapping[str, Numbers], decided: Numbers) -> tuple[Numbers, list[tuple[str, str]]]:
    """Give what files set together, and the keys in which two of them contradict each other."""
    values = {key: {numbers[key] for numbers in set_by.values() if key in numbers} for key in KEYS}
    disputed = [key for key, of in values.items() if len(of) > 1 and key not in decided]
    merged = {key: next(iter(of)) for key, of in values.items() if len(of) == 1}
    return merged | decided, disputed


def _file(extends: str | list[str], numbers: Numbers, random: Random) -> bytes:
    content: Content = {"title": "T", "extends": extends, "expect": "x"}
    for (group, name), number in numbers.items():
        unit = (WHOLE.series if group == "paths" else WHOLE.parameters)[name].unit
        table: Any = {"value": number} if group == "parameters" else {"values": {str(PLAN.end): number}}
        content.setdefault(group, {})[name] = {"unit": unit, **table, random.choice(["source", "assumed"]): "x"}
    return toml(content).encode()


def _holds(expected: Numbers) -> Any:
    def holds(ended: Ended, folder: Path) -> str:
        scenario = load_scenario(str(folder / "mine.toml"))
        wrong = [
            f"{group}.{name} is not {number}"
            for (group, name), number in expected.items()
            if (scenario.paths[name].points[-1][1] if group == "paths" else scenario.parameters[name]) != number
        ]
        left = [key for key in KEYS if key not in expected]
        base = load_scenario("plan")
        wrong += [f"{n} is set" for g, n in left if getattr(scenario, g).get(n) != getattr(base, g).get(n)]
        return "; ".join(wrong)

    return holds
