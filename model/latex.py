r"""Formulas in LaTeX, for amsmath and for the renderers of web pages, in plain ASCII.

Markdown eats a backslash before punctuation, and takes an underscore behind a bracket for emphasis. So rows end in
``\cr``, blanks are a backslash and a blank, and an index stands off: ``\mathrm{citations} _{i}``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from .trace import Term
from .typeset import (
    Box,
    Call,
    Cases,
    Fence,
    Fraction,
    Line,
    Name,
    Number,
    Power,
    Root,
    Row,
    Sign,
    Total,
    Words,
    laid_out,
)

_SIGNS = {
    "·": r"\cdot",
    "−": "-",
    "≤": r"\le",
    "≥": r"\ge",
    "∧": r"\land",
    "∨": r"\lor",
    "¬": r"\lnot",
    "→": r"\rightarrow",
    "…": r"\ldots",
}


def latex(term: Term) -> str:
    r"""Give a formula in LaTeX.

    >>> from .units import Unit
    >>> latex(Term.variable("gdp_real", Unit.parse("money")) ** 2)
    '\\mathrm{gdp\\ real}^{2}'
    """
    return printed(laid_out(term))


def aligned(formulas: Sequence[Sequence[Line]]) -> str:
    """Give formulas one below the other; of each, all lines but the first are set in."""
    rows = [("& " if not i else r"& \quad {} ") + printed(Row(line)) for f in formulas for i, line in enumerate(f)]
    return r"\begin{aligned} " + r" \cr ".join(rows) + r" \end{aligned}"


def printed(box: Box) -> str:
    """Give a box in LaTeX."""
    match box:
        case Name():
            face = r"\mathit" if box.part else r"\mathrm"
            index = _word(box.index)
            letter = re.fullmatch(r"[a-z0-9](-1)?", index)
            subscript = "" if not index else f" _{{{index}}}" if letter else rf" _{{\mathrm{{{index}}}}}"
            return rf"{face}{{{_word(box.words)}}}{subscript}"
        case Number():
            return "".join(_SIGNS.get(c, c) for c in box.digits)
        case Words():
            return rf"\text{{{box.text}}}"
        case Sign():
            return _SIGNS.get(box.text, box.text)
        case Row():
            return " ".join(printed(b) for b in box.boxes)
        case Fraction():
            return rf"\frac{{{printed(box.above)}}}{{{printed(box.below)}}}"
        case Power():
            return f"{printed(box.base)}^{{{printed(box.exponent)}}}"
        case Call():
            return rf"{_function(box.function)}\left({', '.join(printed(a) for a in box.arguments)}\right)"
        case Fence():
            return rf"\left{box.left}{printed(box.inner)}\right{box.right}"
        case Root():
            return rf"\sqrt{{{printed(box.inner)}}}"
        case Cases():
            yes, no, condition = printed(box.yes), printed(box.no), printed(box.condition)
            return rf"\begin{{cases}} {yes} & \text{{if }} {condition} \cr {no} & \text{{otherwise}} \end{{cases}}"
        case Total():
            return rf"\sum _{{{box.index}}} {printed(box.inner)}"


def _function(function: str) -> str:
    return rf"\{function}" if function in ("exp", "ln", "min", "max") else rf"\operatorname{{{_word(function)}}}"


def _word(words: str) -> str:
    # A name is letters, digits and blanks, but in Python those may be of any script.
    plain = "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c))
    return "".join(c if c.isascii() else f"u{ord(c):04x}" for c in plain).replace(" ", r"\ ")
