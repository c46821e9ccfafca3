"""A formula, a name and a unit as XMILE writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from ..errors import InputError
from ..trace import Term
from ..units import Unit

# The sign of each operation, and how tightly it binds; tests/model/xmile/test_formulas.py runs every one elsewhere.
OPERATIONS = {
    "logical_or": ("OR", 1),
    "logical_and": ("AND", 2),
    "less": ("<", 4),
    "less_equal": ("<=", 4),
    "greater": (">", 4),
    "greater_equal": (">=", 4),
    "equal": ("=", 4),
    "add": ("+", 5),
    "subtract": ("-", 5),
    "multiply": ("*", 6),
    "divide": ("/", 6),
    "power": ("^", 8),
}
NOT, NEGATIVE = 3, 5
FUNCTIONS = {"exp": "EXP", "log": "LN", "sqrt": "SQRT", "absolute": "ABS", "minimum": "MIN", "maximum": "MAX"}

#: What no variable may be called, whatever its case: XMILE, PySD or simlin has a meaning of its own for it.
RESERVED = frozenset(
    re.findall(
        r"\w+",
        """abs and arccos arcsin arctan component cos delay delay1 delay3 delayn dt else endval exp exprnd final_time
        forcst if inf init initial_time int ln log10 lognormal max mean min mod nan normal not or pi poisson previous
        pulse ramp random safediv saveper self sin smth1 smth3 smthn sqrt starttime std step stoptime sum tan then time
        time_step trend uniform""",
    )
)

_PLAIN = re.compile(r"[^\W\d_](?:\w*[^\W_])?")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_MEANT = {written: meant for meant, written in _ESCAPES.items()}


def escaped(text: str) -> str:
    r"""Give a text with what would end a name or a line written as XMILE does; raises InputError for no text at all.

    >>> print(escaped('the "new" series'))
    the \"new\" series
    """
    if match := _NO_XML.search(text):
        raise InputError("the model as XMILE", [f"{text!r}: no file in XML can hold U+{ord(match[0]):04X}"])
    return "".join(_ESCAPES.get(c, c) for c in text)


def unescaped(text: str) -> str:
    r"""Give the text that ``escaped`` was given.

    >>> unescaped(escaped('a "\\" in\ntwo lines')) == 'a "\\" in\ntwo lines'
    True
    """
    return re.sub(r"\\(.)", lambda match: _MEANT.get(match[0], match[1]), text, flags=re.DOTALL)


def identifier(name: str) -> str:
    """Give a name as a formula reads it, in quotes unless it is letters, digits and underscores.

    >>> print(identifier("gdp_real"), identifier("R&D spending"))
    gdp_real "R&D spending"
    """
    return name if _PLAIN.fullmatch(name) else f'"{escaped(name)}"'


def canonical(name: str) -> str:
    """Give what two names have in common that XMILE takes for one: case, and blanks for underscores, say nothing.

    >>> canonical("R&D  Spending") == canonical("r&d_spending")
    True
    """
    return re.sub(r"[ \u00a0\n\t\r_]+", "_", name).casefold()


def unit(model_unit: Unit) -> str:
    """Give a unit in base units; what has none is 1, whatever it is called here.

    >>> unit(Unit.parse("share")), unit(Unit.parse("patent/person"))
    ('1', 'patent/person')
    """
    return str(Unit(model_unit.scale, model_unit.powers))


def number(value: float) -> str:
    """Give a number with all its digits; raises InputError if it is not finite."""
    if not math.isfinite(value):
        raise InputError("the model as XMILE", [f"{value} is no number that a formula can hold"])
    return repr(float(value)).removesuffix(".0")


def formula(term: Term, name: Callable[[str], str]) -> str:
    """Give a formula, with ``name`` telling what each variable is called there.

    Raises InputError for an operation that is not known to be safe.
    """
    return _show(term, name, 0)


def _show(term: Term, name: Callable[[str], str], outer: int) -> str:
    def inside(text: str, rank: int) -> str:
        return f"({text})" if rank < outer else text

    if term.op == "variable":
        return identifier(name(term.name))
    if term.op == "number":
        return inside(number(term.value), NEGATIVE if term.value < 0 else 9)
    if term.op in OPERATIONS:
        sign, rank = OPERATIONS[term.op]
        # Programs differ in what a power of a power, or a comparison of comparisons, means: neither goes bare.
        left = rank + (term.op == "power" or rank == 4)
        return inside(f"{_show(term.args[0], name, left)} {sign} {_show(term.args[1], name, rank + 1)}", rank)
    if term.op == "negative":
        return inside(f"-{_show(term.args[0], name, 9)}", NEGATIVE)
    if term.op == "logical_not":
        return inside(f"NOT {_show(term.args[0], name, 9)}", NOT)
    if term.op == "where":
        condition, yes, no = (_show(a, name, 0) for a in term.args)
        return f"(IF {condition} THEN {yes} ELSE {no})"  # PySD reads no IF inside another without parentheses
    if term.op in FUNCTIONS:
        return f"{FUNCTIONS[term.op]}({', '.join(_show(a, name, 0) for a in term.args)})"
    raise InputError("the model as XMILE", [f"{term.op}: not among what other programs are known to run alike"])
