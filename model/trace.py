"""Trace, don't parse: call an equation on symbols instead of arrays and read off what it computes.

A ``Term`` behaves like an array under arithmetic, numpy's elementary functions and ``where``; it
carries its unit and refuses what has no meaning: sums of unlike units, a branch on a value, an
uncertain power of a quantity that has a unit. Units, inputs, the printed formula and the sign of
each influence all come from the one term.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from .errors import TraceError
from .units import DIMENSIONLESS, Unit

_INFIX = {"add": ("+", 1), "subtract": ("-", 1), "multiply": ("*", 2), "divide": ("/", 2), "power": ("**", 4)}
_COMPARE = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "=="}
_JOIN = {"logical_and": "and", "logical_or": "or"}
_FUNCTIONS = ("exp", "log", "sqrt")
_SYMMETRIC = ("minimum", "maximum")
_NO_PART = "is not part of a formula; exp, log, minimum, maximum and where are"


@dataclass(frozen=True, eq=False)
class Term(np.lib.mixins.NDArrayOperatorsMixin):
    """A node of a formula: a variable, a number, or an operation on terms. ``unit`` is None for a condition."""

    op: str
    args: tuple[Term, ...]
    unit: Unit | None
    name: str = ""
    value: float = 0.0

    __array_priority__ = 100
    __hash__ = object.__hash__

    @staticmethod
    def variable(name: str, unit: Unit) -> Term:
        return Term("variable", (), unit, name=name)

    def walk(self) -> Iterator[Term]:
        """Give every node once, a term before its arguments, though a formula may share it between branches."""
        seen: set[int] = set()  # by identity: terms compare into conditions
        waiting = [self]
        while waiting:
            term = waiting.pop()
            if id(term) not in seen:
                seen.add(id(term))
                yield term
                waiting += reversed(term.args)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the variables read, each once, in the order of the formula."""
        return tuple(dict.fromkeys(t.name for t in self.walk() if t.op == "variable"))

    @property
    def conditions(self) -> tuple[Term, ...]:
        """The conditions that a ``where`` decides on."""
        return tuple(t.args[0] for t in self.walk() if t.op == "where")

    # -- what numpy asks ---------------------------------------------------------------------------------
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Term:
        if method != "__call__" or options:
            raise TraceError(f"numpy.{ufunc.__name__}.{method} {_NO_PART}")
        return operation(ufunc.__name__, *(lift(i) for i in inputs))

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Term:
        if function is not np.where or len(args) != 3 or options:
            raise TraceError(f"numpy.{function.__name__} {_NO_PART}")
        return operation("where", *(lift(a) for a in args))

    def __bool__(self) -> NoReturn:
        raise TraceError("branches on a value (if, and, or, not, min, max): use where, minimum or maximum")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise TraceError("turns a symbol into numbers")

    def __float__(self) -> NoReturn:
        raise TraceError("turns a symbol into a number: use the functions of fiveyear.model.quantities, not math")

    # -- how it prints -----------------------------------------------------------------------------------
    def __str__(self) -> str:
        return _show(self, 0)


def lift(value: Any) -> Term:
    """Give a term for a term or a plain number."""
    if isinstance(value, Term):
        return value
    if isinstance(value, int | float | np.floating | np.integer) and not isinstance(value, bool):
        return Term("number", (), DIMENSIONLESS, value=float(value))
    raise TraceError(f"uses {value!r}, which is neither a quantity nor a number")


def operation(op: str, *args: Term) -> Term:
    """Give the term for an operation; raises TraceError where its units have no meaning."""
    if op == "where":
        if args[0].unit is not None:
            raise TraceError(f"where({args[0]}, ...): the first argument must be a condition")
        _require_quantities(args[1:])
        return Term(op, args, _common(op, args[1], args[2]))
    if op in _JOIN or op == "logical_not":
        if any(a.unit is not None for a in args):
            raise TraceError(f"{op} joins conditions, not quantities")
        return Term(op, args, None)
    _require_quantities(args)
    units = [a.unit for a in args if a.unit is not None]
    if op in _COMPARE:
        _common(op, *args)
        return Term(op, args, None)
    if op in ("add", "subtract", *_SYMMETRIC):
        return Term(op, args, _common(op, *args))
    if op in ("negative", "absolute"):
        return Term(op, args, units[0])
    if op == "multiply":
        return Term(op, args, units[0] * units[1])
    if op in ("divide", "true_divide"):
        return Term("divide", args, units[0] / units[1])
    if op == "power":
        return Term(op, args, _power(*args))
    if op in _FUNCTIONS:
        if not units[0].dimensionless:
            raise TraceError(f"{op}({args[0]}) takes a number without a unit, not {units[0]}")
        return Term(op, args, DIMENSIONLESS)
    raise TraceError(f"numpy.{op} {_NO_PART}")


