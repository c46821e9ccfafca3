"""A spring: it swings as a cosine, so that what a method of integration is off by is known."""

from fiveyear.model.declarations import Parameter, Stock
from fiveyear.model.quantities import Number, PerYear, PerYearSquared

position_at_start = Parameter("1", low=-9.0, high=9.0, about="where it starts")
frequency = Parameter("1/year", low=0.1, high=9.0, about="how fast it swings")
position = Stock("1", initial="position_at_start", inflows=("movement",), low=float("-inf"), about="where it is")
velocity = Stock("1/year", inflows=("pull",), low=float("-inf"), about="how fast it moves")


def movement(velocity: PerYear) -> PerYear:
    """How far it moves in a year."""
    return velocity


def pull(position: Number, frequency: PerYear) -> PerYearSquared:
    """The pull of the spring."""
    return -(frequency**2) * position
