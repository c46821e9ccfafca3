from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

import fiveyear.model.reference as reference
from fiveyear.experiments.validation import numerics
from fiveyear.experiments.validation.check import Figure
from fiveyear.model import InputError, Inputs, Model, Reading, integrate, simulate
from fiveyear.model.inputs import check
from fiveyear.model.reference import Run
from fiveyear.model.simulation import default_reading
from fiveyear.model.steps import Method

DECAY = '''
given = Series("person/year", low=0.0, high=100.0, dated="{dated}", about="arrivals")
content_at_start = Parameter("person", low=0.0, high=100.0, about="people at the start")
decay = Parameter("1/year", low=0.0, high=9.0, about="share that leaves in a year")
content = Stock("person", initial="content_at_start", inflows=("given",), outflows=("loss",), about="people")


def loss(content: Persons, decay: PerYear) -> PersonsPerYear:
    """People who leave in a year."""
    return content * decay
'''
DELAY = '''
filings_at_start = Parameter("application/year", low=0.0, high=1e9, about="filings at the start")
growth = Parameter("1/year", low=-1.0, high=1.0, about="growth of filings")
waiting_time = Parameter("year", low=0.1, high=9.0, about="time to a decision")
waiting_at_start = Parameter("application", low=0.0, high=1e9, about="applications waiting at the start")
filings = Stock("application/year", initial="filings_at_start", inflows=("rise",), about="filings")
waiting = Chain("application", stages=3, inflow="filings", outflow="decisions", time="waiting_time",
                initial="waiting_at_start", growth="growth", about="applications waiting")


def rise(filings: ApplicationsPerYear, growth: PerYear) -> ApplicationsPerYearSquared:
    """The growth of filings."""
    return filings * growth
'''


# -- order ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("measure", [numerics.rk4_order, numerics.euler_order])
def test_a_spring_converges_at_the_order_of_the_method(
    holds: Callable[..., bool], measure: Callable[[], Figure]
) -> None:
    assert holds(measure)


@pytest.mark.parametrize("dated", ["constant within the year", "over the year", "at year end"])
def test_jumps_and_bends_of_a_path_cost_no_order(assembled: Callable[[str], Model], dated: str) -> None:
    model = assembled(DECAY.replace("{dated}", dated))
    decay, yearly = 0.75, np.array([3.0, 9.0, 1.0, 7.0])
    inputs = Inputs(2001, 2004, {"content_at_start": 5.0, "decay": decay}, {"given": yearly})
    arrivals = Run(model, inputs).paths["given"]
    exact, content = [], 5.0
    for begin in np.arange(2001.0, 2005.0, 0.5):  # on each half year arrivals are a + b t: the solution is closed
        a = float(arrivals.at(begin))
        b = (float(arrivals.at(begin + 0.5, "left")) - a) / 0.5
        steady, slope = (a - b / decay) / decay, b / decay
        content = steady + slope * 0.5 + (content - steady) * np.exp(-decay * 0.5)
        exact.append(content)
    errors = []
    for step in (0.25, 0.125, 0.0625):
        found = integrate(model, inputs, [Reading("content", "year end")], step=step)
        errors.append(float(np.abs(found[Reading("content", "year end")][:, 0] - exact[1::2]).max()))
    assert all(3.8 < order < 4.2 for order in numerics.order_of(errors)), errors


def test_a_step_that_does_not_divide_the_year_is_shortened_to_end_with_it(assembled: Callable[[str], Model]) -> None:
    times: list[float] = []
    model = assembled(DECAY.replace("{dated}", "constant within the year"))
    inputs = Inputs(1, 2, {"content_at_start": 5.0, "decay": 1.5}, {"given": np.array([1.0, 2.0])})
    integrate(model, inputs, [], step=0.3, watch=lambda time, _: times.append(time))
    assert times == pytest.approx([1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0])


@pytest.mark.parametrize(
    ("dated", "times"),
    [
        ("over the year", [1.0, 1.5, 2.0, 2.5, 3.0]),
        ("at year end", [1.0, 2.0, 3.0]),
        ("constant within the year", [1.0, 2.0, 3.0]),
    ],
)
def test_a_step_ends_where_a_path_bends(assembled: Callable[[str], Model], dated: str, times: list[float]) -> None:
    seen: list[float] = []
    inputs = Inputs(1, 2, {"content_at_start": 5.0, "decay": 1.5}, {"given": np.array([1.0, 2.0])})
    integrate(assembled(DECAY.replace("{dated}", dated)), inputs, [], step=5.0, watch=lambda time, _: seen.append(time))
    assert seen == times


