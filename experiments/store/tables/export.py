"""Writing a table of a finished experiment: what it holds and the name of the file decide how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fiveyear.experiments.console import files
from fiveyear.experiments.console.errors import MissingPackageError
from fiveyear.experiments.page import comma_separated
from fiveyear.experiments.page.columns import Column, cell
from fiveyear.experiments.page.text import one_line
from fiveyear.model.errors import InputError

from . import iamc, parquet, quantiles, spreadsheet, stata, targets
from .statistics import LEVELS, Form

if TYPE_CHECKING:
    from ..results import Result

EVERY = (".csv", ".xlsx", ".dta", ".parquet")
SUFFIXES = {
    Form.TARGETS: EVERY,
    Form.TOGETHER: EVERY,
    Form.QUANTILES: EVERY,
    Form.DRAWS: (".parquet",),
    Form.IAMC: (".csv", ".xlsx"),
}
PACKAGES = {".xlsx": "xlsxwriter", ".parquet": "pyarrow"}


def require_format(out: Path, form: Form, region: str = "") -> None:
    """Raise InputError or MissingPackageError, before any work, if no table of this form can go into such a file."""
    suffixes = SUFFIXES[form]
    suffix = out.suffix.lower()
    if suffix not in suffixes:
        ending = f"ends in {out.suffix}" if out.suffix else "has no ending"
        raise InputError(str(out), [f"the name {ending}; a table of {form} ends in {' or '.join(suffixes)}"])
    if form is Form.IAMC and not region.strip():
        raise InputError(str(out), ["the IAMC's format states a region on each row, and none was given; see --region"])
    package = PACKAGES.get(suffix)
    if package is not None and find_spec(package) is None:
        raise MissingPackageError(
            str(out), [f'{suffix} needs {package}, which is not installed; pip install "fiveyear[tables]"']
        )


def write(result: Result, out: Path, form: Form, region: str = "") -> None:
    """Write a table of one form, complete or not at all; the suffix of ``out`` says in which format.

    Raises InputError, MissingPackageError or LimitError where the file cannot hold it, WriteError where the disk does
    not take it. What exists is written over: refusing that is for the command.
    """
    require_format(out, form, region)
    if form in (Form.TARGETS, Form.TOGETHER) and not result.plan_targets:
        raise InputError(str(out), [f"{result.path} keeps no indicator that has a target"])
    about = result.about
    if form is Form.DRAWS:
        files.write_whole(out, lambda path: parquet.write_draws(result.blocks(), result.cases, about, path))
        return
    columns = table(result, form, region)
    match out.suffix.lower():
        case ".csv":
            files.write_whole(out, lambda path: comma_separated.write(columns, path))
        case ".parquet":
            files.write_whole(out, lambda path: parquet.write(columns, about, path))
        case ".dta":
            stata.require_room(columns, out)
            title = one_line(str(about.get("title", "")))
            files.write_whole(out, lambda path: stata.write(columns, title, path))
        case _:
            # "data" is where programs that read the IAMC's format look.
            sheets = {"data": columns, "provenance": _provenance(about)}
            for sheet in sheets.values():
                spreadsheet.require_room(sheet, out)
            files.write_whole(out, lambda path: spreadsheet.write(sheets, path))


def table(result: Result, form: Form, region: str = "") -> list[Column]:
    """Give the table of a form, but for draws, of which there may be too many."""
    match form:
        case Form.TARGETS:
            return targets.table(result)
        case Form.TOGETHER:
            return targets.together(result)
        case Form.QUANTILES:
            return quantiles.table(list(result.statistics(LEVELS)))
        case Form.IAMC:
            return iamc.table(list(result.statistics(LEVELS)), region)
        case Form.DRAWS:
            raise ValueError("draws are written block by block")


def _provenance(about: Mapping[str, Any]) -> list[Column]:
    """Give what the results were made from as two columns: the key of each value, and the value."""
    leaves = list(_leaves(about))
    return [
        Column("key", "key", [one_line(key) for key, _ in leaves]),
        Column("value", "value", [cell(value) for _, value in leaves]),
    ]


def _leaves(about: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    """Give the values of nested tables by their key paths: a whole plan could be too long for one cell."""
    for key, value in about.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
