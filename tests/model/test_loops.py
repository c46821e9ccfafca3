from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from fiveyear.model import Inputs, Model, Reading, WiringError, integrate, simulate
from fiveyear.model.quantities import Array

# What each loop moves directly, and whether the reader rises when its source has risen above what is held.
MOVED = {"R4": "applications", "B3": "capacity_growth", "B4": "mature_lapses", "B6": "obsolescence"}


def final(model: Model, inputs: Inputs, name: str) -> float:
    return float(simulate(model, inputs, {}, keep=[name])[name][0, -1])


@pytest.mark.parametrize("loop", MOVED)
def test_cutting_a_loop_changes_what_it_moves(model: Model, inputs: Inputs, loop: str) -> None:
    assert final(model, inputs, MOVED[loop]) != pytest.approx(final(model.cut([loop]), inputs, MOVED[loop]), rel=1e-3)


def test_every_shipped_loop_is_cut_in_these_tests(model: Model) -> None:
    assert set(model.loops) == set(MOVED)


def test_a_stronger_loop_of_strategic_filing_means_more_applications_only_while_it_is_closed(
    model: Model, inputs: Inputs
) -> None:
    stronger = Inputs(
        inputs.first_year, inputs.last_year, {**inputs.parameters, "strategic_filing": 0.2}, inputs.series
    )
    cut = model.cut(["R4"])
    assert final(model, stronger, "applications") > final(model, inputs, "applications")
    assert final(cut, stronger, "applications") == final(cut, inputs, "applications")


@pytest.mark.parametrize("loop", MOVED)
def test_a_cut_reader_reads_what_is_held_at_every_time(model: Model, inputs: Inputs, loop: str) -> None:
    declared = model.loops[loop]
    cut = model.cut([loop])
    equation = cut.equations[declared.reader]
    seen: list[bool] = []

    def compare(_: float, values: Mapping[str, Array]) -> None:
        # The uncut function, called by hand with what is held in the place of the source.
        by_name = {
            n: values[declared.held if n == declared.source else n] for n in model.equations[declared.reader].inputs
        }
        seen.append(bool((values[declared.reader] == equation.function(**by_name)).all()))

    integrate(cut, inputs, [], watch=compare)
    assert seen and all(seen)


def test_cut_obsolescence_takes_the_same_from_knowledge_every_year(model: Model, inputs: Inputs) -> None:
    found = integrate(model.cut(["B6"]), inputs, [Reading("obsolescence", "over the year")])
    lost = inputs.parameters["obsolescence_rate"] * inputs.parameters["rd_spending_at_start"] / (0.15 + 0.15)
    np.testing.assert_allclose(found[Reading("obsolescence", "over the year")], lost, rtol=1e-12)


def test_all_loops_can_be_cut_together_in_any_order(model: Model, inputs: Inputs) -> None:
    there, back = model.cut(sorted(MOVED)), model.cut(sorted(MOVED, reverse=True))
    assert there.structure(there.names) == back.structure(back.names)
    assert final(there, inputs, "patents_in_force") == final(back, inputs, "patents_in_force")


def test_an_unknown_loop_is_refused_and_the_known_ones_are_not(model: Model) -> None:
    with pytest.raises(WiringError, match="no loop is called 'R44'; nearest is R4") as caught:
        model.cut(["R44", "Z", "B3"])
    assert len(caught.value.faults) == 2


def test_a_sign_declared_against_the_formulas_is_refused(model: Model, sector: Callable[..., object]) -> None:
    for loop in model.loops.values():
        path, sign = model.cycle(loop)
        assert path[0] == path[-1] == loop.source
        assert path[1] == loop.reader
        assert sign == loop.sign
