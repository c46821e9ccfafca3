"""The adjoint of a program: reverse-mode differentiation of its loops (Griewank & Walther 2008).

One pass gives the derivatives of a scalar by every input. The adjoint of a row stands ``Rows.count`` rows after it. An
adjoint loop first recomputes the values of the forward loop, so that the rows must still hold what that read; then it
takes its statements from the last to the first.
"""

from __future__ import annotations

from collections.abc import Iterator

from .sections import Line, Section

Place = int | str | float
CONDITIONS = ("less", "less_equal", "greater", "greater_equal", "equal", "logical_and", "logical_or", "logical_not")


def backwards(section: Section, count: int) -> Section:
    """Give the adjoint of a section: it turns the adjoints of ``count`` rows after the section into those before it."""
    made = _Backwards(section, count)
    for line in reversed(section.lines):
        made.line(line)
    return Section(f"{section.name}_back", section.arguments, tuple(made.lines))


class _Backwards:
    """An adjoint loop under construction: the forward values, then the adjoints that anything depends on."""

    def __init__(self, section: Section, count: int) -> None:
        self.arguments, self.count = section.arguments, count
        self.lines = [line for line in section.lines if isinstance(line.target, str)]
        self.adjoints: dict[str, str | float] = {}  # of values of the loop, so far
        self.made = 0

    def line(self, line: Line) -> None:
        """Propagate the adjoint of a statement's target to its arguments."""
        target, op, args = line
        if isinstance(target, str):
            if target not in self.adjoints:
                return
            adjoint = self.adjoints[target]
        else:
            row = target + self.count
            adjoint = self.compute("set", row)
            if (op, args[0]) == ("add_product", target):
                args = (0.0, *args[1:])  # what is added to a row leaves its adjoint unchanged
            else:
                self.lines.append(Line(row, "set", (0.0,)))
        for argument, term in self.terms(op, args, target, adjoint):
            self.accumulate(argument, term)

    def accumulate(self, place: Place, term: str | float) -> None:
        """Add a term to the adjoint of a place; numbers and arguments have none."""
        if isinstance(place, int):
            self.lines.append(Line(place + self.count, "add", (place + self.count, term)))
        elif isinstance(place, str) and place not in self.arguments:
            self.adjoints[place] = self.compute("add", self.adjoints[place], term) if place in self.adjoints else term

    def compute(self, op: str, *args: Place) -> str:
        self.made += 1
        self.lines.append(Line(f"b{self.made}", op, args))
        return f"b{self.made}"

    def terms(
        self, op: str, args: tuple[Place, ...], value: Place, adjoint: str | float
    ) -> Iterator[tuple[Place, str | float]]:
        """Give each argument's term: the adjoint of ``value``, the result, times the partial derivative of ``op``.

        Conditions have no derivative.
        """
        left, other = args[0], args[-1]
        if op == "set":
            yield left, adjoint
        elif op in ("add", "subtract"):
            yield left, adjoint
            yield other, adjoint if op == "add" else self.compute("negative", adjoint)
        elif op == "multiply":
            for argument, factor in ((left, other), (other, left)):
                if isinstance(argument, str):
                    yield argument, self.compute("multiply", adjoint, factor)
        elif op == "add_product":
            yield left, adjoint
            for argument, factor in ((args[1], args[2]), (args[2], args[1])):
                if argument not in self.arguments:
                    yield argument, self.compute("multiply", adjoint, factor)
        elif op == "divide":
            term = self.compute("divide", adjoint, other)
            yield left, term
            if isinstance(other, str):
                yield other, self.compute("negative", self.compute("multiply", term, value))
        elif op == "negative":
            yield left, self.compute("negative", adjoint)
        elif op == "absolute":
            yield (
                left,
                self.compute("where", self.compute("less", left, 0.0), self.compute("negative", adjoint), adjoint),
            )
        elif op == "sqrt":
            yield left, self.compute("multiply", adjoint, self.compute("divide", 0.5, value))
        elif op == "exp":
            yield left, self.compute("multiply", adjoint, value)
        elif op == "log":
            # A power of 0 is made of the logarithm of 0, on which nothing depends then: its adjoint, 0, over 0 is 0.
            nothing = self.compute("equal", adjoint, 0.0)
            yield left, self.compute("where", nothing, 0.0, self.compute("divide", adjoint, left))
        elif op in ("minimum", "maximum"):
            first = self.compute("less" if op == "minimum" else "greater", left, other)
            yield left, self.compute("where", first, adjoint, 0.0)
            yield other, self.compute("where", first, 0.0, adjoint)
        elif op == "where":
            yield args[1], self.compute("where", left, adjoint, 0.0)
            yield other, self.compute("where", left, 0.0, adjoint)
        elif op not in CONDITIONS:
            raise AssertionError(f"{op} has no derivative")
