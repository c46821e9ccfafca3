"""Research by type, papers, citations and the place among rivals: closed forms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from fiveyear.model import Inputs, Model

RIVALS = ("united_states", "germany", "england", "japan", "france", "canada", "italy", "netherlands")
Change = Callable[..., Inputs]
Watch = Callable[..., tuple[np.ndarray, list[np.ndarray]]]
Read = Callable[..., list[np.ndarray]]

# As many papers a year as ever, whatever is spent.
NO_MORE_PAPERS = {
    **{"paper_elasticity": 0.0, "paper_drift_at_start": 0.0, "paper_surprise": 0.0},
    "paper_growth_before_start": 0.0,
}
# A fifth of 6e11 a year, where papers at the start rest on half of that.
RISEN = {
    **{"gdp_real": 3e13, "planned_rd_intensity": 0.02, "basic_research_share": 0.05, "applied_research_share": 0.15},
    **{"gdp_revised": 0.0, "budgets_ahead": 0.0, "revision_budgeted": 0.0, "research_at_start": 6e10},
}
STANDSTILL = {
    **{"citation_growth_at_start": 0.0, "lasting_impact_growth": 0.0, "rival_growth": 0.0, "citations_at_start": 5e6},
    **NO_MORE_PAPERS,
    **{f"rival_own_growth_{rival}": 0.0 for rival in RIVALS},
}


@pytest.fixture(scope="module")
def planned(model: Model) -> Model:
    return model.cut(["FINANCE", "R1"])


def counts(*millions: float) -> dict[str, float]:
    """Rivals' citations when counted, in the order of the group."""
    return {f"counted_citations_{rival}": 1e6 * m for rival, m in zip(RIVALS, millions, strict=True)}


# -- research by type ---------------------------------------------------------------------------------------------
def test_basic_and_applied_research_and_development_are_all_real_spending(
    model: Model, scattered: Callable[..., Inputs], watched: Watch
) -> None:
    names = ("basic_research", "applied_research", "experimental_development", "rd_counted", "price_level")
    _, (basic, applied, development, spent, prices) = watched(model, scattered(20, spread=0.3, seed=41), *names)
    np.testing.assert_allclose(basic + applied + development, spent / prices, rtol=1e-14)
    np.testing.assert_allclose(basic, 0.05 * spent / prices, rtol=1e-12)
    assert (development > 0.0).all()


def test_each_type_of_research_is_its_share_of_the_plans_real_spending(
    planned: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    steady = changed(
        inputs,
        gdp_real=3e13,
        planned_rd_intensity=0.02,
        gdp_revised=0.0,
        budgets_ahead=0.0,
        revision_budgeted=0.0,
        basic_research_share=0.06,
        applied_research_share=0.14,
        price_level=1.7,
    )
    names = ("basic_research", "applied_research", "experimental_development")
    for expected, found in zip((0.06, 0.14, 0.8), watched(planned, steady, *names)[1], strict=True):
        np.testing.assert_allclose(found, expected * 0.02 * 3e13, rtol=1e-12)


# -- papers -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("elasticity", "drift", "surprise"), [(0.7, 0.0, 0.0), (0.0, 0.05, 0.0), (1.5, -0.1, 0.0), (0.7, 0.05, -0.15)]
)
def test_papers_rise_with_basic_and_applied_research_by_their_elasticity_and_exponentially_by_drift_and_surprise(
    planned: Model,
    inputs: Inputs,
    changed: Change,
    watched: Watch,
    elasticity: float,
    drift: float,
    surprise: float,
) -> None:
    # A fifth of 12e11 is twice the spending that papers are quoted at.
    twice = changed(
        inputs,
        research_at_start=2.4e11,
        paper_elasticity=elasticity,
        paper_drift_at_start=drift,
        paper_drift_persistence=15.0,
        paper_surprise=surprise,
        gdp_real=6e13,
        planned_rd_intensity=0.02,
        gdp_revised=0.0,
        budgets_ahead=0.0,
        revision_budgeted=0.0,
        basic_research_share=0.05,
        applied_research_share=0.15,
    )
    time, (papers,) = watched(planned, twice, "papers")
    gained = drift * 15.0 * (1.0 - np.exp(-time / 15.0)) + surprise * time
    np.testing.assert_allclose(papers, 1e5 * 2.0**elasticity * np.exp(gained), rtol=1e-9)


