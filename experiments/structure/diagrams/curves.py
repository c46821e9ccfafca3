"""The curves of links: each takes the bend that stays clearest of names, pipes and other links."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .layout import CLOUD, HEAD, Array, Panel, Point, Truth, Whole
from .sketch import ROW

BENDS = (0.1, -0.1, 0.2, -0.2, 0.3, -0.3, 0.4, -0.4, 0.55, -0.55, 0.75, -0.75, 1.0, -1.0, 0.0)
SKEWS = (0.5, 0.25, 0.75)  # where along the link it bends
COARSE = np.linspace(0.0, 1.0, 41)  # steps along a curve, to choose one
FINE = np.linspace(0.0, 1.0, 401)  # to draw it
KEPT = 10  # bends that are tried against the other links
COURSE = 9  # points that tell whether two links cross


@dataclass(frozen=True)
class Curve:
    """A link as it is drawn: start, the point it bends towards, and end."""

    start: Point
    bend: Point
    end: Point
    how: str  # as in Sketch.links


def curves(panel: Panel) -> list[Curve]:
    """Give each link of a panel as a curve that keeps clear as far as may be, in the order of the sketch."""
    keys = [key for key, _ in panel.boxes()]
    boxes = np.array([box for _, box in panel.boxes()]).reshape(-1, 4)
    clouds, pipes = _flows(panel)
    links = list(panel.sketch.links)
    paths: list[tuple[Array, Array, Array]] = []  # of each link: start, the points it may bend towards, and end
    joined = [[np.array([key == end for key in keys]) for end in link] for link in links]
    courses: list[Array] = []
    prices: list[Array] = []
    for (source, target), (own, goal) in zip(links, joined, strict=True):
        a, b = _ends(panel, source, target)
        bend, skew = (choices.ravel() for choices in np.meshgrid(BENDS, SKEWS))
        middle = a + skew[:, None] * (b - a) + bend[:, None] * np.array([-(b - a)[1], (b - a)[0]])
        path = _bezier(a, middle, b, COARSE)
        leaves, reaches, over = _seen(path, boxes, own, goal)
        seen = (np.arange(len(COARSE)) >= leaves[:, None]) & (np.arange(len(COARSE)) <= reaches[:, None])
        over &= seen[:, :, None]
        outside = (path < (0.5, HEAD - 1.0)) | (path > (panel.wide - 0.5, panel.high - 0.5))
        through, behind = ((_inside(path, b, 0.0) & seen[:, :, None]).any(axis=1).sum(axis=1) for b in (pipes, clouds))
        long = np.hypot(*(path[np.arange(len(path)), reaches] - path[np.arange(len(path)), leaves]).T)
        price = (
            10.0 * over.any(axis=1).sum(axis=1)  # names it runs over
            + 0.6 * over.sum(axis=(1, 2))
            + 15.0 * outside.any(axis=(1, 2))
            + 0.7 * through
            + 3.0 * behind
            + 2.0 * np.maximum(np.abs(bend) - 0.1, 0.0)
            + 0.2 * (bend == 0.0)
            + 0.3 * (skew != 0.5)
            + 1.5 * (long < 4.0)
        )
        kept = np.argsort(price, kind="stable")[:KEPT]
        shown = COARSE[leaves[kept], None] + (COARSE[reaches] - COARSE[leaves])[kept, None] * np.linspace(0, 1, COURSE)
        paths.append((a, middle[kept], b))
        courses.append(_bezier(a, middle[kept], b, shown))
        prices.append(price[kept])
    picked = [0] * len(links)
    for _ in range(2):
        for n in range(len(links)):
            others = [courses[m][picked[m]] for m in range(len(links)) if m != n]
            tangle = _tangle(courses[n], np.array(others)) if others else 0.0
            picked[n] = int(np.argmin(prices[n] + tangle))
    curves = []
    for link, (own, goal), (a, middle, b), pick in zip(links, joined, paths, picked, strict=True):
        bend = middle[pick]
        leaves, reaches, _ = _seen(_bezier(a, bend[None], b, FINE), boxes, own, goal)
        curves.append(_stretch(a, bend, b, FINE[leaves[0]], FINE[reaches[0]], panel.sketch.links[link]))
    return curves


def _ends(panel: Panel, source: str, target: str) -> tuple[Array, Array]:
    """Give the points between which a link runs; a high box is met at the height of the other end."""
    ends = []
    for end, other in ((source, target), (target, source)):
        x, y = panel.places[end]
        low = y + (panel.sketch.parts[end].rows - 1) * ROW
        ends.append(np.array([x, min(max(panel.places[other][1], y), low)]))
    return ends[0], ends[1]


def _flows(panel: Panel) -> tuple[Array, Array]:
    """Give the rectangles that clouds cover, and those of pipes."""
    clouds, pipes = [], []
    for ((start, y), (end, _)), pipe in zip(panel.courses(), panel.sketch.pipes, strict=True):
        pipes.append((start, y - 0.6, end, y + 0.6))
        ends = zip((start, end + CLOUD), pipe.clouds, strict=True)
        clouds += [(x - CLOUD, y - CLOUD, x + CLOUD, y + CLOUD) for x, cloud in ends if cloud]
    return np.array(clouds).reshape(-1, 4), np.array(pipes).reshape(-1, 4)


def _bezier(a: Array, middle: Array, b: Array, steps: Array) -> Array:
    """Give the points, (curve, step, x and y), of curves that bend towards each of ``middle``."""
    t = steps[..., None]
    points: Array = (1 - t) ** 2 * a + 2 * t * (1 - t) * middle[:, None] + t**2 * b
    return points


def _inside(points: Array, boxes: Array, room: float) -> Truth:
    """Say which points, (..., x and y), lie in which boxes, with some room around."""
    x, y = points[..., None, 0], points[..., None, 1]
    left, top, right, low = boxes.T
    inside: Truth = (x > left - room) & (x < right + room) & (y > top - room) & (y < low + room)
    return inside


def _seen(path: Array, boxes: Array, own: Truth, goal: Truth) -> tuple[Whole, Whole, Truth]:
    """Give the steps at which curves leave their own boxes and reach their goal; and which steps lie in other boxes."""
    inside, steps = _inside(path, boxes, 0.5), np.arange(path.shape[1])
    leaves = np.where(inside[..., own].any(axis=2), steps, 0).max(axis=1)
    arrived = inside[..., goal].any(axis=2) & (steps > leaves[:, None])
    reaches = np.where(arrived, steps, len(steps) - 1).min(axis=1)
    return leaves, np.maximum(reaches, np.minimum(leaves + 1, len(steps) - 1)), inside[..., ~own & ~goal]


def _tangle(mine: Array, others: Array) -> Array:
    """Say how much each of my courses crosses the others or runs along them."""
    a, b = mine[:, :-1, None, None], mine[:, 1:, None, None]
    c, d = others[None, None, :, :-1], others[None, None, :, 1:]
    crossed = (_turn(a, b, c) * _turn(a, b, d) < 0) & (_turn(c, d, a) * _turn(c, d, b) < 0)
    apart = np.hypot(*np.moveaxis(mine[:, :, None, None] - others[None, None], 4, 0))
    along = (apart < 1.3).any(axis=3).sum(axis=(1, 2))
    tangle: Array = 1.5 * crossed.any(axis=(1, 3)).sum(axis=1) + 0.35 * along
    return tangle


def _turn(a: Array, b: Array, c: Array) -> Array:
    """Say on which side of a -> b the point c lies."""
    side: Array = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    return side


def _stretch(a: Array, middle: Array, b: Array, low: float, high: float, how: str) -> Curve:
    """Give the stretch of a curve between two of its steps, which is such a curve again."""
    start, end = _bezier(a, middle[None], b, np.array([low, high]))[0].tolist()
    first, second = (1 - low) * a + low * middle, (1 - low) * middle + low * b
    x, y = ((1 - high) * first + high * second).tolist()
    return Curve((start[0], start[1]), (x, y), (end[0], end[1]), how)
