"""The economy around R&D: output, prices, people. Given from outside; nothing here feeds back within five years."""

from ..declarations import Series
from ..quantities import Number, Persons, YuanPerPersonYear, YuanPerYear

gdp_real = Series("yuan/year", low=1e11, high=1e15, about="gross domestic product in prices of the base year")
price_level = Series("1", low=0.01, high=100.0, about="GDP deflator, 1 in the base year")
population = Series("person", low=1e6, high=1e10, dated="at year end", about="resident population")
employed = Series("person", low=1e6, high=1e10, dated="at year end", about="employed persons")


def gdp(gdp_real: YuanPerYear, price_level: Number) -> YuanPerYear:
    """Gross domestic product in current prices."""
    return gdp_real * price_level


def productivity(gdp_real: YuanPerYear, employed: Persons) -> YuanPerPersonYear:
    """Real output per employed person."""
    return gdp_real / employed
