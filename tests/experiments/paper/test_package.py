"""The replication package: what is in it, and that its one command makes every file of the quick build again."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fiveyear.experiments.paper import package
from fiveyear.experiments.paper.paper_file import load
from fiveyear.model.errors import ModelError

Write = Callable[..., Path]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def archive(paper: Write, fiveyear: Run, tmp_path: Path) -> zipfile.ZipFile:
    """Give the package of a small paper."""
    code, _, errors = fiveyear("paper", str(paper()), "--package", "--out", str(tmp_path / "out"))
    assert code == 0, errors
    return zipfile.ZipFile(tmp_path / "out" / package.ZIPPED)


def test_it_holds_what_editors_ask_for_and_sums_that_are_right(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    assert {"README.md", "LICENSE", "CITATION.cff", "replicate.sh", "requirements.txt", "inputs/paper.toml"} <= names
    sums = dict(line.split("  ")[::-1] for line in archive.read("SHA256SUMS").decode().splitlines())
    assert sums.keys() == names - {"SHA256SUMS"}
    assert {n: hashlib.sha256(archive.read(n)).hexdigest() for n in sums} == sums
    readme = archive.read("README.md").decode()
    for heading in ("Data availability", "Computational requirements", "Controlled randomness", "Instructions"):
        assert heading in readme
    assert "$" not in readme  # nothing is left to fill in
    assert re.search(r"^date-released: \d{4}-\d\d-\d\d$", archive.read("CITATION.cff").decode(), re.MULTILINE)


def test_the_crate_lists_every_file(archive: zipfile.ZipFile) -> None:
    graph = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
    listed = {entity["@id"] for entity in graph if entity["@type"] == "File"}
    assert listed == set(archive.namelist()) - {"SHA256SUMS", "ro-crate-metadata.json"}
    root = next(entity for entity in graph if entity["@id"] == "./")
    assert len(root["author"]) == 2 and root["datePublished"] and root["license"]


def test_every_package_that_the_program_imports_is_required_in_a_version(archive: zipfile.ZipFile) -> None:
    lines = archive.read("requirements.txt").decode().splitlines()
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.!+]+", line) for line in lines)
    assert {"numpy", "xarray", "llvmlite", "pytask", "typst", "rocrate"} <= {line.partition("==")[0] for line in lines}


@pytest.mark.slow
def test_unpacked_elsewhere_its_command_makes_every_file_again(archive: zipfile.ZipFile, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    archive.extractall(place)
    # In place of what it would install: the packages that are here, and nothing of this program but the wheel.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=place, check=True)
    (site,) = (place / ".venv/lib").glob("python*/site-packages")
    here = [path for path in sys.path if path.endswith("site-packages")]
    (site / "packages.pth").write_text("".join(f"{path}\n" for path in here))
    (wheel,) = (place / "program").glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(site)
    script = place / ".venv/bin/fiveyear"
    script.write_text(f"#!{place}/.venv/bin/python\nfrom fiveyear.experiments.command_line import main\nmain()\n")
    script.chmod(0o755)
    environment = {n: v for n, v in os.environ.items() if n not in ("PYTHONPATH", "PYTHONHOME")}
    told = subprocess.run(
        [place / ".venv/bin/python", "-c", "import fiveyear.experiments as e; print(e.__path__)"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(site) in told.stdout
    done = subprocess.run(["sh", "replicate.sh"], cwd=place, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "all files are the same" in done.stdout
    altered = next((place / "rebuilt/quick/tables").iterdir())
    sums = place / "quick.sha256"
    sums.write_text(sums.read_text().replace(hashlib.sha256(altered.read_bytes()).hexdigest(), "0" * 64))
    again = subprocess.run(["sh", "replicate.sh"], cwd=place, env=environment, capture_output=True, text=True)
    assert again.returncode != 0 and altered.name in again.stdout + again.stderr


def test_the_wheel_is_the_same_each_time_and_holds_what_runs() -> None:
    first = package.wheel()
    assert first == package.wheel()
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    assert {"fiveyear/__init__.py", "fiveyear/model/__init__.py", "fiveyear/experiments/page/han.ttf"} <= set(names)
    assert not [n for n in names if "__pycache__" in n or "experiments/front" in n]


def test_inputs_that_lie_elsewhere_are_refused_before_any_work(paper: Write, fiveyear: Run, tmp_path: Path) -> None:
    own = tmp_path / "away" / "slow.toml"
    own.parent.mkdir()
    own.write_text('title = "Slow"\nextends = "plan"\nexpect = "less"\n')
    (tmp_path / "in").mkdir()
    file = paper(("others =", 'scenarios = ["../away/slow.toml"]\nothers ='))
    moved = file.rename(tmp_path / "in" / "paper.toml")
    assert package.inputs(load(moved), None) == {}
    with pytest.raises(ModelError, match="slow"):
        package.inputs(load(moved), moved)
    code, _, errors = fiveyear("paper", str(moved), "--package", "--out", str(tmp_path / "out"))
    assert code == 2 and "slow.toml" in errors and not (tmp_path / "out").exists()
