"""Every figure of reach, on every sheet and in every language: it fits, can be read, and says words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib import rcParams
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from fiveyear.experiments.console.language import CATALOGUES, speaking
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.style import SHEETS, house_style
from fiveyear.experiments.reach import files
from fiveyear.experiments.reach.answer import Reach
from fiveyear.experiments.reach.figures import comparison, fan, heat_map
from fiveyear.model.quantities import Array
from fiveyear.scenarios import load_plan, plan_names, scenario_names

PAIRS = {
    "twelfth": ("plan", "behavioural"),
    "eleventh": ("eleventh_plan", "eleventh_trend"),
    "korea577": ("korea_plan", "korea_record"),
}
FACTS = {"twelfth": "july2011", "eleventh": "yearbook", "korea577": None}
QUICK = {("page", "en"), ("column", "zh"), ("slide", "zh")}
SHEETS_AND_LANGUAGES = [
    pytest.param(*both, marks=() if both in QUICK else pytest.mark.slow)
    for both in itertools.product(SHEETS, CATALOGUES)
]


@pytest.fixture(scope="module")
def answers(reached: Callable[..., Reach]) -> Callable[[str], list[Reach]]:
    return lambda plan: [reached(name, FACTS[plan]) for name in PAIRS[plan]]


def figures(answers: list[Reach]) -> Iterator[tuple[str, Figure]]:
    """Give every figure of some answers, on the sheet and in the language chosen."""
    for name, (made_by, places) in files._figures([answer.ensemble for answer in answers]).items():
        yield name, made_by([answers[place] for place in places]).figure()
    yield "comparison.png", comparison.figure(answers)


def words(picture: Figure) -> list[str]:
    """Give what is written on a picture, without the line ends."""
    return [re.sub(r"\s+", " ", t.get_text()) for t in picture.findobj(Text) if t.get_text()]


def code_names(plan: str) -> set[str]:
    """Give the names that only files and code have."""
    indicators = {t.indicator for t in load_plan(plan).targets}
    names = {n for n in (*scenario_names(), *plan_names(), "july2011", "yearbook", *indicators) if n != "plan"}
    return names - {"frozen", "accelerated"} | {"100M", "10k", "FTE"}


def test_every_shipped_plan_is_looked_at() -> None:
    assert set(PAIRS) == set(plan_names())


@pytest.mark.parametrize("plan", PAIRS)
@pytest.mark.parametrize(("style", "language"), SHEETS_AND_LANGUAGES)
def test_a_figure_fits_its_sheet_can_be_read_and_says_words(
    answers: Callable[[str], list[Reach]], plan: str, style: str, language: str
) -> None:
    with house_style(style), speaking(language):
        for name, picture in figures(answers(plan)):
            width, height = (25.4 * float(inches) for inches in picture.get_size_inches())
            assert width == pytest.approx(SHEETS[style].width), name
            assert height <= SHEETS[style].tallest + 1e-6, name
            assert page.faults(picture) == [], name
            said = words(picture)
            assert not [text for text in said if "_" in text], name
            assert not [text for text in said if set(re.findall(r"\w+", text)) & code_names(plan)], name
            if language == "zh":
                assert not [text for text in said if re.search(r"[A-Za-z]{2}", text)], name


@pytest.mark.slow
@pytest.mark.parametrize("style", SHEETS)
def test_six_scenarios_fit_every_sheet(reached: Callable[..., Reach], style: str) -> None:
    names = ("plan", "behavioural", "frozen", "growth_7", "accelerated", "talent_first")
    with house_style(style):
        for name, picture in figures([reached(n) for n in names]):
            assert 25.4 * picture.get_size_inches()[1] <= SHEETS[style].tallest + 1e-6, name
            assert page.faults(picture) == [], name


@pytest.mark.slow
@pytest.mark.parametrize(("style", "rows"), [("page", 23), ("column", 12), ("slide", 8)])
def test_the_heat_map_of_every_scenario_fits_a_page_and_a_smaller_sheet_says_how_many_it_leaves_out(
    reached: Callable[..., Reach], style: str, rows: int
) -> None:
    every = [reached(n) for n in scenario_names() if n.split("_")[0] not in ("eleventh", "korea")]
    assert len(every) == 23
    with house_style(style):
        picture = heat_map.drawing(every).figure()
    assert 25.4 * picture.get_size_inches()[1] <= SHEETS[style].tallest + 1e-6
    assert page.faults(picture) == []
    first = {str(p.get_gid()).split()[0] for p in picture.axes[0].patches}
    assert len(first) >= rows
    left_out = [text for text in words(picture) if f"{23 - len(first)} rows more are in the file" in text]
    assert bool(left_out) == (len(first) < 23)


# -- colours, as who cannot tell red from green sees them -----------------------------------------------------
DEUTERANOPIA = [  # Machado, Oliveira & Fernandes 2009, of light, at severity 1
    [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
]  # fmt: skip
TOLD_APART = 14.0  # of CIEDE2000, of which 1 is just noticeable side by side


def lab(colour: Any, seen_through: Any = None) -> Array:
    """Give a colour in CIELAB, under the white of daylight (D65)."""
    rgb = np.array(to_rgb(colour))
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    if seen_through is not None:
        light = np.clip(np.array(seen_through) @ light, 0.0, 1.0)
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    x, y, z = np.array(to_xyz) @ light / np.array([0.95047, 1.0, 1.08883])
    f = [c ** (1 / 3) if c > 216 / 24389 else (24389 / 27 * c + 16) / 116 for c in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(first: Array, second: Array) -> float:
    """Give the difference of two colours in CIELAB (Sharma, Wu & Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    mean_c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2.0
    g = 1.5 - 0.5 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    c1, c2 = np.hypot(g * a1, b1), np.hypot(g * a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, g * a)) % 360.0 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0.0 else (h2 - h1 + 180.0) % 360.0 - 180.0
    big_h = 2.0 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2.0))
    light, c = (l1 + l2) / 2.0, (c1 + c2) / 2.0
    h = h1 + h2 if c1 * c2 == 0.0 else (h1 + turn / 2.0) % 360.0
    parts = ((0.17, h - 30, -1), (0.24, 2 * h, 1), (0.32, 3 * h + 6, 1), (0.20, 4 * h - 63, -1))
    t = 1.0 + sum(sign * weight * np.cos(np.radians(angle)) for weight, angle, sign in parts)
    s_l = 1.0 + 0.015 * (light - 50.0) ** 2 / np.sqrt(20.0 + (light - 50.0) ** 2)
    s_c, s_h = 1.0 + 0.045 * c, 1.0 + 0.015 * c * t
    turned = np.sin(np.radians(60.0 * np.exp(-(((h - 275.0) / 25.0) ** 2))))
    r = -2.0 * np.sqrt(c**7 / (c**7 + 25.0**7)) * turned
    dl, dc, dh = (l2 - l1) / s_l, (c2 - c1) / s_c, big_h / s_h
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + r * dc * dh))


@pytest.mark.parametrize(
    ("first", "second", "difference"),
    [  # of the test data of Sharma, Wu & Dalal 2005
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0011), 7.2195),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_of_colours_is_that_of_its_authors(first: Any, second: Any, difference: float) -> None:
    assert ciede2000(np.array(first), np.array(second)) == pytest.approx(difference, abs=2e-4)


@pytest.mark.parametrize("seen_through", [None, DEUTERANOPIA], ids=["as they are", "deuteranopia"])
def test_scenarios_other_forecasts_and_the_target_are_told_apart_by_colour(seen_through: Any) -> None:
    with house_style():
        cycle = rcParams["axes.prop_cycle"].by_key()["color"]
    colours = {
        name: cycle[int(name[1])] if name[0] == "C" else name for name in ("C0", "C1", fan.WALK, fan.VIEW, fan.PLAN)
    }
    for (one, a), (two, b) in itertools.combinations(colours.items(), 2):
        assert ciede2000(lab(a, seen_through), lab(b, seen_through)) > TOLD_APART, (one, two)
