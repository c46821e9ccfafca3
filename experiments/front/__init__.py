"""The front door: ``import fiveyear as fy``, and what a program or a notebook asks of fiveyear.

A name is loaded when it is used, so that importing the package loads neither numpy nor xarray. Each function lies in
the folder of its question, and says there what it takes and gives.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fiveyear.experiments.backtest.on_record import backtest as backtest
    from fiveyear.experiments.backtest.on_record import scoreboard as scoreboard
    from fiveyear.experiments.forecast.planning import Plan as Plan
    from fiveyear.experiments.forecast.planning import Scenario as Scenario
    from fiveyear.experiments.forecast.planning import plan as plan
    from fiveyear.experiments.learned.numbers import calibrate as calibrate
    from fiveyear.experiments.need.need import Need as Need
    from fiveyear.experiments.need.wishes import need as need
    from fiveyear.experiments.reach.answers import Answers as Answers
    from fiveyear.experiments.reach.answers import reach as reach
    from fiveyear.experiments.reach.compare import compare as compare
    from fiveyear.experiments.store.loaded import Loaded as Loaded
    from fiveyear.experiments.store.loaded import load as load
    from fiveyear.experiments.store.sweep import experiment as experiment
    from fiveyear.experiments.validation.numbers import validate as validate
    from fiveyear.model.errors import Error as Error
    from fiveyear.model.errors import Fault as Fault
    from fiveyear.scenarios.changes import growth as growth

    __version__: str

#: Where each name comes from.
_PLACES = {
    "plan": "experiments.forecast.planning",
    "Plan": "experiments.forecast.planning",
    "Scenario": "experiments.forecast.planning",
    "growth": "scenarios.changes",
    "reach": "experiments.reach.answers",
    "Answers": "experiments.reach.answers",
    "compare": "experiments.reach.compare",
    "need": "experiments.need.wishes",
    "Need": "experiments.need.need",
    "experiment": "experiments.store.sweep",
    "load": "experiments.store.loaded",
    "Loaded": "experiments.store.loaded",
    "calibrate": "experiments.learned.numbers",
    "validate": "experiments.validation.numbers",
    "backtest": "experiments.backtest.on_record",
    "scoreboard": "experiments.backtest.on_record",
    "Error": "model.errors",
    "Fault": "model.errors",
}

__all__ = [*_PLACES, "__version__"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("fiveyear")
    elif name in _PLACES:
        value = getattr(importlib.import_module(f"fiveyear.{_PLACES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
