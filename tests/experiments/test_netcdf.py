"""Every netCDF file says of itself what the CF conventions ask for; `make clients` holds them to compliance-checker."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr
from scipy.io import netcdf_file

from fiveyear.model.netcdf import conventional
from fiveyear.scenarios import load_plan

pytestmark = pytest.mark.usefixtures("unprinted")

Run = Callable[..., tuple[int, str, str]]

NUMBER, POWER = r"(%|[0-9.]+(e[+-]?[0-9]+)?)", r"(year|yuan)(-?[2-9]|-1)?"
UDUNITS = re.compile(rf"{NUMBER}|({NUMBER} )?{POWER}( {POWER})?")  # and yuan, which docs/howto/results.md names
NAME = re.compile("[A-Za-z][A-Za-z0-9_]*|_FillValue|_Encoding")
EXPERIMENT = "title = 'Two'\nscenarios = ['plan', 'frozen']\ndraws = 20\nkeep = '{keep}'\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Run, str], Path]:
    """Write a file of a kind, once."""
    place, made = tmp_path_factory.mktemp("written"), dict[str, Path]()

    def give(fiveyear: Run, kind: str) -> Path:
        if kind not in made:
            made[kind] = write(fiveyear, kind, place)
        return made[kind]

    return give


def write(fiveyear: Run, kind: str, place: Path) -> Path:
    out = place / f"{kind}.nc"
    if kind == "posterior":
        return load_plan("twelfth").folder / "posterior_july2011.nc"
    if kind in ("draws", "summary"):
        experiment = place / f"{kind}.toml"
        experiment.write_text(EXPERIMENT.format(keep=kind))
        assert fiveyear("run", experiment, "--out", place / kind)[0] == 0
        return next((place / kind).glob("rows_*.nc"))
    commands: dict[str, tuple[object, ...]] = {
        "run": ("run", "plan", "--draws", 20, "--out", out),
        "steps": ("run", "plan", "--draw", "median", "--every-step", "--keep", "all", "--out", out),
        "reach": ("reach", "plan", "--draws", 20, "--out", place / "reach"),
        "programmes": ("programmes", "reach", "--draws", 20, "--out", place / "programmes"),
    }
    assert fiveyear(*commands[kind])[0] == 0
    return {"reach": place / "reach" / "plan.nc", "programmes": place / "programmes" / "programmes.nc"}.get(kind, out)


slow = pytest.mark.slow


@pytest.mark.parametrize(
    "kind",
    ["run", "steps", "draws", "summary", "posterior", *(pytest.param(k, marks=slow) for k in ("reach", "programmes"))],
)
def test_every_file_says_what_it_is_and_names_and_measures_what_it_holds(
    kind: str, written: Callable[[Run, str], Path], fiveyear: Run
) -> None:
    with netcdf_file(written(fiveyear, kind), mmap=False) as file:
        says = file._attributes
        assert says["Conventions"] == b"CF-1.8"
        assert re.fullmatch(rb"fiveyear [0-9.]+, [a-z ]+: [a-z]+ \S.*", says["history"])
        assert says["title"].strip()
        for name, variable in file.variables.items():
            attributes = variable._attributes
            assert attributes["long_name"].strip(), name
            assert UDUNITS.fullmatch(attributes.get("units", b"1").decode()), (name, attributes["units"])
            assert "_FillValue" not in attributes or name not in file.dimensions, name
        names = [n for of in (says, *(v._attributes for v in file.variables.values())) for n in of]
        assert all(NAME.fullmatch(n) for n in [*names, *file.variables, *file.dimensions])


def test_a_file_keeps_our_spelling_of_a_unit_beside_the_one_of_udunits(
    written: Callable[[Run, str], Path], fiveyear: Run
) -> None:
    with xr.open_dataset(written(fiveyear, "run"), engine="scipy") as data:
        spelt = {n: (v.attrs["unit"], v.attrs["units"]) for n, v in data.data_vars.items()}
    assert spelt["rd_intensity"] == ("%", "%")
    assert spelt["invention_patents_per_10k"] == ("patent/10k person", "0.0001")
    assert spelt["technology_market_value"] == ("100M yuan", "100000000 yuan")


def test_a_file_written_twice_is_the_same_byte_for_byte(
    tmp_path: Path, written: Callable[[Run, str], Path], fiveyear: Run
) -> None:
    for kind in ("run", "steps"):
        assert write(fiveyear, kind, tmp_path).read_bytes() == written(fiveyear, kind).read_bytes()


def test_the_dataset_that_is_written_is_not_changed() -> None:
    kept = xr.Dataset({"a": ("year", [1.0], {"units": "person"})}, {"year": [2010]})
    before = kept.copy(deep=True)
    conventional(kept, "T", "H")
    assert kept.identical(before) and not kept["year"].encoding
