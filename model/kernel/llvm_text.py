"""The kernel in LLVM's language: each operation is one of vectors of ``WIDTH`` draws."""

from __future__ import annotations

import operator
from collections.abc import Callable

from .. import elementary as e
from .adjoint import backwards
from .instructions import BITS, BYTE, DOUBLE, POINTER, TRUTHS, VECTOR, WHOLE, Function, Value
from .sections import WIDTH, Section, Sections

#: RK4: of each evaluation its weight is a step over this, and the next one lies so many steps along its rates, and
#: so many steps of time on.
RK4 = ((6.0, 0.5, 0.5), (3.0, 0.5, 0.0), (3.0, 1.0, 0.5), (6.0, 0.0, 0.0))

#: What the kernel is called with: pointers to the arrays of ``engine``, flat, and numbers.
RUN_ARGUMENTS = {
    "work": "float64*",
    "parameters": "float64*",
    "knots": "float64*",
    "common": "float64*",
    "place": "int64*",
    "knot": "int64*",
    "weight": "float64*",
    "per_year": "float64*",
    "length": "float64*",
    "steps": "int64*",
    "ends_year": "uint8*",
    "draws": "int64",
    "knot_count": "int64",
    "parts": "int64",
    "years": "int64",
    "euler": "int64",
    "results": "float64*",
}
#: Blocks keep what the way back needs so many entries ``apart``; of those that are 0 apart, the last one's is there.
SLOPES_ARGUMENTS = {n: kind for n, kind in RUN_ARGUMENTS.items() if n != "euler"} | {
    "kept": "float64*",
    "apart": "int64",
    "forth": "int64",
    "back": "int64",
    "by_result": "float64*",
    "by_parameter": "float64*",
    "by_knot": "float64*",
}


def _exp(x: Value) -> Value:
    c = e.EXP_TERMS
    x = (x < e.EXP_LOW).choose(e.EXP_LOW, x)
    x = (x > e.EXP_HIGH).choose(e.EXP_HIGH, x)
    t = x * e.EXP_LOG2_E + e.EXP_SHIFT
    k = t - e.EXP_SHIFT
    r = (x - k * e.LN2_HIGH) - k * e.LN2_LOW
    z = r * r
    even, odd = (_horner(z, c[first::2]) for first in (0, 1))
    power = (t.seen_as(BITS) << 52).seen_as(VECTOR)
    return (r + z * (even + r * odd) + 1.0) * power


def _horner(x: Value, terms: tuple[float, ...]) -> Value:
    total = x * terms[-1]
    for term in terms[-2:0:-1]:
        total = x * (total + term)
    return total + terms[0]


def _log(x: Value) -> Value:
    c = e.LOG_TERMS
    u = x.seen_as(BITS) + e.LOG_TO_HALF
    k = ((u >> 52) | e.LOG_MAGIC).seen_as(VECTOR) - e.LOG_BIAS
    m = ((u & e.LOG_FRACTION) + e.LOG_SQRT_HALF).seen_as(VECTOR)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    w = z * z
    p = (z * c[1] + c[0]) + w * ((z * c[3] + c[2]) + w * ((z * c[5] + c[4]) + w * c[6]))
    value = k * e.LN2 + s * (z * p + 2.0)
    value = (x <= e.LARGEST).choose(value, x)
    none, below = (x.function.value(number, VECTOR) for number in (float("nan"), float("-inf")))
    return (x < e.SMALLEST).choose((x < 0.0).choose(none, below), value)


def _truth(value: Value) -> Value:
    """Give a condition as such, where a row has kept it as a number."""
    return value.differs(0.0) if value.kind == VECTOR else value


