"""What a table holds."""

from enum import StrEnum


class Form(StrEnum):
    """What a table holds: quantiles of each year, every draw, or the quantiles as the IAMC lays them out."""

    QUANTILES = "quantiles"
    DRAWS = "draws"
    IAMC = "iamc"
