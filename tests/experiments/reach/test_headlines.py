"""The headline numbers of each shipped scenario, pinned in ``headlines.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from fiveyear.experiments.forecast.ensemble import ensemble
from fiveyear.experiments.reach.answer import Reach, reach
from fiveyear.scenarios import load_scenario, scenario_names

FILE = Path(__file__).with_name("headlines.toml")
DRAWS, SEED = 20_000, 2011
PINNED = tomllib.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def answer(scenario: str) -> Reach:
    return reach(ensemble(load_scenario(scenario), None, SEED), DRAWS)


def pinned(found: Reach) -> str:
    """Give the table of one scenario as it stands in the file."""
    lines = [f"[{found.ensemble.scenario.name}]", f'facts = "{found.ensemble.posterior.evidence.information_set}"']
    for o in found.findings:
        if o.median is not None:
            chance = f", probability = {o.probability.value:.3f}" if o.probability else ""
            lines.append(f"{o.target.indicator} = {{ median = {float(f'{o.median:.4g}'):g}{chance} }}")
    lines += [f"joint_{name} = {p.value:.3f}" for name, p in found.joint.items() if p]
    return "\n".join(lines)


def test_every_shipped_scenario_is_pinned() -> None:
    assert set(PINNED) == set(scenario_names())


QUICK = ("plan", "behavioural")  # what `fiveyear reach` answers for


@pytest.mark.parametrize("scenario", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in PINNED])
def test_the_headline_numbers_of_a_scenario_are_those_pinned(scenario: str) -> None:
    found, expected = answer(scenario), dict(PINNED[scenario])
    assert expected.pop("facts") == found.ensemble.posterior.evidence.information_set
    modelled = {o.target.indicator: o for o in found.findings if o.median is not None}
    joint = {f"joint_{name}": p for name, p in found.joint.items() if p}
    assert set(expected) == set(modelled) | set(joint)
    for name, o in modelled.items():
        assert set(expected[name]) == {"median", *(["probability"] if o.probability else [])}
        last = found.dataset[name].values[:, -1]
        sets = min(len(last), found.ensemble.posterior.size)
        error = np.sqrt(np.pi / 2.0) * np.std(last) / np.sqrt(sets)  # of a median
        assert o.median == pytest.approx(expected[name]["median"], abs=2.0 * error, rel=1e-3), name
        if o.probability:
            slack = o.probability.high - o.probability.low + 0.0005
            assert o.probability.value == pytest.approx(expected[name]["probability"], abs=slack), name
    for name, chance in joint.items():
        assert chance.value == pytest.approx(expected[name], abs=chance.high - chance.low + 0.0005), name


if __name__ == "__main__":
    head = "\n".join(line for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
    tables = "\n\n".join(pinned(answer(name)) for name in scenario_names())
    FILE.write_text(f"{head}\n\n{tables}\n", encoding="utf-8")