#: Each operation. A comparison with NaN is false: `minimum` and `maximum` hand on a NaN on either side.
FORMS: dict[str, Callable[..., Value]] = {
    "set": lambda a: a,
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "add_product": lambda a, b, c: a + b * c,
    "negative": operator.neg,
    "absolute": lambda a: a.intrinsic("fabs"),
    "sqrt": lambda a: a.intrinsic("sqrt"),
    "exp": _exp,
    "log": _log,
    "minimum": lambda a, b: ((a < b) | a.differs(a)).choose(a, b),
    "maximum": lambda a, b: ((a > b) | a.differs(a)).choose(a, b),
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": lambda a, b: a.equals(b),
    "logical_and": lambda a, b: _truth(a) & _truth(b),
    "logical_or": lambda a, b: _truth(a) | _truth(b),
    "logical_not": lambda a: ~_truth(a),
    "where": lambda a, b, c: _truth(a).choose(b, c),
}


def llvm_text(made: Sections) -> str:
    """Give the whole module; ``run`` is the function to call (see ``engine``)."""
    return _module(*map(_loop, made.all), _anchor(made), _run(made))


def llvm_slopes_text(made: Sections) -> str:
    """Give the module that takes slopes by results to slopes by what goes in."""
    there = [_loop(section) for section in made.all]
    back = [_loop(backwards(section, made.rows.count), made.rows.kept) for section in made.all]
    return _module(*there, *back, _anchor(made), _anchor_back(made), _keep(made), _run_for_slopes(made))


def _module(*functions: Function) -> str:
    intrinsics = [f"declare {VECTOR} @llvm.{name}.v{WIDTH}f64({VECTOR})" for name in ("fabs", "sqrt")]
    return "\n".join((*intrinsics, *(f.text() for f in functions), ""))


def _loop(section: Section, kept: range = range(0)) -> Function:
    """Print a section; it reads rows that are ``kept`` from where they have been kept."""
    arrays = ("work", "kept") if kept else ("work",)
    made = Function(section.name, {**dict.fromkeys(arrays, POINTER), **dict.fromkeys(section.arguments, DOUBLE)})
    work, values = made.arguments["work"], {n: made.spread(made.arguments[n]) for n in section.arguments}

    def value(place: int | str | float) -> Value:
        if isinstance(place, str):
            return values[place]
        if isinstance(place, float):
            return made.value(place, VECTOR)
        if place in kept:
            return made.get(VECTOR, made.arguments["kept"], (place - kept.start) * WIDTH)
        return made.get(VECTOR, work, place * WIDTH)

    for target, op, args in section.lines:
        result = FORMS[op](*(value(a) for a in args))
        if isinstance(target, int):
            made.put(work, target * WIDTH, result.as_number() if result.kind == TRUTHS else result)
        else:
            values[target] = result
    return made


def _kinds(arguments: dict[str, str]) -> dict[str, str]:
    return {n: POINTER if kind.endswith("*") else WHOLE for n, kind in arguments.items()}


ANCHOR = {
    **dict.fromkeys(("work", "knots", "common", "place", "knot", "weight", "per_year"), POINTER),
    **dict.fromkeys(("part", "first", "draws", "knot_count"), WHOLE),
}


def _anchor(made: Sections) -> Function:
    """Begin a part: put each path where it is, and how far it moves in a year."""
    f, count = Function("anchor", ANCHOR), len(made.program.series)
    work, knots, common, place, knot, weight, per_year, part, first, draws, knot_count = f.arguments.values()

    def begin(s: Value, at: Value, low: Value, high: Value) -> None:
        b = f.get(DOUBLE, weight, at)
        f.put(work, (s + made.rows.series) * WIDTH, low * (1.0 - b) + high * b)
        f.put(work, (s + made.rows.slopes) * WIDTH, (high - low) * f.get(DOUBLE, per_year, at))

    with f.each(count) as s:
        u, at = f.get(WHOLE, place, s), part * count + s
        k = f.get(WHOLE, knot, at)
        with f.when(u >= 0):
            row = (u * knot_count + k) * draws + first
            begin(s, at, f.get(VECTOR, knots, row), f.get(VECTOR, knots, row + draws))
        with f.when(u < 0):
            row = ~u * knot_count + k
            begin(s, at, *(f.spread(f.get(DOUBLE, common, r)) for r in (row, row + 1)))
    return f


