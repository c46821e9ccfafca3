"""How far levers may be moved: the limits of the plan, with what is said for one answer alone over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.model import InputError, Unit
from fiveyear.model.errors import Fault, nearest
from fiveyear.scenarios.changes import Quantity, quantity
from fiveyear.scenarios.checks import Limit

from .search import priced


def limits_of(
    ensemble: Ensemble,
    levers: Sequence[str] | None,
    caps: Mapping[str, Quantity],
    steps: Mapping[str, Quantity],
) -> dict[str, Limit]:
    """Give the limits of levers by name: of those that are asked for, or of all that are paid for and have limits.

    ``caps`` and ``steps`` take the place of the plan's largest level and largest yearly step. Raises InputError with
    every fault: a lever that the model does not have, one without limits, a cap below what the scenario does.
    """
    plan, model = ensemble.scenario.plan, ensemble.model
    every_lever = [name for name, declared in model.series.items() if declared.lever]
    faults: list[Fault] = []
    for name in dict.fromkeys((*(levers or ()), *caps, *steps)):
        if name not in every_lever:
            faults.append(Fault(name, "no such lever", found=name, near=nearest(name, every_lever)))
    asked = [n for n in plan.limits if n in priced(ensemble)] if levers is None else list(dict.fromkeys(levers))
    chosen = {}
    for name in [n for n in asked if n in every_lever]:
        own = plan.limits.get(name)
        if own is None:
            key, example = (
                f"limits.{name}",
                f"{name}, in the file of the plan {plan.name}, with unit, low, high and step",
            )
            faults.append(Fault(key, f"missing; expected the limits of {example}"))
            continue
        factor = Unit.parse(own.unit).factor_to(model.units[name])
        high, step = own.high, own.step
        if name in caps:
            high = factor * quantity(f"cap of {name}", caps[name], own.unit, faults)
            if not own.low < high <= model.series[name].high:
                expected = f"more than {own.low / factor:g} and up to {model.series[name].high / factor:g} {own.unit}"
                faults.append(Fault(f"cap of {name}", found=f"{high / factor:g} {own.unit}", expected=expected))
        if name in steps:
            step = factor * quantity(f"step of {name}", steps[name], own.unit, faults)
            if not step > 0.0:
                faults.append(Fault(f"step of {name}", found=f"{step / factor:g} {own.unit}", expected="more than 0"))
        chosen[name] = own._replace(high=high, step=step)
    for kind, given in (("cap", caps), ("step", steps)):
        for name in given:
            if name in every_lever and name not in chosen and plan.limits.get(name):
                faults.append(Fault(f"{kind} of {name}", "the lever is not moved", near=f"; add --lever {name}"))
    if faults:
        raise InputError("the levers", faults)
    if not chosen:
        text = f"the plan {plan.name} has limits of no lever that is paid for; expected a table limits.NAME in its file"
        raise InputError("the levers", [text])
    return chosen
