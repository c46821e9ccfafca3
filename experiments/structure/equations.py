"""``fiveyear model equations``: the complete listing of the model, as a journal asks for it in an appendix."""

from __future__ import annotations

import importlib
from pathlib import Path

from fiveyear.calibration import posterior
from fiveyear.experiments.console.files import write_whole
from fiveyear.experiments.page import markdown, tex, web_page
from fiveyear.model import Model
from fiveyear.model.docstrings import docstring
from fiveyear.model.errors import InputError
from fiveyear.scenarios import load_plan

from .listing.content import listing

FORMS = {".tex": tex.written, ".md": markdown.written, ".html": web_page.written}


def check(out: Path) -> None:
    """Raise InputError if the name ends in no form that a listing can be written in."""
    if out.suffix not in FORMS:
        raise InputError(str(out), [f"ends in {out.suffix or 'nothing'}; expected {', '.join(FORMS)}"])


def equations(plan: str, information_set: str | None, out: Path) -> None:
    """Write the listing of the model, with what one information set of a plan says of its parameters.

    Raises InputError for an unknown form, ScenarioError or CalibrationError if the plan, its facts or its posterior
    cannot be used, WriteError if the file cannot be written.
    """
    check(out)
    chosen = load_plan(plan)
    whole, fitted = chosen.model, posterior.load(posterior.evidence(chosen, information_set))
    text = FORMS[out.suffix](listing(whole, fitted, introductions(whole)))
    write_whole(out, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def introductions(whole: Model) -> dict[str, str]:
    """Give the sentences at the head of each sector's file, and of those of the indicators and the loops."""
    sectors = set(whole.sectors.values())
    files = {sector: f"fiveyear.model.sectors.{sector}" for sector in sectors}
    files |= {n: f"fiveyear.model.{n}" for n in ("indicators", "loops")}
    return {n: docstring(importlib.import_module(file)) for n, file in files.items()}
