"""What an answer is read from: the same whether draws are looked at all together or part by part."""

from __future__ import annotations

import json
from collections.abc import Callable
from unittest import mock

import numpy as np
import pytest

from fiveyear import model
from fiveyear.experiments.forecast import ensemble as drawing
from fiveyear.experiments.forecast.ensemble import Ensemble, stretches
from fiveyear.experiments.reach.answer import reach
from fiveyear.experiments.reach.dependence import dependence
from fiveyear.experiments.reach.files import notes
from fiveyear.experiments.reach.outcomes import size_of_whole


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let draws be looked at 64 at a time."""
    monkeypatch.setattr(drawing, "USUAL", 64)
    monkeypatch.setattr(drawing, "PART", 64)


@pytest.mark.parametrize("draws", [1, drawing.USUAL, drawing.USUAL + 1, 100_000])
def test_stretches_hold_each_draw_once(draws: int) -> None:
    assert [draw for which in stretches(draws) for draw in which] == list(range(draws))
    assert len(stretches(draws)) == 1 or max(map(len, stretches(draws))) <= drawing.PART


@pytest.mark.parametrize("scenario", ["plan", "behavioural", "midterm_review"])
def test_an_answer_is_the_same_however_many_draws_are_looked_at_together(
    shipped: Callable[..., Ensemble], scenario: str, request: pytest.FixtureRequest
) -> None:
    together = reach(shipped(scenario), 300)
    request.getfixturevalue("parts")
    asked = mock.Mock(wraps=model.simulate)
    with mock.patch.object(model, "simulate", asked):
        apart = reach(shipped(scenario), 300)
    assert [call.args[1].draws for call in asked.call_args_list] == [64, 64, 64, 64, 44]
    assert json.dumps(apart.as_dict()) == json.dumps(together.as_dict())
    assert apart.dataset.identical(together.dataset)


def test_draws_by_year_are_kept_only_where_they_are_asked_for(shipped: Callable[..., Ensemble]) -> None:
    found = reach(shipped(), 30, whole=False)
    assert all(column.shape == (30,) for column in found.outcomes.columns.values())
    with pytest.raises(ValueError, match="not kept"):
        _ = found.run


def test_the_memory_that_whole_draws_take_is_told(shipped: Callable[..., Ensemble]) -> None:
    both = [shipped(), shipped("behavioural")]
    taken = [sum(table.nbytes for table in reach(one, 30).run.values.values()) for one in both]
    assert [size_of_whole(one, 30) for one in both] == taken
    assert notes(both, 20_000) == []
    (told,) = notes(both, 1_000_000)
    need = f"the files hold all draws by year, for which {sum(taken) / 30 / 1000:.1f} GB of memory are needed"
    assert told == f"{need}; fewer --draws need less"


def test_what_two_targets_hang_on_is_that_with_which_both_go_most(
    shipped: Callable[..., Ensemble], parts: None
) -> None:
    ensemble, draws = shipped("behavioural"), 500
    inputs = ensemble.inputs(0, draws)
    columns = {n: np.asarray(v) for n, v in inputs.parameters.items() if np.ndim(v) == 1}
    columns |= {n: v[-5:].mean(axis=0) for n, v in inputs.series.items() if v.ndim == 2}
    effort, revenue = (columns[n] > np.median(columns[n]) for n in ("effort_surprise", "revenue_to_gdp"))
    met = {"rd_intensity": effort & revenue, "technology_market_value": effort | revenue}
    common = set.intersection(*(set(ensemble.ground.inputs_of(n, ())) for n in met))
    products = {
        n: np.prod([np.corrcoef(c, m)[0, 1] for m in met.values()])
        for n, c in columns.items()
        if n in common and np.std(c) > 0.0
    }
    pair = dependence(ensemble, met).pair
    assert pair is not None and pair.shared == max(products, key=products.__getitem__)