def test_a_level_at_year_end_is_read_before_the_jump(assembled: Callable[[str], Model]) -> None:
    inputs = Inputs(1, 3, {"content_at_start": 5.0, "decay": 1.5}, {"given": np.array([1.0, 2.0, 4.0])})
    model = assembled(DECAY.replace("{dated}", "constant within the year"))
    found = integrate(model, inputs, [Reading("given", "year end"), Reading("given", "over the year")])
    for table in found.values():
        np.testing.assert_allclose(table[:, 0], [1.0, 2.0, 4.0], rtol=1e-15)


# -- closed forms -----------------------------------------------------------------------------------------------
def test_totals_averages_and_levels_of_a_decay_are_its_closed_forms(assembled: Callable[[str], Model]) -> None:
    model = assembled(DECAY.replace("{dated}", "over the year"))
    inputs = Inputs(1, 4, {"content_at_start": 8.0, "decay": 0.5}, {"given": np.zeros(4)})
    readings = [Reading("loss", "over the year"), Reading("content", "average"), Reading("content", "year end")]
    found = integrate(model, inputs, readings, step=1 / 32)
    end = 8.0 * np.exp(-0.5 * np.arange(1.0, 5.0))
    lost = end * (np.exp(0.5) - 1.0)
    for reading, exact in zip(readings, [lost, lost / 0.5, end], strict=True):
        np.testing.assert_allclose(found[reading][:, 0], exact, rtol=1e-8)


def test_a_third_order_delay_lets_out_what_the_erlang_distribution_says(assembled: Callable[[str], Model]) -> None:
    model = assembled(DELAY)
    values = {"filings_at_start": 10.0, "growth": 0.0, "waiting_time": 2.5, "waiting_at_start": 0.0}
    found = integrate(model, Inputs(1, 8, values, {}), [Reading("decisions", "year end")], step=1 / 32)
    exact = 10.0 * stats.erlang.cdf(np.arange(1.0, 9.0), 3, scale=2.5 / 3)
    np.testing.assert_allclose(found[Reading("decisions", "year end")][:, 0], exact, rtol=1e-6)


@pytest.mark.parametrize("growth", [0.25, -0.1])
def test_a_chain_that_starts_in_balance_stays_in_proportion(assembled: Callable[[str], Model], growth: float) -> None:
    # With filings that grow at g for ever each stage of time s holds 1/(1 + g s) of what the stage before it holds.
    stage_time = 2.5 / 3
    stages = [10.0 * stage_time / (1.0 + growth * stage_time) ** k for k in (1, 2, 3)]
    values = {"filings_at_start": 10.0, "growth": growth, "waiting_time": 2.5, "waiting_at_start": sum(stages)}
    model, inputs = assembled(DELAY), Inputs(1, 8, values, {})
    np.testing.assert_allclose(np.ravel(Run(model, inputs).initial())[1:], stages, rtol=1e-14)
    readings = [Reading(n, "year end") for n in ("filings", "waiting", "decisions")]
    filings, waiting, decisions = (table[:, 0] for table in integrate(model, inputs, readings).values())
    np.testing.assert_allclose(waiting / filings, sum(stages) / 10.0, rtol=1e-13)
    np.testing.assert_allclose(decisions / filings, (1.0 + growth * stage_time) ** -3, rtol=1e-13)


def test_a_chain_holds_its_total_at_the_start_whatever_the_growth(model: Model, inputs: Inputs) -> None:
    run = Run(model, inputs)
    values = run.values(float(inputs.first_year), run.initial())
    for name, chain in model.chains.items():
        np.testing.assert_allclose(values[name], values[chain.initial], rtol=1e-14)


# -- other steps, other engines -----------------------------------------------------------------------------------
def test_half_the_step_moves_no_indicator_of_the_last_year_by_a_ten_thousandth(
    model: Model, scattered: Callable[..., Inputs], holds: Callable[..., bool]
) -> None:
    assert holds(numerics.half_step, model, scattered(200, spread=0.2, seed=1))


@pytest.mark.slow
def test_an_adaptive_solver_agrees_on_every_indicator_of_the_last_year(
    model: Model, scattered: Callable[..., Inputs], holds: Callable[..., bool]
) -> None:
    inputs = scattered(3, spread=0.1, seed=2)
    for draw in range(3):
        assert holds(numerics.adaptive, model, inputs.block(draw, draw + 1))


