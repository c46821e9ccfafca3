"""Reading a file back, from wherever it comes: what it holds as text, and nothing is followed, fetched or run."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import ordinary_files
from ..errors import LISTED, InputError, shortened
from .document import NAMESPACE, OWN
from .formulas import canonical, unescaped

LARGEST = 20 * 1024 * 1024  # bytes; an exported file has some 0.2 million
MOST_ELEMENTS, DEEPEST = 100_000, 50  # of XML, and of such within one another; an exported file has some 3,200 and 7
LONGEST = 5_000  # signs of an equation or a unit; those of an exported file have up to 500
MOST_POINTS = 1_000  # of a graphical function
SHOWN = 60  # signs of a text at most that a message tells

#: What may stand in a file beside what is read, and changes no number: looks, words and other programs' own (no name).
_LOOKS = {
    "xmile": {"", "header", "sim_specs", "model", "style", "model_units"},
    "header": {"", "options", "vendor", "product", "name", "version", "caption", "image", "author", "affiliation"}
    | {"client", "copyright", "contact", "created", "modified", "uuid", "smile"},
    "model": {"", "variables", "views"},
    "unit": {""},
    "variable": {"", "doc", "format", "range", "scale", "mathml", "eqn", "units", "inflow", "outflow", "gf"},
}
_ONCE = {"sim_specs", "variables", "start", "stop", "dt", "eqn", "units", "gf", "xpts", "ypts"}


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
    """What a file holds: how it is run, its variables by canonical name, and what it says of how it was made.

    ``more`` names what else it holds that programs may compute with.
    """

    specs: Mapping[str, str | float]
    elements: Mapping[str, Element]
    more: tuple[str, ...]
    made: str  # as the code wrote it; nothing where other programs left that out


def read(path: Path) -> Content:
    """Read a file; raises InputError if it cannot be read, is too large, or is not XMILE."""
    try:
        data = ordinary_files.read(path, LARGEST)
    except OSError as error:
        raise InputError(str(path), [f"cannot be read: {error.strerror}"]) from None
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
        root = ET.fromstring(text, ET.XMLParser(target=_Builder()))
    except ET.ParseError as error:
        raise InputError(title, [f"is no XML: {error}"]) from None
    except _TooMuchError as error:
        raise InputError(title, [str(error)]) from None
    if root.tag != f"{{{NAMESPACE}}}xmile":
        tag = shortened(root.tag.rpartition("}")[2], SHOWN)
        raise InputError(title, [f"starts with <{tag}>; expected <xmile> of XMILE 1.0"])
    models = root.findall(_path("model"))
    model = next((m for m in models if m.get("name") is None), None)  # others are parts that it may call
    variables = None if model is None else model.find(_path("variables"))
    if model is None or variables is None:
        raise InputError(title, ["has no variables"])
    faults = [f"<{tag}> stands twice in <{_local(e)}>" for e in root.iter() for tag in _twice(e)]
    elements: dict[str, Element] = {}
    for child in variables:
        tag = _local(child)
        if tag in ("", "group"):
            continue
        element = _element(child, tag, faults)
        key = canonical(element.name)
        if key in elements:
            faults.append(f"{shortened(element.name, SHOWN)}: is there twice")
        elements[key] = element
    specs = _specs(root, faults)
    if faults:
        raise InputError(title, [*faults[:LISTED], *(["and more"] if len(faults) > LISTED else [])])
    own = root.find(_path("header") + f"/{{{OWN}}}export")
    more = [f"<model name={m.get('name')!r}>" for m in models if m is not model]
    parts = [("xmile", root), ("model", model), *(("header", e) for e in root.findall(_path("header")))]
    parts += [("unit", e) for e in root.findall(_path("model_units", "unit"))]  # one that is put in terms of another
    for kind, part in parts:
        more += [f"<{_local(e)}> in <{_local(part)}>" for e in part if _local(e) not in _LOOKS[kind]]
    return Content(specs, elements, tuple(more), "" if own is None else own.get("made", ""))


class _TooMuchError(Exception):
    """A file that is larger or deeper than any model."""


class _Builder(ET.TreeBuilder):
    """What makes the tree of a file, as long as it is one of a model."""

    def __init__(self) -> None:
        super().__init__()
        self._elements = self._depth = 0

    def start(self, tag: str, attributes: dict[str, str], /) -> ET.Element:
        self._elements += 1
        self._depth += 1
        if self._elements > MOST_ELEMENTS:
            raise _TooMuchError(f"has more than {MOST_ELEMENTS:,} elements")
        if self._depth > DEEPEST:
            raise _TooMuchError(f"has more than {DEEPEST} elements within one another")
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> ET.Element:
        self._depth -= 1
        return super().end(tag)


def _path(*names: str) -> str:
    return "/".join(f"{{{NAMESPACE}}}{name}" for name in names)


def _local(element: ET.Element) -> str:
    """Give the tag without its namespace; nothing for what is not XMILE's."""
    space, _, tag = element.tag.rpartition("}")
    return tag if space == f"{{{NAMESPACE}" else ""


