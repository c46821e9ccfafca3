"""``fiveyear model export`` and ``check``: a scenario as a file for other programs, and what they changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fiveyear.model import Method
from fiveyear.model.errors import InputError
from fiveyear.model.simulation import even_step
from fiveyear.model.xmile import reading
from fiveyear.model.xmile.comparison import Difference, differences
from fiveyear.model.xmile.document import document
from fiveyear.model.xmile.names import naming, table
from fiveyear.model.xmile.variables import variables

from . import options
from .ensemble import Ensemble


class Export(BaseModel):
    """One run of one scenario as a file; the file says all of this of itself, so that it can be made again."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    scenario: str  # a shipped name, or a scenario file
    settings: list[str] = []
    facts: str | None = None
    seed: int = Field(default=options.SEED, ge=0)
    draw: str = "median"  # or the number of a draw
    method: Method = "rk4"
    step: float = Field(default=options.STEP, ge=1e-4, le=1.0)
    language: Literal["en", "zh"] = "en"

    @cached_property
    def ensemble(self) -> Ensemble:
        """The scenario under its posterior."""
        (found,) = options.ensembles([self.scenario], self.settings, self.facts, self.seed)
        return found

    def file(self) -> bytes:
        """Give the file; the same run gives the same bytes. Raises ModelError where it cannot be made."""
        ensemble = self.ensemble
        scenario, model = ensemble.scenario, ensemble.model.pruned(ensemble.names)
        inputs = ensemble.single_inputs(self.draw)
        made = self.model_copy(update={"facts": ensemble.posterior.evidence.information_set})
        return document(
            variables(model, inputs, ensemble.indicators, self.method),
            title=f"{scenario.title} ({scenario.plan.name} plan)",
            version=version("fiveyear"),
            start=float(inputs.first_year),
            stop=float(inputs.last_year + 1),
            step=even_step(model, inputs, self.step),
            method=self.method,
            language=self.language,
            name=naming(table(self.language)),
            made=json.dumps(made.model_dump()),  # in ASCII: it may hold what XML cannot
        )

    def name(self) -> str:
        """Say in a few words which run it is."""
        draw = "median" if self.draw == "median" else f"draw {self.draw}"
        return f"{self.scenario}, {draw} of {self.ensemble.posterior.evidence.information_set}"


def check(path: Path, asked: Mapping[str, Any]) -> tuple[Export, list[Difference]]:
    """Give what a file should hold, and everything in which it differs from that.

    What the user has ``asked`` for goes before what the file says of itself. Raises ModelError if the file cannot be
    read, or nobody says of what run it is.
    """
    content = reading.read(path)
    export = _expected(path, content, asked)
    return export, differences(reading.parse(export.file(), "the code"), content)


def _expected(path: Path, content: reading.Content, asked: Mapping[str, Any]) -> Export:
    said = _said(path, content.made)
    try:
        if asked.get("scenario", said.get("scenario")) != said.get("scenario"):
            said = {k: v for k, v in said.items() if k not in ("settings", "facts")}  # they are of another scenario
        if "scenario" not in {**said, **asked}:
            fault = "does not say of what scenario it is; other programs leave that out: add --scenario"
            raise InputError(str(path), [fault])
        return Export.model_validate({"method": content.specs["method"], "step": content.specs["dt"], **said, **asked})
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: found {e['input']!r}; {e['msg']}" for e in error.errors()]
        raise InputError(str(path), faults) from None


def _said(path: Path, made: str) -> dict[str, Any]:
    """Give what a file says of how it was made; nothing if it does not say."""
    try:
        said = json.loads(made or "{}")
    except (ValueError, RecursionError):  # ValueError: no JSON, or a number with thousands of digits
        raise InputError(str(path), ["what it says of how it was made cannot be read"]) from None
    return said if isinstance(said, dict) else {}
