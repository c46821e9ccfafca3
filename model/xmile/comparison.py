"""What differs between two files that should hold the same model, and be run in the same way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import shortened
from ..units import NAMES
from . import expressions
from .reading import Content, Element

Point = tuple[float, float]

SHOWN = 1_000  # signs of a text at most that a difference tells

_DIMENSIONLESS = ("", "1", "dmnl", "unitless", "dimensionless")


@dataclass(frozen=True)
class Difference:
    """What one variable has in the code and in the file; "none" where it has nothing of the kind."""

    name: str
    what: str
    code: str
    file: str


def differences(code: Content, file: Content) -> list[Difference]:
    """Give everything in which a file differs from what the code would write, variable by variable."""
    mismatches = [Difference("sim_specs", what, a, b) for what, a, b in _specs(code.specs, file.specs)]
    mismatches += [Difference("the file", "more", "none", extra) for extra in file.more]
    for key, element in code.elements.items():
        if key in file.elements:
            mismatches += [Difference(element.name, *rest) for rest in _of(element, file.elements[key], code, file)]
        else:
            mismatches.append(Difference(element.name, "variable", f"{element.kind}: {element.equation}", "none"))
    for key, element in file.elements.items():
        if key not in code.elements:
            mismatches.append(Difference(element.name, "variable", "none", f"{element.kind}: {element.equation}"))
    return [Difference(*(shortened(text, SHOWN) for text in vars(difference).values())) for difference in mismatches]


def _specs(code: Mapping[str, str | float], file: Mapping[str, str | float]) -> Iterator[tuple[str, str, str]]:
    for key in dict.fromkeys((*code, *file)):
        ours, theirs = code.get(key, "none"), file.get(key, "none")
        if isinstance(ours, float) and isinstance(theirs, float):
            alike = math.isclose(ours, theirs, rel_tol=expressions.SAME)
        else:
            alike = ours == theirs or (key == "time_units" and _same_units(str(ours), str(theirs)))
        if not alike:
            yield key, _shown(ours), _shown(theirs)


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.12g}"


def _of(code: Element, file: Element, codes: Content, files: Content) -> Iterator[tuple[str, str, str]]:
    if code.kind != file.kind:
        yield "kind", code.kind, file.kind
    equation = _equation(code.equation, file.equation)
    if equation:
        yield equation, code.equation, file.equation or "none"
    if len(code.points) != len(file.points) or not all(map(_same_point, code.points, file.points)):
        moved = [p for p in code.points if not _among(p, file.points)]
        new = [p for p in file.points if not _among(p, code.points)]
        all_are_there = not moved and not new  # in another order
        yield (
            "graphical function",
            _shown_points(code.points if all_are_there else moved),
            _shown_points(file.points if all_are_there else new),
        )
    if not _same_units(code.units, file.units):
        yield "units", code.units or "none", "none" if file.units is None else file.units
    for what, ours, theirs in (("inflows", code.inflows, file.inflows), ("outflows", code.outflows, file.outflows)):
        if sorted(ours) != sorted(theirs):
            yield what, _flows(ours, codes), _flows(theirs, files)
    if code.more != file.more:
        yield "properties", ", ".join(code.more) or "none", ", ".join(file.more) or "none"


def _equation(code: str, file: str) -> str:
    """Tell what differs: the value of a number, or the equation; nothing if they say the same."""
    ours = expressions.read(code)
    try:
        theirs = expressions.read(file)
    except expressions.ExpressionError:
        return "equation"
    if expressions.same(ours, theirs):
        return ""
    return "value" if isinstance(ours, float) and isinstance(theirs, float) else "equation"


def _among(point: Point, points: Sequence[Point]) -> bool:
    return any(_same_point(point, other) for other in points)


def _same_point(point: Point, other: Point) -> bool:
    return all(math.isclose(a, b, rel_tol=expressions.SAME) for a, b in zip(point, other, strict=True))


def _shown_points(points: Sequence[Point]) -> str:
    return ", ".join(f"({x:g}, {y:.12g})" for x, y in points) or "none"


def _flows(flows: tuple[str, ...], content: Content) -> str:
    return ", ".join(content.elements[f].name if f in content.elements else f for f in flows) or "none"


def _same_units(code: str | None, file: str | None) -> bool:
    if code is None or file is None:
        return code == file
    return _unit(code) == _unit(file)


def _unit(text: str) -> dict[str, float] | str:
    """Give the powers of base units, however a unit is written; the text of what cannot be read."""
    if text.strip().casefold() in _DIMENSIONLESS:
        return {}
    try:
        return {base: power for base, power in _powers(expressions.read(text)).items() if power}
    except ValueError:
        return text


def _powers(tree: expressions.Tree) -> dict[str, float]:
    """Give the powers of base units in a product; raises ValueError if it is none."""
    if tree == 1.0:
        return {}
    if isinstance(tree, str):
        return {tree if tree in NAMES else tree.removesuffix("s"): 1.0}
    if isinstance(tree, float):
        raise ValueError
    sign, parts = tree
    if sign == "^" and isinstance(parts[1], float):
        return {base: power * parts[1] for base, power in _powers(parts[0]).items()}
    if sign not in ("*", "/"):
        raise ValueError
    powers, other = (_powers(part) for part in parts)
    for base, power in other.items():
        powers[base] = powers.get(base, 0.0) + (power if sign == "*" else -power)
    return powers
