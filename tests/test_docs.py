"""The documentation site builds without a warning, its links lead somewhere, and the commands that it shows run."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import reference_pages

from fiveyear.calibration import posterior
from fiveyear.experiments.plans import new
from fiveyear.scenarios import load_plan

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [*sorted((DOCS / "tutorial").glob("*.md")), *sorted((DOCS / "howto").glob("*.md"))]
WITH_COMMANDS = [page for page in PAGES if "```console" in page.read_text("utf-8")]

BLOCK = re.compile(
    r"^```(?P<kind>console|\{code-block\} \w+\n:caption: (?P<name>\S+)\n)\n(?P<text>.*?)^```$", re.M | re.S
)
FILE = re.compile(r"`((?:[\w-]+/)*[\w-]+\.(?:toml|nc|csv|xlsx|dta|parquet|png|pdf|sh|py))`")


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("myst_nb", reason="the extra [docs] is not installed")
    source = tmp_path / "docs"
    shutil.copytree(DOCS, source, ignore=shutil.ignore_patterns("_build", "__pycache__"))
    for page in (source / "reference").glob("*.md"):
        if page.name != "index.md":
            page.unlink()
    options = ["-W", "--keep-going", "-b", "html"]
    command = [sys.executable, "-m", "sphinx", *options, str(source), str(tmp_path / "html")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = {page.stem for page in (tmp_path / "html" / "reference").glob("*.html")}
    assert {"python", "command_line", "equations", "parameters", "indicators", "levers", "schema", "glossary"} <= made


def test_the_examples_of_the_module_that_writes_the_reference_hold() -> None:
    assert doctest.testmod(reference_pages).failed == 0


def test_each_link_of_a_document_leads_to_a_file() -> None:
    made = {"reference"}  # by the build of the site, which checks links to it
    documents = [*ROOT.glob("*.md"), *(p for p in DOCS.rglob("*.md") if p.parent.name not in made)]
    links = [
        (document, target)
        for document in documents
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub("(?ms)^```.*?^```$", "", document.read_text("utf-8")))
        if "://" not in target and Path(target).parent.name not in made
    ]
    assert len(links) > 20
    assert [f"{d.relative_to(ROOT)}: {target}" for d, target in links if not (d.parent / target).exists()] == []


def commands(text: str) -> Iterator[str]:
    """Yield shell lines that write the files and run the commands that a page shows, in its order."""
    for block in BLOCK.finditer(text):
        if block["name"]:
            yield f"cat > {block['name']} <<'END_OF_FILE'\n{block['text']}END_OF_FILE"
            continue
        for line in re.findall(r"^\$ (.+)$", block["text"], re.M):
            command, _, code = line.partition("  # exit code ")
            yield f"code=0; {command} || code=$?; test $code -eq {code}" if code else command


def make_checkout(folder: Path) -> None:
    """Make a folder one in which, as in a checkout, a new file of the model is part of it."""
    package = folder / "fiveyear"
    shutil.copytree(ROOT / "experiments" / "front", package)
    shutil.copytree(ROOT / "model", folder / "model")
    for name in ("scenarios", "calibration", "experiments"):
        (package / name).symlink_to(ROOT / name)
    (package / "model").symlink_to(folder / "model")


def test_pages_with_commands_are_looked_at() -> None:
    assert len(WITH_COMMANDS) >= 6


@pytest.fixture
def fitted(briefly_sampled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put into the cache what the page on facts of one's own fits: that the program fits, the page on plans shows."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "fitted"
    folder.mkdir()
    new.new(folder / "ruritania")
    shown = BLOCK.search((DOCS / "howto" / "own_facts.md").read_text("utf-8"))
    assert shown is not None
    (folder / shown["name"]).write_text(shown["text"], "utf-8")
    plan = load_plan(str(folder / "ruritania"))
    for evidence in (posterior.evidence(plan, None), posterior.with_facts(plan, folder / shown["name"])):
        posterior.cached_file_of(evidence).parent.mkdir(parents=True, exist_ok=True)
        posterior.save(posterior.calibrate(evidence)[1], posterior.cached_file_of(evidence))


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_COMMANDS, ids=[page.stem for page in WITH_COMMANDS])
def test_the_commands_of_a_page_run_and_write_the_files_that_it_names(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = page.read_text("utf-8")
    if page.stem == "own_facts":
        request.getfixturevalue("fitted")
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    if ":caption: model/" in text:
        make_checkout(tmp_path)
        environment["PYTHONPATH"] = str(tmp_path)
    lines = ["set -e", "trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT", *commands(text)]
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    names = {name for name in FILE.findall(text) if name != "targets.csv"}  # of no folder: `DIR/targets.csv`
    names |= {name for line in commands(text) for name in re.findall(r"--out ([\w./-]+)(?=\s|$)", line)}
    assert [name for name in sorted(names) if not (tmp_path / name).exists()] == []
