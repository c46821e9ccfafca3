"""Amounts of money in words, in numbers that are short whatever the unit of the plan's statistics is."""

from __future__ import annotations

from typing import NamedTuple

from .language import say


class MoneyUnit(NamedTuple):
    """A unit of money in words, and how much of the money itself it is."""

    words: str
    scale: float


def money_unit(largest: float, currency: str) -> MoneyUnit:
    """Give the unit in which amounts of up to ``largest`` are told with at most three digits before the point.

    >>> money_unit(2.4e12, "yuan").words, money_unit(3e8, "yuan").words
    ('trillion yuan', 'million yuan')
    """
    named = {
        1e12: say("trillion {currency}", currency=say(currency)),
        1e9: say("billion {currency}", currency=say(currency)),
        1e6: say("million {currency}", currency=say(currency)),
    }
    for scale, words in named.items():
        if abs(largest) >= scale:
            return MoneyUnit(words, scale)
    return MoneyUnit(say(currency), 1.0)
