"""What is wished for, from the words of a command or a program: checked, and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fiveyear.experiments.console.defaults import SEED
from fiveyear.experiments.console.progress import counter
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.selection import asking, ensembles, require_text, require_whole
from fiveyear.experiments.forecast.targets import groups
from fiveyear.model import InputError
from fiveyear.model.errors import Fault, nearest
from fiveyear.model.labels import in_words
from fiveyear.scenarios import Scenario, Target
from fiveyear.scenarios.changes import Quantity, shown_value

from .limits import limits_of
from .need import DISCOUNT, DRAWS, SEARCHED, STEPS, Need, Wish

EVERY = "all"  # in place of targets: all headline targets that statistics measure
MOST_DRAWS = 200_000


def need(
    *targets: str,
    probability: float = 0.8,
    scenario: str | Path | Scenario = "plan",
    levers: Sequence[str] | None = None,
    caps: Mapping[str, Quantity] | None = None,
    steps: Mapping[str, Quantity] | None = None,
    discount: float = DISCOUNT,
    draws: int = DRAWS,
    seed: int = SEED,
    facts: str | None = None,
) -> Need:
    """Give the cheapest path of levers with which targets are met, all together, with a probability.

    Parameters
    ----------
    targets : indicators of targets, with "=2.1 %" for another value; or "all": the headline ones that are measured
    probability : above 0 and below 1
    scenario : what is moved, and what costs are counted beyond
    levers : those that are moved; by default all of the plan's limits that are paid for and act
    caps, steps : by lever, in place of the plan's largest level and largest yearly step: "2.4 %"
    discount : a year, of money of later years; 0.05 is 5 %
    draws : of the answer; the search looks at fewer

    Raises Error with every fault of names, units and sizes, for a lever that moves no target under the scenario, and if
    the fast engine is not installed.
    """
    ensemble = _one(ensembles([scenario], None, facts, seed))
    asked = wish(ensemble, targets, probability, levers, caps, steps, discount, draws)
    with counter("what it takes: steps", STEPS) as count:
        return asked.answer(progress=count)


def wish(
    ensemble: Ensemble,
    targets: Sequence[str],
    probability: float,
    levers: Sequence[str] | None = None,
    caps: Mapping[str, Quantity] | None = None,
    steps: Mapping[str, Quantity] | None = None,
    discount: float = DISCOUNT,
    draws: int = DRAWS,
) -> Wish:
    """Give what ``need`` looks for, of an ensemble; takes and raises what that does."""
    require_whole("draws", draws, SEARCHED, MOST_DRAWS)
    texts = [require_text("targets", text, "the name of a target of the plan") for text in targets]
    if asked := [text for text in texts if "=" in text]:
        (ensemble,) = asking([ensemble], asked)
    faults: list[Fault] = []
    numbers: dict[str, tuple[object, float, float, str]] = {
        "probability": (probability, 0.0, 1.0, "a number above 0 and below 1"),
        "discount": (discount, -0.5, 1.0, "a rate a year, such as 0.05"),
    }
    for name, (value, low, high, expected) in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not low < value < high:
            faults.append(Fault(name, found=shown_value(value), expected=expected))
    chosen = _targets(ensemble, [text.partition("=")[0].strip() for text in texts], faults)
    if faults:
        raise InputError("what is wished", faults)
    limits = limits_of(ensemble, levers, caps or {}, steps or {})
    checked = Wish(ensemble, chosen, float(probability), limits, draws, discount)
    idle = [name for name in checked.inert if levers is not None or not checked.limits]
    if idle:
        acting = ", ".join(_acting(ensemble, chosen)) or "none"
        text = f"moves none of these targets under {ensemble.scenario.name}; expected one that does: {acting}"
        faults = [Fault(n, text, found=n, expected=acting) for n in idle]
        raise InputError("the levers", faults)
    return checked


def _one(several: Sequence[Ensemble]) -> Ensemble:
    if len(several) != 1:
        names = ", ".join(ensemble.scenario.name for ensemble in several)
        raise InputError("scenario", [Fault("", found=names, expected="one scenario")])
    return several[0]


def _targets(ensemble: Ensemble, names: Sequence[str], faults: list[Fault]) -> list[Target]:
    """Give the targets of names that the model has something to say of; adds what is wrong to ``faults``."""
    plan = ensemble.scenario.plan
    by_name = {target.indicator: target for target in plan.targets}
    if tuple(names) == (EVERY,):
        if not (measurable := with_chance(ensemble)):
            faults.append(Fault("targets", f"of no headline target of {plan.name} there is a probability"))
        return measurable
    if not names:
        faults.append(Fault("targets", found="none", expected=f"{EVERY}, or some of {', '.join(by_name)}"))
    chosen: dict[str, Target] = {}
    for name in names:
        target = by_name.get(name)
        if target is None:
            faults.append(Fault(name, "the plan has no such target", found=name, near=nearest(name, by_name)))
        elif name in chosen:
            faults.append(Fault(name, "it is asked for twice; expected each once"))
        elif (why := _why_not(ensemble, target)) is not None:
            faults.append(Fault(name, f"there is no probability of it under {ensemble.scenario.name}: {why}"))
        else:
            chosen[name] = target
    return list(chosen.values())


def with_chance(ensemble: Ensemble) -> list[Target]:
    """Give the headline targets that statistics measure and that there is a probability of."""
    return [t for t in groups(ensemble.scenario.plan.targets)["measurable"] if _why_not(ensemble, t) is None]


def _why_not(ensemble: Ensemble, target: Target) -> str | None:
    """Give the reason why there is no probability of a target, if there is none."""
    if target.unmodelled is not None:
        return target.unmodelled
    if lacking := ensemble.lacking(target.indicator):
        return f"{ensemble.posterior.evidence.information_set} does not tell {', '.join(map(in_words, lacking))}"
    return target.untold_under(ensemble.scenario.cuts)


def _acting(ensemble: Ensemble, targets: Sequence[Target]) -> list[str]:
    """Give the levers with limits that move some of the targets."""
    every = [n for n in ensemble.scenario.plan.limits if n in ensemble.inputs(0, 1).series]
    wish = Wish(ensemble, targets, 0.5, limits_of(ensemble, every, {}, {}), SEARCHED)
    return list(wish.limits)
