"""The kernel's sections printed as C: a referee of the kernel to the last bit, and what it is measured against.

``strict`` repeats every operation of the kernel. ``fast`` lets gcc break the rules of IEEE arithmetic, with the
same exponential and logarithm, all rules but the order of sums: else what exp adds to a number and takes away again,
to round it, would be gone, and exp wrong by up to half. ``scalar`` is how compiled system-dynamics engines work: one
run at a time, with the C library's functions.
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from fiveyear.model import elementary
from fiveyear.model.kernel.sections import WIDTH, Sections

Kind = Literal["strict", "fast", "scalar"]

OPTIONS: dict[Kind, tuple[str, ...]] = {
    "strict": ("-O3", "-march=native", "-mprefer-vector-width=512", "-ffp-contract=off", "-fno-math-errno"),
    "fast": ("-Ofast", "-fno-associative-math", "-march=native", "-mprefer-vector-width=512"),
    "scalar": ("-O3",),
}

#: Each operation on numbers. A comparison with NaN is false: `minimum` and `maximum` hand on a NaN on either side.
FORMS = {
    "set": "{0}",
    "add": "{0} + {1}",
    "subtract": "{0} - {1}",
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "add_product": "{0} + {1} * {2}",
    "negative": "-{0}",
    "absolute": "fabs({0})",
    "sqrt": "sqrt({0})",
    "exp": "EXP({0})",
    "log": "LOG({0})",
    "minimum": "{0} < {1} || {0} != {0} ? {0} : {1}",
    "maximum": "{0} > {1} || {0} != {0} ? {0} : {1}",
    "less": "{0} < {1}",
    "less_equal": "{0} <= {1}",
    "greater": "{0} > {1}",
    "greater_equal": "{0} >= {1}",
    "equal": "{0} == {1}",
    "logical_and": "{0} && {1}",
    "logical_or": "{0} || {1}",
    "logical_not": "!{0}",
    "where": "{0} ? {1} : {2}",
}
CONDITIONS = ("less", "less_equal", "greater", "greater_equal", "equal", "logical_and", "logical_or", "logical_not")

HEAD = """
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint64_t bits(double x) { uint64_t u; memcpy(&u, &x, 8); return u; }
static inline double number(uint64_t u) { double x; memcpy(&x, &u, 8); return x; }
"""

DRIVER = """
static void anchor(double *restrict work, const double *knots, const double *common, const int64_t *place,
                   const int64_t *knot, const double *weight, const double *per_year, int64_t first, int64_t draws,
                   int64_t knot_count) {
    for (int64_t s = 0; s < SERIES; s++) {
        int64_t u = place[s], k = knot[s];
        double b = weight[s];
        for (int64_t j = 0; j < WIDTH; j++) {
            int64_t draw = first + j < draws - 1 ? first + j : draws - 1;
            double low = u >= 0 ? knots[(u * knot_count + k) * draws + draw] : common[~u * knot_count + k];
            double high = u >= 0 ? knots[(u * knot_count + k + 1) * draws + draw] : common[~u * knot_count + k + 1];
            work[(SERIES_ROW + s) * WIDTH + j] = (1.0 - b) * low + b * high;
            work[(SLOPES_ROW + s) * WIDTH + j] = (high - low) * per_year[s];
        }
    }
}

void run(const double *parameters, const double *knots, const double *common, const int64_t *place,
         const int64_t *knot, const double *weight, const double *per_year, const double *length,
         const int64_t *steps, const uint8_t *ends_year, int64_t euler, double *results,
         int64_t draws, int64_t parts, int64_t years, int64_t knot_count) {
    static double work[ROWS * WIDTH] __attribute__((aligned(64)));
    for (int64_t first = 0; first < draws; first += WIDTH) {
        for (int64_t i = 0; i < PARAMETERS; i++)
            for (int64_t j = 0; j < WIDTH; j++)
                work[i * WIDTH + j] = parameters[i * draws + (first + j < draws - 1 ? first + j : draws - 1)];
        fix(work);
        int64_t year = 0;
        for (int64_t part = 0; part < parts; part++) {
            double h = length[part];
            anchor(work, knots, common, place, knot + part * SERIES, weight + part * SERIES, per_year + part * SERIES,
                   first, draws, knot_count);
            pass_time(work, 0.0);
            if (part == 0) start(work);
            for (int64_t k = 0; k < steps[part]; k++) {
                if (euler) {
                    evaluate(work, h, 0.0);
                    pass_time(work, h);
                } else {
                    evaluate(work, h / 6.0, 0.5 * h);
                    pass_time(work, 0.5 * h);
                    evaluate(work, h / 3.0, 0.5 * h);
                    evaluate(work, h / 3.0, h);
                    pass_time(work, 0.5 * h);
                    evaluate(work, h / 6.0, 0.0);
                }
                step(work);
            }
            if (ends_year[part]) {
                close_year(work);
                for (int64_t i = 0; i < RESULTS; i++)
                    for (int64_t j = 0; j < WIDTH && first + j < draws; j++)
                        results[(i * years + year) * draws + first + j] = work[(TOTALS_ROW + i) * WIDTH + j];
                for (int64_t i = 0; i < TOTALS * WIDTH; i++) work[TOTALS_ROW * WIDTH + i] = 0.0;
                year++;
            }
        }
    }
}
"""


def _elementary() -> str:
    e = elementary
    c, d = ([x.hex() for x in terms] for terms in (e.EXP_TERMS, e.LOG_TERMS))
    return f"""
