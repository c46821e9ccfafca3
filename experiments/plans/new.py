"""A plan to start from: the template, copied into a folder of one's own."""

from __future__ import annotations

import shutil
from pathlib import Path

from fiveyear.experiments.console.errors import ExistsError, WriteError
from fiveyear.model.errors import InputError
from fiveyear.scenarios.tables import name_faults

TEMPLATE = Path(__file__).parent / "template"


def new(out: Path) -> None:
    """Make the folder of a plan to start from.

    Raises InputError for a name that no plan can have, ExistsError if there is something, WriteError if it cannot be
    made; then nothing is left.
    """
    if faults := name_faults(out.resolve().name):
        raise InputError(str(out), faults)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ExistsError(f"{out} is there already, and is left as it is: name another folder")
    unfinished = out.with_name(f".{out.resolve().name}.unfinished")
    try:
        shutil.copytree(TEMPLATE, unfinished, ignore=shutil.ignore_patterns("__init__.py", "__pycache__"))
        unfinished.replace(out)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise WriteError(f"{out}: {error.strerror or error}") from None
