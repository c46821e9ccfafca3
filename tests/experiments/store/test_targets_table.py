"""What comes of the targets, case by case, as a table: the numbers of ``reach``, in every format."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.probability import jeffreys
from fiveyear.experiments.reach.answer import Reach, reach
from fiveyear.experiments.store.loaded import Loaded
from fiveyear.experiments.store.tables import export
from fiveyear.experiments.store.tables.statistics import Form
from fiveyear.model import InputError

from .test_results import Describe, stored

MANY = 1500  # draws, which take each of the 640 parameter sets twice or three times
READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": pd.read_csv,
    ".xlsx": partial(pd.read_excel, engine="openpyxl"),
    ".dta": pd.read_stata,
    ".parquet": pd.read_parquet,
}


@pytest.fixture(scope="module")
def answer(shipped: Callable[..., Ensemble]) -> Reach:
    return reach(shipped("plan"), MANY)


def of_plan(loaded: Loaded, events: str) -> pd.DataFrame:
    frame: pd.DataFrame = getattr(loaded, events)
    return frame[frame["scenario"] == "plan"].set_index("indicator")


def test_probabilities_and_intervals_are_those_of_reach(tmp_path: Path, described: Describe, answer: Reach) -> None:
    loaded = Loaded(stored(tmp_path / "s", described(draws=MANY, chunk=1000)))
    table, joint = of_plan(loaded, "table"), of_plan(loaded, "joint")
    expected = {f.target.indicator: f.probability for f in answer.findings if f.median is not None}
    expected |= {name: answer.joint[name] for name in ("measurable", "all")}
    chances = pd.concat([table, joint])
    assert set(expected) <= set(chances.index)
    for name, chance in expected.items():
        row = chances.loc[name, ["probability", "probability_low", "probability_high"]].astype(float)
        given = (chance.value, chance.low, chance.high) if chance else (math.nan,) * 3
        np.testing.assert_allclose(row, given, rtol=1e-12, err_msg=name)
    numbers = [joint.loc[f"number_met_{n}", "probability"] for n in range(9)]
    assert numbers == pytest.approx(list(answer.number_met), abs=1e-12)
    assert table.loc["rd_intensity", "verdict"] == answer.findings[0].verdict


def test_counts_of_more_draws_than_sets_say_no_less_than_is_uncertain(
    tmp_path: Path, described: Describe, answer: Reach
) -> None:
    loaded = Loaded(stored(tmp_path / "s", described(draws=MANY, chunk=1000, keep="'summary'")))
    table = of_plan(loaded, "table")
    for finding in answer.findings:
        if (chance := finding.probability) is not None:
            row = table.loc[finding.target.indicator]
            assert row["probability"] == pytest.approx(chance.value, abs=1e-12)
            ends = (row["probability_low"], row["probability_high"])
            assert ends == pytest.approx(jeffreys(640 * chance.value, 640), rel=1e-9)
            assert ends[0] <= chance.low and chance.high <= ends[1]


@pytest.mark.parametrize("keep", ["draws", "summary"])
def test_which_targets_are_met_together_adds_up_to_the_probabilities(
    tmp_path: Path, described: Describe, keep: str
) -> None:
    loaded = Loaded(stored(tmp_path / "s", described(draws=200, keep=f"'{keep}'")))
    table, together = loaded.table, loaded.together
    for case, of_case in together.groupby("case"):
        assert of_case["share"].sum() == pytest.approx(1.0) and of_case["draws"].sum() == 200
        own = table[table["case"] == case].set_index("indicator")["probability"].dropna()
        assert len(own) == {"plan": 9, "behavioural": 10}[of_case["scenario"].iloc[0]]
        for name, chance in own.items():
            assert (of_case["share"] * of_case[name]).sum() == pytest.approx(chance)


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("form", [Form.TARGETS, Form.TOGETHER, Form.QUANTILES])
def test_every_format_gives_back_the_same_rows(tmp_path: Path, described: Describe, form: Form, suffix: str) -> None:
    result = stored(tmp_path / "s", described())
    files = [tmp_path / f"table{ending}" for ending in (".csv", suffix)]
    for file in files:
        export.write(result, file, form)
    plain, read = pd.read_csv(files[0]), READERS[suffix](files[1])
    assert len(plain) > 10 and plain.shape == read.shape
    for (name, one), (_, other) in zip(plain.items(), read.items(), strict=True):
        if one.dtype.kind in "if":
            np.testing.assert_allclose(other.astype(float), one.astype(float), rtol=1e-15, err_msg=str(name))
        else:
            assert other.fillna("").tolist() == one.fillna("").tolist(), name


def test_a_result_without_a_target_is_refused(tmp_path: Path, described: Describe) -> None:
    result: Any = stored(tmp_path / "s", described(outputs="['researchers']"))
    for form in (Form.TARGETS, Form.TOGETHER):
        with pytest.raises(InputError, match="keeps no indicator that has a target"):
            export.write(result, tmp_path / "t.csv", form)
    assert not (tmp_path / "t.csv").exists()
    assert len(Loaded(result).table) == 0
