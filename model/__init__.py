"""The model: equations by sector, the engine that runs them, and the indicators a plan counts.

A name is loaded when it is used: who reads a file, or tells what is wrong with it, does not wait for numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .on_demand import loading

if TYPE_CHECKING:
    from .assembly import assemble as assemble
    from .country import Country as Country
    from .errors import InputError as InputError
    from .errors import ModelError as ModelError
    from .errors import UnitError as UnitError
    from .errors import WiringError as WiringError
    from .indicators import INDICATOR_FACTS as INDICATOR_FACTS
    from .indicators import INDICATORS as INDICATORS
    from .indicators import STATISTICS as STATISTICS
    from .indicators import Indicator as Indicator
    from .inputs import Inputs as Inputs
    from .kernel.engine import PreparedRun as PreparedRun
    from .kernel.engine import require_fast_engine as require_fast_engine
    from .moments import trajectories as trajectories
    from .observation import Ratio as Ratio
    from .observation import Reading as Reading
    from .simulation import Engine as Engine
    from .simulation import Run as Run
    from .simulation import best_engine as best_engine
    from .simulation import integrate as integrate
    from .simulation import simulate as simulate
    from .steps import Method as Method
    from .units import Unit as Unit
    from .whole import groups as groups
    from .whole import load as load
    from .wiring import Model as Model

#: Where each name comes from.
_PLACES = {
    "assemble": "assembly",
    "Country": "country",
    "InputError": "errors",
    "ModelError": "errors",
    "UnitError": "errors",
    "WiringError": "errors",
    "INDICATOR_FACTS": "indicators",
    "INDICATORS": "indicators",
    "STATISTICS": "indicators",
    "Indicator": "indicators",
    "Inputs": "inputs",
    "PreparedRun": "kernel.engine",
    "require_fast_engine": "kernel.engine",
    "trajectories": "moments",
    "Ratio": "observation",
    "Reading": "observation",
    "Engine": "simulation",
    "Run": "simulation",
    "best_engine": "simulation",
    "integrate": "simulation",
    "simulate": "simulation",
    "Method": "steps",
    "Unit": "units",
    "groups": "whole",
    "load": "whole",
    "Model": "wiring",
}

__all__ = [*_PLACES]
__getattr__ = loading(__name__, _PLACES)