def _run(made: Sections) -> Function:
    f = Function("run", _kinds(RUN_ARGUMENTS), linkage="")
    with f.each(f.arguments["draws"], by=WIDTH) as first:
        _take_parameters(f, made, first)
        _go_forth(f, made, first)
    return f


def _go_forth(f: Function, made: Sections, first: Value, keep: Callable[[], None] = lambda: None) -> None:
    """Run over all years; ``keep`` is done before each evaluation, and before a part ends."""
    given, rows, year = f.arguments, made.rows, f.variable()
    work, draws, years, results = (given[n] for n in ("work", "draws", "years", "results"))
    f.put(year, 0, 0, WHOLE)
    with f.each(given["parts"]) as part:
        h = _begin_part(f, part, first)
        with f.each(f.get(WHOLE, given["steps"], part)):
            by_euler = given.get("euler", f.value(0, WHOLE))
            with f.when(by_euler.differs(0)):
                f.call("evaluate", work, h, 0.0)
                f.call("pass_time", work, h)
            with f.when(by_euler.equals(0)):
                for over, move, ahead in RK4:
                    keep()
                    f.call("evaluate", work, h / over, h * move)
                    if ahead:
                        f.call("pass_time", work, h * ahead)
            f.call("step", work)
        keep()
        with f.when(f.get(BYTE, given["ends_year"], part).differs(0)):
            f.call("close", work)
            this = f.get(WHOLE, year, 0)
            with f.each(len(made.program.totals) + len(made.program.closing)) as i:
                f.put(results, (i * years + this) * draws + first, f.get(VECTOR, work, (i + rows.totals) * WIDTH))
            with f.each(len(made.program.totals)) as i:
                f.put(work, (i + rows.totals) * WIDTH, 0.0)
            f.count(year, 1)


def _take_parameters(f: Function, made: Sections, first: Value) -> None:
    work, parameters, draws = (f.arguments[n] for n in ("work", "parameters", "draws"))
    with f.each(len(made.program.parameters)) as i:
        f.put(work, i * WIDTH, f.get(VECTOR, parameters, i * draws + first))
    f.call("fix", work)


def _begin_part(f: Function, part: Value, first: Value) -> Value:
    """Begin a part, with a start if it is the first; give the length of its steps."""
    places = {**f.arguments, "part": part, "first": first}
    f.call("anchor", *(places[n] for n in ANCHOR))
    f.call("pass_time", f.arguments["work"], 0.0)
    with f.when(part.equals(0)):
        f.call("start", f.arguments["work"])
    return f.get(DOUBLE, f.arguments["length"], part)


# -- backwards ----------------------------------------------------------------------------------------------
# RK4 alone. What loops have read is kept when they run; run backwards, they read it there.
def _anchor_back(made: Sections) -> Function:
    kinds = {("by_knot" if n == "knots" else n): kind for n, kind in ANCHOR.items() if n != "common"}
    f, count, rows = Function("anchor_back", kinds), len(made.program.series), made.rows
    work, by_knot, place, knot, weight, per_year, part, first, draws, knot_count = f.arguments.values()
    with f.each(count) as s:
        u, at = f.get(WHOLE, place, s), part * count + s
        k, b, rate = f.get(WHOLE, knot, at), f.get(DOUBLE, weight, at), f.get(DOUBLE, per_year, at)
        value_place, change_place = ((s + rows.count + row) * WIDTH for row in (rows.series, rows.slopes))
        value, change = f.get(VECTOR, work, value_place), f.get(VECTOR, work, change_place)
        for zeroed in (value_place, change_place):
            f.put(work, zeroed, 0.0)
        with f.when(u >= 0):
            row = (u * knot_count + k) * draws + first
            f.put(by_knot, row, f.get(VECTOR, by_knot, row) + (value * (1.0 - b) - change * rate))
            f.put(by_knot, row + draws, f.get(VECTOR, by_knot, row + draws) + (value * b + change * rate))
    return f