def _require_quantities(args: Iterable[Term]) -> None:
    for arg in args:
        if arg.unit is None:
            raise TraceError(f"uses the condition ({arg}) as a quantity: put it into where")


def _common(op: str, a: Term, b: Term) -> Unit:
    """Give the one unit of both sides; the number 0 goes with any unit."""
    assert a.unit is not None and b.unit is not None
    if a.op == "number" and a.value == 0.0:
        return b.unit
    if b.op == "number" and b.value == 0.0:
        return a.unit
    if a.unit != b.unit:
        raise TraceError(f"{op} of unlike units: {a} is {a.unit}, {b} is {b.unit}")
    return a.unit


def _power(base: Term, exponent: Term) -> Unit:
    assert base.unit is not None and exponent.unit is not None
    if not exponent.unit.dimensionless:
        raise TraceError(f"the exponent {exponent} has a unit, {exponent.unit}")
    if base.unit.dimensionless:
        return DIMENSIONLESS
    if exponent.op == "number" and exponent.value == int(exponent.value):
        return base.unit ** int(exponent.value)
    raise TraceError(
        f"uncertain power: {base} has a unit, {base.unit}, and the exponent {exponent} is not a whole number;"
        " divide by a reference of the same unit first"
    )


def _show(term: Term, outer: int) -> str:
    if term.op == "variable":
        return term.name
    if term.op == "number":
        text = repr(term.value).removesuffix(".0")
        return f"({text})" if outer > 1 and text.startswith("-") else text
    if term.op in _INFIX:
        sign, rank = _INFIX[term.op]
        left, right = (rank + 1, rank) if term.op == "power" else (rank, rank + 1)
        text = f"{_show(term.args[0], left)} {sign} {_show(term.args[1], right)}"
        return f"({text})" if rank < outer else text
    if term.op in _COMPARE or term.op in _JOIN:
        sign = _COMPARE.get(term.op) or _JOIN[term.op]
        return f"({_show(term.args[0], 0)} {sign} {_show(term.args[1], 0)})"
    if term.op == "negative":
        text = f"-{_show(term.args[0], 3)}"
        return f"({text})" if outer > 1 else text
    return f"{term.op}({', '.join(_show(a, 0) for a in term.args)})"


def trace(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Term, dict[str, Term]]:
    """Call an equation on symbols: give its formula, and the parts of it that the equation gives a name of their own.

    Parts stand in the order in which the formula comes to them. Raises TraceError with the reason where the equation
    cannot be a formula.
    """
    try:
        result, names = _call(function, arguments)
        term = lift(result)
    except (TraceError, RecursionError):
        raise
    except Exception as error:  # whatever an equation does that a symbol cannot answer is a fault of that equation
        line = inspect.trace()[-1].lineno
        raise TraceError(f"line {line}: {type(error).__name__}: {error}") from error
    named = {id(value): name for name, value in reversed(names.items()) if isinstance(value, Term)}
    inner = [t for t in term.walk() if t is not term and t.args]
    return term, {named[id(t)]: t for t in inner if id(t) in named}


def _call(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, dict[str, Any]]:
    """Call a function: give its result, and its own variables as they are when it returns."""
    code = getattr(function, "__code__", None)
    names: dict[str, Any] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code is code:
            names.update(frame.f_locals)

    before: Any = sys.getprofile()
    if before is not None and not callable(before):  # a profiler in C, which could not be put back
        return function(*arguments), names
    sys.setprofile(note)
    try:
        return function(*arguments), names
    finally:
        sys.setprofile(before)
