"""The economy around R&D: output, prices, people. Given from outside, but for what knowledge adds to output."""

from ..declarations import Series
from ..observation import History, Observation
from ..quantities import Number, Persons, YuanPerPersonYear, YuanPerYear

gdp_real = Series(
    "yuan/year", low=1e11, high=1e15, about="gross domestic product as foreseen, in prices of the base year"
)
price_level = Series("1", low=0.01, high=100.0, about="GDP deflator, 1 in the base year")
population = Series("person", low=1e6, high=1e10, dated="at year end", about="resident population")
employed = Series("person", low=1e6, high=1e10, dated="at year end", about="employed persons")

gdp_history = History("gdp_real", "volume", ("gdp", "gdp_real_growth"))
price_history = History("price_level", "deflator", ("gdp", "gdp_real_growth"))
population_history = History("population", "level", ("population",))
employed_history = History("employed", "level", ("employed",))
gdp_observed = Observation("gdp", like=("gdp_real",), total=True)
gdp_growth_observed = Observation("gdp_real_growth", printed="growth")
population_observed = Observation("population", like=("population",))
employed_observed = Observation("employed", like=("employed",))


def output_real(gdp_real: YuanPerYear, output_index: Number) -> YuanPerYear:
    """Gross domestic product in prices of the base year, with what more or less knowledge than foreseen makes of it."""
    return gdp_real * output_index


def gdp(output_real: YuanPerYear, price_level: Number) -> YuanPerYear:
    """Gross domestic product in current prices."""
    return output_real * price_level


def productivity(output_real: YuanPerYear, employed: Persons) -> YuanPerPersonYear:
    """Real output per employed person."""
    return output_real / employed
