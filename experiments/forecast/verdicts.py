"""The words for probabilities, from fixed cut-points (Mastrandrea et al. 2010, the scale of the IPCC's reports)."""

UNTOLD = "no probability"  # said of what is computed, and no forecast
CUT_POINTS: tuple[tuple[float, str], ...] = (
    (0.90, "very likely"),
    (0.66, "likely"),
    (0.33, "about as likely as not"),
    (0.10, "unlikely"),
    (0.00, "very unlikely"),
)


def verdict(probability: float) -> str:
    """Give the word for a probability.

    >>> verdict(0.95), verdict(0.5), verdict(0.02)
    ('very likely', 'about as likely as not', 'very unlikely')
    """
    return next(word for least, word in CUT_POINTS if probability >= least)


def scale() -> str:
    """Say from which probability on each word is used."""
    return ", ".join(f"{word} from {f'{least:.2f}'.lstrip('0')}" for least, word in CUT_POINTS if least > 0.0)