def _keep(made: Sections) -> Function:
    f, kept_rows = Function("keep", {"work": POINTER, "kept": POINTER}), made.rows.kept
    work, kept = f.arguments.values()
    with f.each(len(kept_rows)) as i:
        f.put(kept, i * WIDTH, f.get(VECTOR, work, (i + kept_rows.start) * WIDTH))
    return f


def _run_for_slopes(made: Sections) -> Function:
    """Run ``forth``, ``back``, or both ways, one block of draws after the other."""
    f = Function("run", _kinds(SLOPES_ARGUMENTS), linkage="")
    given, entry, size = f.arguments, f.variable(), len(made.rows.kept)
    forth, back, apart = (given[n] for n in ("forth", "back", "apart"))
    keeps = back | apart
    with f.each(given["draws"], by=WIDTH) as first:
        kept = f.beyond(given["kept"], first * apart * size)

        def entry_kept(later: int = 0, kept: Value = kept) -> Value:
            return f.beyond(kept, (f.get(WHOLE, entry, 0) + later) * (size * WIDTH))

        def keep() -> None:
            with f.when(keeps.differs(0)):
                f.call("keep", given["work"], entry_kept())
                f.count(entry, 1)

        f.put(entry, 0, apart, WHOLE)  # behind the last
        _take_parameters(f, made, first)
        with f.when(forth.differs(0)):
            f.put(entry, 0, 0, WHOLE)
            _go_forth(f, made, first, keep)
        with f.when(back.differs(0)):
            _go_back(f, made, first, entry, entry_kept)
    return f


def _go_back(f: Function, made: Sections, first: Value, entry: Value, kept: Callable[..., Value]) -> None:
    """Run backwards over all years, from behind the last entry on; ``kept`` gives what is kept at it, or later."""
    given, rows, year = f.arguments, made.rows, f.variable()
    work, draws, years, parts = (given[n] for n in ("work", "draws", "years", "parts"))
    with f.each(rows.count) as i:
        f.put(work, (i + rows.count) * WIDTH, 0.0)
    f.put(year, 0, years, WHOLE)
    with f.each(parts) as before_last:
        part = parts - before_last - 1
        h = f.get(DOUBLE, given["length"], part)
        f.count(entry, -1)
        with f.when(f.get(BYTE, given["ends_year"], part).differs(0)):
            f.count(year, -1)
            this = f.get(WHOLE, year, 0)
            with f.each(len(made.program.totals) + len(made.program.closing)) as i:
                found = f.get(VECTOR, given["by_result"], (i * years + this) * draws + first)
                f.put(work, (i + rows.count + rows.totals) * WIDTH, found)
            f.call("close_back", work, kept())
        with f.each(f.get(WHOLE, given["steps"], part)):
            f.count(entry, -len(RK4))
            f.call("step_back", work, kept())
            for number, (over, move, ahead) in reversed(list(enumerate(RK4))):
                if ahead:  # what depends on time is that of the next evaluation
                    f.call("pass_time_back", work, kept(number + 1), h * ahead)
                f.call("evaluate_back", work, kept(number), h / over, h * move)
        with f.when(part.equals(0)):
            f.call("start_back", work, kept())
        f.call("pass_time_back", work, kept(), 0.0)
        names = ("by_knot", "place", "knot", "weight", "per_year")
        f.call("anchor_back", work, *(given[n] for n in names), part, first, draws, given["knot_count"])
    f.call("fix_back", work, kept())
    with f.each(len(made.program.parameters)) as i:
        f.put(given["by_parameter"], i * draws + first, f.get(VECTOR, work, (i + rows.count) * WIDTH))