# -- draws --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["rk4", "euler"])
def test_a_draw_has_the_same_bits_alone_and_in_a_batch(
    model: Model, scattered: Callable[..., Inputs], method: Method
) -> None:
    inputs = scattered(33, spread=0.2, seed=3)
    growth = np.random.default_rng(4).normal(0.0, 0.05, (11, 33))
    inputs = replace(inputs, series={**inputs.series, "propensity_surprise": growth})
    batch = simulate(model, inputs, model.indicators, keep=model.names, method=method).dataset()
    for draw in (0, 7, 32):
        one = inputs.block(draw, draw + 1)
        alone = simulate(model, one, model.indicators, keep=model.names, method=method).dataset()
        for name in batch:
            np.testing.assert_array_equal(alone[name].values[0], batch[name].values[draw], err_msg=str(name))


def test_a_value_that_all_draws_share_gives_the_bits_of_its_copies(
    model: Model, scattered: Callable[..., Inputs]
) -> None:
    inputs = scattered(5, spread=0.2, seed=5)
    shared = replace(inputs, parameters={**inputs.parameters, "hiring_time": 0.75, "patent_effect": 0.04})
    copied = {n: np.broadcast_to(v, 5) for n, v in shared.parameters.items()}
    series = {n: np.tile(v[:, None], 5) for n, v in shared.series.items()}
    one = simulate(model, shared, model.indicators, keep=model.names).dataset()
    copies = replace(shared, parameters=copied, series=series)
    other = simulate(model, copies, model.indicators, keep=model.names).dataset()
    for name in one:
        np.testing.assert_array_equal(one[name].values, other[name].values, err_msg=str(name))


def test_the_size_of_a_block_changes_no_bit(
    model: Model, scattered: Callable[..., Inputs], monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = scattered(20, spread=0.2, seed=6)
    whole = simulate(model, inputs, model.indicators).dataset()
    done: list[int] = []
    monkeypatch.setattr("fiveyear.model.simulation.BLOCK", 7)
    assert simulate(model, inputs, model.indicators, progress=done.append).dataset().identical(whole)
    assert done == [7, 7, 6]


# -- what is given back -------------------------------------------------------------------------------------------
def test_the_dataset_says_what_every_number_is(model: Model, inputs: Inputs) -> None:
    data = simulate(model, inputs, model.indicators, keep=["applications", "researchers", "researchers"]).dataset()
    assert dict(data.sizes) == {"draw": 1, "year": 11}
    assert list(data.year.values) == list(range(2005, 2016))
    assert data["applications"].attrs == {
        "units": "application",
        "long_name": "applications",
        "description": model.about("applications"),
        "reading": "over the year",
    }
    assert data["researchers"].attrs["reading"] == "year end"
    assert data["rd_intensity"].attrs["units"] == "%"
    assert data.attrs["method"] == "rk4"
    assert data.attrs["cuts"] == ""
    assert simulate(model.cut(["R4"]), inputs, model.indicators).dataset().attrs["cuts"] == "R4"


def test_an_indicator_is_its_numerator_over_its_denominator_in_its_own_unit(model: Model, inputs: Inputs) -> None:
    kept = ["rd_counted", "gdp_counted", "population", "mainland_patents_in_force", "technology_contracts"]
    data = simulate(model, inputs, model.indicators, keep=kept).dataset()
    intensity = 100.0 * data["rd_counted"] / data["gdp_counted"]
    np.testing.assert_allclose(data["rd_intensity"], intensity, rtol=1e-14)
    per_head = data["mainland_patents_in_force"] / data["population"]
    np.testing.assert_allclose(data["invention_patents_per_10k"], 1e4 * per_head, rtol=1e-14)
    np.testing.assert_allclose(data["technology_market_value"], data["technology_contracts"] / 1e8, rtol=1e-14)


def test_what_is_per_year_is_totalled_and_the_rest_is_read_at_year_end(model: Model) -> None:
    for name in model.names:
        per_year = str(model.units[name]).endswith("/year")
        assert (default_reading(model, name).how == "over the year") == per_year, name


def test_a_result_that_is_not_finite_is_named_with_its_draw_and_year(assembled: Callable[[str], Model]) -> None:
    text = DECAY.replace("{dated}", "over the year") + (
        "def odds(content: Persons, content_at_start: Persons) -> Number:\n"
        '    "Odds."\n'
        "    return log(content_at_start / content)\n"
    )
    inputs = Inputs(2001, 2002, {"content_at_start": np.array([1.0, 0.0]), "decay": 0.5}, {"given": np.zeros(2)})
    with pytest.raises(InputError, match=r"odds: draw 1 is nan in 2001 \(1 of 2 draws\)"):
        simulate(assembled(text), inputs, {}, keep=["odds"]).dataset()


# -- bad inputs ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("group", "change", "fault"),
    [
        ("parameters", {"hiring_time": None}, r"hiring_time \(year\): no value; time to close a gap"),
        ("series", {"gdp_real": None}, r"gdp_real \(yuan/year\): no value; gross domestic product"),
        ("parameters", {"hireing_time": 1.0}, "hireing_time: the model has no such input; nearest is hiring_time"),
        ("series", {"gdp_reel": np.ones(11)}, "gdp_reel: the model has no such input; nearest is gdp_real"),
        ("series", {"hiring_time": np.ones(11)}, "hiring_time: the model has no such input"),
        ("parameters", {"hiring_time": 99.0}, r"hiring_time: 99 is outside \[0.2, 3\] year"),
        ("parameters", {"hiring_time": -1.0}, r"hiring_time: -1 is outside \[0.2, 3\] year"),
        ("parameters", {"hiring_time": np.nan}, "hiring_time: nan is outside"),
        ("parameters", {"hiring_time": np.inf}, "hiring_time: inf is outside"),
        ("parameters", {"hiring_time": np.array([1.0, 1.0, 9.0])}, "hiring_time: 9 in draw 2 is outside"),
        ("parameters", {"hiring_time": np.ones((2, 2))}, "hiring_time: an array of 2 dimensions"),
        ("series", {"gdp_real": np.full(9, 3e13)}, "gdp_real: 9 yearly values, but the run has 11 years"),
        ("series", {"gdp_real": np.asarray(3e13)}, "gdp_real: 1 yearly values, but the run has 11 years"),
        ("series", {"graduates": np.array([1e6] * 4 + [np.nan] + [1e6] * 6)}, "graduates: nan in 2009 is outside"),
        ("series", {"graduates": np.array([[1e6, 1.0]] * 11)}, "graduates: 1 in 2005 in draw 1 is outside"),
    ],
)
def test_a_wrong_input_is_named_with_what_was_expected(
    model: Model, inputs: Inputs, group: str, change: dict[str, Any], fault: str
) -> None:
    given: Any = {n: v for n, v in {**getattr(inputs, group), **change}.items() if v is not None}
    changed = replace(inputs, parameters=given) if group == "parameters" else replace(inputs, series=given)
    with pytest.raises(InputError, match=fault):
        check(model, changed)


