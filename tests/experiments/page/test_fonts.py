"""The fonts of the house style: Latin letters drawn as DejaVu Sans draws them, from files that are quick to embed."""

from __future__ import annotations

import importlib.resources
import itertools
from pathlib import Path

import matplotlib as mpl
import pytest
from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from matplotlib.ft2font import FT2Font, LoadFlags

from fiveyear.experiments.page import style

# Latin with its accents, Greek, punctuation, superscripts, arrows and the signs that texts about numbers need.
RANGES = ((0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x2010, 0x205E), (0x2070, 0x209C), (0x2190, 0x2199))
SIGNS = (*(code for first, last in RANGES for code in range(first, last + 1)), *map(ord, "€№™∂∆∏∑−√∞≈≠≤≥"))
LIGATURES = ("ff", "fi", "fl", "ffi", "ffl")
SOURCES = {"sans.ttf": ("DejaVuSans.ttf", ""), "sans_bold.ttf": ("DejaVuSans-Bold.ttf", "Bold")}


def source(name: str) -> Path:
    """Give the font of matplotlib that a font of the house style was made from."""
    return Path(mpl.get_data_path()) / "fonts" / "ttf" / SOURCES[name][0]


def make(name: str, file: Path) -> None:
    """Make a font of the house style again; this is how the files that are shipped were made.

    Ligatures of f and kerning by pairs stay; all other layout tables go, and glyphs keep no names.
    """
    options = subset.Options(
        layout_features=["liga"], layout_scripts=["DFLT", "latn", "grek"], legacy_kern=True, notdef_outline=True,
        recommended_glyphs=True, name_IDs=[0, 1, 2, 4, 6, 14], name_languages=[0x409], name_legacy=False,
    )  # fmt: skip
    options.drop_tables += ["FFTM", "GDEF", "GPOS", "MATH"]
    weight = SOURCES[name][1]
    family, plain = "Fiveyear Sans", "FiveyearSans"
    names = {1: family, 2: weight or "Regular", 4: f"{family} {weight}".strip(), 6: f"{plain}-{weight}".strip("-")}
    with subset.load_font(source(name), options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=SIGNS)
        subsetter.subset(font)
        for number, text in names.items():
            font["name"].setName(text, number, 3, 1, 0x409)
        font.save(file)


@pytest.fixture(params=SOURCES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shipped(name: str) -> Path:
    return Path(str(importlib.resources.files(style.__package__) / name))


def test_the_shipped_font_is_what_its_recipe_makes(name: str, shipped: Path, tmp_path: Path) -> None:
    make(name, tmp_path / name)
    assert (tmp_path / name).read_bytes() == shipped.read_bytes()


def test_signs_pairs_and_ligatures_are_as_wide_as_in_the_source(name: str, shipped: Path) -> None:
    fonts = FT2Font(source(name)), FT2Font(shipped)
    printable = [chr(code) for code in range(0x20, 0x7F)]
    texts = ["".join(pair) for pair in itertools.product(printable, printable)] + list(LIGATURES)
    texts += [chr(code) for code in SIGNS if code in fonts[0].get_charmap()]
    for text in texts:
        sizes = []
        for font in fonts:
            font.set_size(7, 300)
            font.set_text(text, flags=LoadFlags.NO_HINTING)
            sizes.append((font.get_width_height(), font.get_descent()))
        assert sizes[0] == sizes[1], text


def test_the_shipped_font_has_no_more_layout_than_ligatures_and_pairs(shipped: Path) -> None:
    with TTFont(shipped) as font:
        assert {"GPOS", "GDEF"}.isdisjoint(font.keys()) and "kern" in font
        assert [record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord] == ["liga"]
        assert len(font.getGlyphOrder()) < 800
