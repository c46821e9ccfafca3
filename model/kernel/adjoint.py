"""The loops of a program backwards: from how a number depends on what a loop puts, to how it depends on what it reads.

This is differentiation in reverse (Griewank & Walther 2008): one pass gives the slopes by every input. The slope of a
row stands ``Rows.count`` rows after it. A loop backwards computes again what the loop computed, so the rows have to
hold what the loop has read; then it goes through the statements from the last to the first.
"""

from __future__ import annotations

from collections.abc import Iterator

from .sections import Line, Section

Place = int | str | float
CONDITIONS = ("less", "less_equal", "greater", "greater_equal", "equal", "logical_and", "logical_or", "logical_not")


def backwards(section: Section, count: int) -> Section:
    """Give the loop that takes the slopes of ``count`` rows from after a section to before it."""
    made = _Backwards(section, count)
    for line in reversed(section.lines):
        made.line(line)
    return Section(f"{section.name}_back", section.arguments, tuple(made.lines))


class _Backwards:
    """A loop backwards in the making: what the loop computes, then slopes, as far as something depends on them."""

    def __init__(self, section: Section, count: int) -> None:
        self.arguments, self.count = section.arguments, count
        self.lines = [line for line in section.lines if isinstance(line.target, str)]
        self.slopes: dict[str, str | float] = {}  # of values of the loop, so far
        self.made = 0

    def line(self, line: Line) -> None:
        """Hand the slope of what a statement gives on to what it takes."""
        target, op, args = line
        if isinstance(target, str):
            if target not in self.slopes:
                return
            slope = self.slopes[target]
        else:
            row = target + self.count
            slope = self.compute("set", row)
            if (op, args[0]) == ("add_product", target):
                args = (0.0, *args[1:])  # what is added to a row leaves its slope as it is
            else:
                self.lines.append(Line(row, "set", (0.0,)))
        for argument, share in self.shares(op, args, target, slope):
            self.give(argument, share)

    def give(self, place: Place, share: str | float) -> None:
        """Add a share to the slope of a place; numbers and arguments have none."""
        if isinstance(place, int):
            self.lines.append(Line(place + self.count, "add", (place + self.count, share)))
        elif isinstance(place, str) and place not in self.arguments:
            self.slopes[place] = self.compute("add", self.slopes[place], share) if place in self.slopes else share

    def compute(self, op: str, *args: Place) -> str:
        self.made += 1
        self.lines.append(Line(f"b{self.made}", op, args))
        return f"b{self.made}"

    def shares(
        self, op: str, args: tuple[Place, ...], value: Place, slope: str | float
    ) -> Iterator[tuple[Place, str | float]]:
        """Give what each argument takes of the slope of ``value``, the result; conditions take nothing."""
        left, other = args[0], args[-1]
        if op == "set":
            yield left, slope
        elif op in ("add", "subtract"):
            yield left, slope
            yield other, slope if op == "add" else self.compute("negative", slope)
        elif op == "multiply":
            for argument, factor in ((left, other), (other, left)):
                if isinstance(argument, str):
                    yield argument, self.compute("multiply", slope, factor)
        elif op == "add_product":
            yield left, slope
            for argument, factor in ((args[1], args[2]), (args[2], args[1])):
                if argument not in self.arguments:
                    yield argument, self.compute("multiply", slope, factor)
        elif op == "divide":
            share = self.compute("divide", slope, other)
            yield left, share
            if isinstance(other, str):
                yield other, self.compute("negative", self.compute("multiply", share, value))
        elif op == "negative":
            yield left, self.compute("negative", slope)
        elif op == "absolute":
            yield left, self.compute("where", self.compute("less", left, 0.0), self.compute("negative", slope), slope)
        elif op == "sqrt":
            yield left, self.compute("multiply", slope, self.compute("divide", 0.5, value))
        elif op == "exp":
            yield left, self.compute("multiply", slope, value)
        elif op == "log":
            yield left, self.compute("divide", slope, left)
        elif op in ("minimum", "maximum"):
            first = self.compute("less" if op == "minimum" else "greater", left, other)
            yield left, self.compute("where", first, slope, 0.0)
            yield other, self.compute("where", first, 0.0, slope)
        elif op == "where":
            yield args[1], self.compute("where", left, slope, 0.0)
            yield other, self.compute("where", left, 0.0, slope)
        elif op not in CONDITIONS:
            raise AssertionError(f"no slope is known of {op}")
