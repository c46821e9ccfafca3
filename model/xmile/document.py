"""The file: header, how it is run, units, variables sector by sector, and the diagram."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping

from ..errors import InputError
from ..steps import Method
from . import formulas, views
from .variables import Variable

NAMESPACE = "http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"
OWN = "https://fiveyear.example/xmile/1"  # what only this project reads
#: Programs that integrate by Euler whatever the file says: seen in PySD 3.14 (by the tests, too) and BPTK 3.2.
IGNORE_RK4 = ("PySD", "BPTK")


def document(
    variables: Mapping[str, Variable],
    *,
    title: str,
    version: str,
    start: float,
    stop: float,
    step: float,
    method: Method,
    language: str,
    name: Callable[[str], str],
    made: str,
) -> bytes:
    """Give the whole file; ``made`` tells how, so that it can be made again and compared.

    Raises InputError, naming each, for names that a program would take for another or for a word of its own, and for
    formulas that cannot be written.
    """
    sectors = [f"{sector}_sector" for sector in dict.fromkeys(v.sector for v in variables.values())]
    faults = _name_faults({n: name(n) for n in (*variables, *sectors)})
    if faults:
        raise InputError("the model as XMILE", faults)
    ET.register_namespace("", NAMESPACE)
    ET.register_namespace("fiveyear", OWN)
    root = ET.Element(_tag("xmile"), version="1.0")
    header = _add(root, "header")
    _add(_add(header, "options"), "has_model_views")
    _add(header, "vendor", "fiveyear")
    _add(header, "product", "fiveyear", version=version, lang=language)
    _add(header, "name", formulas.escaped(title))
    ET.SubElement(header, f"{{{OWN}}}export", made=made)
    specs = _add(root, "sim_specs", method=method, time_units="year")
    _add(specs, "start", formulas.number(start))
    _add(specs, "stop", formulas.number(stop))
    kept = _counted(step, stop - start)
    if kept == step and (1.0 / step).is_integer():
        _add(specs, "dt", formulas.number(1.0 / step), reciprocal="true")
    else:
        _add(specs, "dt", formulas.number(kept))
    model = _add(root, "model")
    drawn = views.frames(variables)
    _add_variables(_add(model, "variables"), variables, [f for f, _ in drawn], name)
    _add_view(_add(model, "views"), variables, drawn, name)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _counted(step: float, length: float) -> float:
    """Give the step, or one a bit shorter: simlin counts whole steps, and rounding could cost it the last one."""
    steps = round(length / step)
    while math.floor(length / step) < steps:
        step = math.nextafter(step, 0.0)
    return step


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, _tag(tag), attributes)
    child.text = text
    return child


def _name_faults(names: Mapping[str, str]) -> list[str]:
    faults, seen = [], dict[str, str]()
    for name, shown in names.items():
        key = formulas.canonical(shown)
        if not key:
            faults.append(f"{name}: has no name")
        if key in formulas.RESERVED:
            faults.append(f"{name}: programs have a meaning of their own for {shown}")
        if key in seen:
            faults.append(f"{name}: called {shown}, which XMILE takes for the name of {seen[key]}")
        seen.setdefault(key, name)
    return faults


def _add_variables(
    parent: ET.Element, variables: Mapping[str, Variable], frames: list[views.Frame], name: Callable[[str], str]
) -> None:
    for key, variable in variables.items():
        element = _add(parent, variable.kind, name=formulas.escaped(name(key)))
        _add(element, "doc", formulas.escaped(_about(key, name(key), variable)))
        _add(element, "eqn", formulas.formula(variable.formula, name))
        for flow in variable.inflows:
            _add(element, "inflow", formulas.identifier(name(flow)))
        for flow in variable.outflows:
            _add(element, "outflow", formulas.identifier(name(flow)))
        if variable.points:
            function = _add(element, "gf")
            _add(function, "xpts", ",".join(formulas.number(x) for x, _ in variable.points))
            _add(function, "ypts", ",".join(formulas.number(y) for _, y in variable.points))
        _add(element, "units", formulas.unit(variable.unit))
    for frame in frames:
        group = _add(parent, "group", name=_group(frame, name))
        for key in frame.places:
            _add(group, "entity", name=formulas.escaped(name(key)))


def _about(key: str, shown: str, variable: Variable) -> str:
    """Give the sentence, the unit if it says more than base units do, and the name in the code if it is another."""
    parts = [variable.about]
    if str(variable.unit) != formulas.unit(variable.unit):
        parts.append(f"[{variable.unit}]")
    return " ".join([*parts, *([f"({key})"] if shown != key else [])])


def _add_view(
    parent: ET.Element,
    variables: Mapping[str, Variable],
    drawn: list[tuple[views.Frame, views.Point]],
    name: Callable[[str], str],
) -> None:
    wide = max(left + frame.wide for frame, (left, _) in drawn) + views.GAP
    high = max(top + frame.high for frame, (_, top) in drawn) + views.GAP
    size = {"width": _pixels(wide), "height": _pixels(high), "page_width": _pixels(wide), "page_height": _pixels(high)}
    view = _add(parent, "view", type="stock_flow", show_pages="false", **size)
    counted = iter(range(1, 1_000_000))
    for frame, (left, top) in drawn:
        box = {"width": _pixels(frame.wide), "height": _pixels(frame.high), "locked": "true"}
        group = _add(view, "group", name=_group(frame, name), **_place((left, top)), **box)
        aliases: dict[str, str] = {}
        for key, place in frame.places.items():
            element = _add(view, variables[key].kind, name=formulas.escaped(name(key)), **_place(place))
            if variables[key].kind != "aux":
                element.set("label_side", frame.label_side(key))
            if key in frame.pipes:
                points = _add(element, "pts")
                for point in frame.pipes[key]:
                    _add(points, "pt", **_place(point))
        for key, place in frame.aliases.items():
            aliases[key] = str(next(counted))
            alias = _add(view, "alias", uid=aliases[key], **_place(place))
            _add(alias, "of", formulas.identifier(name(key)))
            _add(group, "item", uid=aliases[key])
        for (source, target), angle in zip(frame.links, frame.angles, strict=True):
            connector = _add(view, "connector", uid=str(next(counted)), angle=f"{angle:.1f}")
            start = _add(connector, "from", None if source in aliases else formulas.identifier(name(source)))
            if source in aliases:
                _add(start, "alias", uid=aliases[source])
            _add(connector, "to", formulas.identifier(name(target)))


def _group(frame: views.Frame, name: Callable[[str], str]) -> str:
    return formulas.escaped(name(f"{frame.sector}_sector"))  # a sector may be called like a variable; a group may not


def _place(point: views.Point) -> dict[str, str]:
    return {"x": _pixels(point[0]), "y": _pixels(point[1])}


def _pixels(length: float) -> str:
    return f"{length:.1f}".removesuffix(".0")