def _twice(element: ET.Element) -> list[str]:
    """Name each child that may stand there once, and stands there more often."""
    tags = [_local(child) for child in element]
    return [tag for tag in sorted(_ONCE) if tags.count(tag) > 1]


def _text(element: ET.Element | None) -> str:
    return "".join(element.itertext()).strip() if element is not None else ""


def _name(text: str) -> str:
    return unescaped(text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text)


def _element(child: ET.Element, tag: str, faults: list[str]) -> Element:
    name = unescaped(child.get("name", ""))
    shown = shortened(name, SHOWN)
    for part in ("eqn", "units"):
        if (length := len(_text(child.find(_path(part))))) > LONGEST:
            faults.append(f"{shown}: <{part}> has {length:,} signs; expected {LONGEST:,} at most")
    flows = {way: tuple(canonical(_name(_text(f))) for f in child.findall(_path(way))) for way in ("inflow", "outflow")}
    units = child.find(_path("units"))
    more = [_local(c) for c in child if _local(c) not in _LOOKS["variable"] and _text(c) != "false"]
    function = child.find(_path("gf"))
    if function is not None and function.get("type", "continuous") != "continuous":
        more.append(f"{function.get('type')} graphical function")
    return Element(
        name=name,
        kind=tag,
        equation=_text(child.find(_path("eqn"))),
        units=None if units is None else _text(units),
        inflows=flows["inflow"],
        outflows=flows["outflow"],
        points=_points(shown, function, faults),
        more=tuple(sorted(more)),
    )


def _points(name: str, function: ET.Element | None, faults: list[str]) -> tuple[tuple[float, float], ...]:
    """Give the points of a graphical function, whose places may be listed or lie evenly on a scale."""
    if function is None:
        return ()
    try:
        ys = _numbers(function.find(_path("ypts")))
        if len(ys) > MOST_POINTS:
            faults.append(f"{name}: its graphical function has {len(ys):,} points; expected {MOST_POINTS:,} at most")
            return ()
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
    settings: dict[str, str | float] = {"method": specs.get("method", "euler").casefold()}
    settings |= {key: text for key, text in specs.attrib.items() if key != "method" and not key.startswith("{")}
    settings |= {_local(child): "there" for child in specs if _local(child) not in ("", "start", "stop", "dt")}
    for key, unsaid in (("start", ""), ("stop", ""), ("dt", "1")):
        element = specs.find(_path(key))
        text = unsaid if element is None else _text(element)
        try:
            inverse = element is not None and element.get("reciprocal") in ("true", "1")
            settings[key] = 1.0 / float(text) if inverse else float(text)
        except (ValueError, ZeroDivisionError):
            faults.append(f"sim_specs: {key} is {shortened(text, SHOWN) or 'missing'}; expected a number")
    return settings
