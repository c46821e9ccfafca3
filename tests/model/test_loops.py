from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from fiveyear.model import Inputs, Model, Reading, WiringError, integrate, simulate
from fiveyear.model.quantities import Array

# What each loop moves directly.
MOVED = {
    "FINANCE": "rd_counted",
    "R1": "output_real",
    "R3": "effort_aimed_at",
    "R4": "applications",
    "B2": "graduate_supply",
    "B3": "capacity_growth",
    "B4": "mature_lapses",
    "B6": "obsolescence",
    "B7": "literacy_left",
    "B8": "gap_closed",
}
# Loops whose sign the hard ranges leave open, and why.
OPEN = {
    "R3": "high_tech_pull and knowledge_effect may be negative",
    "B7": "literacy_growth_rate may be negative",
}


def final(model: Model, inputs: Inputs, name: str) -> float:
    return float(simulate(model, inputs, {}, keep=[name]).dataset()[name][0, -1])


@pytest.mark.parametrize("loop", MOVED)
def test_cutting_a_loop_changes_what_it_moves(model: Model, inputs: Inputs, loop: str) -> None:
    assert final(model, inputs, MOVED[loop]) != pytest.approx(final(model.cut([loop]), inputs, MOVED[loop]), rel=1e-3)


def test_every_shipped_loop_is_cut_in_these_tests(model: Model) -> None:
    assert set(model.loops) == set(MOVED)


def test_a_stronger_loop_of_strategic_filing_means_more_applications_only_while_it_is_closed(
    model: Model, inputs: Inputs, changed: Callable[..., Inputs]
) -> None:
    stronger = changed(inputs, strategic_filing=0.2)
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

    read = [*model.equations[declared.reader].inputs, declared.reader, declared.held]
    integrate(cut.pruned(read), inputs, [], watch=compare)
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


@pytest.fixture(scope="module")
def cycles(model: Model) -> dict[str, tuple[tuple[str, ...], str]]:
    """The shortest cycle through each loop, and the sign that the formulas give it."""
    return {name: model.cycle(loop) for name, loop in model.loops.items()}


@pytest.mark.parametrize("loop", MOVED)
def test_the_formulas_give_a_loop_the_sign_it_declares_or_leave_it_open(
    model: Model, cycles: Mapping[str, tuple[tuple[str, ...], str]], loop: str
) -> None:
    declared = model.loops[loop]
    path, sign = cycles[loop]
    assert path[0] == path[-1] == declared.source
    assert path[1] == declared.reader
    assert sign == ("?" if loop in OPEN else declared.sign)


def nudged(model: Model, values: Mapping[str, Array], source: str, name: str) -> float:
    """The change of a variable's formula, or of a state's rate, for a small rise of one that it reads directly."""
    if name in model.stocks:
        stock = model.stocks[name]
        return float((source in stock.inflows) - (source in stock.outflows))
    if name in model.chains:
        chain = model.chains[name]
        return float((source == chain.inflow) - (source == chain.outflow))
    if name in model.outflows:
        chain_of_it = model.outflows[name]
        return 1.0 if source == chain_of_it else -1.0  # what leaves a delay rises with its content, not with its time
    equation = model.equations[name]
    before, after = ({**values, source: values[source] * (1.0 + up * 1e-6)} for up in (0.0, 1.0))
    after_less_before = equation.function(*(after[n] for n in equation.inputs)) - equation.function(
        *(before[n] for n in equation.inputs)
    )
    return float(np.ravel(after_less_before)[0] / np.ravel(values[source])[0])


@pytest.fixture(scope="module")
def in_2013(model: Model, inputs: Inputs, changed: Callable[..., Inputs]) -> Mapping[str, Array]:
    """Every variable at a time when all loops are at work, and output acts on budgets at once, too."""
    seen: dict[float, Mapping[str, Array]] = {}
    integrate(
        model, changed(inputs, budgets_ahead=0.5), [], watch=lambda time, values: seen.update({time: dict(values)})
    )
    return seen[2013.0]


@pytest.mark.parametrize("loop", MOVED)
def test_small_nudges_round_a_loop_come_back_with_the_sign_it_declares(
    model: Model, in_2013: Mapping[str, Array], cycles: Mapping[str, tuple[tuple[str, ...], str]], loop: str
) -> None:
    path, _ = cycles[loop]
    signs = [np.sign(nudged(model, in_2013, a, b)) for a, b in itertools.pairwise(path)]
    assert np.prod(signs) == {"+": 1.0, "-": -1.0}[model.loops[loop].sign], list(zip(path, signs, strict=False))


def test_with_finance_cut_nothing_that_those_who_pay_decide_reaches_spending(
    model: Model, inputs: Inputs, changed: Callable[..., Inputs]
) -> None:
    thrifty = changed(inputs, plan_followed=0.0, fiscal_share=0.1, enterprise_effort_at_start=0.002)
    cut = model.cut(["FINANCE"])
    assert final(cut, thrifty, "rd_counted") == final(cut, inputs, "rd_counted")
    assert final(model, thrifty, "rd_counted") < 0.7 * final(model, inputs, "rd_counted")


def test_with_r1_cut_output_is_what_was_foreseen_to_the_bit(model: Model, inputs: Inputs) -> None:
    data = simulate(model.cut(["R1"]), inputs, {}, keep=["output_real", "gdp_real", "output_index"]).dataset()
    np.testing.assert_array_equal(data["output_real"], data["gdp_real"])
    assert abs(float(data["output_index"][0, -1]) - 1.0) > 1e-3  # what it would be, were the loop closed


def test_with_r3_cut_a_stronger_pull_of_high_tech_moves_no_effort(
    model: Model, inputs: Inputs, changed: Callable[..., Inputs]
) -> None:
    # A drift alone carries the share up from the start on.
    rising = changed(inputs, high_tech_drift=0.1, knowledge_effect=0.0, patent_effect=0.0)
    pulled = changed(rising, high_tech_pull=1.0)
    cut = model.cut(["R3"])
    assert final(cut, pulled, "enterprise_effort") == final(cut, rising, "enterprise_effort")
    assert final(model, pulled, "enterprise_effort") > 1.05 * final(model, rising, "enterprise_effort")


def test_with_b8_cut_government_closes_no_gap(model: Model, inputs: Inputs, changed: Callable[..., Inputs]) -> None:
    eager = changed(inputs, gap_closing_rate=0.3)
    assert final(model.cut(["B8"]), eager, "government_top_up") == 0.0
    assert final(model, eager, "government_top_up") != 0.0


def test_with_b7_cut_literacy_grows_exponentially(model: Model, inputs: Inputs, changed: Callable[..., Inputs]) -> None:
    # What is held is the share at the start, so the growth rate stays what it was there.
    p = {"literate_share_at_start": 0.1, "literacy_growth_rate": 0.2, "literacy_ceiling": 0.25}
    rate = 0.2 * (1.0 - 0.1 / 0.25)
    expected = 0.1 * np.exp(rate * 11.0)
    assert final(model.cut(["B7"]), changed(inputs, **p), "literate_share") == pytest.approx(expected, rel=1e-6)