# -- citations ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "lasting", "persistence", "surprise"),
    [
        (0.25, 0.15, 4.0, 0.0),
        (0.1, 0.3, 2.0, 0.0),
        (-0.1, -0.1, 9.0, 0.0),
        (0.25, 0.15, 4.0, -0.2),
        (0.0, 0.0, 4.0, 0.1),
    ],
)
def test_citations_grow_at_a_rate_that_fades_to_the_lasting_one_and_by_what_nobody_foresaw(
    model: Model,
    inputs: Inputs,
    changed: Change,
    watched: Watch,
    start: float,
    lasting: float,
    persistence: float,
    surprise: float,
) -> None:
    growing = changed(
        inputs,
        **NO_MORE_PAPERS,
        citations_at_start=2e6,
        citation_growth_at_start=start,
        lasting_impact_growth=lasting,
        citation_growth_persistence=persistence,
        citation_surprise=surprise,
    )
    time, (citations, growth) = watched(model, growing, "citations", "citation_growth")
    fade = np.exp(-time / persistence)
    np.testing.assert_allclose(growth, lasting + (start - lasting) * fade, rtol=1e-6, atol=1e-12)
    grown = (lasting + surprise) * time + (start - lasting) * persistence * (1.0 - fade)
    np.testing.assert_allclose(citations, 2e6 * np.exp(grown), rtol=1e-6)


@pytest.mark.parametrize("lag", [0.5, 2.0])
def test_papers_follow_a_change_of_spending_exponentially_in_the_time_it_takes_to_publish(
    planned: Model, inputs: Inputs, changed: Change, watched: Watch, lag: float
) -> None:
    risen = changed(
        inputs,
        **{**NO_MORE_PAPERS, "paper_elasticity": 1.0},
        **RISEN,
        publication_lag=lag,
    )
    time, (papers,) = watched(planned, risen, "papers")
    np.testing.assert_allclose(papers, 1e5 * (1.0 - 0.5 * np.exp(-time / lag)), rtol=1e-4)


