from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

import fiveyear.model
from fiveyear.model import Country, Inputs, Model

ARTS = '''
"""The arts: galleries open and stay open."""

from ..declarations import Parameter, Stock
from ..quantities import Money, MoneyPerYear, PerYear

galleries_at_start = Parameter("money", low=0.0, high=1e12, about="worth of all galleries at the start")
opening_rate = Parameter("1/year", low=0.0, high=1.0, about="growth of the worth of galleries")

galleries = Stock("money", initial="galleries_at_start", inflows=("openings",), about="worth of all galleries")


def openings(galleries: Money, opening_rate: PerYear) -> MoneyPerYear:
    """Worth of the galleries that open in a year."""
    return galleries * opening_rate
'''
PROGRAM = """
import json, sys
import numpy as np
from fiveyear.model import Country, Inputs, load, simulate
given = json.load(sys.stdin)
model = load(Country("100M yuan", 6.8, (("rivals", tuple(given["rivals"])),)))
series = {n: np.array(v) for n, v in given["series"].items()}
inputs = Inputs(given["first"], given["last"], given["parameters"], series)
data = simulate(model, inputs, {}, keep=["galleries"]).dataset()
print(json.dumps({
    "file": __import__("fiveyear.model").model.__file__,
    "sector": model.sectors["openings"],
    "names": list(model.names),
    "units": [str(model.units["galleries"]), data["galleries"].attrs["units"]],
    "galleries": data["galleries"].values[0].tolist(),
}))
"""


def test_a_file_dropped_into_sectors_is_a_sector_with_no_other_edit(
    tmp_path: Path, model: Model, inputs: Inputs
) -> None:
    source = Path(fiveyear.model.__file__).parent
    copy = tmp_path / "fiveyear" / "model"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "sectors" / "arts.py").write_text(ARTS)
    given = {
        "first": inputs.first_year,
        "rivals": dict(model.country.groups)["rivals"],
        "last": inputs.last_year,
        "parameters": {**inputs.parameters, "galleries_at_start": 1e9, "opening_rate": 0.1},
        "series": {n: v.tolist() for n, v in inputs.series.items()},
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(given),
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert Path(told["file"]).is_relative_to(tmp_path)
    assert told["sector"] == "arts"
    assert {"galleries", "openings", "galleries_at_start", "opening_rate", "researchers"} <= set(told["names"])
    assert told["units"] == ["yuan", "yuan"]
    np.testing.assert_allclose(told["galleries"], 1e9 * np.exp(0.1 * np.arange(1, 12)), rtol=1e-6)
    assert "galleries" not in fiveyear.model.load(Country()).names
