"""How a formula is set: fractions, powers, cases and no more parentheses than it needs, whatever it is printed in.

``laid_out`` turns a ``Term`` into boxes; ``latex`` and ``mathml`` print boxes. A variable that a formula calls
``gdp_real`` is set as *gdp real*, ``citations[i]`` with the index i; a ``Term`` of op "part" is a name that one formula
gives to a piece of itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .trace import Term
from .units import DIMENSIONLESS

CASES, SUM, TOTAL, INLINE, PRODUCT, FACTOR, ATOM = range(7)  # how firmly a box holds together, from loose to firm
_SIGNS = {
    "less": "<",
    "less_equal": "≤",
    "greater": ">",
    "greater_equal": "≥",
    "equal": "=",
    "logical_and": "∧",
    "logical_or": "∨",
}
SMALL = 60.0  # the width, in characters, of a fraction that is set inline within another
_FUNCTIONS = {"exp": "exp", "log": "ln", "minimum": "min", "maximum": "max"}


@dataclass(frozen=True)
class Name:
    """A variable; ``part`` if it is a name that one formula gives to a piece of itself."""

    words: str
    index: str = ""
    part: bool = False


@dataclass(frozen=True)
class Number:
    """Digits."""

    digits: str


@dataclass(frozen=True)
class Words:
    """Words beside a formula, such as "where"."""

    text: str


@dataclass(frozen=True)
class Sign:
    """What stands between two boxes, or ahead of one."""

    text: str
    ahead: bool = False


@dataclass(frozen=True)
class Row:
    """Boxes side by side."""

    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Fraction:
    """One box above another."""

    above: Box
    below: Box


@dataclass(frozen=True)
class Power:
    """A box with another raised beside it."""

    base: Box
    exponent: Box


@dataclass(frozen=True)
class Call:
    """A function of boxes."""

    function: str
    arguments: tuple[Box, ...]


@dataclass(frozen=True)
class Fence:
    """A box between "(" and ")", or between "|" and "|"."""

    inner: Box
    left: str = "("
    right: str = ")"


@dataclass(frozen=True)
class Root:
    """The square root of a box."""

    inner: Box


@dataclass(frozen=True)
class Cases:
    """One box under a condition, else another."""

    condition: Box
    yes: Box
    no: Box


@dataclass(frozen=True)
class Total:
    """The sum of a box over an index."""

    index: str
    inner: Box


Box = Name | Number | Words | Sign | Row | Fraction | Power | Call | Fence | Root | Cases | Total
Line = tuple[Box, ...]
Where = Literal["in the line", "in a fraction", "in an exponent"]  # what stands in these cannot be as high


def name(variable: str, part: bool = False) -> Name:
    """Give the box of a variable: ``gdp_real``, or ``citations[i]`` with an index.

    >>> name("rival_citations[i]")
    Name(words='rival citations', index='i', part=False)
    """
    words, _, index = variable.partition("[")
    return Name(words.replace("_", " "), index.removesuffix("]").replace("_", " "), part)


def laid_out(term: Term, outer: int = CASES, where: Where = "in the line") -> Box:
    """Give the box of a term, in parentheses if it holds together less firmly than ``outer``.

    A fraction in an exponent, and a small one in another fraction, is set as a/b.
    """
    rank, box = _ranked(term, where)
    return Fence(box) if rank < outer else box


def lines(left: Iterable[Box], right: Term, width: float) -> tuple[Line, ...]:
    """Set ``left = right`` in lines no wider than ``width`` characters, broken before a sign at the top of the formula.

    A piece that is wider than that on its own keeps a line to itself.
    """
    first, *others = _pieces(right, width)
    rows: list[list[Box]] = [list(left)]
    for piece in ((Sign("="), *first), *others):
        if wide(Row((*rows[-1], *piece))) > width:
            rows.append([])
        rows[-1] += piece
    return tuple(tuple(line) for line in rows)


def _pieces(term: Term, width: float) -> list[Line]:
    """Give what may stand on lines of their own: addends with their signs, and the factors of those too wide."""
    pieces: list[Line] = []
    signed = _signed(term)
    for (_, addend), line in zip(_addends(term), signed, strict=True):
        factors = _factors(addend)
        if addend.op == "divide":
            below = Term("divide", (Term("number", (), DIMENSIONLESS, value=1.0), addend.args[1]), addend.unit)
            factors = [*_factors(addend.args[0]), below]
        alone = len(signed) == 1 and addend.op == "multiply"
        if len(factors) == 1 or (wide(Row(line)) < 0.9 * width and not alone):
            pieces.append(line)
        else:
            first, *others = (laid_out(factor, PRODUCT) for factor in factors)
            pieces += [(*line[:-1], first), *((Sign("·"), other) for other in others)]
    return pieces


def _signed(term: Term, where: Where = "in the line") -> list[Line]:
    """Give the addends of a term as boxes, each after its sign."""
    addends = _addends(term)
    least = TOTAL if len(addends) > 1 or addends[0][0] == "−" else CASES
    boxes: list[Line] = []
    for sign, addend in addends:
        ahead = (Sign(sign, ahead=not boxes),) if boxes or sign == "−" else ()
        boxes.append((*ahead, laid_out(addend, least, where)))
    return boxes


def _ranked(term: Term, where: Where) -> tuple[int, Box]:
    addends = _addends(term)
    if len(addends) > 1 or addends[0][0] == "−":
        return SUM, Row(tuple(box for line in _signed(term, where) for box in line))
    term = addends[0][1]
    match term.op:
        case "variable" | "part":
            return ATOM, name(term.name, term.op == "part")
        case "number":
            return _number(term.value)
        case "multiply":
            boxes = [(Sign("·"), laid_out(factor, PRODUCT, where)) for factor in _factors(term)]
            return PRODUCT, Row(tuple(box for pair in boxes for box in pair)[1:])
        case "divide":
            return _fraction(term, where)
        case "power" if term.args[1].op != "number" or term.args[1].value != 0.5:
            return FACTOR, Power(laid_out(term.args[0], ATOM, where), laid_out(term.args[1], where="in an exponent"))
        case "sqrt" | "power":
            return FACTOR, Root(laid_out(term.args[0], where=where))
        case "absolute":
            return FACTOR, Fence(laid_out(term.args[0], where=where), "|", "|")
        case "where":
            return CASES, Cases(*(laid_out(a, where=where) for a in term.args))
        case "logical_not":
            return CASES, Row((Sign("¬", ahead=True), laid_out(term.args[0], FACTOR, where)))
        case "sum":
            return TOTAL, Total(term.name, laid_out(term.args[0], PRODUCT, where))
    if term.op in _SIGNS:
        inner = FACTOR if term.args[0].unit is None else SUM  # conditions are joined, quantities compared
        left, right = (laid_out(a, inner, where) for a in term.args)
        return CASES, Row((left, Sign(_SIGNS[term.op]), right))
    return FACTOR, Call(_FUNCTIONS.get(term.op, term.op), tuple(laid_out(a, where=where) for a in term.args))


def _fraction(term: Term, where: Where) -> tuple[int, Box]:
    above, below = term.args
    if where != "in the line":
        inline = Row((laid_out(above, PRODUCT, where), Sign("/"), laid_out(below, FACTOR, where)))
        if where == "in an exponent" or wide(inline) <= SMALL:
            return INLINE, inline
    inner: Where = "in a fraction"
    return FACTOR, Fraction(laid_out(above, where=inner), laid_out(below, where=inner))


def _number(value: float) -> tuple[int, Box]:
    digits, _, exponent = repr(value).removesuffix(".0").partition("e")
    if not exponent:
        return ATOM, Number(digits)
    power = Power(Number("10"), Number(str(int(exponent)).replace("-", "−")))
    return (FACTOR, power) if digits == "1" else (PRODUCT, Row((Number(digits), Sign("·"), power)))


def _addends(term: Term) -> list[tuple[str, Term]]:
    """Give the terms of a sum with the sign of each; a term that is no sum is its own and only addend."""
    flipped = {"+": "−", "−": "+"}
    if term.op == "number" and term.value < 0.0:
        return [("−", Term("number", (), term.unit, value=-term.value))]
    if term.op not in ("add", "subtract", "negative"):
        return [("+", term)]
    addends = [] if term.op == "negative" else _addends(term.args[0])
    last = _addends(term.args[-1])
    if term.op != "add":  # a sum that is taken away stays together
        last = [(flipped[last[0][0]], last[0][1])] if len(last) == 1 else [("−", term.args[-1])]
    addends += last
    kept = [(sign, t) for sign, t in addends if t.op != "number" or t.value != 0.0]
    return kept or addends[:1]


def _factors(term: Term) -> list[Term]:
    return [factor for arg in term.args for factor in _factors(arg)] if term.op == "multiply" else [term]


def wide(box: Box) -> float:
    """Estimate how wide a box prints, in characters of text."""
    match box:
        case Name():
            return len(box.words) + 0.7 * len(box.index)
        case Number():
            return len(box.digits)
        case Words():
            return len(box.text)
        case Sign():
            return 1.0 if box.ahead else 2.5
        case Row():
            return sum(map(wide, box.boxes))
        case Fraction():
            return max(wide(box.above), wide(box.below)) + 0.5
        case Power():
            return wide(box.base) + 0.8 * wide(box.exponent)
        case Call():
            return len(box.function) + 1.5 + sum(wide(a) + 1.0 for a in box.arguments)
        case Fence():
            return wide(box.inner) + 2.0
        case Root():
            return wide(box.inner) + 2.0
        case Cases():
            return max(wide(box.yes) + 4.0 + wide(box.condition), wide(box.no) + 10.0) + 4.0
        case Total():
            return wide(box.inner) + 3.0
