"""What a figure of answers says of itself: the scenarios in it, and what they were made from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.language import month_in_words, say
from fiveyear.experiments.page.figure import MARKS, MOST
from fiveyear.experiments.page.text import cut
from fiveyear.model.labels import in_words

from ..answer import Reach

MOST_TITLE = 80  # signs, beyond which a title is cut

#: Of the curve of each scenario, beside its colour: those that lie on another leave it to be seen between dashes.
LINES: tuple[Any, ...] = ("-", (0, (3.5, 2.2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)), (0, (2, 3)), (0, (7, 4)))


def scenario_labels(answers: Sequence[Reach]) -> list[str]:
    """Give the name of each scenario, with what was set on the command line, as the file beside a figure has it.

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


def scenario_titles(answers: Sequence[Reach]) -> list[str]:
    """Give the title of each scenario, with what was set, in words; of two with one title, with its name, too."""
    scenarios = [r.ensemble.scenario for r in answers]
    titles = [
        say("{scenario}, with {settings}", scenario=say(s.title), settings=", ".join(map(setting_in_words, s.settings)))
        if s.settings
        else say(s.title)
        for s in scenarios
    ]
    titles = [cut(title, MOST_TITLE) for title in titles]
    count = Counter(titles)
    return [
        say("{scenario} ({name})", scenario=title, name=in_words(s.name)) if count[title] > 1 else title
        for title, s in zip(titles, scenarios, strict=True)
    ]


def setting_in_words(setting: str) -> str:
    """Give what was set on the command line, in words.

    >>> setting_in_words("paths.planned_rd_intensity.values.2015=2.0"), setting_in_words("parameters.hiring_time=1")
    ('planned R&D intensity 2015 = 2.0', 'hiring time = 1')
    """
    place, _, value = setting.partition("=")
    steps = [in_words(step) for step in place.split(".") if step not in ("paths", "parameters", "values", "value")]
    return f"{' '.join(steps)} = {re.sub('=', ' = ', value).replace('_', ' ')}"


def require_few(answers: Sequence[Reach]) -> None:
    """Raise FigureError if there are more scenarios than colours tell apart."""
    if len(answers) > MOST:
        raise FigureError(
            "the figure", [f"{len(answers)} scenarios; expected {MOST} at most, so that colours stay apart"]
        )


def scenario_marks(titles: Sequence[str], lines: Sequence[Any] = LINES) -> list[tuple[Any, str]]:
    """Give the mark of each scenario, in its colour, shape and line, with its title."""
    from matplotlib.lines import Line2D

    edge: dict[str, Any] = {"mec": "white", "mew": 0.5, "ms": 4.5, "lw": 1.4}
    return [
        (Line2D([], [], color=f"C{n}", marker=MARKS[n], ls=lines[n], **edge), title) for n, title in enumerate(titles)
    ]


def sentences(*texts: str) -> str:
    """Give sentences one after another, with a blank between them in a language that has blanks."""
    whole, *others = [text for text in texts if text]
    for text in others:
        whole = say("{first} {second}", first=whole, second=text)
    return whole


def made_from(answers: Sequence[Reach]) -> str:
    """Give the line that says what a figure was made from."""
    made = [r.ensemble.provenance(r.draws) for r in answers]

    def each(what: str, form: str = "") -> str:
        return ", ".join(dict.fromkeys(format(m[what], form) for m in made))

    return say(
        "Facts published by {month}; {draws} draws, seed {seed}.",
        month=month_in_words(answers[0].ensemble.posterior.evidence.month), draws=each("draws", ","), seed=each("seed"),
    )  # fmt: skip
