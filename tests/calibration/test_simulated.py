"""Simulation-based calibration, in short: the whole of it is benchmarks/simulated.py."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from simulated import DRAWS, INSIDE, Batch, Replica, Replicate, holm, lines, made_from, rank, read, unevenness

from fiveyear.calibration import sampler
from fiveyear.calibration.fit import Fit, Problem, fit
from fiveyear.calibration.posterior import Evidence
from fiveyear.model.quantities import Array


@dataclass
class Bent:
    """Stands for a problem: facts of exp(a) and of a + 2 b, whose errors the fit takes to be ``believed`` as large."""

    figures: Array
    believed: float = 1.0
    names = ("a", "b")
    informed = (True, True)

    @staticmethod
    def predict(z: Array) -> Array:
        return np.stack([np.exp(z[:, 0]), z[:, 0] + 2.0 * z[:, 1], z[:, 0] - z[:, 1]], axis=1)

    def residuals(self, z: Array) -> Array:
        return (self.predict(z) - self.figures) / (0.5 * self.believed)

    def slopes(self, z: Array) -> Array:
        by_prediction = self.residuals(z) / (0.5 * self.believed)
        first, second, third = by_prediction.T
        return np.stack([first * np.exp(z[:, 0]) + second + third, 2.0 * second - third], axis=1)

    def among(self, z: Array, others: Array | float = 0.0) -> Array:
        return z


def ranked(believed: float, replicates: int) -> tuple[list[list[int]], float]:
    generator = np.random.default_rng(7)
    ranks = []
    for number in range(replicates):
        true = generator.standard_normal((1, 2))
        figures = Bent.predict(true)[0] + 0.5 * generator.standard_normal(3)
        found: Fit = fit(cast(Problem, Bent(figures, believed)))
        ranks.append(rank(true[0], found, number, steps=60))
    inside = (np.array(ranks) >= INSIDE[0]) & (np.array(ranks) <= INSIDE[1])
    return np.array(ranks).T.tolist(), float(np.mean(inside))


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sample for as long as two numbers need."""
    monkeypatch.setattr(sampler, "WARM_UP", (20, 20))
    monkeypatch.setattr(sampler, "LEAPS", 12)


@pytest.mark.slow
@pytest.mark.usefixtures("brief")
def test_ranks_of_true_values_are_uniform() -> None:
    ranks, covered = ranked(1.0, 160)
    assert all(unevenness(one) > 0.01 / 2 for one in ranks)
    assert covered == pytest.approx(0.9, abs=3.0 * np.sqrt(0.09 / 320))


@pytest.mark.slow
@pytest.mark.usefixtures("brief")
def test_facts_that_are_believed_too_much_are_found_out() -> None:
    ranks, covered = ranked(0.4, 160)
    assert min(unevenness(one) for one in ranks) < 1e-4
    assert covered < 0.8


def test_even_ranks_are_even_and_others_are_not() -> None:
    assert unevenness([*range(DRAWS + 1)]) == pytest.approx(1.0)
    assert unevenness([0] * 64) < 1e-12


def test_chances_are_corrected_for_their_number() -> None:
    # Worked out by hand: 3 x .01; the larger of .03 and 2 x .03; the larger of .06 and .5.
    assert holm({"a": 0.01, "b": 0.5, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.5})


def test_a_replica_has_other_figures_and_the_same_history(known: dict[str, Evidence]) -> None:
    problem = known["july2011"].problem()
    figures = tuple(2.0 * f.value for f in problem.observations)
    made = Replica(problem.model, problem.plan, problem.facts, problem.priors, problem.last_year, figures)
    assert tuple(f.value for f in made.observations) == figures
    z = np.zeros((1, len(problem.names)))
    assert np.array_equal(made.predict(z), problem.predict(z))


def test_a_batch_answers_each_replica_as_if_it_were_alone(known: dict[str, Evidence]) -> None:
    problem = known["july2011"].problem()
    fields = {n: getattr(problem, n) for n in ("model", "plan", "facts", "priors", "last_year")}
    values = np.array([f.value for f in problem.observations])
    batch = Batch(problem, 3)
    replicas = [
        Replica(**fields, figures=tuple((values * scale).tolist()), batch=batch, place=place)
        for place, scale in enumerate((0.9, 1.0, 1.1))
    ]
    z = 0.1 * np.random.default_rng(3).standard_normal((3, 6, len(problem.names)))

    def asked(place: int) -> tuple[Array, ...]:
        """Ask for what the others ask for, for something else, and once more than the others do."""
        batch.wait(place)
        of = replicas[place]
        order = (of.residuals, of.slopes) if place else (of.slopes, of.residuals)
        answers = (order[0](z[place]), order[1](z[place]), *([of.slopes(z[place, :2])] if place == 2 else []))
        batch.leave(place)
        return answers

    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(asked, range(3)))
    for place, of in enumerate(replicas):
        alone = replace(of, batch=None)
        expected = [alone.residuals(z[place]), alone.slopes(z[place])]
        expected = expected if place else expected[::-1]
        assert all(np.array_equal(a, e) for a, e in zip(answers[place], expected, strict=False))
    assert np.array_equal(answers[2][2], replace(replicas[2], batch=None).slopes(z[2, :2]))


def test_the_document_names_what_is_rejected() -> None:
    uniform = [Replicate(i, {"x": i, "y": 300}) for i in range(DRAWS + 1)]
    told = "\n".join(lines([*uniform, Replicate(640, {}, "no fit")]))
    assert "(Holm): y." in told
    assert "1 more gave no figures or no fit, and are left out: no fit." in told
    assert "hold 0.950 of the true values; 0.900 of `x`, the least, and 1.000 of `y`" in told


def test_replicates_are_read_again_unless_they_were_made_from_something_else(tmp_path: Path) -> None:
    file = tmp_path / "simulated.csv"
    assert read(file, "a") == []
    file.write_text("made_from,number,fault,x,y\na,3,,12,639\nb,4,,1,2\na,5,no fit,,\n", encoding="utf-8")
    assert read(file, "a") == [Replicate(3, {"x": 12, "y": 639}), Replicate(5, {}, "no fit")]


def test_what_replicates_are_made_from_changes_with_facts_and_sampler(
    known: dict[str, Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made_from(known["july2011"])
    assert made_from(known["yearbook"]) != first
    monkeypatch.setattr(sampler, "LEAPS", 7)
    assert made_from(known["july2011"]) != first