def test_uncertain_inputs_of_unlike_lengths_are_refused(model: Model, inputs: Inputs) -> None:
    uneven = {"hiring_time": np.full(4, 0.75), "attrition_rate": np.full(1, 0.04), "propensity": np.full(3, 0.06)}
    with pytest.raises(InputError) as caught:
        check(model, replace(inputs, parameters={**inputs.parameters, **uneven}))
    assert sorted(caught.value.faults) == [
        "attrition_rate: 1 draws, but the run has 4",
        "propensity: 3 draws, but the run has 4",
    ]


def test_all_wrong_inputs_are_told_at_once(model: Model, inputs: Inputs) -> None:
    parameters = {**inputs.parameters, "hiring_time": 99.0, "propensty": 1.0}
    series = {**inputs.series, "gdp_real": np.ones(3), "population": np.full(11, np.nan)}
    del parameters["attrition_rate"], series["employed"]
    with pytest.raises(InputError) as caught:
        simulate(model, replace(inputs, parameters=parameters, series=series), model.indicators).dataset()
    named = {fault.split(":")[0].split(" ")[0] for fault in caught.value.faults}
    assert named == {"hiring_time", "propensty", "gdp_real", "population", "attrition_rate", "employed"}
    assert str(caught.value).startswith("the run has 6 faults:\n  ")


def test_an_unknown_variable_to_keep_is_refused_with_the_nearest(model: Model, inputs: Inputs) -> None:
    with pytest.raises(InputError, match="reserchers: the model has no such variable; nearest is researchers"):
        simulate(model, inputs, model.indicators, keep=["reserchers"]).dataset()


# -- the step ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("asked", "taken"), [(1.0, 0.5), (0.3, 0.25), (0.125, 0.125), (0.1, 0.1)])
def test_steps_are_even_and_as_long_as_year_ends_and_bends_at_mid_years_let_them(
    model: Model, inputs: Inputs, asked: float, taken: float
) -> None:
    assert reference.even_step(model, inputs, asked) == pytest.approx(taken, rel=1e-12)


def test_steps_of_unlike_lengths_are_refused_where_one_is_expected(
    model: Model, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "_stops", lambda run: [run.first_year, run.first_year + 0.5, run.first_year + 1.5])
    with pytest.raises(InputError, match=r"steps are 0.5 to 1 years long"):
        reference.even_step(model, inputs, 1.0)
