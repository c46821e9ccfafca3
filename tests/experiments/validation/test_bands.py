"""Bands against the reference class: sds, exponents and correlations of made-up draws are found again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fiveyear.calibration import posterior
from fiveyear.calibration.posterior import Posterior
from fiveyear.experiments.validation import bands
from fiveyear.experiments.validation.subject import Subject
from fiveyear.model.quantities import Array


@pytest.fixture(scope="module")
def subject() -> Subject:
    return Subject("twelfth", "july2011")


def made(sds: dict[str, Array], together: float = 0.0) -> dict[str, Array]:
    """Give draws, (year ahead, draw), of these sds in each year; any two correlate by ``together``."""
    random = np.random.default_rng(1)
    common = random.standard_normal(bands.DRAWS)
    return {
        n: sd[:, None] * (np.sqrt(together) * common + np.sqrt(1.0 - together) * random.standard_normal(bands.DRAWS))
        for n, sd in sds.items()
    }


def test_sds_are_held_against_those_of_the_class_and_the_worst_series_is_named(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    horizons = np.arange(1.0, 6.0)
    of_class = {n: np.sqrt(h2 * s**2 + h2**2 * u**2) for n, (s, u) in bands._scales().items() for h2 in [horizons]}
    sds = {**of_class, "grants": 0.5 * of_class["grants"]}
    monkeypatch.setattr(bands, "ahead", lambda *_: made(sds))
    given = subject.posterior, subject.deciding
    last, following = bands.sd_of_the_last_year(*given), bands.sd_of_the_next_year(*given)
    assert last is not None and following is not None
    assert (last.at, following.at) == ("grants", "grants")
    assert last.value == pytest.approx(0.5, rel=0.05)
    assert following.value == pytest.approx(2.0, rel=0.05)


def test_a_power_of_the_horizon_is_found_again(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    sds = {n: 0.1 * np.arange(1.0, 6.0) ** 0.7 for n in bands.LEVELS}
    # The same numbers in each year: their sds are in exact proportion.
    monkeypatch.setattr(bands, "ahead", lambda *_: made(sds, together=1.0))
    figure = bands.growth_of_the_sd(subject.posterior, subject.deciding)
    assert figure is not None and figure.value == pytest.approx(0.7)


def test_correlations_of_the_last_year_are_found_again(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "ahead", lambda *_: made({n: np.ones(5) for n in bands.LEVELS}, together=0.4))
    for check in (bands.spending_and_personnel, bands.personnel_and_applications, bands.intensity_and_gdp):
        figure = check(subject.posterior, subject.deciding)
        assert figure is not None and figure.value == pytest.approx(0.4, abs=4.0 / np.sqrt(bands.DRAWS))


def without_shocks(fitted: Posterior) -> Posterior:
    priors = fitted.evidence.priors
    none = {
        n: s.model_copy(update={"yearly_sd": 1e-9, "epoch_sd": 0.0, "retained_sd": 0.0})
        for n, s in priors.surprises.items()
    }
    evidence = replace(fitted.evidence, priors=priors.model_copy(update={"surprises": none}))
    return replace(fitted, evidence=evidence)


def test_without_shocks_ahead_bands_are_too_narrow_and_their_scale_says_nothing(subject: Subject) -> None:
    still = without_shocks(subject.posterior)
    as_fitted, planted = (bands.sd_of_the_last_year(p, subject.deciding) for p in (subject.posterior, still))
    assert as_fitted is not None and planted is not None
    assert planted.value < 0.8 < 0.95 < as_fitted.value
    moved = bands.chances_and_scales(still, subject.scenario)
    assert moved is not None and moved.value < 1e-3
    sensitive = bands.chances_and_scales(subject.posterior, subject.scenario)
    assert sensitive is not None and sensitive.value > 1e-2


def test_a_plan_in_which_nobody_decides_on_spending_has_no_such_bands() -> None:
    eleventh = Subject("eleventh", None)
    assert isinstance(eleventh.posterior, posterior.Posterior)
    assert bands.sd_of_the_last_year(eleventh.posterior, eleventh.deciding) is None
