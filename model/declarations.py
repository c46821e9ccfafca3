"""The five words for what has no formula, and ``for_each``, which writes one equation for every member of a group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

F = TypeVar("F", bound=Callable[..., object])

#: How the yearly numbers of a Series are to be read as a path in continuous time (see ``paths``).
Dated = Literal["over the year", "at year end", "constant within the year"]


@dataclass(frozen=True)
class Group:
    """Members, such as rivals, that a plan names and counts."""

    name: str


Each = Group | tuple[str, ...]


@dataclass(frozen=True)
class Stock:
    """What accumulates: its inflows less its outflows, from ``initial``.

    ``initial`` names a Parameter or a function of Parameters; a stock without one starts empty.
    """

    unit: str
    initial: str = ""
    inflows: tuple[str, ...] = ()
    outflows: tuple[str, ...] = ()
    about: str = ""
    low: float = 0.0  # what it can never go below; -inf for a quantity that may have either sign
    each: Each = ()


@dataclass(frozen=True)
class Chain:
    """A material delay: what enters by ``inflow`` leaves by ``outflow``, on average ``time`` later, through ``stages``.

    ``initial`` is the total in the chain at the start; ``growth`` names the rate at which the inflow had been
    growing before, so that the stages start in the proportions that growth leaves behind.
    The chain owns its outflow.
    """

    unit: str
    stages: int
    inflow: str
    outflow: str
    time: str
    initial: str
    growth: str = ""
    about: str = ""
    each: Each = ()


@dataclass(frozen=True)
class Parameter:
    """A number that is constant in a run; ``low`` and ``high`` are its hard range."""

    unit: str
    low: float
    high: float
    about: str = ""
    each: Each = ()


@dataclass(frozen=True)
class Series:
    """A path over time that is given, not computed. ``lever``: policy may move it."""

    unit: str
    low: float
    high: float
    dated: Dated = "over the year"
    about: str = ""
    lever: bool = False
    each: Each = ()


@dataclass(frozen=True)
class Loop:
    """A feedback loop that can be cut: a cut feeds ``held`` to ``reader`` in place of ``source``."""

    about: str
    sign: Literal["+", "-"]
    source: str
    reader: str
    held: str


Declaration = Stock | Chain | Parameter | Series | Loop


def for_each(members: Each) -> Callable[[F], F]:
    """Make one equation for every member of a group.

    ``margin`` for ``("japan", "france")`` becomes ``margin_japan`` and ``margin_france``. Inside, a name declared
    with the same group means the member's own variable. An equation without ``for_each`` that reads such a name gets
    the tuple of all members.
    """

    def mark(function: F) -> F:
        function.each = members  # type: ignore[attr-defined]  # a mark on the function, read by assembly
        return function

    return mark
