"""The files of ``fiveyear need --out``: the answer, the path, a scenario of it, and the frontier."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from fiveyear.experiments.console.files import write_whole
from fiveyear.experiments.page.comma_separated import write_records
from fiveyear.experiments.page.figure import files as of_figure
from fiveyear.experiments.page.figure import write_files
from fiveyear.scenarios.changes import toml_text

from . import frontier, report
from .need import Need

TABLE, ANSWER, SCENARIO, FRONTIER = "path.csv", "need.json", "needed.toml", "frontier.png"


def names() -> Iterator[str]:
    """Yield what the files are called."""
    yield from (TABLE, ANSWER, SCENARIO, *(file.name for file in of_figure(Path(FRONTIER))))


def write(need: Need, folder: Path) -> None:
    """Write all of them into a folder."""
    text = json.dumps(report.as_dict(need), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    scenario = toml_text(need.needed)
    write_whole(folder / ANSWER, lambda file: file.write_text(text, encoding="utf-8"))
    write_whole(folder / SCENARIO, lambda file: file.write_text(scenario, encoding="utf-8"))
    write_whole(folder / TABLE, partial(write_records, need.table.to_dict("records")))
    write_files(folder / FRONTIER, *frontier.drawing(need))
