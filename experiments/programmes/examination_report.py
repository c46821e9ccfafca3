"""``fiveyear programmes examination``: where the continuous chain stands for single applications, and where not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from fiveyear.experiments.console.progress import counter
from fiveyear.experiments.console.terminal import Column, columns_text, number_text, print_text, text_width
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.model.cores import cores
from fiveyear.model.errors import InputError

from .examination import EXAMINERS, LOT, MEASURES, Difference, course, differences, floor_effect, queues

VALID = 0.01  # what the core's floor may add to the time to a decision where the chain is called valid
LEAST = 20  # draws, for a mean of some of them
WORDS = {"backlog": "backlog at the end", "grants": "grants at home", "waiting": "years to a decision"}
GROUPS = {
    "valid": "in random order, where the floor adds less than 1 % in every year",
    "floor": "in random order, where the floor adds more in some year",
    "oldest_first": "the oldest first, where the floor adds less than 1 %",
}
Groups = Mapping[str, Mapping[str, Mapping[int, Difference]]]


def report(ensemble: Ensemble, draws: int, workers: int | None, as_json: bool) -> None:
    """Simulate the queue on the draws of a scenario, in two orders, and print it beside the chain."""
    if "domestic_grants" not in ensemble.names:
        raise InputError(f"scenario {ensemble.scenario.name}", ["its facts and priors give no patent examination"])
    count = workers or cores()
    of = course(ensemble, draws)
    valid = floor_effect(of) < VALID
    with counter("replications", 2 * draws) as progress:
        random, oldest = (queues(of, ensemble.seed, first, count, progress) for first in (False, True))
    members = {"valid": (random, valid), "floor": (random, ~valid), "oldest_first": (oldest, valid)}
    groups = {name: differences(of, q, w) for name, (q, w) in members.items() if w.sum() >= LEAST}
    sizes = {name: int(w.sum()) for name, (_, w) in members.items()}
    if as_json:
        content = {
            "schema": "fiveyear.programmes-examination/1",
            **ensemble.provenance(draws),
            "lot": LOT,
            "examiners": EXAMINERS,
            "groups": {
                name: {
                    "about": GROUPS[name],
                    "draws": sizes[name],
                    "measures": {m: {y: asdict(d) for y, d in by.items()} for m, by in groups.get(name, {}).items()},
                }
                for name in GROUPS
            },
        }
        print(json.dumps(content, indent=2))
        return
    _print(ensemble, draws, groups, sizes)


def _print(ensemble: Ensemble, draws: int, groups: Groups, sizes: Mapping[str, int]) -> None:
    print_text(
        f"Patent examination under {ensemble.scenario.name}, application by application (lots of {LOT}, {EXAMINERS} "
        f"examiners), beside the core's chain: {draws:,} draws, seed {ensemble.seed}"
    )
    for name, group in GROUPS.items():
        print()
        if name not in groups:
            print_text(f"{group.capitalize()}: {sizes[name]:,} draws; a mean takes {LEAST}, so give more --draws")
            continue
        print_text(f"{group.capitalize()}: {sizes[name]:,} draws")
        print()
        of = groups[name]
        years = list(of[MEASURES[0]])
        columns = []
        for measure in MEASURES:
            rows = [of[measure][y] for y in years]
            columns.append(Column(f"{WORDS[measure]}:\nchain", [number_text(d.chain) for d in rows]))
            columns.append(Column("queue", [number_text(d.queue) for d in rows]))
            columns.append(Column("difference, %", [f"{d.percent:+z.2f} ({d.error:.2f})" for d in rows]))
        print(columns_text(Column("year", [str(y) for y in years], left=True), columns, text_width()))
    print()
    print_text(
        "In brackets the standard error of the difference. The chain has a floor, below which no decision comes; the "
        "queue has none, and decides sooner where little waits. The chain stands for applications taken in random "
        "order; with the oldest first, none stays behind, and the pile is smaller."
    )
