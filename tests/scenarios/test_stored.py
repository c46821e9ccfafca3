"""A scenario as a result stores it: it comes back to the bit, is checked again, and no file is read for it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fiveyear.scenarios import Scenario, ScenarioError, load_scenario, restore, scenario_names, toml_files

SETTINGS = [
    "paths.planned_rd_intensity.values.END=2.1",
    "parameters.attrition_rate.value=0.0317",
    "cuts=['R4']",
    "title='Übung 计划'",
]
BAD_NAMES = [
    "..",
    "../x",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "a\0b",
    "a\nb",
    ".hidden",
    "",
    " ",
    "x" * 201,
    "\u202egnp",
    "NUL",
]


def scenarios(name: str) -> list[Scenario]:
    """Give a shipped scenario as it is, and with values set."""
    scenario = load_scenario(name)
    settings = [s.replace("END", str(scenario.plan.end)) for s in SETTINGS]
    spent = scenario.paths.get("planned_rd_intensity")
    if spent is None or spent.numbers == "growth":  # which says how it goes on, and not where to
        settings = settings[1:]
    return [scenario, load_scenario(name, settings)]


def through_json(scenario: Scenario) -> Any:
    return json.loads(json.dumps(scenario.stored(), sort_keys=True))


def yearly(scenario: Scenario) -> dict[str, bytes]:
    plan = scenario.plan
    years = np.arange(plan.start, plan.end + 1.0)
    names = {name for name, path in scenario.paths.items() if path.needs_history} | {"gdp_real"}
    history = {name: np.linspace(0.9, 1.1, plan.base_year + 1 - plan.start) for name in names}
    return {n: v.tobytes() for n, v in scenario.yearly_paths(years, history, np.linspace(1.0, 2.0, len(years))).items()}


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_comes_back_from_json_to_the_bit(name: str) -> None:
    for scenario in scenarios(name):
        found = restore(through_json(scenario))
        assert found == scenario
        assert {n: v.hex() for n, v in found.parameters.items()} == {n: v.hex() for n, v in scenario.parameters.items()}
        assert yearly(found) == yearly(scenario)
        assert found.stored() == scenario.stored()


def test_restoring_reads_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = [through_json(one) for name in ("plan", "midterm_review") for one in scenarios(name)]

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a file is looked at")

    monkeypatch.setattr(Path, "open", forbidden)
    monkeypatch.setattr(Path, "stat", forbidden)
    monkeypatch.setattr(toml_files, "locate", forbidden)
    for one in stored:
        for origin in ("plan", "extends"):
            if origin in one["content"]:
                one["content"][origin] = "/etc/passwd.toml"
        assert restore(one).parameters


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda s: s.clear(), ["name: missing", "plan: missing", "content: missing", "settings: missing"]),
        (lambda s: s.update(more=1), ["more: no such key"]),
        (lambda s: s.update(name=3), ["name: found 3, expected a text in quotes"]),
        (lambda s: s.update(plan="twelfth"), ['plan: found "twelfth", expected a table']),
        (lambda s: s.update(settings=[3]), ["settings.0: found 3, expected a text in quotes"]),
        (lambda s: s["plan"].pop("name"), ["plan.name: found None, expected a name"]),
        (lambda s: s["plan"].update(end=2016.0), ["plan.end: found 2016.0, expected a whole number"]),
        (lambda s: s["plan"].update(x=1), ["plan.x: no such key"]),
        (lambda s: s["plan"].update(paths=[]), ["plan.paths: found a list, expected a table"]),
        (lambda s: s["content"].pop("title"), ["content.title: missing"]),
        (lambda s: s["content"].pop("plan"), ["content: found neither plan nor extends, expected one"]),
        (lambda s: s["content"].update(extends="plan"), ["content: found both plan and extends, expected one"]),
        (lambda s: s["content"].update(cuts=["R99"]), ["content.cuts.0: no loop is called R99"]),
        (lambda s: s["content"].update(paths=None), ["content.paths: found None, expected a table"]),
        (
            lambda s: s["content"]["paths"]["planned_rd_intensity"].update(values={"2015": 1e400}),
            ["content.paths.planned_rd_intensity.values.2015: found inf, expected a finite number"],
        ),
        (
            lambda s: s["content"]["paths"]["planned_rd_intensity"].update(unit="person"),
            ['content.paths.planned_rd_intensity.unit: unit is "person", the model takes "share"'],
        ),
        (
            lambda s: s["plan"]["parameters"]["reference_rd_spending"].update(value=-1),
            ["plan.parameters.reference_rd_spending.value: found -1 100M yuan/year, expected"],
        ),
        *((lambda s, n=name: s.update(name=n), ["name: its name, "]) for name in BAD_NAMES),
        *((lambda s, n=name: s["plan"].update(name=n), ["plan.name: its name, "]) for name in BAD_NAMES),
    ],
)
def test_what_a_stranger_changed_is_refused_under_the_title_given(
    change: Callable[[dict[str, Any]], object], expected: list[str]
) -> None:
    stored = through_json(load_scenario("plan"))
    change(stored)
    with pytest.raises(ScenarioError, match=r"^cases\.3 of experiment\.json has ") as caught:
        restore(stored, "cases.3 of experiment.json")
    assert len(caught.value.faults) == len(expected)
    for fault, piece in zip(caught.value.faults, expected, strict=True):
        assert fault.startswith(piece)


@pytest.mark.slow
def test_no_part_of_a_stored_scenario_can_be_changed_into_a_traceback() -> None:
    stored = through_json(load_scenario("midterm_review", ["parameters.attrition_rate.value=0.05"]))
    places = list(_places(stored, ()))
    assert len(places) > 300
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    for *above, last in places:
        for value in (None, True, -1, 1e308, float("nan"), "", "\0", [], {}, [None], {"": 0}, deep):
            one = copy.deepcopy(stored)
            table = one
            for key in above:
                table = table[key]
            table[last] = value
            found = _restored(one)
            assert found is None or restore(through_json(found)) == found


def _restored(stored: dict[str, Any]) -> Scenario | None:
    try:
        return restore(stored)
    except ScenarioError:
        return None


def _places(value: Any, above: tuple[Any, ...]) -> Any:
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*above, key)
        yield from _places(value[key], (*above, key))
