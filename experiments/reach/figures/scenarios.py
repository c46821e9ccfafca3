"""What a figure of answers says of itself: the scenarios in it, and what they were made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.page.figure import MARKS, MOST

from ..answer import Reach


def scenario_labels(answers: Sequence[Reach]) -> list[str]:
    """Give the name of each scenario, with what was set on the command line.

    Raises FigureError if there is none, if two are called the same, or if they are of different plans.
    """
    labels = [" ".join((r.ensemble.scenario.name, *r.ensemble.scenario.settings)) for r in answers]
    plans = sorted({r.ensemble.scenario.plan.name for r in answers})
    twice = sorted({label for label in labels if labels.count(label) > 1})
    faults = [f"two scenarios are called {label}" for label in twice]
    if len(plans) != 1:
        faults.append(f"expected scenarios of one plan; found {', '.join(plans) or 'none'}")
    if faults:
        raise FigureError("the figure", faults)
    return labels


def require_few(answers: Sequence[Reach]) -> None:
    """Raise FigureError if there are more scenarios than colours tell apart."""
    if len(answers) > MOST:
        raise FigureError(
            "the figure", [f"{len(answers)} scenarios; expected {MOST} at most, so that colours stay apart"]
        )


def scenario_marks(labels: Sequence[str]) -> list[tuple[Any, str]]:
    """Give the mark of each scenario, in its colour and shape, with its label."""
    from matplotlib.lines import Line2D

    edge: dict[str, Any] = {"mec": "white", "mew": 0.5, "ms": 5.0}
    return [(Line2D([], [], color=f"C{n}", marker=MARKS[n], **edge), spaced(label)) for n, label in enumerate(labels)]


def spaced(label: str) -> str:
    """Give the name of a scenario as a figure shows it, with blanks for underscores.

    >>> spaced("back_loaded_spend")
    'back loaded spend'
    """
    return label.replace("_", " ")


def made_from(answers: Sequence[Reach]) -> str:
    """Give the line that says what a figure was made from."""
    made = [r.ensemble.provenance(r.draws) for r in answers]

    def each(what: str, form: str = "") -> str:
        return " and ".join(dict.fromkeys(format(m[what], form) for m in made))

    scenarios = scenario_labels(answers)
    return (
        f"Plan {each('plan')}; scenario{'s' if len(scenarios) > 1 else ''} {', '.join(scenarios)}; "
        f"facts of {each('facts')}; {each('draws', ',')} draws, seed {each('seed')}."
    )
