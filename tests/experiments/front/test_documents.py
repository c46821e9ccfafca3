"""What the documents show runs: the pages with Python, and the notebooks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import pytest
from nbclient import NotebookClient

DOCS = Path(__file__).resolve().parents[3] / "docs"
NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.md"))


#: Pages whose blocks of Python run one after the other: what they name, and the files that they leave.
PAGES = {
    "python.md": ({"levers", "table", "draws", "chance", "figure", "rows"}, ["slow.toml", "sweep"]),
    "howto/results.md": ({"contracts", "draws", "cases", "every_draw"}, ["money"]),
    "explanation/forecasts.md": ({"tree"}, []),
    "../README.md": ({"base", "slow", "answer"}, []),
}


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of arviz-base's own
@pytest.mark.parametrize("page", PAGES)
def test_the_lines_of_python_of_a_page_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```python\n(.+?)^```$", (DOCS / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    named, files = PAGES[page]
    assert named <= names.keys()
    assert sorted(path.name for path in tmp_path.iterdir()) == files


@pytest.mark.slow
def test_readme_is_one_page_and_shows_the_answer_that_reach_prints(fiveyear: Callable[..., Any]) -> None:
    text = (DOCS.parent / "README.md").read_text("utf-8")
    assert text.count("\n") <= 150
    (shown,) = re.findall(r"^```text\n(.+?)^```$", text, re.MULTILINE | re.DOTALL)
    assert shown == fiveyear("reach").out


@pytest.mark.slow
@pytest.mark.parametrize("plan", ["eleventh", "korea577"])
def test_the_page_on_plans_shows_the_answers_that_reach_prints(fiveyear: Callable[..., Any], plan: str) -> None:
    text = (DOCS / "explanation" / "plans.md").read_text("utf-8")
    (shown,) = re.findall(rf"^```text\n\$ fiveyear reach {plan}\n(.+?)^```$", text, re.MULTILINE | re.DOTALL)
    assert shown == fiveyear("reach", plan).out


def test_the_scenario_of_readme_checks(
    fiveyear: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (text,) = re.findall(r"^```toml\n(.+?)^```$", (DOCS.parent / "README.md").read_text("utf-8"), re.M | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("two.toml").write_text(text, "utf-8")
    assert fiveyear("scenario", "check", "two.toml").out.startswith("two.toml: no fault; ")


def test_the_page_on_python_tells_of_each_public_function() -> None:
    import fiveyear as fy

    text = (DOCS / "python.md").read_text("utf-8")
    functions = [name for name in fy.__all__ if name[0].islower()]
    assert [name for name in functions if f"`{name}(" not in text] == []


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) == 3


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of the kernel's own, which are not ours to mend
@pytest.mark.parametrize("file", NOTEBOOKS, ids=[file.stem for file in NOTEBOOKS])
def test_each_cell_of_a_notebook_runs_and_prints_no_warning(file: Path, tmp_path: Path) -> None:
    notebook = jupytext.read(file)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": tmp_path}}).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) > 3
    printed = [output.text for cell in cells for output in cell.outputs if output.get("name") == "stderr"]
    assert [text for text in printed if "Warning" in text or "Error" in text] == []
