"""Who pays for R&D, and how much of GDP it comes to: closed forms of the finance sector."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fiveyear.model import Inputs, Model, simulate

Change = Callable[..., Inputs]
Read = Callable[..., list[np.ndarray]]
Watch = Callable[..., tuple[np.ndarray, list[np.ndarray]]]


@pytest.fixture(scope="module")
def steady(inputs: Inputs, changed: Change) -> Inputs:
    """Those who pay decide, and no aim moves: government .5 %, others .1 %, firms 1.4 % of a constant GDP."""
    return changed(
        inputs,
        plan_followed=0.0,
        gdp_real=3e13,
        gdp_revised=0.0,
        budgets_ahead=0.0,
        revision_budgeted=0.0,
        fiscal_share=0.2,
        st_share_of_fiscal=0.05,
        rd_content_of_st=0.5,
        other_rd_intensity=0.001,
        revenue_to_gdp=2.0,
        enterprise_effort_at_start=0.007,
        effort_trend=0.0,
        crowding=0.0,
        high_tech_pull=0.0,
        gap_closing=0.0,
        census_done=1.0,
        knowledge_return=0.0,
    )


@pytest.fixture(scope="module")
def payers(model: Model) -> Model:
    """Those who pay, and nothing that comes of it."""
    return model.cut(["R1", "R3"])


# -- the plan, or what those who pay decide -----------------------------------------------------------------------
@pytest.mark.parametrize(("ahead", "reckoned"), [(0.0, "gdp"), (1.0, "gdp_foreseen")])
def test_with_finance_cut_the_plans_share_is_spent_of_gdp_as_budgets_reckon_with_it(
    model: Model, scattered: Callable[..., Inputs], changed: Change, watched: Watch, ahead: float, reckoned: str
) -> None:
    inputs = changed(scattered(20, spread=0.3, seed=1), budgets_ahead=ahead, revision_budgeted=0.0)
    _, (spent, gdp, planned) = watched(model.cut(["FINANCE"]), inputs, "rd_counted", reckoned, "planned_rd_intensity")
    np.testing.assert_allclose(spent / gdp, planned, rtol=1e-14)


def test_real_spending_is_spending_in_the_prices_of_the_base_year(
    model: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    _, (real, spent) = watched(model, changed(inputs, price_level=1.25), "rd_spending_real", "rd_spending")
    np.testing.assert_allclose(1.25 * real, spent, rtol=1e-14)


@pytest.mark.parametrize("weight", [0.0, 0.25, 1.0])
def test_spending_is_the_plans_and_that_of_those_who_pay_in_the_weights_given(
    model: Model, scattered: Callable[..., Inputs], changed: Change, watched: Watch, weight: float
) -> None:
    inputs = changed(scattered(20, spread=0.3, seed=2), plan_followed=weight)
    payers = ("government_rd", "other_rd", "enterprise_effort", "census_coverage", "revenue")
    _, (spent, planned, government, other, effort, coverage, revenue) = watched(
        model, inputs, "rd_counted", "rd_planned", *payers
    )
    decided = government + other + effort * coverage * revenue
    np.testing.assert_allclose(spent, weight * planned + (1.0 - weight) * decided, rtol=1e-14)


def test_government_firms_and_others_pay_what_their_shares_of_gdp_and_revenue_say(
    payers: Model, steady: Inputs, read: Read
) -> None:
    gdp = 3e13 * steady.series["price_level"][:, None]
    names = ("government_rd", "other_rd", "enterprise_rd", "revenue", "rd_counted", "rd_decided")
    found = dict(zip(names, read(payers, steady, "over the year", *names), strict=True))
    expected = {"government_rd": 0.005, "other_rd": 0.001, "enterprise_rd": 0.014, "revenue": 2.0}
    expected |= {"rd_counted": 0.02, "rd_decided": 0.02}
    for name, share in expected.items():
        np.testing.assert_allclose(found[name], share * gdp, rtol=1e-12, err_msg=name)


def test_what_firms_pay_as_counted_is_what_is_left_of_the_plan(
    model: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    names = ("enterprise_rd_per_revenue", "revenue", "rd_counted", "government_rd", "other_rd")
    _, (per_revenue, revenue, spent, government, other) = watched(model.cut(["FINANCE"]), inputs, *names)
    np.testing.assert_allclose(per_revenue * revenue + government + other, spent, rtol=1e-13)
    # Where firms decide themselves it is their effort, as far as statistics see it.
    decided = changed(inputs, plan_followed=0.0)
    parts = ("enterprise_rd_per_revenue", "enterprise_effort", "census_coverage")
    _, (per_revenue, effort, coverage) = watched(model, decided, *parts)
    np.testing.assert_allclose(per_revenue, effort * coverage, rtol=1e-13)


# -- firms' effort ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("deduction", "trend", "surprise"), [(1.5, 0.0, 0.0), (2.0, 0.0, 0.0), (1.0, 0.05, 0.0), (2.5, -0.03, 0.1)]
)
def test_effort_relaxes_exponentially_to_what_firms_aim_at(
    payers: Model, steady: Inputs, changed: Change, watched: Watch, deduction: float, trend: float, surprise: float
) -> None:
    # e' = (k e0 exp((a + s) t) - e) / tau + s e: what surprises firms moves what they aim at, too.
    start, tau = 0.007, 3.0
    rate = 1.0 / tau - surprise
    # Three fifths deduct d times what they spend from profit taxed at a quarter; the elasticity is a half.
    incentive = ((1.0 - 0.25 * (0.4 + 0.6 * 1.5)) / (1.0 - 0.25 * (0.4 + 0.6 * deduction))) ** 0.5
    moved = changed(
        steady, rd_deduction=deduction, user_cost_elasticity=0.5, effort_trend=trend, effort_surprise=surprise
    )
    time, (effort,) = watched(payers, moved, "enterprise_effort")
    followed = incentive * start / tau / (1.0 / tau + trend)
    expected = followed * np.exp((trend + surprise) * time) + (start - followed) * np.exp(-rate * time)
    np.testing.assert_allclose(effort, expected, rtol=1e-6)


@pytest.mark.parametrize("crowding", [-0.3, 0.0, 0.4])
def test_more_from_government_moves_what_firms_aim_at_by_the_power_of_crowding(
    payers: Model, steady: Inputs, changed: Change, watched: Watch, crowding: float
) -> None:
    before = changed(steady, crowding=crowding)
    after = changed(before, rd_content_of_st=0.6)  # 1.2 times as much
    names = ("effort_aimed_at", "enterprise_effort", "government_rd", "gdp")
    _, (aim, effort, _, _) = watched(payers, before, *names)
    _, (more_aim, more_effort, government, gdp) = watched(payers, after, *names)
    np.testing.assert_allclose(government / gdp, 0.006, rtol=1e-12)
    np.testing.assert_allclose(more_aim / aim, 1.2**crowding, rtol=1e-12)
    np.testing.assert_array_equal(np.sign(more_effort - effort)[1:], np.sign(crowding))
    # Quoted at a reference of .4 % of GDP.
    np.testing.assert_allclose(aim, 0.007 * 1.25**crowding, rtol=1e-12)


def test_firms_aim_at_more_where_high_tech_is_more_of_manufacturing(
    model: Model, steady: Inputs, changed: Change, watched: Watch
) -> None:
    pulled = changed(steady, high_tech_pull=0.5, high_tech_drift=0.2)
    _, (aim, share) = watched(model, pulled, "effort_aimed_at", "high_tech_share")
    np.testing.assert_allclose(aim, 0.007 * (share / 0.135) ** 0.5, rtol=1e-12)
    assert share[-1, 0] > 0.15


# -- the census of R&D --------------------------------------------------------------------------------------------
def test_the_census_lifts_the_count_of_firms_rd_by_the_splice_and_moves_no_spending(
    model: Model, steady: Inputs, changed: Change, watched: Watch
) -> None:
    # Firms do 1.4 of 2.0 % of GDP, with what statistics miss, so the share that the splice bears on is .7.
    counted_later = changed(
        steady,
        census_done=(np.arange(11) >= 4) * 1.0,
        census_splice=1.25,
        enterprise_share_of_rd=0.7,
        scarcity_elasticity=0.0,
    )
    names = ("enterprise_rd", "rd_counted", "rd_spending", "gdp", "researchers", "researchers_counted")
    time, (firms, counted, spent, gdp, researchers, people) = watched(model, counted_later, *names)
    np.testing.assert_allclose(spent / gdp, 0.02, rtol=1e-13)
    before, after = time[:, 0] < 3.0, time[:, 0] > 7.0
    # The path of the census swings a little round 0 and 1 before and after its jump: a year apart, by a sixth of it.
    np.testing.assert_allclose((firms / gdp)[before], 0.014 / 1.25, rtol=2e-2)
    np.testing.assert_allclose((firms / gdp)[after], 0.014, rtol=2e-2)
    np.testing.assert_allclose((counted / gdp - firms / gdp), 0.006, rtol=1e-12)
    # People are counted with the same coverage as money.
    np.testing.assert_allclose(people / researchers, counted / spent, rtol=1e-13)
    untouched = changed(counted_later, census_splice=1.0)
    _, (firms_untouched, _, spent_untouched, *_) = watched(model, untouched, *names)
    np.testing.assert_allclose(spent, spent_untouched, rtol=1e-13)
    np.testing.assert_allclose(firms_untouched / gdp, 0.014, rtol=1e-12)


@pytest.mark.parametrize(("done", "factor"), [(0.0, 1.25), (1.0, 1.0)])
def test_before_the_census_statistics_count_less_by_the_whole_splice(
    payers: Model, steady: Inputs, changed: Change, watched: Watch, done: float, factor: float
) -> None:
    spliced = changed(steady, census_done=done, census_splice=1.25)
    _, (firms, gdp) = watched(payers, spliced, "enterprise_rd", "gdp")
    np.testing.assert_allclose(firms / gdp, 0.014 / factor, rtol=1e-12)


def test_where_spending_follows_the_plan_more_is_spent_the_more_statistics_miss(
    model: Model, steady: Inputs, changed: Change, watched: Watch
) -> None:
    # A tenth of firms' R&D is missed, and firms do half of all: the count is 95 % of what is spent.
    missed = changed(
        steady, census_done=0.0, census_splice=1.0 / 0.9, enterprise_share_of_rd=0.5, planned_rd_intensity=0.019
    )
    _, (spent, gdp) = watched(model.cut(["FINANCE"]), missed, "rd_spending", "gdp")
    np.testing.assert_allclose(spent / gdp, 0.02, rtol=1e-12)


# -- the revision of GDP ------------------------------------------------------------------------------------------
def test_a_revision_of_gdp_lowers_the_intensity_that_is_published_and_moves_nothing_else(
    model: Model, inputs: Inputs, changed: Change
) -> None:
    decided = changed(inputs, plan_followed=0.0, gap_closing=0.0, gdp_revised=(np.arange(11) >= 8) * 1.0)
    kept = ["rd_spending", "researchers", "high_tech_value_added", "gdp"]
    before = simulate(model, changed(decided, gdp_revision=0.0), model.indicators, keep=kept).dataset()
    after = simulate(model, changed(decided, gdp_revision=0.25), model.indicators, keep=kept).dataset()
    ratio = (after["rd_intensity"] / before["rd_intensity"]).values[0]
    np.testing.assert_allclose(ratio[:8], 1.0, rtol=1e-14)
    np.testing.assert_allclose(ratio[9:], 1.0 / 1.25, rtol=1e-12)
    assert 1.0 / 1.25 < ratio[8] < 1.0
    for name in kept:
        np.testing.assert_array_equal(after[name], before[name], err_msg=name)


@pytest.mark.parametrize(("budgeted", "spending", "intensity"), [(0.0, 1.0, 0.8), (1.0, 1.25, 1.0)])
def test_a_plan_asks_for_more_of_revised_gdp_once_budgets_reckon_with_it(
    model: Model, inputs: Inputs, changed: Change, budgeted: float, spending: float, intensity: float
) -> None:
    cut = model.cut(["FINANCE", "R1"])
    revised = changed(inputs, gdp_revised=1.0, revision_budgeted=budgeted)
    kept = ["rd_counted"]
    before = simulate(cut, changed(revised, gdp_revision=0.0), model.indicators, keep=kept).dataset()
    after = simulate(cut, changed(revised, gdp_revision=0.25), model.indicators, keep=kept).dataset()
    np.testing.assert_allclose(after["rd_counted"] / before["rd_counted"], spending, rtol=1e-12)
    np.testing.assert_allclose(after["rd_intensity"] / before["rd_intensity"], intensity, rtol=1e-12)


def test_tax_is_forgone_on_what_firms_deduct_beyond_their_spending(
    model: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    # A quarter of three fifths of what firms spend where they deduct it twice, and none where they deduct it once.
    for deduction, share in ((2.0, 0.15), (1.0, 0.0)):
        _, (forgone, firms) = watched(model, changed(inputs, rd_deduction=deduction), "tax_forgone", "enterprise_rd")
        np.testing.assert_allclose(forgone, share * firms, rtol=1e-12, atol=1.0)


# -- closing the gap ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("planned", [0.03, 0.02, 0.016])
@pytest.mark.parametrize("revision", [0.0, 0.1])
def test_government_closes_a_constant_gap_exponentially(
    payers: Model, steady: Inputs, changed: Change, watched: Watch, planned: float, revision: float
) -> None:
    # T' = r (i* - (b + T) / (1 + v)), where b = 2 % is what is decided without a top-up; beyond i*, none.
    rate, base = 0.5 * 0.4, 0.02
    chasing = changed(
        steady,
        planned_rd_intensity=planned,
        gap_closing=0.5,
        gap_closing_rate=0.4,
        revision_budgeted=1.0,
        gdp_revision=revision,
    )
    time, (top_up, decided) = watched(payers, chasing, "government_top_up", "intensity_decided")
    gap = max((1.0 + revision) * planned - base, 0.0)
    expected = gap * (1.0 - np.exp(-rate * time / (1.0 + revision)))
    np.testing.assert_allclose(top_up, expected, rtol=1e-6, atol=1e-15)
    np.testing.assert_allclose(decided, (base + expected) / (1.0 + revision), rtol=1e-8)


def test_government_adds_while_spending_is_short_of_the_plan_and_nothing_where_it_does_not_chase_it(
    payers: Model, steady: Inputs, changed: Change, watched: Watch
) -> None:
    short = changed(steady, planned_rd_intensity=0.03, gap_closing_rate=0.3)
    _, (top_up, government, gdp) = watched(
        payers, changed(short, gap_closing=1.0), "government_top_up", "government_rd", "gdp"
    )
    assert (np.diff(top_up, axis=0) > 0.0).all()
    np.testing.assert_allclose(government / gdp, 0.005 + top_up, rtol=1e-12)
    _, (idle,) = watched(payers, short, "government_top_up")
    assert (idle == 0.0).all()
