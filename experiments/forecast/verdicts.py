"""The words for probabilities, from fixed cut-points (Mastrandrea et al. 2010, the scale of the IPCC's reports)."""

import math

from fiveyear.experiments.console.terminal import number_text

UNTOLD = "no probability"  # said of what is computed, and no forecast
CUT_POINTS: tuple[tuple[float, str], ...] = (
    (0.90, "very likely"),
    (0.66, "likely"),
    (0.33, "about as likely as not"),
    (0.10, "unlikely"),
    (0.00, "very unlikely"),
)


def of_lever(number: float, rounding: float, met: bool) -> str:
    """Say of a target that the scenario itself sets, to a number in the target's unit, whether that meets it.

    ``rounding`` is the step in which the plan prints the target.

    >>> of_lever(2.2, 0.1, True), of_lever(2.0, 0.1, False), of_lever(2.15, 0.1, False)
    ('set to 2.2: met', 'set to 2.0: missed', 'set to 2.15: missed')
    """
    decimals = max(0, -math.floor(math.log10(rounding)))
    printed = f"{number:,.{decimals}f}"
    exact = math.isclose(float(printed.replace(",", "")), number, rel_tol=1e-9)
    return f"set to {printed if exact else number_text(number)}: {met_text(met)}"


def met_text(met: bool) -> str:
    """Give the word for a target that is met or missed for certain."""
    return "met" if met else "missed"


def verdict(probability: float) -> str:
    """Give the word for a probability.

    >>> verdict(0.95), verdict(0.5), verdict(0.02)
    ('very likely', 'about as likely as not', 'very unlikely')
    """
    return next(word for least, word in CUT_POINTS if probability >= least)
