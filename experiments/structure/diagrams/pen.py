"""The marks of a structure diagram, drawn on a page in millimetres from its top left corner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Circle, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from fiveyear.experiments.page.figure import text_width, tint

from .curves import Curve
from .layout import CLOUD, Point
from .sketch import LINE, SIZE, UNDER, VALVE, Part

DARK, LINK, GREY = "0.2", "0.35", "0.45"
WRITTEN: dict[str, dict[str, Any]] = {
    "series": {"color": GREY, "style": "italic"},
    "ghost": {"color": GREY},
    "note": {"color": "0.25"},
}


class Pen:
    """Draws on axes whose units are millimetres, with y down; on a drawing of another scale letters are, too."""

    def __init__(self, axes: Axes, scale: float = 1.0) -> None:
        self.axes = axes
        self.scale = scale

    def text(self, x: float, y: float, lines: Sequence[str], gid: str | None = None, **how: Any) -> None:
        """Write lines around a point, or from it down with ``va="top"``; the first bears the name."""
        first = y + 0.9 - (len(lines) - 1) * LINE / 2 if how.pop("va", "center") == "center" else y + 2.1
        how = {"ha": "center", "size": SIZE, "zorder": 5, **how}
        how["size"] *= self.scale
        for n, line in enumerate(lines):
            self.axes.text(x, first + n * LINE, line, va="baseline", gid=None if n else gid, **how)

    def box(self, left: float, top: float, wide: float, high: float, gid: str | None = None, **how: Any) -> None:
        """Draw a rectangle."""
        how = {"fc": "none", "ec": DARK, "lw": 0.8, "zorder": 3, **how}
        self.axes.add_patch(Rectangle((left, top), wide, high, gid=gid, **how))

    def head(self, tip: Point, back: Point, long: float, wide: float, color: str, zorder: float) -> None:
        """Draw the head of an arrow that comes from ``back``."""
        size = math.dist(tip, back) or 1.0
        x, y = (tip[0] - back[0]) / size, (tip[1] - back[1]) / size
        base = (tip[0] - long * x, tip[1] - long * y)
        sides = [(base[0] - side * y, base[1] + side * x) for side in (wide / 2, -wide / 2)]
        self.axes.add_patch(Polygon([tip, *sides], color=color, lw=0, zorder=zorder))

    def pipe(self, start: Point, end: Point, clouds: tuple[bool, bool]) -> None:
        """Draw a pipe, and the clouds it comes from and goes to."""
        neck = (end[0] - 1.6, end[1])
        # Two thin lines over a white one; a thick line with a white one in it vanishes on a coarse screen.
        for side, color, width, order in ((0.0, "white", 2.2, 2.0), (-0.35, DARK, 0.6, 2.1), (0.35, DARK, 0.6, 2.1)):
            ys = (start[1] + side, neck[1] + side)
            self.axes.plot((start[0], neck[0]), ys, color=color, lw=width, zorder=order, solid_capstyle="butt")
        self.head(end, neck, 2.0, 2.4, DARK, 2.2)
        for x, cloud in zip((start[0], end[0] + CLOUD), clouds, strict=True):
            if cloud:
                self.cloud(x, start[1])

    def valve(self, x: float, y: float) -> None:
        """Draw a valve on a pipe."""
        for side in (-VALVE, VALVE):
            corners = [(x, y), (x + side, y - VALVE), (x + side, y + VALVE)]
            self.axes.add_patch(Polygon(corners, fc="white", ec=DARK, lw=0.7, zorder=3))

    def cloud(self, x: float, y: float) -> None:
        """Draw the cloud that a flow comes from or goes to."""
        puffs = [(-1.1, 0.3, 0.95), (-0.3, -0.6, 1.1), (0.9, -0.35, 1.0), (1.2, 0.5, 0.8), (0.1, 0.65, 0.95)]
        for edge, width, order in ((GREY, 0.9, 2.3), ("none", 0.0, 2.4)):  # the second hides the edges inside
            for right, down, radius in puffs:
                circle = Circle((x + right, y + down), radius, fc="white", ec=edge, lw=width, zorder=order)
                self.axes.add_patch(circle)

    def link(self, curve: Curve, color: str = LINK, lw: float = 0.55, zorder: float = 1.5) -> None:
        """Draw a link; a bold one has a larger head."""
        path = Path([curve.start, curve.bend, curve.end], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
        style = (0, (2.5, 1.5)) if curve.how == "initial" else "-"
        self.axes.add_patch(PathPatch(path, fc="none", ec=color, lw=lw, ls=style, zorder=zorder))
        self.head(curve.end, curve.bend, 1.3 + 0.75 * lw, 0.8 + 0.75 * lw, color, zorder + 0.1)

    def sector(self, part: Part, x: float, y: float, gid: str, bold: int) -> None:
        """Draw a box whose first lines, so many, are its name, and the others what is in it."""
        ((left, top, right, low),) = part.boxes
        self.box(x + left, y + top, right - left, low - top, gid, fc=tint("C0", 0.12))
        first = y - (len(part.lines) - 1) * LINE / 2
        self.text(x, first + (bold - 1) * LINE / 2, part.lines[:bold], weight="bold")
        for n, line in enumerate(part.lines[bold:], bold):
            self.text(x + left + 1.2, first + n * LINE, [line], ha="left")

    def part(self, part: Part, x: float, y: float, gid: str) -> None:
        """Draw a stock, a valve with its name, or a name."""
        how = WRITTEN.get(part.kind, {})
        if part.boxed:
            ((left, top, right, low),) = part.boxes
            self.box(x + left, y + top, right - left, low - top, gid, fc=tint("C0", 0.12))
            if part.kind == "chain":  # a second edge, for what goes on inside
                self.box(x + left + 0.7, y + top + 0.7, right - left - 1.4, low - top - 1.4, lw=0.4)
            self.text(x, y + (top + low) / 2, part.lines, **how)
        elif part.valve:
            self.valve(x, y)
            self.text(x, y + UNDER, part.lines, gid, va="top", **how)
        else:
            self.text(x, y, part.lines, gid, **how)

    def key(self, left: float, top: float) -> None:
        """Explain, in two lines, what the marks mean."""
        y = top + 2.3

        def say(x: float, words: str, kind: str = "") -> float:
            self.text(x, y, [words], ha="left", **WRITTEN.get(kind, {}))
            return x + text_width(words, SIZE, "normal") + 6.0

        self.box(left, y - 2.0, 11.0, 4.0)
        x = say(left + 13.0, "stock")
        self.box(x, y - 2.0, 11.0, 4.0)
        self.box(x + 0.6, y - 1.4, 9.8, 2.8, lw=0.4)
        x = say(x + 13.0, "delay, in stages")
        self.pipe((x + 1.8, y), (x + 14.0, y), (True, False))
        self.valve(x + 8.0, y)
        say(x + 16.0, "flow, from a cloud: from what is not modelled")
        y += 5.5
        self.link(Curve((left, y + 0.7), (left + 5.5, y - 1.5), (left + 11.0, y), ""))
        x = say(left + 13.0, "acts on")
        self.link(Curve((x, y + 0.7), (x + 5.5, y - 1.5), (x + 11.0, y), "initial"))
        x = say(x + 13.0, "sets what it starts with")
        x = say(x, "given series", "series")
        x = say(x, "<name> of another sector", "ghost")
        say(x, "Parameters are left out.", "note")
