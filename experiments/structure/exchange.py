"""``fiveyear model export`` and ``check``: a scenario as a file for other programs, and what they changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fiveyear.experiments.console import options
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.selection import ensembles
from fiveyear.model import Method
from fiveyear.model.errors import LISTED, InputError, shortened
from fiveyear.model.reference import even_step
from fiveyear.model.xmile import reading
from fiveyear.model.xmile.comparison import Difference, differences
from fiveyear.model.xmile.document import document
from fiveyear.model.xmile.names import naming, table
from fiveyear.model.xmile.variables import variables
from fiveyear.scenarios import scenario_names
from fiveyear.scenarios.errors import shown


class Export(BaseModel):
    """One run of one scenario as a file; the file says all of this of itself, so that it can be made again."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    scenario: str = Field(max_length=1000)  # a shipped name, or a scenario file
    settings: list[Annotated[str, Field(max_length=10_000)]] = Field(default=[], max_length=1000)
    facts: str | None = Field(default=None, max_length=200)
    seed: int = Field(default=options.SEED, ge=0, le=options.MOST_SEED)
    draw: str = Field(default="median", max_length=20)  # or the number of a draw
    method: Method = "rk4"
    step: float = Field(default=options.STEP, ge=1e-4, le=1.0)
    language: Literal["en", "zh"] = "en"

    @cached_property
    def ensemble(self) -> Ensemble:
        """The scenario under its posterior."""
        (ensemble,) = ensembles([self.scenario], self.settings, self.facts, self.seed)
        return ensemble

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
    provenance = _provenance(path, content.made)
    named = provenance.get("scenario")
    if "scenario" not in asked and isinstance(named, str) and named not in scenario_names():
        fault = "was made of {0}, which is not shipped and not read unasked; add --scenario {0}"
        raise InputError(str(path), [fault.format(shown(named))])
    try:
        if asked.get("scenario", provenance.get("scenario")) != provenance.get("scenario"):
            # These are of another scenario.
            provenance = {k: v for k, v in provenance.items() if k not in ("settings", "facts")}
        if "scenario" not in {**provenance, **asked}:
            fault = "does not say of what scenario it is; other programs leave that out: add --scenario"
            raise InputError(str(path), [fault])
        specs = {"method": content.specs["method"], "step": content.specs["dt"]}
        return Export.model_validate({**specs, **provenance, **asked})
    except ValidationError as error:
        faults = [
            f"{shortened('.'.join(map(str, e['loc'])), 60)}: found {shown(e['input'])}; {e['msg']}"
            for e in error.errors()[:LISTED]
        ]
        raise InputError(str(path), faults) from None


def _provenance(path: Path, made: str) -> dict[str, Any]:
    """Give what a file says of how it was made; nothing if it does not say."""
    try:
        provenance = json.loads(made or "{}")
    except (ValueError, RecursionError):  # ValueError: no JSON, or a number with thousands of digits
        raise InputError(str(path), ["what it says of how it was made cannot be read"]) from None
    return provenance if isinstance(provenance, dict) else {}