static inline __attribute__((always_inline)) double EXP(double x) {{
    x = {e.EXP_LOW} > x ? {e.EXP_LOW} : x;
    x = {e.EXP_HIGH} < x ? {e.EXP_HIGH} : x;
    double t = x * {e.EXP_LOG2_E.hex()} + {e.EXP_SHIFT.hex()};
    double k = t - {e.EXP_SHIFT.hex()};
    double r = (x - k * {e.LN2_HIGH.hex()}) - k * {e.LN2_LOW.hex()};
    double z = r * r;
    double even = {c[0]} + z * ({c[2]} + z * ({c[4]} + z * ({c[6]} + z * {c[8]})));
    double odd = {c[1]} + z * ({c[3]} + z * ({c[5]} + z * ({c[7]} + z * {c[9]})));
    double q = even + r * odd;
    return (1.0 + (r + z * q)) * number(bits(t) << 52);
}}

static inline __attribute__((always_inline)) double LOG(double x) {{
    uint64_t u = bits(x) + {e.LOG_TO_HALF}ULL;
    double k = number((u >> 52) | {e.LOG_MAGIC}ULL) - {e.LOG_BIAS.hex()};
    double m = number((u & {e.LOG_FRACTION}ULL) + {e.LOG_SQRT_HALF}ULL);
    double s = (m - 1.0) / (m + 1.0), z = s * s, w = z * z;
    double p = ({d[0]} + z * {d[1]}) + w * (({d[2]} + z * {d[3]}) + w * (({d[4]} + z * {d[5]}) + w * {d[6]}));
    double value = k * {e.LN2.hex()} + s * (2.0 + z * p);
    value = x <= {e.LARGEST.hex()} ? value : x;
    double below = x < 0.0 ? NAN : -INFINITY;
    return x < {e.SMALLEST.hex()} ? below : value;
}}
"""


def c_text(made: Sections, kind: Kind) -> str:
    """Give the kernel as C."""
    rows, program = made.rows, made.program
    constants = {
        "WIDTH": 1 if kind == "scalar" else WIDTH,
        "ROWS": rows.count,
        "SERIES_ROW": rows.series,
        "SLOPES_ROW": rows.slopes,
        "TOTALS_ROW": rows.totals,
        "PARAMETERS": len(program.parameters),
        "SERIES": len(program.series),
        "TOTALS": len(program.totals),
        "RESULTS": len(program.totals) + len(program.closing),
    }
    defined = "".join(f"#define {name} {value}\n" for name, value in constants.items())
    functions = "#define EXP exp\n#define LOG log\n" if kind == "scalar" else _elementary()

    def place(what: int | str | float) -> str:
        if isinstance(what, int):
            return f"work[{what} * WIDTH + j]"
        return f"({what.hex()})" if isinstance(what, float) else what

    loops = []
    for section in made.all:
        name = "close_year" if section.name == "close" else section.name  # `close` is POSIX
        arguments = "".join(f", double {a}" for a in section.arguments)
        lines = []
        for target, op, args in section.lines:
            kind_of = "" if isinstance(target, int) else "int " if op in CONDITIONS else "double "
            lines.append(f"        {kind_of}{place(target)} = {FORMS[op].format(*map(place, args))};")
        body = "\n".join(lines)
        loops.append(
            f"static void {name}(double *restrict work{arguments}) {{\n"
            f"    #pragma GCC ivdep\n    for (int j = 0; j < WIDTH; j++) {{\n{body}\n    }}\n}}\n"
        )
    return HEAD + defined + functions + "\n".join(loops) + DRIVER


def c_kernel(made: Sections, kind: Kind) -> Callable[..., None]:
    """Compile the kernel with gcc; give a function that takes what the kernel's ``run`` takes."""
    with tempfile.TemporaryDirectory() as folder:
        source, compiled, library = (Path(folder, f"kernel.{ending}") for ending in ("c", "o", "so"))
        source.write_text(c_text(made, kind), encoding="utf-8")
        subprocess.run(["gcc", *OPTIONS[kind], "-fPIC", "-c", "-o", compiled, source], check=True)
        # Without the options: with -Ofast gcc links in what rounds the smallest numbers of the whole process to 0.
        subprocess.run(["gcc", "-shared", "-o", library, compiled, "-lm"], check=True)
        run = ctypes.CDLL(str(library)).run

    def kernel(*arguments: Any) -> None:
        *given, euler, results = arguments
        kept = [np.ascontiguousarray(a, dtype=np.uint8 if a.dtype == bool else None) for a in given]
        pointers = [ctypes.c_void_p(a.ctypes.data) for a in kept]
        sizes = (kept[0].shape[1], len(kept[7]), results.shape[1], max(kept[1].shape[1], kept[2].shape[1]))
        ints = [ctypes.c_int64(n) for n in sizes]
        run(*pointers, ctypes.c_int64(euler), ctypes.c_void_p(results.ctypes.data), *ints)

    return kernel
