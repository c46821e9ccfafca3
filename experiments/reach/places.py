"""The country's place by citations: how likely each place is, and by how much a place is won or missed."""

from __future__ import annotations

import numpy as np
import xarray as xr

from fiveyear.model.errors import InputError
from fiveyear.model.quantities import Array

RANK, OWN, RIVAL = "citation_rank", "citations", "rival_citations_"  # in a Dataset; a rival's name follows the last
LAST_PLACE = 10  # distributions go to this place, or further if a draw does


def margin(dataset: xr.Dataset, place: int) -> Array:
    """Give by how much a place among all is held: ln(citations / those of the rival that would be in that place).

    It is at or above zero where the rank is ``place`` or better, since then fewer than ``place`` rivals are ahead.

    Parameters
    ----------
    dataset : with ``citations`` and ``rival_citations_<country>``, (draw, year), in one unit
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
    >>> others = {f"rival_citations_{n}": (("draw", "year"), [[c]]) for n, c in (("a", 400.0), ("b", 200.0))}
    >>> counted = xr.Dataset({"citations": (("draw", "year"), [[100.0]]), **others})
    >>> np.exp(margin(counted, 2)).round(9).tolist()
    [[0.5]]
    """
    names = [str(n) for n in dataset if str(n).startswith(RIVAL)]
    faults = [] if OWN in dataset else [f"{OWN}: missing"]
    if not 1 <= place <= len(names):
        faults.append(f"{RIVAL}<country>: {len(names)} found; expected {place} at least for place {place}")
    if faults:
        raise InputError("the margin by citations", faults)
    ordered = np.sort([dataset[n].values for n in names], axis=0)
    return np.asarray(np.log(dataset[OWN].values / ordered[len(names) - place]))


def rank_distribution(dataset: xr.Dataset, year: int) -> dict[int, float]:
    """Give the share of draws in which the country has each rank by citations, from the first to the last place.

    Raises InputError if ``citation_rank`` (draw, year) is missing, or the year is.

    >>> ranked = xr.Dataset({"citation_rank": (("draw", "year"), [[5.0], [6.0], [5.0], [8.0]])}, {"year": [2015]})
    >>> {rank: share for rank, share in rank_distribution(ranked, 2015).items() if share}
    {5: 0.5, 6: 0.25, 8: 0.25}
    """
    if RANK not in dataset or year not in dataset["year"].values:
        raise InputError("the distribution of ranks", [f"{RANK} of {year}: missing"])
    ranks = np.rint(dataset[RANK].sel(year=year).values).astype(int)
    counts = np.bincount(ranks, minlength=LAST_PLACE + 1)
    return {place: float(count) / len(ranks) for place, count in enumerate(counts) if place > 0}
