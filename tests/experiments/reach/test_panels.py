"""The numbers of the fan charts."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from fiveyear.experiments.reach.answer import Reach
from fiveyear.experiments.reach.figures.panels import COUNTED, LEVELS, Panel, panels, quantiles, required_ray, unit_of
from fiveyear.scenarios import load_plan, plan_names


@pytest.fixture(scope="module")
def plan(reached: Callable[..., Reach]) -> Reach:
    return reached("plan")


def both(plan: Reach) -> list[Panel]:
    return [*panels([plan], headline=True), *panels([plan], headline=False)]


def test_the_quantiles_of_evenly_spaced_draws_are_the_levels_themselves() -> None:
    draws = np.random.default_rng(1).permutation(np.linspace(0.0, 1.0, 1001))[:, None] * np.array([1.0, 10.0])
    assert quantiles(draws) == pytest.approx(np.array(LEVELS)[:, None] * np.array([1.0, 10.0]), rel=1e-12)


def test_the_required_ray_of_a_log_indicator_grows_at_one_rate() -> None:
    assert required_ray(10.0, 10.0 * 1.1**5, 5, "log") == pytest.approx(
        [10.0, 11.0, 12.1, 13.31, 14.641, 16.1051], rel=1e-12
    )


def test_the_required_ray_of_a_linear_indicator_rises_in_equal_steps() -> None:
    assert required_ray(1.75, 2.25, 5, "linear") == pytest.approx([1.75, 1.85, 1.95, 2.05, 2.15, 2.25], rel=1e-12)


def test_the_required_ray_may_fall() -> None:
    assert required_ray(8.0, 2.0, 2, "log") == pytest.approx([8.0, 4.0, 2.0], rel=1e-12)


def test_every_modelled_target_has_a_panel_in_the_order_of_the_plan(plan: Reach) -> None:
    modelled = [o.target.indicator for o in plan.findings if o.median is not None]
    assert [p.indicator for p in both(plan)] == modelled


def test_the_last_quantiles_are_those_of_the_outlook(plan: Reach) -> None:
    outlooks = {o.target.indicator: o for o in plan.findings}
    for panel in both(plan):
        p05, _, median, _, p95 = panel.fans[0].quantiles[:, -1]
        said = outlooks[panel.indicator]
        if not panel.every_year:  # of which the answer tells the worst year
            assert (p05, median, p95) == (said.p05, said.median, said.p95)


def test_no_fact_is_later_than_the_base_year(plan: Reach) -> None:
    base = plan.ensemble.scenario.plan.base_year
    assert base == 2010
    for panel in both(plan):
        assert max((year for year, _, _ in panel.facts), default=base) == base
        assert all(year <= base for what, year, _ in panel.numbers() if what.startswith("fact"))


def test_the_required_ray_runs_from_the_fact_of_the_base_year_to_the_target(plan: Reach) -> None:
    known = [p for p in both(plan) if p.facts]
    assert len(known) == 9
    for panel in known:
        year, value, _ = panel.facts[-1]
        assert year == panel.years_ahead[0]
        assert (panel.required[0], panel.required[-1]) == pytest.approx((value, panel.target), rel=1e-12)


def test_every_unit_of_the_plan_reads_as_words(plan: Reach) -> None:
    assert {p.indicator: p.unit for p in both(plan)} == {
        "rd_intensity": "%",
        "rd_fte_per_10k_employed": "person-years per 10,000 employed",
        "citation_rank": "rank (1 is best)",
        "invention_patents_per_10k": "patents per 10,000 people",
        "applications_per_100_fte": "applications per 100 person-years",
        "technology_market_value": "100 million yuan (current prices)",
        "high_tech_value_added_share": "%",
        "civic_scientific_literacy": "%",
        "innovation_rank": "rank (1 is best)",
        "st_contribution_rate": "%",
        "basic_research_growth": "% a year",
        "enterprise_rd_per_revenue_rise": "%",
    }


@pytest.mark.parametrize("name", plan_names())
def test_no_unit_of_a_shipped_plan_is_one_of_code(name: str) -> None:
    units = {t.indicator: unit_of(t) for t in load_plan(name).targets}
    assert not [unit for unit in units.values() if re.search(r"[0-9][kMG] |/year|person/|patent/", unit)]
    assert units.get("scientists_and_engineers", COUNTED["10k person"]) == "10,000 people"
