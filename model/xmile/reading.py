"""Reading a file back, from wherever it comes: what it holds as text, and nothing is followed, fetched or run."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .document import NAMESPACE, OWN
from .formulas import canonical, unescaped

LARGEST = 20 * 1024 * 1024  # bytes; an exported file has some 0.2 million

#: Children of a variable that do not change what it is.
_SAYS_NOTHING = {"doc", "format", "range", "scale", "mathml", "event_poster"}
_READ = {"eqn", "units", "inflow", "outflow", "gf"}


@dataclass(frozen=True)
class Element:
    """A variable as a file has it: texts as they stand, flows by canonical name; ``more`` names what else it holds."""

    name: str
    kind: str
    equation: str
    units: str | None
    inflows: tuple[str, ...]
    outflows: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    more: tuple[str, ...]


@dataclass(frozen=True)
class Content:
    """What a file holds: how it is run, its variables by canonical name, and what it says of how it was made."""

    specs: Mapping[str, str | float]
    elements: Mapping[str, Element]
    made: str  # as the code wrote it; nothing where other programs left that out


def read(path: Path) -> Content:
    """Read a file; raises InputError if it cannot be read, is too large, or is not XMILE."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(str(path), [f"cannot be read: {getattr(error, 'strerror', None) or error}"]) from None
    if len(data) > LARGEST:
        raise InputError(str(path), [f"is larger than {LARGEST // 1024**2} MB"])
    return parse(data, str(path))


def parse(data: bytes, title: str) -> Content:
    """Give what the bytes of a file hold; raises InputError, under this title, if it is not XMILE."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(title, [f"byte {error.start + 1} is not UTF-8, which XMILE is"]) from None
    if "<!DOCTYPE" in text:  # where entities are declared, that could name other files or grow without end
        raise InputError(title, ["declares a document type, which XMILE has not; it is not read"])
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise InputError(title, [f"is no XML: {error}"]) from None
    if root.tag != f"{{{NAMESPACE}}}xmile":
        raise InputError(title, [f"starts with <{root.tag.rpartition('}')[2]}>; expected <xmile> of XMILE 1.0"])
    model = root.find(_path("model"))
    variables = root.find(_path("model", "variables"))
    if model is None or variables is None:
        raise InputError(title, ["has no variables"])
    faults: list[str] = []
    elements: dict[str, Element] = {}
    for child in variables:
        tag = _local(child)
        if tag in ("", "group"):
            continue
        element = _element(child, tag, faults)
        key = canonical(element.name)
        if key in elements:
            faults.append(f"{element.name}: is there twice")
        elements[key] = element
    specs = _specs(root, faults)
    if faults:
        raise InputError(title, faults)
    own = root.find(_path("header") + f"/{{{OWN}}}export")
    return Content(specs, elements, "" if own is None else own.get("made", ""))


def _path(*names: str) -> str:
    return "/".join(f"{{{NAMESPACE}}}{name}" for name in names)


def _local(element: ET.Element) -> str:
    """Give the tag without its namespace; nothing for what is not XMILE's."""
    space, _, tag = element.tag.rpartition("}")
    return tag if space == f"{{{NAMESPACE}" else ""


def _text(element: ET.Element | None) -> str:
    return "".join(element.itertext()).strip() if element is not None else ""


def _name(text: str) -> str:
    return unescaped(text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text)


def _element(child: ET.Element, tag: str, faults: list[str]) -> Element:
    name = unescaped(child.get("name", ""))
    flows = {way: tuple(canonical(_name(_text(f))) for f in child.findall(_path(way))) for way in ("inflow", "outflow")}
    units = child.find(_path("units"))
    others = {_local(c) for c in child} - _READ - _SAYS_NOTHING - {""}
    return Element(
        name=name,
        kind=tag,
        equation=_text(child.find(_path("eqn"))),
        units=None if units is None else _text(units),
        inflows=flows["inflow"],
        outflows=flows["outflow"],
        points=_points(name, child.find(_path("gf")), faults),
        more=tuple(sorted(others)),
    )


def _points(name: str, function: ET.Element | None, faults: list[str]) -> tuple[tuple[float, float], ...]:
    """Give the points of a graphical function, whose places may be listed or lie evenly on a scale."""
    if function is None:
        return ()
    try:
        ys = _numbers(function.find(_path("ypts")))
        listed, scale = function.find(_path("xpts")), function.find(_path("xscale"))
        if listed is None and scale is not None:
            low, high = float(scale.get("min", "nan")), float(scale.get("max", "nan"))
            xs = [low + (high - low) * k / max(len(ys) - 1, 1) for k in range(len(ys))]
        else:  # some programs write both
            xs = _numbers(listed)
        if len(xs) != len(ys) or not all(map(math.isfinite, [*xs, *ys])):
            raise ValueError
    except ValueError:
        faults.append(f"{name}: its graphical function cannot be read; expected as many x as y, all of them numbers")
        return ()
    return tuple(zip(xs, ys, strict=True))


def _numbers(element: ET.Element | None) -> list[float]:
    if element is None:
        raise ValueError
    return [float(n) for n in _text(element).split(element.get("sep", ","))]


def _specs(root: ET.Element, faults: list[str]) -> dict[str, str | float]:
    specs = root.find(_path("sim_specs"))
    if specs is None:
        faults.append("sim_specs: missing; expected start, stop and dt")
        return {}
    found: dict[str, str | float] = {"method": specs.get("method", "euler").casefold()}
    for key in ("start", "stop", "dt"):
        element = specs.find(_path(key))
        try:
            value = float(_text(element))
            inverse = element is not None and element.get("reciprocal") == "true"
            found[key] = 1.0 / value if inverse else value
        except (ValueError, ZeroDivisionError):
            faults.append(f"sim_specs: {key} is {_text(element) or 'missing'}; expected a number")
    return found