def test_citations_grow_as_the_papers_counted_where_these_have_always_grown_so(
    model: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    growing = changed(
        inputs,
        paper_elasticity=0.0,
        paper_drift_at_start=0.0,
        paper_surprise=0.12,
        paper_growth_before_start=0.12,
        lasting_impact_growth=0.03,
        citation_growth_at_start=0.15,
    )
    time, (citations, counted, papers) = watched(model, growing, "citations", "papers_counted", "papers")
    np.testing.assert_allclose(citations, 1e6 * np.exp(0.15 * time), rtol=1e-6)
    # Ten years of papers that grew at 12 %: the inflow over growth and loss.
    np.testing.assert_allclose(counted, papers / (0.12 + 1.0 / 10.0), rtol=1e-6)


def test_more_papers_come_to_more_citations_as_they_fill_the_window_and_come_to_be_cited(
    planned: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    # Spending doubles what papers at the start rest on: in units of where they settle, papers are 1 - exp(-t / 2) / 2,
    # those counted the same behind a delay of ten years, and the growth of citations follows theirs in four.
    lag, window, persistence = 2.0, 10.0, 4.0
    risen = changed(
        inputs,
        **{**NO_MORE_PAPERS, "paper_elasticity": 1.0, "citation_growth_at_start": 0.0, "lasting_impact_growth": 0.0},
        **RISEN,
    )
    time, (citations, counted) = watched(planned, risen, "citations", "papers_counted")

    def filled(t: float) -> float:
        return float(1.0 - 0.5 * (window * np.exp(-t / window) - lag * np.exp(-t / lag)) / (window - lag))

    def slopes(t: float, state: np.ndarray) -> list[float]:
        paper_growth = ((1.0 - 0.5 * np.exp(-t / lag)) / filled(t) - 1.0) / window
        return [float((paper_growth - state[0]) / persistence), float(state[0])]

    t = time[:, 0]
    np.testing.assert_allclose(counted[:, 0], 1e6 * np.array([filled(x) for x in t]), rtol=1e-4)
    solved = solve_ivp(slopes, (0.0, t[-1]), [0.0, 0.0], t_eval=t, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(citations[:, 0], 1e6 * np.exp(solved.y[1]), rtol=1e-4)
    gained = np.log(citations[:, 0] / 1e6) / np.log(2.0)
    after_five, after_ten = float(np.interp(5.0, t, gained)), float(np.interp(10.0, t, gained))
    assert after_five < 0.2 < 0.35 < after_ten


def test_a_rivals_citations_grow_from_its_count_by_common_and_own_growth_and_each_new_cut(
    model: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    grown = changed(
        inputs, rival_growth=0.06, rival_own_growth_france=-0.02, counted_citations_france=6e6, rival_recut=0.1
    )
    time, (france, before) = watched(model, grown, "rival_citations_france", "counted_citations_france")
    assert (before == 6e6).all()
    # Counted four years after the year whose end is a year after the start: five years after the start.
    np.testing.assert_allclose(france, 6e6 * np.exp(0.04 * (time - 5.0) + 0.1), rtol=1e-12)


def test_a_rivals_own_growth_and_count_move_no_other_rival(
    model: Model, inputs: Inputs, changed: Change, read: Read
) -> None:
    names = [f"rival_citations_{rival}" for rival in RIVALS]
    moved = changed(inputs, rival_own_growth_japan=0.2, counted_citations_japan=9e6)
    for name, before, after in zip(
        names, read(model, inputs, "year end", *names), read(model, moved, "year end", *names), strict=True
    ):
        assert (before == after).all() == (name != "rival_citations_japan"), name


# -- rank ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("millions", "rank"),
    [
        ((6, 7, 8, 9, 10, 11, 12, 13), 9.0),
        ((1, 2, 3, 4, 4.5, 1, 2, 3), 1.0),
        ((44, 1, 1, 1, 1, 1, 1, 1), 2.0),
        ((1, 1, 1, 1, 1, 1, 1, 5.001), 2.0),
        ((9, 8, 7, 6, 4, 3, 2, 1), 5.0),
        ((4, 9, 3, 8, 2, 7, 1, 6), 5.0),
        ((5, 5, 5, 5, 5, 5, 5, 5), 1.0),  # who is level is not ahead
    ],
)
def test_the_place_is_one_more_than_the_rivals_ahead(
    model: Model, inputs: Inputs, changed: Change, read: Read, millions: tuple[float, ...], rank: float
) -> None:
    still = changed(inputs, **STANDSTILL, **counts(*millions))
    (found,) = read(model, still, "year end", "rank_by_citations")
    assert (found == rank).all()


def test_a_place_is_won_when_a_rival_is_overtaken_and_not_before(
    model: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    # From 5 million at 10 % a year one overtakes 6 million at ln(1.2) / .1 = 1.82 years, 9 million at 5.88 years.
    racing = changed(
        inputs,
        **{**STANDSTILL, "citation_growth_at_start": 0.1, "lasting_impact_growth": 0.1},
        **counts(9, 6, 50, 1, 1, 1, 1, 1),
    )
    time, (rank,) = watched(model, racing, "rank_by_citations")
    expected = 4.0 - (time > np.log(1.2) / 0.1) - (time > np.log(1.8) / 0.1)
    np.testing.assert_array_equal(rank, expected)


def test_twice_the_citations_of_all_change_no_rank(
    model: Model, scattered: Callable[..., Inputs], changed: Change, watched: Watch
) -> None:
    inputs = scattered(100, spread=0.5, seed=42)
    doubled = {n: 2.0 * v for n, v in inputs.parameters.items() if "citations" in n}
    assert len(doubled) == len(RIVALS) + 1
    _, (before,) = watched(model, inputs, "rank_by_citations")
    _, (after,) = watched(model, changed(inputs, **doubled), "rank_by_citations")
    np.testing.assert_array_equal(after, before)
    assert len(np.unique(before)) > 4
