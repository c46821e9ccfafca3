"""``fiveyear model export`` and ``check``: a scenario as a file for other programs, and what they changed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from fiveyear.model import Method
from fiveyear.model.simulation import even_step
from fiveyear.model.xmile.document import document
from fiveyear.model.xmile.names import naming, table
from fiveyear.model.xmile.variables import Variable, variables

from .ensemble import Ensemble


@dataclass(frozen=True)
class Export:
    """One run of one scenario, as it goes into a file."""

    ensemble: Ensemble
    draw: str  # median, or the number of a draw
    method: Method
    step: float
    language: str

    def variables(self) -> dict[str, Variable]:
        """Give every variable that the plan, its facts and its priors let the model compute."""
        model = self.ensemble.model.pruned(self.ensemble.names)
        return variables(model, self.ensemble.single_inputs(self.draw), self.ensemble.indicators, self.method)

    def file(self) -> bytes:
        """Give the file; the same run gives the same bytes."""
        scenario, inputs = self.ensemble.scenario, self.ensemble.single_inputs(self.draw)
        return document(
            self.variables(),
            title=f"{scenario.title} ({scenario.plan.name} plan)",
            version=version("fiveyear"),
            start=float(inputs.first_year),
            stop=float(inputs.last_year + 1),
            step=even_step(self.ensemble.model.pruned(self.ensemble.names), inputs, self.step),
            method=self.method,
            language=self.language,
            name=naming(table(self.language)),
            origin=self.origin(),
        )

    def origin(self) -> dict[str, str]:
        """Give what the file says of how it was made."""
        made = {n: str(v) for n, v in self.ensemble.provenance(1).items() if n != "draws"}
        return made | {"draw": self.draw, "step": repr(self.step)}
