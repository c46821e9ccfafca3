"""The economy around R&D: output, prices, people. Given from outside, but for what knowledge adds to output.

Budgets are drawn up before the year's output is known: they carry on, level and growth, what is known of the years
before (Holt 1957), and learn of what came otherwise some time later.
"""

from ..declarations import Parameter, Series, Stock
from ..observation import History, Observation
from ..quantities import (
    MoneyPerPersonYear,
    MoneyPerYear,
    MoneyPerYearSquared,
    Number,
    Persons,
    PerYear,
    PerYearSquared,
    Share,
    Years,
)

gdp_real = Series(
    "money/year", low=1e11, high=1e15, about="gross domestic product as foreseen, in prices of the base year"
)
price_level = Series("1", low=0.01, high=100.0, about="GDP deflator, 1 in the base year")
population = Series("person", low=1e6, high=1e10, dated="at year end", about="resident population")
employed = Series("person", low=1e6, high=1e10, dated="at year end", about="employed persons")
gdp_revision = Parameter("share", low=-0.2, high=0.3, about="rise of GDP by the next economic census")
gdp_revised = Series("share", low=0.0, high=1.0, dated="at year end", about="whether GDP has been revised")
budgets_ahead = Series(
    "share",
    low=0.0,
    high=1.0,
    dated="at year end",
    about="whether budgets go by output as foreseen, not as it turned out",
)
gdp_at_start = Parameter("money/year", low=1e10, high=1e16, about="output in current prices that budgets begin with")
gdp_growth_before_start = Parameter(
    "1/year", low=-0.2, high=0.5, about="growth of output in current prices before the start"
)
budget_lag = Parameter("year", low=0.25, high=5.0, about="time in which budgets learn of the level of output")
growth_lag = Parameter("year", low=0.25, high=20.0, about="time in which they learn of its growth")

gdp_history = History("gdp_real", "volume", ("gdp", "gdp_real_growth"))
price_history = History("price_level", "deflator", ("gdp", "gdp_real_growth"))
population_history = History("population", "level", ("population",))
employed_history = History("employed", "level", ("employed",))
gdp_observed = Observation("gdp", like=("gdp_real",), total=True)
gdp_growth_observed = Observation("gdp_real_growth", printed="growth")
population_observed = Observation("population", like=("population",))
employed_observed = Observation("employed", like=("employed",))

gdp_foreseen = Stock(
    "money/year",
    initial="gdp_at_start",
    inflows=("growth_carried_on", "level_learned"),
    about="gross domestic product in current prices that budgets of the year reckon with",
)
growth_foreseen = Stock(
    "1/year",
    initial="gdp_growth_before_start",
    inflows=("growth_learned",),
    low=float("-inf"),
    about="growth of it that budgets carry on",
)


def output_real(gdp_real: MoneyPerYear, output_index: Number) -> MoneyPerYear:
    """Gross domestic product in prices of the base year, with what more or less knowledge than foreseen makes of it."""
    return gdp_real * output_index


def gdp(output_real: MoneyPerYear, price_level: Number) -> MoneyPerYear:
    """Gross domestic product in current prices."""
    return output_real * price_level


def growth_carried_on(gdp_foreseen: MoneyPerYear, growth_foreseen: PerYear) -> MoneyPerYearSquared:
    """Rise in a year of the output that budgets reckon with, were its growth to go on."""
    return gdp_foreseen * growth_foreseen


def level_learned(gdp: MoneyPerYear, gdp_foreseen: MoneyPerYear, budget_lag: Years) -> MoneyPerYearSquared:
    """What budgets make good in a year of the error in the level."""
    return (gdp - gdp_foreseen) / budget_lag


def growth_learned(
    gdp: MoneyPerYear, gdp_foreseen: MoneyPerYear, budget_lag: Years, growth_lag: Years
) -> PerYearSquared:
    """Change in a year of the growth that budgets carry on: it follows errors in the level."""
    return (gdp / gdp_foreseen - 1.0) / (budget_lag * growth_lag)


def gdp_counted(gdp: MoneyPerYear, gdp_revision: Share, gdp_revised: Share) -> MoneyPerYear:
    """Gross domestic product in current prices, as published for its year: by the census, once it has been taken."""
    return gdp * (1.0 + gdp_revision * gdp_revised)


def productivity(output_real: MoneyPerYear, employed: Persons) -> MoneyPerPersonYear:
    """Real output per employed person."""
    return output_real / employed
