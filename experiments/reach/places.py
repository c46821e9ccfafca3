"""The country's place by citations: how likely each place is, and by how much a place is won or missed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fiveyear.model.errors import InputError
from fiveyear.model.quantities import Array

RANK, OWN, RIVAL = "citation_rank", "citations", "rival_citations_"  # in a run; a rival's name follows the last
LAST_PLACE = 10  # distributions go to this place, or further if a draw does


def margin(values: Mapping[str, Array], place: int) -> Array:
    """Give by how much a place among all is held: ln(citations / those of the rival that would be in that place).

    It is at or above zero where the rank is ``place`` or better, since then fewer than ``place`` rivals are ahead.

    Parameters
    ----------
    values : with ``citations`` and ``rival_citations_<country>``, (draw, year), in one unit
    place : 1 for the first

    Returns
    -------
    (draw, year), logarithms

    Raises
    ------
    InputError
        if the citations are missing, or if there are fewer rivals than places

    Examples
    --------
    >>> counted = {"citations": 100.0, "rival_citations_a": 400.0, "rival_citations_b": 200.0}
    >>> np.exp(margin({n: np.array([[c]]) for n, c in counted.items()}, 2)).round(9).tolist()
    [[0.5]]
    """
    names = [n for n in values if n.startswith(RIVAL)]
    faults = [] if OWN in values else [f"{OWN}: missing"]
    if not 1 <= place <= len(names):
        faults.append(f"{RIVAL}<country>: {len(names)} found; expected {place} at least for place {place}")
    if faults:
        raise InputError("the margin by citations", faults)
    ordered = np.sort([values[n] for n in names], axis=0)
    return np.asarray(np.log(values[OWN] / ordered[len(names) - place]))


def rank_distribution(ranks: Array) -> dict[int, float]:
    """Give the share of draws, (draw,), that have each rank by citations, from the first to the last place.

    >>> {rank: share for rank, share in rank_distribution(np.array([5.0, 6.0, 5.0, 8.0])).items() if share}
    {5: 0.5, 6: 0.25, 8: 0.25}
    """
    counts = np.bincount(np.rint(ranks).astype(int), minlength=LAST_PLACE + 1)
    return {place: float(count) / len(ranks) for place, count in enumerate(counts) if place > 0}
