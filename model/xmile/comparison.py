"""What differs between two files that should hold the same model, and be run in the same way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import UnitError
from ..units import DIMENSIONLESS, Unit
from . import expressions
from .reading import Content, Element

Point = tuple[float, float]

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
    found = [Difference("sim_specs", what, a, b) for what, a, b in _specs(code.specs, file.specs)]
    for key, element in code.elements.items():
        if key in file.elements:
            found += [Difference(element.name, *rest) for rest in _of(element, file.elements[key], code, file)]
        else:
            found.append(Difference(element.name, "variable", f"{element.kind}: {element.equation}", "none"))
    for key, element in file.elements.items():
        if key not in code.elements:
            found.append(Difference(element.name, "variable", "none", f"{element.kind}: {element.equation}"))
    return found


def _specs(code: Mapping[str, str | float], file: Mapping[str, str | float]) -> Iterator[tuple[str, str, str]]:
    for key, expected in code.items():
        found = file[key]
        alike = expected == found if isinstance(expected, str) else math.isclose(expected, float(found), rel_tol=1e-12)
        if not alike:
            yield key, _shown(expected), _shown(found)


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.12g}"


def _of(code: Element, file: Element, codes: Content, files: Content) -> Iterator[tuple[str, str, str]]:
    if code.kind != file.kind:
        yield "kind", code.kind, file.kind
    equation = _equation(code.equation, file.equation)
    if equation:
        yield equation, code.equation, file.equation or "none"
    points = (
        [p for p in code.points if not _among(p, file.points)],
        [p for p in file.points if not _among(p, code.points)],
    )
    if any(points):
        yield "graphical function", _shown_points(points[0]), _shown_points(points[1])
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
    return any(all(math.isclose(a, b, rel_tol=expressions.SAME) for a, b in zip(point, p, strict=True)) for p in points)


def _shown_points(points: Sequence[Point]) -> str:
    return ", ".join(f"({x:g}, {y:.12g})" for x, y in points) or "none"


def _flows(flows: tuple[str, ...], content: Content) -> str:
    return ", ".join(content.elements[f].name if f in content.elements else f for f in flows) or "none"


def _same_units(code: str | None, file: str | None) -> bool:
    if code is None or file is None:
        return code == file
    return _unit(code) == _unit(file)


def _unit(text: str) -> Unit | str:
    """Give a unit, or the text of one that this project does not know."""
    if text.strip().casefold() in _DIMENSIONLESS:
        return DIMENSIONLESS
    try:
        return Unit.parse(text.strip())
    except UnitError:
        return " ".join(text.split()).casefold()
