"""Which factors of an experiment move chances: means over the others, by hand, and the figure of them."""

from __future__ import annotations

import csv
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fiveyear as fy
from fiveyear.experiments.forecast.verdicts import verdict
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.store import cases, tornado
from fiveyear.experiments.store.factors import swings

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("factors")
    fy.experiment(
        ["plan", "behavioural"],
        vary={"planned_rd_intensity": {2015: ["1.9 %", "2.5 %"]}, "attrition_rate": [0.03, 0.06]},
        draws=200,
        out=folder / "store",
    )
    return folder / "store"


def test_a_swing_is_the_difference_of_means_over_what_the_others_take(store: Path) -> None:
    loaded = fy.load(store)
    table = loaded.table
    for of in loaded.factors.to_dict("records"):
        rows = table[table["indicator"] == of["indicator"]]
        column = next(c for c in rows.columns if of["factor"] in str(c))
        means = rows.groupby(rows[column].astype(str))["probability"].mean()
        assert (of["least"], of["most"]) == pytest.approx((means.min(), means.max()), abs=1e-12)
        assert of["crosses_a_verdict"] == (verdict(means.min()) != verdict(means.max()))
    sizes = (loaded.factors["most"] - loaded.factors["least"]).to_numpy()
    assert np.all(np.diff(sizes) <= 0.0) and len(set(loaded.factors["factor"])) == 3
    assert {"scenario", "parameters.attrition_rate.value"} < set(loaded.factors["factor"])


def test_store_show_ranks_the_factors_and_draws_them(fiveyear: Run, store: Path, tmp_path: Path) -> None:
    ended = fiveyear("store", "show", store, "--out", tmp_path / "drawn")
    assert "what moves the chance of" in ended.out and " -> " in ended.out
    names = [f"{name}.{form}" for name in ("cases", "moves_most") for form in ("csv", "pdf", "png")]
    assert sorted(p.name for p in (tmp_path / "drawn").iterdir()) == names
    with (tmp_path / "drawn" / "cases.csv").open(newline="", encoding="utf-8") as stream:
        assert len(list(csv.DictReader(stream))) == 8 * 12
    told = json.loads(fiveyear("store", "show", store, "--json").out)["factors"]
    assert told == fy.load(store).factors.to_dict("records")
    assert fiveyear("store", "show", store, "--out", tmp_path / "drawn").code == 2


def test_nothing_in_a_figure_lies_on_something_else(
    store: Path, fits: Callable[[Callable[[], page.Drawing]], list[str]]
) -> None:
    result = fy.load(store).result
    assert fits(lambda: tornado.drawing(result)) == []
    assert pickle.loads(pickle.dumps(tornado.drawing(result).figure))
    first = tornado.shown(result)[0]
    assert tornado.frame(result, [first]).title.endswith(f"moves most, from {first.least:.2f} to {first.most:.2f}")
    assert fits(lambda: cases.drawing(result)) == []
    assert pickle.loads(pickle.dumps(cases.drawing(result).figure))


def test_a_single_run_has_no_factors(fiveyear: Run, tmp_path: Path) -> None:
    assert fiveyear("run", "plan", "--draws", "20", "--out", tmp_path / "one.nc").code == 0
    assert swings(fy.load(tmp_path / "one.nc").result) == []
    assert "what moves" not in fiveyear("store", "show", tmp_path / "one.nc").out
